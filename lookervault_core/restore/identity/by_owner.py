"""Find lists, which are known by the object that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.plan import Found
from lookervault_core.diff.references import Resolve
from lookervault_core.errors import BlobDamaged
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live

# Lists that belong to another object and have no identity of their own.
PARTS = frozenset(
    name for name, row in CATALOG.items() if name in WRITES and row.is_part and not (row.many or row.single)
)


def who(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return whom a row of an access list lets in: a group or a user."""
    return str(row.get("group_id") or ""), str(row.get("user_id") or "")


def part_of(live: Live, resolve: Resolve, key: ContentKey) -> Found | None:
    """Return a list by what it belongs to, empty where that is still to be made."""
    owner = resolve(CATALOG[key.content_type].targets_from or "", key.id)
    if owner is None:
        return None
    if owner == NEW:
        return Found(NEW, b"[]")
    payload = live.read(key.content_type, owner)
    return Found(owner, payload if payload is not None else b"[]")


def body_of(live: Live, backup: Backup, content_type: str, live_id: str) -> bytes | None:
    """Return a live object's payload; where it equals the backup's the vault has it, unless that is damaged there."""
    body = live.get(content_type, live_id)
    if body == b"":
        try:
            return backup.payload(content_type, live_id)
        except BlobDamaged:
            return live.read(content_type, live_id)
    return body
