"""Things that a recreated object gets as another one, or not at all: a login, a key, a picture."""

from __future__ import annotations

from typing import Any

from lookervault_core.catalog import WRITES, RecreatedDifferently
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.document import decode


def recreated_differently(
    payload: Any, difference: Difference, live_id: str = "", live: bytes | None = None
) -> tuple[tuple[str, str], ...]:
    """Return as (field, reason) what comes back as another one, or not at all, because *difference* creates an object, or because
    it is gone from a live one."""
    rows = (one for one in WRITES[difference.content_type].recreated_differently if payload.get(one.where))
    lost = (
        row
        for row in rows
        if _is_made(difference, row.made_with) or (row.is_shown and _is_gone(row, payload, live_id, live))
    )
    return tuple((one.field, one.reason) for one in lost)


def _is_gone(row: RecreatedDifferently, payload: Any, live_id: str, live: bytes | None) -> bool:
    """Return whether a live object lacks what the backup shows that it had: by its ids, unless it is another object by now."""
    if live is None:
        return False
    ours, theirs = payload[row.where], decode(live).get(row.where)
    if str(payload.get("id")) != live_id or not isinstance(ours, list):
        return not theirs
    return not {one.get("id") for one in ours} <= {one.get("id") for one in theirs or ()}


def _is_made(difference: Difference, field: str) -> bool:
    """Return whether an object is made anew, or *field* given to one that has none."""
    if difference.live is None:
        return True
    return bool(difference.changed.get(field)) and not difference.live.fields.get(field)
