"""What an extraction asks of the vault between its pages: which types are surveyed, what to read next, which holes are healed.

Each function works on a connection that the vault lends: `with vault.read() as db` or `with vault.write() as db`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec

from lookervault_core.errors import NotFound
from lookervault_core.model import Range, Session
from lookervault_core.vault.contents import spans
from lookervault_core.vault.extracting import census, ledger


def plan(
    db: sqlite3.Connection,
    session: Session,
    content_type: str,
    now: datetime,
    *,
    ids: Iterable[str] | None = None,
    targets: Sequence[str] = (),
    ranges: Callable[[int], list[Range]],
) -> None:
    """Store a type's census, targets and ranges in one transaction, so that a killed run finds all of them or none.

    *targets* are appended to those of the session; `ranges(first)` returns the ranges over them, given the place of the first.
    """
    if ids is not None:
        census.set_census(db, session.snapshot_id, content_type, ids)
    (first,) = db.execute(
        "SELECT ifnull(max(position) + 1, 0) FROM extraction_targets WHERE session_id = ? AND content_type = ?",
        (session.session_id, content_type),
    ).fetchone()
    if targets:
        (ends,) = db.execute(
            "SELECT ifnull(max(stop), 0) FROM extraction_checkpoints WHERE session_id = ? AND content_type = ?",
            (session.session_id, content_type),
        ).fetchone()
        first = max(first, ends)
    db.executemany(
        "INSERT INTO extraction_targets VALUES (?, ?, ?, ?)",
        [(session.session_id, content_type, first + at, target) for at, target in enumerate(targets)],
    )
    ledger.plan_ranges(db, session.session_id, ranges(first), now)


def surveyed(db: sqlite3.Connection, snapshot_id: int) -> set[str]:
    """Return the types whose census is stored."""
    rows = db.execute("SELECT content_type FROM snapshot_types WHERE snapshot_id = ? AND surveyed", (snapshot_id,))
    return {content_type for (content_type,) in rows}


def labelled(db: sqlite3.Connection, label: str) -> str | None:
    """Return the id of the unfinished session that its caller named *label*, or None."""
    row = db.execute(
        "SELECT session_id FROM extraction_sessions WHERE json_extract(options, '$.label') = ? AND status <> 'complete'"
        " ORDER BY snapshot_id DESC LIMIT 1",
        (label,),
    ).fetchone()
    return row[0] if row else None


def current(db: sqlite3.Connection, session_id: str, span: Range) -> Range:
    """Return *span* as the ledger has it now; NotFound if it has no such range."""
    for found in ledger.ranges(db, session_id, span.content_type):
        if found.start == span.start:
            return found
    raise NotFound(f"{span}: session {session_id} has no such range; start a new extraction")


def ids(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> list[str]:
    """Return the ids that the snapshot holds of a type."""
    rows = db.execute(
        "SELECT i.id FROM snapshot_items s JOIN content_items i USING (item_id)"
        " WHERE s.snapshot_id = ? AND i.content_type = ? ORDER BY i.item_id",
        (snapshot_id, content_type),
    )
    return [id for (id,) in rows]


def links(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> list[str]:
    """Return the ids of the objects of *content_type* that the snapshot's payloads name by id and do not contain."""
    rows = db.execute(
        "SELECT DISTINCT l.id FROM snapshot_items s JOIN version_links l USING (version_id)"
        " WHERE s.snapshot_id = ? AND l.content_type = ? ORDER BY length(l.id), l.id",
        (snapshot_id, content_type),
    )
    return [id for (id,) in rows]


