"""The backup side of a restore: the items of one snapshot, or of the newest one for each type; and warnings about these
snapshots: how old they are, and which newer ones are not read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lookervault_core import tombstones
from lookervault_core.catalog import CATALOG, WRITES, owner_of
from lookervault_core.codec import digest
from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.plan import Step
from lookervault_core.diff.planning.protection import protection_of
from lookervault_core.diff.planning.sides import Wanted
from lookervault_core.errors import BlobDamaged, CodecError, Forgotten, NotFound
from lookervault_core.families.queries.structure import merged
from lookervault_core.model import ContentKey, Snapshot
from lookervault_core.vault import ItemRow, Vault

if TYPE_CHECKING:
    from lookervault_core.restore.live import Live


class Backup:
    """Reads items and payloads of the vault, every payload re-hashed. Safe for any number of threads.

    *snapshots* has the snapshot to read each type from; types that it lacks have no items. *of_state* has the snapshot of each
    item, where several were kept one after the other. *part_of* returns the part of a payload to restore. *also* are items with a
    snapshot of their own, *without* items to leave out, *altered* those whose payload *part_of* changes.
    """

    def __init__(
        self,
        vault: Vault,
        snapshot_id: int | None = None,
        snapshots: Mapping[str, int] | None = None,
        *,
        of_state: Mapping[ContentKey, int] | None = None,
        part_of: Callable[[ContentKey, bytes], bytes] | None = None,
        also: Mapping[ContentKey, int] | None = None,
        without: Container[ContentKey] = (),
        altered: Container[ContentKey] = (),
    ) -> None:
        self.vault = vault
        self.snapshot_id = snapshot_id
        self._part_of = part_of or (lambda _, payload: payload)
        self._of_state = of_state
        self._also, self._without, self._altered = also or {}, without, altered
        self._within: dict[str, int | None] = {name: (snapshots or {}).get(name) for name in CATALOG if snapshots}
        self._rows: dict[str, dict[str, ItemRow]] = {}
        self._having: dict[tuple[str, str], dict[str, str]] = {}
        self._holders: dict[str, dict[str, str]] = {}
        self._forgotten: frozenset[str] | None = None
        self._lock = threading.RLock()

    def rows(self, content_type: str) -> Mapping[str, ItemRow]:
        """Return the items of a type by id; none where the snapshot does not have the type."""
        with self._lock:
            if content_type not in self._rows:
                rows = [row for row in self._items(content_type) if row.key not in self._without]
                rows += [
                    self.vault.item(key, one) for key, one in self._also.items() if key.content_type == content_type
                ]
                self._rows[content_type] = {row.id: row for row in rows}
            return self._rows[content_type]

    def has(self, content_type: str, item_id: str) -> bool:
        return item_id in self.rows(content_type)

    def is_whole(self, content_type: str) -> bool:
        """Return whether the backup has every object that Looker had of a type, so that one that it lacks did not exist then."""
        snapshot_id = self._snapshot_of(content_type)
        return snapshot_id is not None and self.vault.is_whole(snapshot_id, content_type)

    def lists_all(self, content_type: str) -> bool:
        """Return whether the listing of a type showed objects of every state, those that are switched off too."""
        snapshot_id = self._snapshot_of(content_type)
        notes = self.vault.notes(snapshot_id) if snapshot_id is not None else ()
        return not any(one.kind == "unlisted" and one.content_type == content_type for one in notes)

    def taken_at(self, content_type: str) -> datetime | None:
        """Return when the snapshot that a type is read from began; None if there is none."""
        snapshot_id = self._snapshot_of(content_type)
        return self.vault.snapshot(snapshot_id).started_at if snapshot_id is not None else None

    def payload(self, content_type: str, item_id: str) -> bytes:
        """Return the bytes of one item. Raises NotFound, or BlobDamaged naming the item."""
        key = ContentKey(content_type, item_id)
        snapshot_id = (self._of_state or self._also).get(key) or self._snapshot_of(content_type)
        if snapshot_id is None:
            raise NotFound(f"{key}: the backup does not have it")
        body = self.vault.payload(key, snapshot_id)
        self._require_whole(key, body)
        return self._part_of(key, body)

    def _require_whole(self, key: ContentKey, body: bytes) -> None:
        """Raise Forgotten for a payload out of which something was taken that a restore would write."""
        with self._lock:
            if self._forgotten is None:
                self._forgotten = tombstones.blocked(self.vault)
        if self._forgotten and digest(body).hex() in self._forgotten:
            raise Forgotten(f"{key}: somebody was forgotten of whom this version told; it cannot be restored as it was")

    def decoded(self, content_type: str, item_id: str) -> Any:
        """Return one item decoded, or None if the backup does not have it."""
        return decode(self.payload(content_type, item_id)) if self.has(content_type, item_id) else None

    def readable(self, content_type: str, item_id: str) -> Any:
        """Return one item decoded, or None if it is damaged or not there. For looking at other items: an item's own step
        reports damage."""
        try:
            return self.decoded(content_type, item_id)
        except (BlobDamaged, CodecError):
            return None

    def wanted(self, key: ContentKey) -> Wanted:
        row = self.rows(key.content_type)[key.id]
        facts, owner = WRITES.get(key.content_type), CATALOG[key.content_type].targets_from
        protection = (
            protection_of(owner, self.readable(owner, key.id))
            if facts and facts.protected_with_owner and owner
            else None
        )
        return Wanted(key, self.payload(key.content_type, key.id), row.name, self.level(key), protection)

    def digests(self, content_type: str) -> dict[str, bytes]:
        """Return the SHA-256 of each payload of a type by id, without the altered ones: a live object with the same is as in
        the backup."""
        rows = (row for row in self.rows(content_type).values() if row.key not in self._altered)
        return {row.id: bytes.fromhex(row.sha256) for row in rows}

    def level(self, key: ContentKey) -> int:
        """Return the depth of an object in the tree of its type, or of its owner; 0 without a tree."""
        facts = WRITES.get(key.content_type)
        if facts is not None and facts.level_by is not None:
            said_by = key.content_type if facts.update else CATALOG[key.content_type].targets_from or ""
            named = (self.readable(said_by, key.id) or {}).get(facts.level_by.field)
            return self.level(ContentKey(facts.level_by.to, str(named))) if named else 0
        if facts is None or facts.level is None:
            return 0
        rows, depth, seen = self.rows(key.content_type), 0, {key.id}
        row = rows.get(key.id)
        while row is not None and row.folder_id and row.folder_id not in seen:
            seen.add(row.folder_id)
            row, depth = rows.get(row.folder_id), depth + 1
        return depth

    def merge(self, merge_id: str) -> dict[str, Any] | None:
        """Return a merge query by structure, its sources included, or None if the backup lacks a part of it."""
        return merged(merge_id, self.decoded)

    def readable_merge(self, merge_id: str) -> dict[str, Any] | None:
        """Return a merge query by structure, or None if it is damaged or not there; raises nothing."""
        try:
            return self.merge(merge_id)
        except (BlobDamaged, CodecError):
            return None

    def having(self, content_type: str, field: str, value: str) -> str | None:
        """Return the id of the object of a type that has *value* in *field*; None if there is none. The first call decodes all
        of them."""
        with self._lock:
            index = (content_type, field)
            if index not in self._having:
                rows = ((row_id, self.readable(content_type, row_id) or {}) for row_id in self.rows(content_type))
                self._having[index] = {str(row[field]): row_id for row_id, row in rows if row.get(field)}
            return self._having[index].get(value)

    def holder_of(self, part: ContentKey) -> str | None:
        """Return the id of the object in which *part* is nested; None if there is none. The first call decodes all of that
        type."""
        owner = owner_of(part.content_type)
        with self._lock:
            if part.content_type not in self._holders:
                fields = [c.field for c in WRITES[owner].children if c.content_type == part.content_type]
                self._holders[part.content_type] = {
                    str(nested["id"]): row_id
                    for row_id in self.rows(owner)
                    for field in fields
                    for nested in (self.readable(owner, row_id) or {}).get(field) or ()
                }
            return self._holders[part.content_type].get(part.id)

    def snapshots(self) -> dict[str, int]:
        """Return the snapshot that each type is read from, so that a resumed run reads the same ones; empty where items have
        snapshots of their own."""
        if self._of_state is not None:
            return {}
        found = {name: self._snapshot_of(name) for name in CATALOG}
        return {name: one for name, one in found.items() if one is not None}

    def _snapshot_of(self, content_type: str) -> int | None:
        """Return the snapshot that speaks for a type, the same one for the whole restore."""
        with self._lock:
            if content_type not in self._within:
                found = None if self.snapshot_id is not None else self.vault.speaking_snapshot(content_type)
                self._within[content_type] = found.snapshot_id if found else self.snapshot_id
            return self._within[content_type]

    def _items(self, content_type: str) -> list[ItemRow]:
        if self._of_state is not None:
            return self._items_of_states(content_type, self._of_state)
        snapshot_id = self._snapshot_of(content_type)
        try:
            return list(self.vault.items(content_type, snapshot_id)) if snapshot_id is not None else []
        except NotFound:
            return []

    def _items_of_states(self, content_type: str, of_state: Mapping[ContentKey, int]) -> list[ItemRow]:
        states = dict.fromkeys(one for key, one in of_state.items() if key.content_type == content_type)
        rows = ((one, row) for one in states for row in self.vault.items(content_type, one))
        return [row for one, row in rows if of_state.get(row.key) == one]


NAMED = 10


def sources(backup: Backup, types: Iterable[str]) -> list[dict[str, Any]]:
    """Return id, time, age in seconds and types of each snapshot from which any of *types* is read."""
    vault = backup.vault
    return [
        {
            "snapshot_id": snapshot.snapshot_id,
            "started_at": snapshot.started_at.isoformat(),
            "age_seconds": round((vault.now() - snapshot.started_at).total_seconds()),
            "types": of,
        }
        for snapshot, of in _by_snapshot(backup, types)
    ]


def in_words(backup: Backup, types: Iterable[str]) -> str:
    """Return the sources of *types*, each with its time and age; empty if there is none."""
    now = backup.vault.now()
    return ", ".join(
        f"snapshot {one.snapshot_id} ({one.started_at:%Y-%m-%d %H:%M} UTC, {_age(now, one.started_at)} old)"
        for one, _ in _by_snapshot(backup, types)
    )


def told_of_sources(backup: Backup, types: Iterable[str]) -> Iterator[str]:
    """Yield warnings about the snapshots that are read: what they took over unread, and what no listing showed them."""
    wanted = list(types)
    for snapshot, of in _by_snapshot(backup, wanted):
        counts = backup.vault.counts(snapshot.snapshot_id)
        for name in of:
            oldest = counts[name].oldest_read_at if name in counts else None
            if oldest and datetime.fromisoformat(oldest) < snapshot.started_at:
                told = f"{datetime.fromisoformat(oldest):%Y-%m-%d %H:%M} UTC"
                yield f"{name}: snapshot {snapshot.snapshot_id} has taken some over unread since {told}"
        yield from (
            f"{note.content_type}: snapshot {snapshot.snapshot_id}: {note.detail}"
            for note in backup.vault.notes(snapshot.snapshot_id)
            if note.kind == "unlisted" and note.content_type in of
        )


def told_of_newer(backup: Backup, types: Iterable[str]) -> Iterator[str]:
    """Yield a warning for each newer snapshot that is not read, because it covers only some types."""
    for newer, of in _newer(backup, types) if backup.snapshot_id is None else ():
        yield (
            f"snapshot {newer.snapshot_id} of {newer.started_at:%Y-%m-%d %H:%M} UTC is newer, but of some types only"
            f" ({', '.join(of)}); to take these from it: --snapshot {newer.snapshot_id}"
        )


def told_of_some_types(backup: Backup, types: Iterable[str]) -> Iterator[str]:
    """Yield a warning for each snapshot of only some types that is read, because none of the whole instance has them."""
    if backup.snapshot_id is not None:
        return
    asked = {one.snapshot_id: one.options.get("extract") for one in backup.vault.sessions()}
    narrow = {snapshot_id for snapshot_id, one in asked.items() if isinstance(one, Mapping) and one.get("types")}
    for snapshot, of in _by_snapshot(backup, types):
        if snapshot.snapshot_id in narrow:
            yield (
                f"snapshot {snapshot.snapshot_id} of {snapshot.started_at:%Y-%m-%d %H:%M} UTC is of some types only, and this "
                f"vault has no snapshot of the whole instance to take these from: {', '.join(of)}"
            )


def read_at(backup: Backup, key: ContentKey) -> str | None:
    """Return when an item was read from Looker that its snapshot took over unread; None for any other item."""
    row = backup.rows(key.content_type).get(key.id) if key.content_type in backup.snapshots() else None
    return row.read_at if row else None


def told_of_age(backup: Backup, steps: Iterable[Step]) -> Iterator[str]:
    """Yield a warning for each item to write whose snapshot took it over unread: it is restored as it was before the snapshot."""
    old = [(step, at) for step in steps if step.writes and (at := read_at(backup, step.key))]
    for step, at in old[:NAMED]:
        yield f"{step.key}: the backup has it as of {datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC, taken over unread since"
    if len(old) > NAMED:
        yield f"so it is of {len(old) - NAMED} more; --json says of each since when (read_at)"


def _newer(backup: Backup, types: Iterable[str]) -> Iterator[tuple[Snapshot, list[str]]]:
    speaking = backup.snapshots()
    found: dict[int, list[str]] = {}
    for name in types:
        newest = backup.vault.visible_snapshot(name)
        if newest is not None and name in speaking and newest.snapshot_id > speaking[name]:
            found.setdefault(newest.snapshot_id, []).append(name)
    for snapshot_id, of in sorted(found.items()):
        yield backup.vault.snapshot(snapshot_id), of


def _by_snapshot(backup: Backup, types: Iterable[str]) -> list[tuple[Snapshot, list[str]]]:
    speaking = backup.snapshots()
    found: dict[int, list[str]] = {}
    for name in dict.fromkeys(types):
        if name in speaking:
            found.setdefault(speaking[name], []).append(name)
    return [(backup.vault.snapshot(snapshot_id), of) for snapshot_id, of in sorted(found.items())]


def _age(now: datetime, then: datetime) -> str:
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days"


def body_of(live: Live, backup: Backup, content_type: str, live_id: str) -> bytes | None:
    """Return a live object's payload, None if it is gone. If it equals the backup's, it is read from the vault, unless damaged
    there."""
    body = live.get(content_type, live_id)
    if body == b"":
        try:
            return backup.payload(content_type, live_id)
        except BlobDamaged:
            return live.read(content_type, live_id)
    return body
