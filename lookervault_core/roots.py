"""One hash for all that a snapshot holds: it changes if anything in the snapshot is changed, added or removed.

It is the SHA-256 of the snapshot's time and, sorted, of one SHA-256 an object: of its type, its id and the SHA-256 of its payload.
Numbers of rows are not in it, so that a vault and what was imported from its export agree on payloads alone.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from lookervault_core.vault.sqlite.file import VaultFile

_OF_SNAPSHOT = """SELECT v.version_id, i.content_type, i.id, b.sha256 FROM content_versions v
    JOIN content_items i USING (item_id) JOIN blobs b USING (blob_id)
    WHERE v.version_id IN (SELECT version_id FROM snapshot_items WHERE snapshot_id = ?)"""

_OF_ALL = """SELECT v.version_id, i.content_type, i.id, b.sha256 FROM content_versions v
    JOIN content_items i USING (item_id) JOIN blobs b USING (blob_id)"""

# A lane without a head is that of one snapshot alone.
_SPANS = """SELECT s.since, ifnull(s.until, iif(p.head IS NULL, s.since + 1, NULL)), s.lane_id, s.version_id
    FROM item_spans s JOIN lanes p USING (lane_id) ORDER BY s.since"""


def root(vault: VaultFile, snapshot_id: int) -> str:
    """Return the root hash of one snapshot, in hex."""
    with vault.read() as db:
        leaves = _leaves(db.execute(_OF_SNAPSHOT, (snapshot_id,)))
        held = db.execute("SELECT version_id FROM snapshot_items WHERE snapshot_id = ?", (snapshot_id,))
        # A version that leads nowhere is damage, and changes the hash like any other.
        return _root(db, snapshot_id, (leaves.get(version_id, b"") for (version_id,) in held))


def roots(vault: VaultFile) -> dict[int, str]:
    """Return the root hash of every snapshot that is closed, by its id."""
    with vault.read() as db:
        leaves = _leaves(db.execute(_OF_ALL))
        closed = db.execute("SELECT snapshot_id FROM snapshots WHERE status <> 'running' ORDER BY 1").fetchall()
        wanted = {snapshot_id for (snapshot_id,) in closed}
        return {
            snapshot_id: _root(db, snapshot_id, (leaves.get(one, b"") for one in held))
            for snapshot_id, held in _held(db, wanted)
        }


def _leaves(rows: sqlite3.Cursor) -> dict[int, bytes]:
    """Return the hash of each version by its number."""
    return {
        version_id: hashlib.sha256(b"\0".join((content_type.encode(), id.encode(), sha256))).digest()
        for version_id, content_type, id, sha256 in rows
    }


def _held(db: sqlite3.Connection, wanted: set[int]) -> Iterator[tuple[int, list[int]]]:
    """Yield the versions that each of some snapshots holds, in one pass over all spans."""
    lanes: dict[int, list[int]] = {snapshot_id: [] for snapshot_id in sorted(wanted)}
    for snapshot_id, lane_id in db.execute("SELECT snapshot_id, lane_id FROM snapshot_lanes"):
        lanes.get(snapshot_id, []).append(lane_id)
    held, ends = defaultdict[int, set[int]](set), list[tuple[int, int, int]]()
    spans = db.execute(_SPANS)
    span = spans.fetchone()
    for snapshot_id, of_it in lanes.items():
        while span and span[0] <= snapshot_id:
            since, until, lane_id, version_id = span
            _end(held, ends, since)
            held[lane_id].add(version_id)
            if until is not None:
                heappush(ends, (until, lane_id, version_id))
            span = spans.fetchone()
        _end(held, ends, snapshot_id)
        yield snapshot_id, [version_id for lane_id in of_it for version_id in held[lane_id]]


def _end(held: dict[int, set[int]], ends: list[tuple[int, int, int]], by: int) -> None:
    while ends and ends[0][0] <= by:
        _, lane_id, version_id = heappop(ends)
        held[lane_id].discard(version_id)


def _root(db: sqlite3.Connection, snapshot_id: int, leaves: Iterable[bytes]) -> str:
    (started_at,) = db.execute("SELECT started_at FROM snapshots WHERE snapshot_id = ?", (snapshot_id,)).fetchone()
    return hashlib.sha256(b"\n".join((started_at.encode(), b"".join(sorted(leaves))))).hexdigest()
