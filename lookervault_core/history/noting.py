"""Index the new versions of a snapshot, reading each payload once: the LookML fields that they use, their tiles, their slugs, and
the words of their texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

import msgspec

from lookervault_core import codec
from lookervault_core.catalog.looking_up import ASKING, SAYING
from lookervault_core.diff.documents.doc import text_of
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.queries.uses import Asking, Tile, asked_for, asking, looks_shown, texts, tiles
from lookervault_core.history.documents import Documents
from lookervault_core.history.words import separated
from lookervault_core.vault import Vault

# How a payload may be broken: a strange one says nothing.
STRANGE = (BlobDamaged, CodecError, AttributeError, TypeError, ValueError, RecursionError, msgspec.DecodeError)
_AT_ONCE = 1000  # objects whose rows are written together

_CAME = """
    SELECT s.item_id, s.version_id, i.content_type, i.id, b.data, b.sha256, b.size
    FROM snapshot_items s JOIN content_items i USING (item_id) JOIN content_versions v USING (version_id)
        JOIN blobs b USING (blob_id)
    WHERE s.snapshot_id = :id AND i.content_type IN (SELECT value FROM json_each(:kinds)) AND (s.change < 2 OR NOT EXISTS (
        SELECT 1 FROM snapshot_types t JOIN snapshots b ON b.snapshot_id = t.base_snapshot_id
        WHERE t.snapshot_id = :id AND t.content_type = i.content_type))
"""
_BEFORE = """
    SELECT v.item_id, i.id, b.data, b.sha256, b.size
    FROM content_items i JOIN content_versions v USING (item_id) JOIN blobs b USING (blob_id)
    WHERE i.content_type IN (SELECT value FROM json_each(?))
