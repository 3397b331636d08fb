"""The range ledger: what a run set out to fetch, how far it got, and the work lists of types read object by object."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

from lookervault_core.errors import UsageError
from lookervault_core.model import Item, Range, Receipt


def plan_ranges(db: sqlite3.Connection, session_id: str, ranges: Iterable[Range], now: datetime) -> None:
    db.executemany(
        "INSERT OR IGNORE INTO extraction_checkpoints (session_id, content_type, start, stop, next_offset, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(session_id, r.content_type, r.start, r.stop, max(r.start, r.next_offset), now.isoformat()) for r in ranges],
    )


def ranges(db: sqlite3.Connection, session_id: str, content_type: str | None) -> list[Range]:
    rows = db.execute(
        "SELECT content_type, start, stop, next_offset, done FROM extraction_checkpoints"
        " WHERE session_id = ? AND content_type = ifnull(?, content_type) ORDER BY content_type, start",
        (session_id, content_type),
    )
    return [Range(*row, done=bool(done)) for *row, done in rows]


def receipt(db: sqlite3.Connection, session_id: str, of: Range) -> Receipt | None:
    row = db.execute(
        "SELECT items, first_id, last_id, holes, next_offset < stop FROM extraction_checkpoints"
        " WHERE session_id = ? AND content_type = ? AND start = ? AND stop = ? AND done",
        (session_id, of.content_type, of.start, of.stop),
    ).fetchone()
    if row is None:
        return None
    *counts, exhausted = row
    return Receipt(of.content_type, of.start, of.stop, *counts, exhausted=bool(exhausted))


def advance(
    db: sqlite3.Connection,
    session_id: str,
    of: Range,
    items: Sequence[Item],
    holes: int,
    next_offset: int,
    done: bool,
    now: datetime,
) -> None:
    """Move the progress of a range on to *next_offset* and add up its counts. A page that was kept before changes nothing."""
    plan_ranges(db, session_id, [of], now)
    first, last = (items[0].id, items[-1].id) if items else (None, None)
    db.execute(
        """UPDATE extraction_checkpoints SET items = items + :items, holes = holes + :holes, next_offset = :next,
            first_id = ifnull(first_id, :first), last_id = ifnull(:last, last_id)
        WHERE session_id = :session AND content_type = :type AND start = :start AND next_offset < :next""",
        {
            "items": len(items),
            "holes": holes,
            "next": min(next_offset, of.stop),
            "first": first,
            "last": last,
            "session": session_id,
            "type": of.content_type,
            "start": of.start,
        },
    )
    db.execute(
        "UPDATE extraction_checkpoints SET done = max(done, ?), updated_at = ?"
        " WHERE session_id = ? AND content_type = ? AND start = ?",
        (done, now.isoformat(), session_id, of.content_type, of.start),
    )


def beat(db: sqlite3.Connection, session_id: str, snapshot_id: int, now: datetime) -> None:
    """Note that the run is alive. Raises UsageError if it is not: a straggler must not alter a closed snapshot."""
    alive = db.execute(
        "UPDATE extraction_sessions SET heartbeat = ? WHERE session_id = ? AND snapshot_id = ? AND status = 'running'",
        (now.isoformat(), session_id, snapshot_id),
    )
    if not alive.rowcount:
        raise UsageError(f"session {session_id}: it is not running snapshot {snapshot_id}; resume it first")


def targets(db: sqlite3.Connection, session_id: str, content_type: str, start: int, stop: int) -> list[str]:
    rows = db.execute(
        "SELECT target FROM extraction_targets"
        " WHERE session_id = ? AND content_type = ? AND position >= ? AND position < ? ORDER BY position",
        (session_id, content_type, start, stop),
    )
    return [target for (target,) in rows]
