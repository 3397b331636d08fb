"""The calls of one run, as the vault records them; Looker's allowances, and what a month brings."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date

from lookervault_core.catalog import CATALOG, CREATE_MERGE_QUERY, CREATE_QUERY
from lookervault_core.looker.accounting import Calls
from lookervault_core.vault import RequestCount

# What Looker sells and counts by the month.
ALLOWANCES = ("db_query", "non_query", "none")
# Looker counts these in neither of its allowances.
_FREE = frozenset({"versions", "api_spec"})


def counted(after: Mapping[str, Calls], before: Mapping[str, Calls] | None = None) -> list[RequestCount]:
    """Return the calls made between two counts, one row an operation; without *before* all of *after*."""
    rows = []
    for name, now in after.items():
        then = (before or {}).get(name, Calls())
        if now.calls > then.calls:
            errors = sum(now.errors.values()) - sum(then.errors.values())
            row = RequestCount(
                operation=name,
                activity=_activity(name),
                calls=now.calls - then.calls,
                retries=now.retries - then.retries,
                errors=errors,
                bytes=now.bytes - then.bytes,
                seconds=now.seconds - then.seconds,
            )
            rows.append(row)
    return rows


def by_allowance(calls: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the number of calls by Looker's allowance for them (`db_query`, `non_query`), and under `none` those that are free.

    *calls* are pairs of allowance and number."""
    found = dict.fromkeys(ALLOWANCES, 0)
    for activity, count in calls:
        found[activity] += count
    return found


def forecast(days: Mapping[str, Mapping[str, int]], month: str, today: date) -> dict[str, int]:
    """Return by allowance how many calls a month will have, if its remaining days are like those since its first call.

    *days* has the calls of the month by day and allowance, *month* is `2026-11`. For a past month the calls that it had.
    """
    year, number = (int(part) for part in month.split("-"))
    used = by_allowance(pair for calls in days.values() for pair in calls.items())
    last = date(year, number, monthrange(year, number)[1])
    if not days or today > last:
        return used
    seen = (today - date.fromisoformat(min(days))).days + 1
    return {name: round(count / seen * (seen + (last - today).days)) for name, count in used.items()}


def earned(days: Mapping[str, Mapping[str, int]], monthly: int, today: date) -> int:
    """Return how many calls a run may make today: an even share of *monthly* for each day so far, less the calls made.

    *days* has the calls of this month by day and allowance; calls that Looker counts in no allowance are free.
    """
    spent = sum(count for calls in days.values() for name, count in calls.items() if name != "none")
    return max(0, monthly * today.day // monthrange(today.year, today.month)[1] - spent)


def _activity(operation: str) -> str:
    """Return which of its allowances Looker counts an operation in."""
    reads = {c.operation for row in CATALOG.values() for c in (row.list, row.by_id, row.census) if c and c.db_query}
    if operation in _FREE:
        return "none"
    return "db_query" if operation in reads | {CREATE_QUERY.operation, CREATE_MERGE_QUERY.operation} else "non_query"
