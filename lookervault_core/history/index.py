"""The index of changes from snapshot to snapshot, written after a snapshot is closed, so that none has to be compared again.

An object's change is found by comparing with the last earlier snapshot that covered the object, even one narrowed to folders. The
objects of the first snapshot of a type are no changes: nobody knows since when they have been there.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog.looking_up import origin_of
from lookervault_core.diff.document import known_shape
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.standing_in import stands_in
from lookervault_core.history.documents import Documents, decoded
from lookervault_core.history.edits import edits
from lookervault_core.history.noting import are_looks_unnoted, note_looks, note_versions
from lookervault_core.model import ContentKey, Snapshot
from lookervault_core.vault import Vault

KINDS = ("created", "changed", "deleted", "moved")
CREATED, CHANGED, DELETED, MOVED = range(4)
# Where something is; it alone makes a change a move.
_PLACE = ("folder_id", "parent_id")


class State(NamedTuple):
    """The version of an item that a snapshot holds; None if it does not hold the item."""

    snapshot_id: int
    version_id: int | None


class Author(msgspec.Struct, frozen=True):
    """Who made a change, by the payload; `how` names the field that says so: `last_updater`, `deleter`, or `unknown`."""

    id: str | None = None
    how: str = "unknown"


def catch_up(vault: Vault | Path | str) -> None:
    """Index the changes of each finished snapshot that is not indexed yet; if there is any, the vault must be open for writing."""
    if not isinstance(vault, Vault):
        with Vault.open(vault, read_only=True) as reading:
            behind = bool(_behind(reading)) or are_looks_unnoted(reading)
        if behind:
            with Vault.open(vault) as writing:
                catch_up(writing)
        return
    if are_looks_unnoted(vault):
        note_looks(vault)
    while behind := _behind(vault):
        for snapshot in behind:
            with vault.write() as db:
                _forget_later(db, snapshot)
                _index(db, snapshot)


def _behind(vault: Vault) -> list[Snapshot]:
    with vault.read() as db:
        known = {snapshot_id for (snapshot_id,) in db.execute("SELECT snapshot_id FROM indexed_snapshots")}
    finished = [snapshot for snapshot in vault.snapshots() if snapshot.status in ("complete", "partial")]
    missing = [one for one in finished if one.snapshot_id not in known]
    return sorted(missing, key=lambda one: (one.started_at, one.snapshot_id))


def _forget_later(db: sqlite3.Connection, snapshot: Snapshot) -> None:
    """Let the snapshots be indexed again that are later than one that came in between, as by an import: they changed since it."""
    later = (
        "IN (SELECT snapshot_id FROM indexed_snapshots JOIN snapshots USING (snapshot_id)"
        " WHERE (started_at, snapshot_id) > (?, ?))"
    )
    at = (snapshot.started_at.isoformat(), snapshot.snapshot_id)
    db.execute(f"DELETE FROM object_changes WHERE to_snapshot_id {later}", at)
    db.execute(f"DELETE FROM snapshot_signs WHERE snapshot_id {later}", at)
    db.execute(f"DELETE FROM indexed_snapshots WHERE snapshot_id {later}", at)


def _index(db: sqlite3.Connection, snapshot: Snapshot) -> None:
    reader = _Reader(db, snapshot)
    db.execute("DELETE FROM object_changes WHERE to_snapshot_id = ?", (snapshot.snapshot_id,))
    rows = [row for item in reader.candidates() if (row := reader.change(*item)) is not None]
    db.executemany("INSERT OR REPLACE INTO object_changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    note_versions(db, snapshot.snapshot_id)
    db.execute("INSERT OR IGNORE INTO indexed_snapshots VALUES (?)", (snapshot.snapshot_id,))


class _Reader:
    """Finds what changed up to one snapshot."""

    def __init__(self, db: sqlite3.Connection, snapshot: Snapshot) -> None:
        self._db, self._snapshot = db, snapshot
        self._documents = Documents(db)
        self._earlier: dict[str, list[int]] = {}
        self._surveyed: dict[tuple[int, str], bool] = {}

    def candidates(self) -> Iterator[tuple[int, str, str, int | None]]:
        """Yield item, type, id and version of what may be another than before."""
        for name in self._snapshot.types:
            if name in CATALOG and not CATALOG[name].immutable:
                yield from ((item, name, key, version) for item, key, version in self._of_type(name))

    def change(self, item_id: int, kind: str, key: str, version_id: int | None) -> tuple[Any, ...] | None:
        """Return the row of what changed of an item, or None if nothing of it did."""
        before = self._before(item_id, kind, key)
        if before is None or self._is_same(before.version_id, version_id):
            return None
        origin = origin_of(kind)
        if origin != kind and not (version_id is None and not self._holds(origin, key)):
            return None  # what comes into the trash is told as deleted, and what comes out of it as created
        after = version_id if version_id is not None else self._in_trash(kind, key)
        told = DELETED if version_id is None else CREATED if before.version_id is None else CHANGED
        if told != CHANGED and CATALOG[kind].is_answer:
            return self._list(item_id, kind, key, before, version_id)
        if told != CHANGED and _comes_along(kind):
            return None
        was = before.version_id or self._last_version(item_id)
        moved, differs = self._compare(was, after) if told == CHANGED else (False, True)
        if not differs and not moved:
            return None
        told = MOVED if told == CHANGED and moved and not differs else told
        author = self._author(told, was, after)
        change_id = self._id(kind, key, told, before.version_id, version_id)
        versions = (was if told != CREATED else before.version_id, after)
        to = self._snapshot.snapshot_id
        return (change_id, item_id, told, moved, before.snapshot_id, to, *versions, author.id, author.how)

    def _list(self, item_id: int, kind: str, key: str, before: State, version_id: int | None) -> tuple[Any, ...] | None:
        """Return the row of a list that came or went, told from the one that counted or counts in its place; None for one that
        came or went with what it belongs to."""
        to = self._snapshot.snapshot_id
        was = before.version_id or self._standing_in(kind, key, before.snapshot_id)
        after = version_id or self._standing_in(kind, key, to)
        if was is None or after is None or not self._compare(was, after)[1]:
            return None
        change_id = self._id(kind, key, CHANGED, before.version_id, version_id)
        return (change_id, item_id, CHANGED, False, before.snapshot_id, to, was, after, None, Author().how)

    def _standing_in(self, kind: str, key: str, snapshot_id: int) -> int | None:
        """Return the version of the list that a snapshot says counts for an object without one of its own."""
        owner = self._held(CATALOG[kind].targets_from or "", key, snapshot_id)
        if owner is None:
            return None
        try:
            other = stands_in(kind, _fields(self._documents.payload(owner)[1]))
        except (BlobDamaged, CodecError):
            return None
        return self._held(kind, other, snapshot_id) if other else None

    def _of_type(self, name: str) -> list[tuple[int, str, int | None]]:
        """Return what may differ of a type: what is new or changed since the base, what else was kept since, and what is gone."""
        (base,) = self._db.execute(
            "SELECT base_snapshot_id FROM snapshot_types WHERE snapshot_id = ? AND content_type = ?",
            (self._snapshot.snapshot_id, name),
        ).fetchone()
        earlier = self._finished_before(name)
        if not earlier:
            return []
        between = earlier[: earlier.index(base)] if base in earlier else None
        narrowed = "" if between is None else (
            f"AND (s.change < 2 OR s.item_id IN (SELECT item_id FROM snapshot_items WHERE snapshot_id IN ({_ids(between)})"
            f" UNION ALL SELECT item_id FROM deletions WHERE snapshot_id IN ({_ids(between)})))"
        )  # fmt: skip
        held = self._db.execute(
            "SELECT s.item_id, i.id, s.version_id FROM snapshot_items s JOIN content_items i USING (item_id)"
            f" WHERE s.snapshot_id = ? AND i.content_type = ? {narrowed}",
            (self._snapshot.snapshot_id, name),
        )
        return [*held, *self._gone(name)]

    def _gone(self, name: str) -> list[tuple[int, str, int | None]]:
        """Return what was there in the last snapshot before and is not in this one, which has the whole type."""
        earlier = self._finished_before(name)
        last = next((one for one in earlier if self._surveys(one, name)), None)
        if last is None or not self._surveys(self._snapshot.snapshot_id, name):
            return []
        since = earlier[: earlier.index(last) + 1]
        return self._db.execute(
            f"""SELECT DISTINCT s.item_id, i.id, NULL FROM snapshot_items s JOIN content_items i USING (item_id)
            WHERE s.snapshot_id IN ({_ids(since)}) AND i.content_type = :name
                AND NOT EXISTS (SELECT 1 FROM snapshot_items n WHERE n.snapshot_id = :id AND n.item_id = s.item_id)
                AND NOT EXISTS (SELECT 1 FROM snapshot_census n WHERE n.snapshot_id = :id AND n.item_id = s.item_id)""",
            {"id": self._snapshot.snapshot_id, "name": name},
        ).fetchall()

    def _finished_before(self, kind: str) -> list[int]:
        """Return the finished snapshots of a type before this one, newest first."""
        if kind not in self._earlier:
            rows = self._db.execute(
                "SELECT snapshot_id FROM snapshots JOIN snapshot_types USING (snapshot_id)"
                " WHERE (started_at, snapshot_id) < (?, ?) AND content_type = ? AND status IN ('complete', 'partial')"
                " ORDER BY started_at DESC, snapshot_id DESC",
                (self._snapshot.started_at.isoformat(), self._snapshot.snapshot_id, kind),
            )
            self._earlier[kind] = [snapshot_id for (snapshot_id,) in rows]
        return self._earlier[kind]

    def _surveys(self, snapshot_id: int, kind: str) -> bool:
        if (snapshot_id, kind) not in self._surveyed:
            self._surveyed[snapshot_id, kind] = _surveys(self._db, snapshot_id, kind)
        return self._surveyed[snapshot_id, kind]

    def _before(self, item_id: int, kind: str, key: str) -> State | None:
        """Return the last state of an item before this snapshot; None if no snapshot says whether it was there."""
        for earlier in self._finished_before(kind):
            row = self._db.execute(
                "SELECT version_id FROM snapshot_items WHERE snapshot_id = ? AND item_id = ?", (earlier, item_id)
            ).fetchone()
            if row:
                return State(earlier, row[0])
            if self._surveys(earlier, kind) and not _counted(self._db, earlier, kind, key, item_id):
                return State(earlier, None)
        return None

    def _is_same(self, before: int | None, after: int | None) -> bool:
        if before is None or after is None:
            return before is after
        blobs = "SELECT count(DISTINCT blob_id) FROM content_versions WHERE version_id IN (?, ?)"
        return before == after or self._db.execute(blobs, (before, after)).fetchone()[0] == 1

    def _holds(self, kind: str, key: str) -> bool:
        return self._held(kind, key) is not None

    def _held(self, kind: str, key: str, snapshot_id: int | None = None) -> int | None:
        """Return the version that a snapshot has of an object; this one, unless another is named."""
        return held(self._db, kind, key, snapshot_id or self._snapshot.snapshot_id)

    def _in_trash(self, kind: str, key: str) -> int | None:
        trash = CATALOG[kind].trash
        return self._held(trash, key) if trash else None

    def _last_version(self, item_id: int) -> int | None:
        """Return what a state of an object that is there again was before it went."""
        row = self._db.execute(
            "SELECT before_version_id FROM object_changes JOIN snapshots ON snapshot_id = to_snapshot_id"
            " WHERE item_id = ? AND kind = 2 ORDER BY started_at DESC LIMIT 1",
            (item_id,),
        ).fetchone()
        return row[0] if row else None

    def _compare(self, before: int | None, after: int | None) -> tuple[bool, bool]:
        """Return whether an object moved, and whether anything else of it differs. What is damaged differs."""
        try:
            key = self._documents.key(before or 0)
            old, new = self._documents.version(before or 0), self._documents.version(after or 0)
            with known_shape(key):
                found = [edit.path for edit in edits(origin_of(key.content_type), old, new)]
        except (BlobDamaged, CodecError):
            return False, True
        return any(path in _PLACE for path in found), any(path not in _PLACE for path in found)

    def _author(self, told: int, before: int | None, after: int | None) -> Author:
        with suppress(BlobDamaged, CodecError):
            old, new = ({} if one is None else _fields(self._documents.payload(one)[1]) for one in (before, after))
            if told == DELETED:
                return _author("deleter", new.get("deleter_id"))
            if told == CREATED or _noted_anew(old, new):
                return _author("last_updater", new.get("last_updater_id"))
        return Author()

    def _id(self, kind: str, key: str, told: int, before: int | None, after: int | None) -> str:
        """Return the name of a change, which is the same however often it is found."""
        at = self._snapshot.started_at.isoformat()
        return hashlib.sha256(repr((kind, key, told, self._sha(before), self._sha(after), at)).encode()).hexdigest()[
            :12
        ]

    def _sha(self, version_id: int | None) -> str:
        row = self._db.execute(
            "SELECT hex(sha256) FROM content_versions JOIN blobs USING (blob_id) WHERE version_id = ?", (version_id,)
        ).fetchone()
        return row[0] if row else ""


def surely_changed(vault: Vault, before: int, after: int) -> set[ContentKey]:
    """Return the objects that differ between two snapshots for certain: the index has a change between these very versions."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT i.content_type, i.id FROM object_changes c JOIN content_items i USING (item_id)"
            " JOIN snapshot_items a ON a.snapshot_id = ? AND a.item_id = c.item_id AND a.version_id = c.before_version_id"
            " JOIN snapshot_items b ON b.snapshot_id = ? AND b.item_id = c.item_id AND b.version_id = c.after_version_id"
            " WHERE c.kind IN (?, ?)",
            (before, after, CHANGED, MOVED),
        )
        return {ContentKey(*row) for row in rows}


