"""What one run asked of Looker, as the vault records it."""

from __future__ import annotations

from collections.abc import Mapping

from lookervault_core.catalog import CATALOG, CREATE_MERGE_QUERY, CREATE_QUERY
from lookervault_core.looker.accounting import Calls
from lookervault_core.vault import RequestCount

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


def _activity(operation: str) -> str:
    """Return which of its allowances Looker counts an operation in."""
    reads = {c.operation for row in CATALOG.values() for c in (row.list, row.by_id, row.census) if c and c.db_query}
    if operation in _FREE:
        return "none"
    return "db_query" if operation in reads | {CREATE_QUERY.operation, CREATE_MERGE_QUERY.operation} else "non_query"