def before(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> int | None:
    """Return the snapshot before this one that covers a type and that no folder narrows, complete or not."""
    (found,) = db.execute(
        "SELECT max(snapshot_id) FROM snapshots JOIN snapshot_types USING (snapshot_id)"
        " WHERE snapshot_id < ? AND content_type = ? AND status IN ('complete', 'partial') AND folders = '[]'",
        (snapshot_id, content_type),
    ).fetchone()
    return found


def heal_unlisted(db: sqlite3.Connection, snapshot_id: int, content_type: str, now: datetime) -> None:
    """Heal the holes of objects that the census no longer names: they were deleted meanwhile."""
    db.execute(
        """UPDATE holes SET healed_at = ? WHERE snapshot_id = ? AND content_type = ? AND id IS NOT NULL AND healed_at IS NULL
        AND id NOT IN (SELECT i.id FROM snapshot_census c JOIN content_items i USING (item_id)
            WHERE c.snapshot_id = holes.snapshot_id AND i.content_type = holes.content_type)""",
        (now.isoformat(), snapshot_id, content_type),
    )


def bury_holes(db: sqlite3.Connection, session: Session, now: datetime) -> int:
    """Replace the session's dead letters by the open holes of its snapshot; return their number."""
    db.execute(
        "DELETE FROM dead_letter_queue WHERE session_id = ? AND operation = 'extract'",
        (session.session_id,),
    )
    return db.execute(
        """INSERT INTO dead_letter_queue (session_id, content_type, id, name, operation, error_type, status, message,
            traceback, request_id, retry_count, created_at)
        SELECT ?, content_type, ifnull(id, ''), '', 'extract', 'Hole', status, reason, '', '', 0, ?
        FROM holes WHERE snapshot_id = ? AND healed_at IS NULL""",
        (session.session_id, now.isoformat(), session.snapshot_id),
    ).rowcount


class Difference(msgspec.Struct, frozen=True):
    """One object that differs between two snapshots: `created`, `changed` or `deleted`. An object that was recreated in between
    has a `new_id`; `paths` are the fields that differ, if they were compared."""

    change: str
    content_type: str
    id: str
    name: str
    new_id: str = ""
    paths: tuple[str, ...] = ()


def differences(db: sqlite3.Connection, before: int, after: int) -> list[Difference]:
    """Return how snapshot *after* differs from *before*, for the types that both cover and surveyed.

    If folders narrow one of them, only objects that both hold are compared. An object that could not be read counts as not
    deleted."""
    rows = db.execute(
        f"""WITH pairs AS MATERIALIZED (  -- the few that differ, before anything is joined to them
            SELECT item_id, max(before) AS before, max(after) AS after FROM (
                SELECT item_id, version_id AS before, NULL AS after {spans.held_by(":a", but_not=":b")}
                UNION ALL
                SELECT item_id, NULL, version_id {spans.held_by(":b", but_not=":a")})
            GROUP BY item_id HAVING before IS NOT after)
        SELECT CASE WHEN p.before IS NULL THEN 'created' WHEN p.after IS NULL THEN 'deleted' ELSE 'changed' END,
            i.content_type, i.id, v.name
        FROM pairs p
            CROSS JOIN content_items i ON i.item_id = p.item_id
            JOIN content_versions v ON v.version_id = ifnull(p.after, p.before)
            JOIN snapshot_types ta ON ta.snapshot_id = :a AND ta.content_type = i.content_type AND ta.surveyed
            JOIN snapshot_types tb ON tb.snapshot_id = :b AND tb.content_type = i.content_type AND tb.surveyed
            LEFT JOIN content_versions va ON va.version_id = p.before
            LEFT JOIN content_versions vb ON vb.version_id = p.after
            JOIN snapshots sa ON sa.snapshot_id = :a JOIN snapshots sb ON sb.snapshot_id = :b
        WHERE va.blob_id IS NOT vb.blob_id AND (va.blob_id IS NOT NULL AND vb.blob_id IS NOT NULL
            OR sa.folders = '[]' AND sb.folders = '[]'
            AND i.item_id NOT IN (SELECT item_id FROM snapshot_census WHERE snapshot_id = iif(va.blob_id IS NULL, :a, :b))
            AND i.content_type NOT IN (SELECT content_type FROM holes
                WHERE snapshot_id = iif(va.blob_id IS NULL, :a, :b) AND id IS NULL AND healed_at IS NULL))
        ORDER BY tb.position, 1, length(i.id), i.id""",
        {"a": before, "b": after},
    )
    return [Difference(*row) for row in rows]
