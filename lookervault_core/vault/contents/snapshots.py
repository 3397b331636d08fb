"""Snapshots: what they cover, whether they are complete, which one is visible, how one goes away."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

import msgspec

from lookervault_core.errors import NotFound, UsageError
from lookervault_core.model import Snapshot, SnapshotStatus, TypeCount
from lookervault_core.vault.contents import spans
from lookervault_core.vault.rows import Closing
from lookervault_core.vault.sqlite.faults import moment

_SNAPSHOTS = """
    SELECT s.snapshot_id, e.session_id, s.status, s.started_at, s.closed_at, s.folders, s.release,
        (SELECT json_group_array(content_type) FROM (
            SELECT content_type FROM snapshot_types t WHERE t.snapshot_id = s.snapshot_id ORDER BY position))
    FROM snapshots s JOIN extraction_sessions e USING (snapshot_id)
"""

_COUNTS = "content_type, listed, captured, new, changed, unchanged, deleted, holes, carried, oldest_read_at"

_FIND_DELETED = """
    INSERT INTO deletions (snapshot_id, item_id, noticed_at)
    SELECT t.snapshot_id, i.item_id, :now
    FROM snapshot_types t JOIN snapshots s USING (snapshot_id)
        JOIN snapshot_items base ON base.snapshot_id = t.base_snapshot_id
        JOIN content_items i ON i.item_id = base.item_id AND i.content_type = t.content_type
    WHERE t.snapshot_id = :snapshot AND t.surveyed AND s.folders = '[]'
        AND i.item_id NOT IN (SELECT item_id FROM snapshot_items WHERE snapshot_id = :snapshot)
        AND i.item_id NOT IN (SELECT item_id FROM snapshot_census WHERE snapshot_id = :snapshot)
        AND t.content_type NOT IN (
            SELECT content_type FROM holes WHERE snapshot_id = :snapshot AND id IS NULL AND healed_at IS NULL)
        AND t.content_type NOT IN (SELECT value FROM json_each(:undecided))
"""

# Of a type that is there to the last object the census says what the items say, and takes a third of their room again.
_FORGET_CENSUS = """
    DELETE FROM snapshot_census WHERE snapshot_id = :snapshot AND item_id IN (
        SELECT i.item_id FROM content_items i JOIN snapshot_types t USING (content_type)
        WHERE t.snapshot_id = :snapshot AND t.listed = t.captured AND t.content_type NOT IN (
            SELECT j.content_type FROM snapshot_census c JOIN content_items j USING (item_id)
            WHERE c.snapshot_id = :snapshot
                AND c.item_id NOT IN (SELECT item_id FROM snapshot_items WHERE snapshot_id = :snapshot)))
