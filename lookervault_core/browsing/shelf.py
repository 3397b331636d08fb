"""An index of what the newest snapshots hold, by folder and name, kept in memory so that a page need not read the vault."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.families.folders.tree import FOLDER, Path, paths
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault

Stamp = tuple[object, ...]


class Entry(msgspec.Struct, frozen=True):
    """One object as a list shows it; `folder_id` is the folder that it lies in, for a folder its parent."""

    content_type: str
    id: str
    name: str
    folder_id: str | None
    updated_at: str | None

    @property
    def key(self) -> ContentKey:
        return ContentKey(self.content_type, self.id)


class Shelf(msgspec.Struct, frozen=True):
    """The entries of the newest snapshots. `within` has them by folder id, `paths` the way down to each folder."""

    stamp: Stamp
    entries: dict[ContentKey, Entry]
    within: dict[str, list[Entry]]
    paths: dict[str, Path]
    counts: dict[str, int]

    def named(self, text: str, limit: int) -> list[Entry]:
        """Return at most *limit* entries whose name contains *text*, or whose id it is. Names that begin with it come first, and
        folders and content before other types."""
        wanted = text.casefold()
        found = [entry for entry in self.entries.values() if wanted in entry.name.casefold() or entry.id == text]
        return sorted(found, key=lambda one: _rank(one, wanted))[:limit]

    def path(self, folder_id: str | None) -> Path:
        """Return the folders from the top down to *folder_id*, itself included, as (id, name)."""
        return self.paths.get(folder_id or "", ())

    def tops(self) -> list[Entry]:
        """Return the folders that are in no other."""
        folders = (entry for entry in self.entries.values() if entry.content_type == FOLDER)
        return _by_name(folder for folder in folders if ContentKey(FOLDER, folder.folder_id or "") not in self.entries)


class Shelves:
    """Keeps the shelf of a vault. After a new snapshot it makes a new shelf in the background, and returns the old one
    meanwhile."""

    def __init__(self, vault: Vault) -> None:
        self._vault, self._turn = vault, threading.Lock()
        self._shelf = _made(vault)

    def current(self) -> Shelf:
        if self._shelf.stamp != _stamp(self._vault) and self._turn.acquire(blocking=False):
            threading.Thread(target=self._make, daemon=True).start()
        return self._shelf

    def _make(self) -> None:
        try:
            self._shelf = _made(self._vault)
        finally:
            self._turn.release()


def _stamp(vault: Vault) -> Stamp:
    with vault.read() as db:
        return db.execute("SELECT count(*), max(snapshot_id), max(closed_at) FROM snapshots").fetchone()


def _made(vault: Vault) -> Shelf:
    stamp = _stamp(vault)
    entries: dict[ContentKey, Entry] = {}
    within: defaultdict[str, list[Entry]] = defaultdict(list)
    counts: dict[str, int] = {}
    for row in _rows(vault):
        counts[row[0]] = counts.get(row[0], 0) + 1
        if row[0] in CATALOG and CATALOG[row[0]].is_part:
            continue
        entry = Entry(*row)
        entries[entry.key] = entry
        if entry.folder_id is not None:
            within[entry.folder_id].append(entry)
    folders = {one.id: one for one in entries.values() if one.content_type == FOLDER}
    known = paths({key: (one.name, one.folder_id) for key, one in folders.items()})
    return Shelf(stamp, entries, {key: _by_name(found) for key, found in within.items()}, known, counts)


def _rows(vault: Vault) -> list[tuple]:
    with vault.read() as db:
        visible = dict(db.execute("SELECT content_type, snapshot_id FROM visible_snapshots").fetchall())
        found: list[tuple] = []
        for snapshot_id in sorted(set(visible.values())):
            rows = db.execute(
                """SELECT i.content_type, i.id, v.name, v.folder_id, v.updated_at
                FROM snapshot_items s JOIN content_items i USING (item_id) JOIN content_versions v USING (version_id)
                WHERE s.snapshot_id = ?""",
                (snapshot_id,),
            )
            found += [row for row in rows if visible.get(row[0]) == snapshot_id]
    return found


def _by_name(found: Iterable[Entry]) -> list[Entry]:
    return sorted(found, key=lambda one: (one.content_type != FOLDER, one.name.casefold(), one.id))


def _rank(one: Entry, wanted: str) -> tuple[object, ...]:
    name = one.name.casefold()
    return one.folder_id is None, name != wanted, not name.startswith(wanted), name, one.content_type, one.id
