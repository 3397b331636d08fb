"""Whether a plan is still the one that somebody agreed to."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from lookervault_core.diff.plan import Plan
from lookervault_core.restore.report import plan_rows

_encoder = msgspec.json.Encoder(order="sorted")
# What only helps people to read it.
_WORDS = frozenset({"text", "where"})


def digest(plan: Plan) -> str:
    """Return what plans share that write the same: in whatever order Looker has listed what they were made from, and in whatever
    words they are shown."""
    return sha256(b"\n".join(sorted(map(_form, plan_rows(plan))))).hexdigest()


def is_as_agreed(plan: Plan, agreed_on: str | None) -> bool:
    """Return whether a plan is still the one whose digest was *agreed_on*; where nobody was asked, any is."""
    return agreed_on is None or digest(plan) == agreed_on


def _form(row: dict[str, Any]) -> bytes:
    return _encoder.encode(_wordless(row) | {"fields": _sorted(row["fields"]), "lost": _sorted(row["lost"])})


def _sorted(entries: list[dict[str, Any]]) -> list[bytes]:
    return sorted(_encoder.encode(_wordless(entry)) for entry in entries)


def _wordless(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in _WORDS}
