"""Check all blobs, count their bytes, and delete those that nothing needs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

from lookervault_core import codec
from lookervault_core.errors import BlobDamaged
from lookervault_core.model import ContentKey
from lookervault_core.vault.contents import spans
from lookervault_core.vault.contents.identity import IS_OF_ITEM, OF_OTHERS, require_own
from lookervault_core.vault.rows import BlobCheck, Garbage, Stats, TypeStats
from lookervault_core.vault.sqlite.faults import is_corruption

_CHECKED = f"""
    SELECT i.content_type, i.id, v.version_id, b.blob_id, b.sha256, b.size, {IS_OF_ITEM}
    FROM content_versions v JOIN content_items i USING (item_id) JOIN blobs b USING (blob_id)
    WHERE :snapshot IS NULL
        OR v.version_id IN (SELECT version_id FROM snapshot_items WHERE snapshot_id = :snapshot)
    ORDER BY v.version_id
"""


def check(db: sqlite3.Connection, snapshot_id: int | None) -> Iterator[BlobCheck]:
    """Hash the payload of every version again, or of those in one snapshot, and yield a verdict on each, damaged ones too."""
    for content_type, id, version_id, *blob, is_of_item in db.execute(_CHECKED, {"snapshot": snapshot_id}):
        key, (_, sha256, size) = ContentKey(content_type, id), blob
        yield BlobCheck(key, version_id, sha256.hex(), size, _damage(db, key, *blob, is_of_item))


def check_structure(db: sqlite3.Connection) -> list[str]:
    """Return a line for each fault that SQLite finds in the file, its indexes and its references."""
    try:
        faults = [line for (line,) in db.execute("PRAGMA integrity_check(20)") if line != "ok"]
        dangling = db.execute('SELECT DISTINCT "table", parent FROM pragma_foreign_key_check').fetchall()
        (of_others,) = db.execute(OF_OTHERS).fetchone()
    except sqlite3.DatabaseError as exc:
        if not is_corruption(exc):
            raise
        return [str(exc)]
    faults += [f"{table} refers to rows of {parent} that do not exist" for table, parent in dangling]
    return faults + ([f"item_spans refers to versions of other items in {of_others} rows"] if of_others else [])


def stats(db: sqlite3.Connection, file_bytes: int) -> Stats:
    """Return how much the vault holds: items by type, snapshots, blobs, and the bytes of them and of the file."""
    snapshots, blob_count, blob_bytes = db.execute(
        "SELECT (SELECT count(*) FROM snapshots), count(*), ifnull(sum(length(data)), 0) FROM blobs"
    ).fetchone()
    return Stats(tuple(_type_stats(db)), snapshots, blob_count, blob_bytes, file_bytes)


def _type_stats(db: sqlite3.Connection) -> list[TypeStats]:
    rows = db.execute(
        """WITH of_type AS (SELECT DISTINCT i.content_type, b.blob_id, length(b.data) AS stored
            FROM content_versions v JOIN content_items i USING (item_id) JOIN blobs b USING (blob_id))
        SELECT i.content_type, count(DISTINCT i.item_id), count(*), sum(b.size),
            (SELECT sum(stored) FROM of_type o WHERE o.content_type = i.content_type)
        FROM content_versions v JOIN content_items i USING (item_id) JOIN blobs b USING (blob_id)
        GROUP BY i.content_type ORDER BY i.content_type"""
    )
    return [TypeStats(*row) for row in rows]


def collect_garbage(db: sqlite3.Connection) -> Garbage:
    """Delete the versions that no snapshot holds, then the blobs and items that nothing refers to."""
    spans.purge(db)
    versions = db.execute("DELETE FROM content_versions WHERE version_id NOT IN (SELECT version_id FROM item_spans)")
    for table in ("version_links", "version_slugs"):
        db.execute(f"DELETE FROM {table} WHERE version_id NOT IN (SELECT version_id FROM content_versions)")
    _forget_texts(db, versions.rowcount)
    unneeded = """FROM blobs WHERE blob_id NOT IN (SELECT blob_id FROM content_versions)
        AND blob_id NOT IN (SELECT payload_blob_id FROM dead_letter_queue WHERE payload_blob_id IS NOT NULL)
        AND blob_id NOT IN (SELECT blob_id FROM snapshot_descriptions)"""
    (blob_bytes,) = db.execute(f"SELECT ifnull(sum(length(data)), 0) {unneeded}").fetchone()
    blobs = db.execute(f"DELETE {unneeded}")
    for table in ("item_fields", "tiles", "shown_looks"):
        db.execute(f"DELETE FROM {table} WHERE item_id NOT IN (SELECT item_id FROM content_versions)")
    items = db.execute(
        """DELETE FROM content_items WHERE item_id NOT IN (
            SELECT item_id FROM content_versions UNION ALL SELECT item_id FROM snapshot_census
            UNION ALL SELECT item_id FROM deletions UNION ALL SELECT item_id FROM object_changes)"""
    )
    return Garbage(versions.rowcount, blobs.rowcount, items.rowcount, blob_bytes)


def _forget_texts(db: sqlite3.Connection, gone: int) -> None:
    """Count versions that went as long as their words stay in the index, which finds nothing by them; let it be made anew when
    they are more than those that are there."""
    db.execute(
        "INSERT INTO vault_meta VALUES ('texts_gone', ?1) ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + ?1",
        (gone,),
    )
    stale = "SELECT CAST(value AS INTEGER) > (SELECT count(*) FROM content_versions) FROM vault_meta WHERE key = 'texts_gone'"
    if db.execute(stale).fetchone()[0]:
        db.execute("INSERT INTO version_texts (version_texts) VALUES ('delete-all')")
        db.execute("DELETE FROM vault_meta WHERE key = 'texts_gone'")
        db.execute("DELETE FROM indexed_snapshots")


def bytes_without(db: sqlite3.Connection, snapshot_ids: Iterable[int]) -> int:
    """Return how many bytes of blobs would be free if these snapshots were deleted."""
    (freed,) = db.execute(
        """SELECT ifnull(sum(length(data)), 0) FROM blobs WHERE blob_id NOT IN (
            SELECT blob_id FROM content_versions WHERE version_id IN (
                SELECT version_id FROM item_spans s WHERE EXISTS (SELECT 1 FROM snapshot_lanes l WHERE l.lane_id = s.lane_id
                    AND l.snapshot_id >= s.since AND (s.until IS NULL OR l.snapshot_id < s.until)
                    AND l.snapshot_id NOT IN (SELECT value FROM json_each(?1)))))
        AND blob_id NOT IN (SELECT payload_blob_id FROM dead_letter_queue WHERE payload_blob_id IS NOT NULL)
        AND blob_id NOT IN (
            SELECT blob_id FROM snapshot_descriptions WHERE snapshot_id NOT IN (SELECT value FROM json_each(?1)))""",
        (json.dumps(list(snapshot_ids)),),
    ).fetchone()
    return freed


def _damage(
    db: sqlite3.Connection, key: ContentKey, blob_id: int, sha256: bytes, size: int, is_of_item: bool
) -> BlobDamaged | None:
    try:
        (data,) = db.execute("SELECT data FROM blobs WHERE blob_id = ?", (blob_id,)).fetchone()
        require_own(key, codec.unseal(data, sha256, size), is_of_item=is_of_item)
    except BlobDamaged as exc:
        return BlobDamaged(f"{key}: {exc}")
    except sqlite3.DatabaseError as exc:
        if not is_corruption(exc):
            raise
        return BlobDamaged(f"{key}: blob {sha256.hex()} is damaged: {exc}")
    return None
