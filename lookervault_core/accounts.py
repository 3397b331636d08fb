"""What one run asked of Looker, as the vault records it."""

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
    """Return the calls of *after*, less those of *before*, by operation."""
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
    """Return how many calls there are of each of Looker's allowances, and of none."""
    found = dict.fromkeys(ALLOWANCES, 0)
    for activity, count in calls:
        found[activity] += count
    return found


def forecast(days: Mapping[str, Mapping[str, int]], month: str, today: date) -> dict[str, int]:
    """Return what a month will come to by allowance, if its other days are like those since the first call in it.

    *days* are its calls by day; a month that is over comes to what it had.
    """
    year, number = (int(part) for part in month.split("-"))
    used = by_allowance(pair for calls in days.values() for pair in calls.items())
    last = date(year, number, monthrange(year, number)[1])
    if not days or today > last:
        return used
    seen = (today - date.fromisoformat(min(days))).days + 1
    return {name: round(count / seen * (seen + (last - today).days)) for name, count in used.items()}


def earned(days: Mapping[str, Mapping[str, int]], monthly: int, today: date) -> int:
    """Return how many calls are left by now of *monthly* ones, of which each day of the month brings its part.

    *days* are the calls of this month by day. What Looker counts in no allowance is free.
    """
    spent = sum(count for calls in days.values() for name, count in calls.items() if name != "none")
    return max(0, monthly * today.day // monthrange(today.year, today.month)[1] - spent)


def _activity(operation: str) -> str:
    """Return which of its allowances Looker counts an operation in."""
    reads = {c.operation for row in CATALOG.values() for c in (row.list, row.by_id, row.census) if c and c.db_query}
    if operation in _FREE:
        return "none"
    return "db_query" if operation in reads | {CREATE_QUERY.operation, CREATE_MERGE_QUERY.operation} else "non_query"
