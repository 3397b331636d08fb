"""Lists that came or went because their owner stopped or began to inherit one, as access lists: a revert takes back both."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog.looking_up import parts_of
from lookervault_core.families.standing_in import may_be_shared
from lookervault_core.history.index import held
from lookervault_core.history.log import Change, change
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault


class OwnList(msgspec.Struct, frozen=True):
    """A list that an object got or lost as its own, and the version of the list."""

    key: ContentKey
    version_id: int
    came: bool


def led_by_owners(vault: Vault, changes: Iterable[Change]) -> Iterator[Change]:
    """Yield *changes*, but instead of a list that came or went the change of its owner that caused it."""
    for one in changes:
        yield _of_owner(vault, one) or one


def _of_owner(vault: Vault, one: Change) -> Change | None:
    owner = CATALOG[one.content_type].targets_from if one.content_type in CATALOG else None
    if not owner or not may_be_shared(one.content_type):
        return None
    with vault.read() as db:
        if _came(db, one.key, one) is None:
            return None
        row = db.execute(
            "SELECT change_id FROM object_changes JOIN content_items USING (item_id)"
            " WHERE content_type = ? AND id = ? AND to_snapshot_id = ?",
            (owner, one.id, one.to_snapshot),
        ).fetchone()
    return change(vault, row[0]) if row else None


def own_lists(db: sqlite3.Connection, one: Change) -> Iterator[OwnList]:
    """Yield the lists that an object got or lost by the change *one* of it."""
    for kind in filter(may_be_shared, parts_of(one.content_type)):
        key = ContentKey(kind, one.id)
        came = _came(db, key, one)
        if came is not None:
            version_id = held(db, kind, one.id, one.to_snapshot if came else one.from_snapshot)
            yield OwnList(key, version_id or 0, came)


def _came(db: sqlite3.Connection, key: ContentKey, one: Change) -> bool | None:
    """Return whether a list came between the snapshots of a change; None if it neither came nor went."""
    before, after = (held(db, key.content_type, key.id, at) for at in (one.from_snapshot, one.to_snapshot))
    return None if (before is None) == (after is None) else before is None
