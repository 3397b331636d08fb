"""The backup side of a restore: the items that the vault holds, of one snapshot or of the newest one for each type."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.diff.document import decode
from lookervault_core.diff.plan import Wanted
from lookervault_core.diff.protection import shield_of
from lookervault_core.errors import BlobDamaged, CodecError, NotFound
from lookervault_core.families.queries.structure import merged
from lookervault_core.model import ContentKey
from lookervault_core.vault import ItemRow, Vault

# Lists that are protected with what they belong to.
_SHIELDED_WITH = {"group_users": "groups"}
_OF_FOLDERS = ("content_metadata", "content_metadata_accesses")


class Backup:
    """Reads items and payloads of the vault, every payload re-hashed. Safe for any number of threads.

    *snapshots* says which one speaks for each type, and a type that it does not name has none; *of_state* says
    for each item which one has it, where several were kept one after the other. *part_of* returns what counts of one.
    """

    def __init__(
        self,
        vault: Vault,
        snapshot_id: int | None = None,
        snapshots: Mapping[str, int] | None = None,
        *,
        of_state: Mapping[ContentKey, int] | None = None,
        part_of: Callable[[ContentKey, bytes], bytes] | None = None,
    ) -> None:
        self.vault = vault
        self.snapshot_id = snapshot_id
        self._part_of = part_of or (lambda _, payload: payload)
        self._of_state = of_state
        self._within: dict[str, int | None] = {name: (snapshots or {}).get(name) for name in CATALOG if snapshots}
        self._rows: dict[str, dict[str, ItemRow]] = {}
        self._owners: dict[str, str] | None = None
        self._tiles: dict[str, str] | None = None
        self._lock = threading.RLock()

    def rows(self, content_type: str) -> Mapping[str, ItemRow]:
        """Return the items of a type by id; none where the snapshot does not have the type."""
        with self._lock:
            if content_type not in self._rows:
                self._rows[content_type] = {row.id: row for row in self._items(content_type)}
            return self._rows[content_type]

    def has(self, content_type: str, item_id: str) -> bool:
        return item_id in self.rows(content_type)

    @property
    def group_names(self) -> frozenset[str]:
        """What the groups are called, in lower case."""
        return frozenset(row.name.lower() for row in self.rows("groups").values() if row.name)

    def is_whole(self, content_type: str) -> bool:
        """Return whether the backup has every object of a type, so that what it lacks was not there."""
        snapshot_id = self._snapshot_of(content_type)
        return snapshot_id is not None and self.vault.is_whole(snapshot_id, content_type)

    def lists_all(self, content_type: str) -> bool:
        """Return whether the listing of a type showed every state, so that what was switched off was not left out."""
        snapshot_id = self._snapshot_of(content_type)
        notes = self.vault.notes(snapshot_id) if snapshot_id is not None else ()
        return not any(one.kind == "unlisted" and one.content_type == content_type for one in notes)

    def taken_at(self, content_type: str) -> datetime | None:
        """Return when the snapshot began that speaks for a type."""
        snapshot_id = self._snapshot_of(content_type)
        return self.vault.snapshot(snapshot_id).started_at if snapshot_id is not None else None

    def payload(self, content_type: str, item_id: str) -> bytes:
        """Return the bytes of one item. Raises NotFound, or BlobDamaged naming the item."""
        key = ContentKey(content_type, item_id)
        snapshot_id = (self._of_state or {}).get(key) or self._snapshot_of(content_type)
        if snapshot_id is None:
            raise NotFound(f"{key}: the backup does not have it")
        return self._part_of(key, self.vault.payload(key, snapshot_id))

    def decoded(self, content_type: str, item_id: str) -> Any:
        """Return one item decoded, or None if the backup does not have it."""
        return decode(self.payload(content_type, item_id)) if self.has(content_type, item_id) else None

    def readable(self, content_type: str, item_id: str) -> Any:
        """Return one item decoded, or None if it is damaged or not there: for who only looks on, its own step names the damage."""
        try:
            return self.decoded(content_type, item_id)
        except (BlobDamaged, CodecError):
            return None

    def wanted(self, key: ContentKey) -> Wanted:
        row = self.rows(key.content_type)[key.id]
        owner = _SHIELDED_WITH.get(key.content_type)
        shield = shield_of(owner, self.readable(owner, key.id)) if owner else None
        return Wanted(key, self.payload(key.content_type, key.id), row.name, self.level(key), shield)

    def digests(self, content_type: str) -> dict[str, bytes]:
        return {item_id: bytes.fromhex(row.sha256) for item_id, row in self.rows(content_type).items()}

    def level(self, key: ContentKey) -> int:
        """Return how deep a folder, or whose access list it is, stands in its tree; 0 for every other type."""
        if key.content_type in _OF_FOLDERS:
            folder_id = (self.readable("content_metadata", key.id) or {}).get("folder_id")
            return self.level(ContentKey("folders", str(folder_id))) if folder_id else 0
        facts = WRITES.get(key.content_type)
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
        """Return a merge query by structure, or None if it is damaged or not there: for who only looks on."""
        try:
            return self.merge(merge_id)
        except (BlobDamaged, CodecError):
            return None

    def owner_of_personal_folder(self, folder_id: str) -> str | None:
        """Return the user whose personal folder this is."""
        with self._lock:
            if self._owners is None:
                users = (self.readable("users", user_id) or {} for user_id in self.rows("users"))
                self._owners = {
                    str(u["personal_folder_id"]): str(u["id"]) for u in users if u.get("personal_folder_id")
                }
            return self._owners.get(folder_id)

    def dashboard_of_tile(self, tile_id: str) -> str | None:
        """Return the dashboard that has this tile; all dashboards are decoded once, the first time that anybody asks."""
        with self._lock:
            if self._tiles is None:
                self._tiles = {
                    str(tile["id"]): one
                    for one in self.rows("dashboards")
                    for tile in (self.readable("dashboards", one) or {}).get("dashboard_elements") or ()
                }
            return self._tiles.get(tile_id)

    def below(self, folder_ids: Iterable[str]) -> set[str]:
        """Return *folder_ids* and every folder below them."""
        found = set(folder_ids)
        rows = self.rows("folders").values()
        while more := {r.id for r in rows if r.folder_id in found} - found:
            found |= more
        return found

    def snapshots(self) -> dict[str, int]:
        """Return the snapshot that speaks for each type, so that the same ones can speak for a run that goes on later; none
        where several states do."""
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
