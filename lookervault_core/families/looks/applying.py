"""Looks: the query first, then the look that shows it."""

from __future__ import annotations

from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.queries.applying import query_id
from lookervault_core.restore.applying.context import Context, certify, write_object


def apply_look(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create, undelete or change one look."""
    difference = ctx.compare(wanted, found)
    more = {}
    if difference.changed.get("query"):
        more["query_id"] = query_id(
            ctx, difference.changed["query"], difference.source.query_id, difference.source.address
        )
    look_id = write_object(ctx, wanted, difference, found, more=more)
    certify(ctx, wanted.key, difference, look_id)
    return look_id
