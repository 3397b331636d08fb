"""Suites of CI belong to a project, and are compared as its list: by their names, with all that Looker shows of each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.families.comparison import Comparison
from lookervault_core.families.inside import ROWS, compare_rows, more_of_rows
from lookervault_core.families.shape import Reading, Shape

SUITES, SCHEMA = "ci_suites", "ProjectCISuite"
# `nth` tells suites of one name apart, in the order in which they were made; the first one has none.
KEYS = ("name", "nth")


def numbered(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the suites of a project, each with its number among those of the same name added."""
    seen: dict[str, int] = {}
    found = []
    for row in sorted(rows, key=lambda one: (len(str(one.get("id"))), str(one.get("id")))):
        name = str(row.get("name") or "")
        seen[name] = seen.get(name, 0) + 1
        found.append({**row, "name": name, "nth": str(seen[name]) if seen[name] > 1 else ""})
    return found


def key_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key of a suite in its project: its name, and its number among those of that name."""
    return str(row["name"]), str(row["nth"] or "")


def _suites(rows: Any, _reading: Reading) -> dict[str, Any]:
    suites = numbered(rows)
    more = more_of_rows(SCHEMA, KEYS, (), suites)
    told = {
        "suites": [{key: row[key] for key in KEYS} for row in suites],
        "secrets": [" ".join(key_of(row)).strip() for row in suites if row.get("has_webhook_secret")],
    }
    return told | ({ROWS: more} if more else {})


def _compared(one: Difference, resolve: Resolve, rules: Rules) -> None:
    compare_rows(one, resolve, rules, SCHEMA, dict.fromkeys(KEYS, ""))


SHAPES = {SUITES: Shape(shaped=_suites)}
COMPARISONS = {SUITES: Comparison(fields=_compared)}