"""

_PER_TYPE = {
    "listed": "SELECT content_type, count(*) FROM snapshot_census JOIN content_items USING (item_id)"
    " WHERE snapshot_id = ? GROUP BY 1",
    "deleted": "SELECT content_type, count(*) FROM deletions JOIN content_items USING (item_id)"
    " WHERE snapshot_id = ? GROUP BY 1",
    "holes": "SELECT content_type, count(*) FROM holes WHERE snapshot_id = ? AND healed_at IS NULL GROUP BY 1",
    "missing": "SELECT content_type, count(*) FROM snapshot_census JOIN content_items USING (item_id)"
    " LEFT JOIN snapshot_notes n USING (snapshot_id, content_type, id)"
    " WHERE snapshot_id = ?1 AND n.kind IS NOT 'unreadable'"
    " AND item_id NOT IN (SELECT item_id FROM snapshot_items WHERE snapshot_id = ?1) GROUP BY 1",
    "undone": "SELECT content_type, count(*) FROM extraction_checkpoints JOIN extraction_sessions USING (session_id)"
    " WHERE snapshot_id = ? AND NOT done GROUP BY 1",
}


def get(db: sqlite3.Connection, snapshot_id: int) -> Snapshot:
    row = db.execute(f"{_SNAPSHOTS} WHERE s.snapshot_id = ?", (snapshot_id,)).fetchone()
    if row is None:
        raise NotFound(f"snapshot {snapshot_id}: this vault has none of that id; `lookervault snapshots` lists them")
    return _snapshot(row)


def known(db: sqlite3.Connection, snapshot_id: int) -> int:
    """Return *snapshot_id* if there is such a snapshot, without reading its row, which may be damaged; else raise NotFound."""
    row = db.execute("SELECT snapshot_id FROM snapshots WHERE snapshot_id = ?", (snapshot_id,)).fetchone()
    return row[0] if row else get(db, snapshot_id).snapshot_id


def newest_first(db: sqlite3.Connection) -> list[Snapshot]:
    return [_snapshot(row) for row in db.execute(f"{_SNAPSHOTS} ORDER BY s.snapshot_id DESC")]


def visible(db: sqlite3.Connection, content_type: str) -> Snapshot | None:
    row = db.execute("SELECT snapshot_id FROM visible_snapshots WHERE content_type = ?", (content_type,)).fetchone()
    return get(db, row[0]) if row else None


def speaking(db: sqlite3.Connection, content_type: str) -> Snapshot | None:
    row = db.execute("SELECT snapshot_id FROM speaking_snapshots WHERE content_type = ?", (content_type,)).fetchone()
    return get(db, row[0]) if row else None


def all_speaking(db: sqlite3.Connection) -> list[Snapshot]:
    rows = db.execute(
        "SELECT snapshot_id, count(*) FROM speaking_snapshots GROUP BY 1 ORDER BY 2 DESC, 1 DESC"
    ).fetchall()
    return [get(db, snapshot_id) for snapshot_id, _ in rows]


def is_whole(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> bool:
    """Return whether the snapshot has every object of a type: it is complete for the type, and no folder narrows it."""
    row = db.execute(
        """SELECT t.complete AND s.folders = '[]' FROM snapshot_types t JOIN snapshots s USING (snapshot_id)
        WHERE snapshot_id = ? AND content_type = ?""",
        (snapshot_id, content_type),
    ).fetchone()
    return bool(row and row[0])


def counts(db: sqlite3.Connection, snapshot_id: int) -> dict[str, TypeCount]:
    """Return the counts of a snapshot by type: as recorded when it was closed, or of a running one so far."""
    if get(db, snapshot_id).status == "running":
        return {found.count.content_type: found.count for found in _count(db, snapshot_id)}
    rows = db.execute(f"SELECT {_COUNTS} FROM snapshot_types WHERE snapshot_id = ? ORDER BY position", (snapshot_id,))
    return {row[0]: TypeCount(*row) for row in rows}


def close(db: sqlite3.Connection, snapshot_id: int, now: datetime, undecided: Iterable[str] = ()) -> SnapshotStatus:
    """Record deletions and counts; return the status of the snapshot, computed from what it holds. A complete one stays
    complete."""
    if get(db, snapshot_id).status == "complete":
        return "complete"
    db.execute("DELETE FROM deletions WHERE snapshot_id = ?", (snapshot_id,))
    named = {
        "snapshot": snapshot_id,
        "now": now.isoformat(),
        "undecided": msgspec.json.encode(list(undecided)).decode(),
    }
    db.execute(_FIND_DELETED, named)
    found = _count(db, snapshot_id)
    _record(db, snapshot_id, found)
    if not found or not all(each.complete for each in found):
        return "partial"
    db.execute(_FORGET_CENSUS, named)
    return "complete"


def record_counts(db: sqlite3.Connection, snapshot_id: int) -> None:
    """Record the counts of a snapshot that ends without being closed."""
    _record(db, snapshot_id, _count(db, snapshot_id))


def delete(db: sqlite3.Connection, snapshot_id: int) -> None:
    snapshot = get(db, snapshot_id)
    if snapshot.status == "running":
        raise UsageError(
            f"snapshot {snapshot_id}: it is still running; stop or resume session {snapshot.session_id} first"
        )
    for table in ("extraction_checkpoints", "extraction_targets", "request_counts", "extraction_sessions"):
        db.execute(f"DELETE FROM {table} WHERE session_id = ?", (snapshot.session_id,))
    of_it = ("snapshot_census", "holes", "deletions", "snapshot_notes", "snapshot_types")
    held = (*of_it, "snapshot_descriptions", "snapshots")
    unindex_after(db, snapshot)
    spans.forget(db, snapshot_id)
    for table in held:
        db.execute(f"DELETE FROM {table} WHERE snapshot_id = ?", (snapshot_id,))
    db.execute("UPDATE restoration_sessions SET snapshot_id = NULL WHERE snapshot_id = ?", (snapshot_id,))


def unindex_after(db: sqlite3.Connection, snapshot: Snapshot) -> None:
    """Drop from the index the changes of a snapshot and of those after it, up to the next whole one of the same types.

    Called before the snapshot is deleted: the changes after it must then be told from an earlier snapshot."""
    waiting = set(snapshot.types)
    for later in [snapshot.snapshot_id, *_later(db, snapshot)]:
        db.execute("DELETE FROM object_changes WHERE to_snapshot_id = ?", (later,))
        db.execute("DELETE FROM indexed_snapshots WHERE snapshot_id = ?", (later,))
        if later != snapshot.snapshot_id:
            waiting -= {name for name in waiting if is_whole(db, later, name)}
        if not waiting:
            return


def _later(db: sqlite3.Connection, snapshot: Snapshot) -> list[int]:
    rows = db.execute(
        "SELECT snapshot_id FROM snapshots WHERE (started_at, snapshot_id) > (?, ?)"
        " AND status IN ('complete', 'partial') ORDER BY started_at, snapshot_id",
        (snapshot.started_at.isoformat(), snapshot.snapshot_id),
    )
    return [snapshot_id for (snapshot_id,) in rows]


def _record(db: sqlite3.Connection, snapshot_id: int, found: list[Closing]) -> None:
    db.executemany(
        """UPDATE snapshot_types SET
            (listed, captured, new, changed, unchanged, deleted, holes, carried, oldest_read_at, complete)
            = (:listed, :captured, :new, :changed, :unchanged, :deleted, :holes, :carried, :oldest_read_at, :complete)
        WHERE snapshot_id = :snapshot AND content_type = :content_type""",
        [msgspec.structs.asdict(each.count) | {"complete": each.complete, "snapshot": snapshot_id} for each in found],
    )


def _count(db: sqlite3.Connection, snapshot_id: int) -> list[Closing]:
    """Count every type that the snapshot covers or has a hole or a range of."""
    per_type = {what: dict(db.execute(query, (snapshot_id,)).fetchall()) for what, query in _PER_TYPE.items()}
    changes = _changes(db, snapshot_id)
    ages = _ages(db, snapshot_id)
    surveyed = dict(
        db.execute(
            "SELECT content_type, surveyed FROM snapshot_types WHERE snapshot_id = ? ORDER BY position", (snapshot_id,)
        ).fetchall()
    )
    types = list(dict.fromkeys([*surveyed, *per_type["holes"], *per_type["undone"]]))
    return [_closing(each, per_type, changes, ages.get(each), bool(surveyed.get(each))) for each in types]


def _closing(
    content_type: str,
    per_type: dict[str, dict[str, int]],
    changes: dict[tuple[str, int], int],
    age: tuple[int, str] | None,
    surveyed: bool,
) -> Closing:
    of_type = {what: numbers.get(content_type, 0) for what, numbers in per_type.items()}
    new, changed, unchanged = (changes.get((content_type, change), 0) for change in range(3))
    count = TypeCount(
        content_type=content_type,
        listed=of_type["listed"],
        captured=new + changed + unchanged,
        new=new,
        changed=changed,
        unchanged=unchanged,
        deleted=of_type["deleted"],
        holes=of_type["holes"],
        carried=age[0] if age else 0,
        oldest_read_at=age[1] if age else None,
    )
    unproven = (
        count.captured > 0 and count.listed == 0
    )  # a run that ended before it took the ids of what it had captured
    return Closing(count, surveyed and not (of_type["missing"] or of_type["holes"] or of_type["undone"] or unproven))


def _changes(db: sqlite3.Connection, snapshot_id: int) -> dict[tuple[str, int], int]:
    rows = db.execute(
        "SELECT content_type, change, count(*) FROM snapshot_items JOIN content_items USING (item_id)"
        " WHERE snapshot_id = ? GROUP BY 1, 2",
        (snapshot_id,),
    )
    return {(content_type, change): number for content_type, change, number in rows}


def _ages(db: sqlite3.Connection, snapshot_id: int) -> dict[str, tuple[int, str]]:
    """Return by type how many items were taken over, and since when everything in the snapshot has been read."""
    rows = db.execute(
        "SELECT content_type, sum(carried), min(ifnull(read_at, started_at)) FROM snapshot_items"
        " JOIN content_items USING (item_id) JOIN snapshots USING (snapshot_id) WHERE snapshot_id = ? GROUP BY 1",
        (snapshot_id,),
    )
    return {content_type: (carried, oldest) for content_type, carried, oldest in rows}


def _snapshot(row: tuple) -> Snapshot:
    snapshot_id, session_id, status, started_at, closed_at, folders, release, types = row
    return Snapshot(
        snapshot_id=snapshot_id,
        session_id=session_id,
        status=status,
        started_at=moment(started_at),
        closed_at=moment(closed_at) if closed_at else None,
        types=tuple(msgspec.json.decode(types, type=list[str])),
        folders=tuple(msgspec.json.decode(folders, type=list[str])),
        release=release,
    )
