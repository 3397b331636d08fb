"""Which versions of an object to compare: as two snapshots have it, or the last two that differ."""

from __future__ import annotations

import msgspec

from lookervault_core.errors import NotFound
from lookervault_core.history.log import LogRequest, Teller, log
from lookervault_core.history.wording import FieldEdit
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault


class Compared(msgspec.Struct, frozen=True):
    """How an object differs between two snapshots; `to_snapshot` is None if it was compared with what Looker has now."""

    content_type: str
    id: str
    name: str
    from_snapshot: int
    to_snapshot: int | None
    fields: tuple[FieldEdit, ...]


def compare_object(vault: Vault, key: ContentKey, before: int | None, after: int | None) -> Compared:
    """Return how an object differs between two snapshots: without *after* up to the newest one, without both between its last two
    versions. Raises NotFound if a snapshot does not hold the object, BlobDamaged if a version cannot be read."""
    if before is None:
        before, after = _last_two(vault, key)
    first, second = vault.item(key, before), vault.item(key, after)
    with vault.read() as db:
        fields = Teller(db).compare(first.version_id, second.version_id)
    to = after if after is not None else vault.history(key)[0].last_snapshot_id
    return Compared(key.content_type, key.id, second.name or first.name, before, to, fields)


def compare_with(vault: Vault, key: ContentKey, before: int | None, payload: bytes) -> Compared:
    """Return how a *payload* from Looker differs from the object in the snapshot *before*, by default the newest one."""
    from lookervault_core.diff.document import decode

    row = vault.item(key, before)
    with vault.read() as db:
        teller = Teller(db)
        fields = teller.differ(key, teller.documents.version(row.version_id), teller.documents.of(key, decode(payload)))
    at = before if before is not None else vault.history(key)[0].last_snapshot_id
    return Compared(key.content_type, key.id, row.name, at, None, fields)


def _last_two(vault: Vault, key: ContentKey) -> tuple[int, int]:
    changes = log(vault, LogRequest(key.content_type, key.id))
    found = next((change for change in changes if change.key == key and change.kind in ("changed", "moved")), None)
    if found is None:
        vault.history(key)
        raise NotFound(f"{key}: all snapshots that hold it have it as it is; nothing differs")
    return found.from_snapshot, found.to_snapshot
