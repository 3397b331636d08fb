"""What snapshots hold, kept as spans: a row holds from the snapshot in which it began to the one that ended it.

Each type has one lane of spans that its nights share, so that an object that stays as it is costs a night nothing. A snapshot
that is being made, and one that is narrowed or lacks most of a type, has lanes of its own, with a row for each object. When a
snapshot is closed, its rows are folded into the lane of their type: an unchanged object's span goes on, a changed or deleted
one's ends, and a new span begins. `change`, `carried` and `time_id` are of the snapshot in which a span began; in those after it
the object is unchanged, and `later_…` says how they got it. Readers use the view `snapshot_items`, which shows a row for each
object and snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

import msgspec

from lookervault_core.vault.rows import Held
from lookervault_core.vault.sqlite.file import VaultFile

# A snapshot that lacks more than half of what goes on in a lane would end it all, and the next one begin it all again.
_DUE = """
    SELECT DISTINCT s.snapshot_id FROM snapshots s JOIN snapshot_lanes l USING (snapshot_id) JOIN lanes p USING (lane_id)
    WHERE p.head IS NULL AND s.status IN ('complete', 'partial') AND s.folders = '[]'
        AND NOT EXISTS (SELECT 1 FROM lanes c WHERE c.content_type = l.content_type AND c.head >= s.snapshot_id)
    ORDER BY s.snapshot_id"""

_LANES = """
    SELECT l.lane_id, l.content_type, (SELECT c.lane_id FROM lanes c WHERE c.content_type = l.content_type AND c.head IS NOT NULL),
        ifnull((SELECT c.head FROM lanes c WHERE c.content_type = l.content_type AND c.head IS NOT NULL), 0)
    FROM snapshot_lanes l JOIN lanes p USING (lane_id)
    WHERE l.snapshot_id = ? AND p.head IS NULL"""

_IS_SMALL = """
    SELECT 2 * (SELECT count(*) FROM item_spans WHERE lane_id = :own)
        < (SELECT count(*) FROM item_spans WHERE lane_id = :shared AND until IS NULL)"""

_FOLD = (
    """UPDATE item_spans SET until = :snapshot WHERE lane_id = :shared AND until IS NULL AND NOT EXISTS (
        SELECT 1 FROM item_spans p WHERE p.lane_id = :own AND p.item_id = item_spans.item_id
            AND p.version_id = item_spans.version_id AND p.change = 2 AND (item_spans.later_carried IS NULL
                OR item_spans.later_carried = p.carried AND item_spans.later_time_id IS p.time_id))""",
    """UPDATE item_spans SET later_carried = p.carried, later_time_id = p.time_id FROM item_spans p
        WHERE item_spans.lane_id = :shared AND item_spans.until IS NULL AND item_spans.later_carried IS NULL
            AND p.lane_id = :own AND p.item_id = item_spans.item_id""",
    """INSERT INTO item_spans (lane_id, item_id, since, version_id, change, carried, time_id)
        SELECT :shared, item_id, :snapshot, version_id, change, carried, time_id FROM item_spans p
        WHERE p.lane_id = :own AND NOT EXISTS (
            SELECT 1 FROM item_spans o WHERE o.lane_id = :shared AND o.item_id = p.item_id AND o.until IS NULL)""",
    "DELETE FROM item_spans WHERE lane_id = :own",
    "UPDATE snapshot_lanes SET lane_id = :shared WHERE lane_id = :own",
    "DELETE FROM lanes WHERE lane_id = :own",
    "UPDATE lanes SET head = :snapshot WHERE lane_id = :shared",
)

_UNFOLD = """
    INSERT INTO item_spans (lane_id, item_id, since, version_id, change, carried, time_id)
    SELECT :own, item_id, :snapshot, version_id, iif(since = :snapshot, change, 2),
        iif(since = :snapshot, carried, later_carried), iif(since = :snapshot, time_id, later_time_id)
    FROM item_spans WHERE lane_id = :shared AND since <= :snapshot AND (until IS NULL OR until > :snapshot)"""

# Of the last snapshot of a lane nothing else depends on what it began and ended.
_FORGET_HEAD = (
    "DELETE FROM item_spans WHERE lane_id = :shared AND since = :snapshot",
    "UPDATE item_spans SET until = NULL WHERE lane_id = :shared AND until = :snapshot",
    "UPDATE lanes SET head = :snapshot - 1 WHERE lane_id = :shared",
)


def held_by(snapshot: str, *, but_not: str) -> str:
    """Return the FROM and WHERE of a statement that selects the spans which one snapshot has and another has not."""
    return f"""FROM snapshot_lanes l LEFT JOIN snapshot_lanes m ON m.snapshot_id = {but_not} AND m.content_type = l.content_type
            AND m.lane_id = l.lane_id
        JOIN item_spans s ON s.lane_id = l.lane_id AND s.since <= {snapshot} AND (s.until IS NULL OR s.until > {snapshot})
        WHERE l.snapshot_id = {snapshot}
            AND (m.lane_id IS NULL OR s.since > {but_not} OR ifnull(s.until <= {but_not}, FALSE))"""


def put(db: sqlite3.Connection, snapshot_id: int, rows: Sequence[Held]) -> None:
    """Make *rows* what the snapshot holds, whatever it held before."""
    items = msgspec.json.encode([row.item_id for row in rows]).decode()
    _open_lanes(db, snapshot_id, items)
    lanes = dict(
        db.execute(
            "SELECT i.item_id, l.lane_id FROM json_each(?) j CROSS JOIN content_items i ON i.item_id = j.value"
            " JOIN snapshot_lanes l ON l.snapshot_id = ? AND l.content_type = i.content_type",
            (items, snapshot_id),
        )
    )
    times = _times(db, {row.read_at for row in rows if row.read_at is not None})
    db.executemany(
        """INSERT INTO item_spans (lane_id, item_id, since, version_id, change, carried, time_id)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (lane_id, item_id, since) DO UPDATE SET version_id = excluded.version_id, change = excluded.change,
            carried = excluded.carried, time_id = excluded.time_id""",
        [
            (lanes[row.item_id], row.item_id, snapshot_id, row.version_id, row.change, row.carried, times.get(row.read_at))
            for row in rows
        ],
    )  # fmt: skip


def _open_lanes(db: sqlite3.Connection, snapshot_id: int, items: str) -> None:
    """Give the snapshot lanes of its own for the types of *items*, with what it holds of them if it was folded before."""
    rows = db.execute(
        """SELECT i.content_type, p.lane_id, p.head FROM (SELECT DISTINCT content_type FROM json_each(:items) j
            CROSS JOIN content_items ON item_id = j.value) i
        LEFT JOIN snapshot_lanes l ON l.snapshot_id = :snapshot AND l.content_type = i.content_type
        LEFT JOIN lanes p ON p.lane_id = l.lane_id
        WHERE p.lane_id IS NULL OR p.head IS NOT NULL""",
        {"items": items, "snapshot": snapshot_id},
    ).fetchall()
    for content_type, shared, head in rows:
        own = db.execute("INSERT INTO lanes (content_type) VALUES (?)", (content_type,)).lastrowid
        named = {"own": own, "shared": shared, "snapshot": snapshot_id}
        if shared is not None:
            db.execute(_UNFOLD, named)
            for statement in _FORGET_HEAD if head == snapshot_id else ():
                db.execute(statement, named)
        db.execute("INSERT OR REPLACE INTO snapshot_lanes VALUES (?, ?, ?)", (snapshot_id, content_type, own))


def _times(db: sqlite3.Connection, times: Iterable[str]) -> dict[str | None, int]:
    """Return the number of each time."""
    found: dict[str | None, int] = {}
    for at in times:
        db.execute("INSERT OR IGNORE INTO read_times (at) VALUES (?)", (at,))
        (found[at],) = db.execute("SELECT time_id FROM read_times WHERE at = ?", (at,)).fetchone()
    return found


def fold_closed(vault: VaultFile) -> None:
    """Fold the rows of each closed snapshot that is not folded yet into spans, oldest first, each in a transaction of its own."""
    with vault.read() as db:
        due = [snapshot_id for (snapshot_id,) in db.execute(_DUE)]
    for snapshot_id in due:
        with vault.write() as db:
            _fold(db, snapshot_id)


def _fold(db: sqlite3.Connection, snapshot_id: int) -> None:
    for own, _, shared, head in db.execute(_LANES, (snapshot_id,)).fetchall():
        named = {"own": own, "shared": shared, "snapshot": snapshot_id}
        if shared is None:  # the first of its type: its rows are where the spans begin
            db.execute("UPDATE lanes SET head = :snapshot WHERE lane_id = :own", named)
        elif head < snapshot_id and not db.execute(_IS_SMALL, named).fetchone()[0]:
            for statement in _FOLD:
                db.execute(statement, named)


def forget(db: sqlite3.Connection, snapshot_id: int) -> None:
    """Take a snapshot out of its lanes; the spans that no other snapshot needs stay until `purge`."""
    own = "(SELECT lane_id FROM snapshot_lanes JOIN lanes USING (lane_id) WHERE snapshot_id = ? AND head IS NULL)"
    for table in ("item_spans", "lanes"):
        db.execute(f"DELETE FROM {table} WHERE lane_id IN {own}", (snapshot_id,))
    db.execute("DELETE FROM snapshot_lanes WHERE snapshot_id = ?", (snapshot_id,))


def purge(db: sqlite3.Connection) -> None:
    """Delete the spans in which no snapshot lies any more."""
    db.execute(
        """DELETE FROM item_spans WHERE NOT EXISTS (SELECT 1 FROM snapshot_lanes l WHERE l.lane_id = item_spans.lane_id
            AND l.snapshot_id >= item_spans.since AND (item_spans.until IS NULL OR l.snapshot_id < item_spans.until))"""
    )
    db.execute(
        """DELETE FROM read_times WHERE time_id NOT IN (SELECT time_id FROM item_spans WHERE time_id IS NOT NULL
            UNION ALL SELECT later_time_id FROM item_spans WHERE later_time_id IS NOT NULL)"""
    )