"""
_SHOWS = "INSERT OR IGNORE INTO shown_looks"


class _Came(NamedTuple):
    """A version that came with a snapshot, and what counts of its payload."""

    item_id: int
    version_id: int
    content_type: str
    said: Asking


def note_versions(db: sqlite3.Connection, snapshot_id: int) -> None:
    """Index the versions that are new or changed in a snapshot; all of its versions if its base is gone.

    Which fields objects use now is taken from snapshots of the whole instance only."""
    documents, notes = Documents(db), _Notes(db)
    (folders,) = db.execute("SELECT folders FROM snapshots WHERE snapshot_id = ?", (snapshot_id,)).fetchone()
    for came in _came(db, snapshot_id):
        notes.say(came.version_id, came.said)
        notes.show(came.item_id, looks_shown(came.said))
        if folders == "[]" and came.content_type in ASKING:
            with suppress(*STRANGE):
                asked = asked_for(came.said, documents.query, documents.merge)
                notes.ask(came.item_id, asked, tiles(came.said, documents.query))
    notes.flush()


def are_looks_unnoted(vault: Vault) -> bool:
    """Return whether a release that did not note which looks are shown has indexed the vault."""
    with vault.read() as db:
        return db.execute("SELECT 1 FROM vault_meta WHERE key = 'looks_unnoted'").fetchone() is not None


def note_looks(vault: Vault) -> None:
    """Note which looks all versions show that are in the vault; it is read before anything is written, so that nobody waits."""
    with vault.read() as db:
        found = set(_shown_in(db))
    with vault.write() as db:
        db.executemany(_SHOWS + " SELECT ?, item_id FROM content_items WHERE item_id = ?", found)
        db.execute("DELETE FROM vault_meta WHERE key = 'looks_unnoted'")


def _shown_in(db: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    for item_id, key, *blob in db.execute(_BEFORE, (msgspec.json.encode(ASKING).decode(),)):
        with suppress(*STRANGE):
            said = asking(codec.unseal(*blob))
            if text_of(said.id) == key:
                yield from ((look_id, item_id) for look_id in looks_shown(said))


def _came(db: sqlite3.Connection, snapshot_id: int) -> Iterator[_Came]:
    kinds = msgspec.json.encode([*ASKING, *SAYING]).decode()
    rows = db.execute(_CAME, {"id": snapshot_id, "kinds": kinds})
    for item_id, version_id, content_type, key, data, sha256, size in rows:
        with suppress(*STRANGE):
            said = asking(codec.unseal(data, sha256, size))
            if text_of(said.id) == key:  # else the vault leads to the payload of another object
                yield _Came(item_id, version_id, content_type, said)


class _Notes:
    """Writes down what objects say, many objects at a time; which explores and fields have numbers it keeps in memory."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        explores = db.execute("SELECT model, explore, explore_id FROM explores")
        self._explores = {(model, explore): explore_id for model, explore, explore_id in explores}
        fields = db.execute("SELECT explore_id, field, field_id FROM fields")
        self._fields = {(explore_id, field): field_id for explore_id, field, field_id in fields}
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._has_earlier = db.execute("SELECT EXISTS (SELECT 1 FROM item_fields)").fetchone()[0]
        self._asked: list[tuple[int, str, str]] = []
        self._tiles: list[tuple[int, str, str, str, int | None, str]] = []
        self._slugs: list[tuple[str, int]] = []
        self._texts: list[tuple[int, str]] = []
        self._looks: list[tuple[str, int]] = []

    def say(self, version_id: int, said: Asking) -> None:
        """Note the slug and the texts of a version."""
        if said.slug:
            self._slugs.append((text_of(said.slug), version_id))
        found = texts(said)
        if found:
            self._texts.append((version_id, separated(found)))
        if len(self._texts) >= _AT_ONCE:
            self.flush()

    def show(self, item_id: int, looks: Iterable[str]) -> None:
        """Note which looks an object shows."""
        self._looks += [(look_id, item_id) for look_id in looks]

    def ask(self, item_id: int, asked: set[tuple[str, str, str]], found: Iterable[Tile]) -> None:
        """Note what an object asks for now, what it asked for before, and its tiles."""
        now = {self._number(one) for one in asked}
        self._asked.append((item_id, _listed(now), self._earlier(item_id, now)))
        for tile in found:
            explore_id = self._explore(tile.model, tile.explore) if tile.model else None
            self._tiles.append((item_id, tile.id, tile.title, tile.type, explore_id, tile.query_id))
        if len(self._asked) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what was noted."""
        self._db.executemany("INSERT OR REPLACE INTO item_fields VALUES (?, ?, ?)", self._asked)
        self._db.executemany("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?, ?, ?)", self._tiles)
        self._db.executemany("INSERT OR IGNORE INTO version_slugs VALUES (?, ?)", self._slugs)
        self._db.executemany("INSERT INTO version_texts (rowid, words) VALUES (?, ?)", self._texts)
        self._db.executemany(_SHOWS + " VALUES (?, ?)", self._looks)
        self._asked, self._tiles, self._slugs, self._texts, self._looks = [], [], [], [], []

    def _earlier(self, item_id: int, now: set[int]) -> str:
        """Return what an object asked for before and does not *now*; its tiles of before are let go of."""
        if not self._has_earlier:
            return ","
        before = self._db.execute("SELECT now || earlier FROM item_fields WHERE item_id = ?", (item_id,)).fetchone()
        if before is None:
            return ","
        self._db.execute("DELETE FROM tiles WHERE item_id = ?", (item_id,))
        return _listed({int(number) for number in before[0].split(",") if number} - now)

    def _number(self, asked: tuple[str, str, str]) -> int:
        if asked not in self._numbers:
            self._numbers[asked] = self._field(self._explore(*asked[:2]), asked[2])
        return self._numbers[asked]

    def _explore(self, model: str, explore: str) -> int:
        key = (model, explore)
        if key not in self._explores:
            self._explores[key] = _new(self._db, "INSERT INTO explores (model, explore) VALUES (?, ?)", key)
        return self._explores[key]

    def _field(self, explore_id: int, field: str) -> int:
        key = (explore_id, field)
        if key not in self._fields:
            self._fields[key] = _new(self._db, "INSERT INTO fields (explore_id, field) VALUES (?, ?)", key)
        return self._fields[key]


def _new(db: sqlite3.Connection, statement: str, row: tuple[object, ...]) -> int:
    number = db.execute(statement, row).lastrowid
    assert number is not None
    return number


def _listed(field_ids: Iterable[int]) -> str:
    return "".join([f",{item_id}" for item_id in sorted(field_ids)]) + ","