def _comes_along(kind: str) -> bool:
    """Return whether an object of a type comes and goes with what it is a part of: nobody makes or removes it."""
    row = CATALOG[kind]
    return row.is_part and row.writes is not None and row.writes.delete is None


def held(db: sqlite3.Connection, kind: str, key: str, snapshot_id: int) -> int | None:
    """Return the id of the version of an object that a snapshot holds; None if it does not hold the object."""
    row = db.execute(
        "SELECT s.version_id FROM content_items i JOIN snapshot_items s USING (item_id)"
        " WHERE i.content_type = ? AND i.id = ? AND s.snapshot_id = ?",
        (kind, key, snapshot_id),
    ).fetchone()
    return row[0] if row else None


def _fields(body: bytes) -> dict[str, Any]:
    found = decoded(body)
    return found if isinstance(found, dict) else {}


def _author(how: str, user_id: Any) -> Author:
    return Author(str(user_id), how) if user_id else Author()


def _noted_anew(old: dict[str, Any], new: dict[str, Any]) -> bool:
    """Return whether Looker has noted who made this change: what it noted of an earlier one stays where it notes none."""
    return any(old.get(field) != new.get(field) for field in ("updated_at", "last_updater_id"))


def _surveys(db: sqlite3.Connection, snapshot_id: int, kind: str) -> bool:
    """Return whether a snapshot says of every object of a type whether it is there."""
    row = db.execute(
        "SELECT 1 FROM snapshot_types t JOIN snapshots s USING (snapshot_id) WHERE t.snapshot_id = ?1 AND content_type = ?2"
        " AND surveyed AND s.folders = '[]' AND NOT EXISTS (SELECT 1 FROM holes h WHERE h.snapshot_id = ?1"
        " AND h.content_type = ?2 AND h.id IS NULL AND healed_at IS NULL)",
        (snapshot_id, kind),
    ).fetchone()
    return row is not None


def _counted(db: sqlite3.Connection, snapshot_id: int, kind: str, key: str, item_id: int) -> bool:
    """Return whether a snapshot knows an object that it does not hold."""
    row = db.execute(
        "SELECT 1 FROM snapshot_census WHERE snapshot_id = ?1 AND item_id = ?2 UNION ALL"
        " SELECT 1 FROM holes WHERE snapshot_id = ?1 AND content_type = ?3 AND id = ?4",
        (snapshot_id, item_id, kind, key),
    ).fetchone()
    return row is not None


def _ids(snapshot_ids: list[int]) -> str:
    return ", ".join(map(str, snapshot_ids)) or "NULL"
