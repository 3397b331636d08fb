"""One live object as steps know it."""

from __future__ import annotations

from msgspec import structs

from lookervault_core.catalog import CATALOG
from lookervault_core.diff.document import decode
from lookervault_core.diff.plan import Found
from lookervault_core.restore.live import Live, is_trashed


def looked_up(live: Live, content_type: str, item_id: str, reason: str = "") -> Found | None:
    """Return a live object, also out of the trash, or None if it is gone; *reason* says how it was found."""
    payload = live.get(content_type, item_id)
    if payload is None:  # it may have been made after the listing was read
        payload = live.read(content_type, item_id)
    return None if payload is None else Found(item_id, payload or None, is_trashed(payload), reason)


def in_full(live: Live, content_type: str, found: Found) -> Found:
    """Return *found* with what a listing leaves out, where a difference in just that cannot be told otherwise."""
    row = CATALOG[content_type]
    if row.search and found.payload and not all(map(decode(found.payload).get, row.full_keys)):
        return structs.replace(found, body=live.read(content_type, found.id) or found.payload)
    return found
