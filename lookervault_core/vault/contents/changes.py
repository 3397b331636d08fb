"""How a running snapshot differs from its base, and how old the items of the base are."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from lookervault_core.vault.sqlite.faults import moment

# What came from an export may have been edited: nobody has read it from Looker.
BASE_IS_OF_LOOKER = """NOT EXISTS (SELECT 1 FROM extraction_sessions e
    WHERE e.snapshot_id = t.base_snapshot_id AND json_extract(e.options, '$.import') IS NOT NULL)"""


class Touched(NamedTuple):
    """An item that is new, changed or gone since the base, with the folder that it is in and the one that it was in."""

    id: str
    folder_id: str | None
    folder_before: str | None
    gone: bool


def touched(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> list[Touched]:
    """Return the items of a type that are new, changed or gone in the snapshot since its base."""
    rows = db.execute(
        """SELECT i.id, v.folder_id, w.folder_id, 0
        FROM snapshot_items s JOIN content_items i USING (item_id) JOIN content_versions v USING (version_id)
            JOIN snapshot_types t ON t.snapshot_id = s.snapshot_id AND t.content_type = i.content_type
            LEFT JOIN content_versions w ON w.version_id = (SELECT o.version_id FROM snapshot_items o
                WHERE o.snapshot_id = t.base_snapshot_id AND o.item_id = s.item_id)
        WHERE s.snapshot_id = :snapshot AND i.content_type = :type AND s.version_id IS NOT w.version_id
        UNION ALL
        SELECT i.id, NULL, w.folder_id, 1
        FROM snapshot_types t JOIN snapshot_items o ON o.snapshot_id = t.base_snapshot_id
            JOIN content_items i ON i.item_id = o.item_id AND i.content_type = t.content_type
            JOIN content_versions w ON w.version_id = o.version_id
        WHERE t.snapshot_id = :snapshot AND t.content_type = :type AND o.item_id NOT IN (
            SELECT item_id FROM snapshot_items WHERE snapshot_id = :snapshot)""",
        {"snapshot": snapshot_id, "type": content_type},
    )
    return [Touched(id, now, before, bool(gone)) for id, now, before, gone in rows]


def ages(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> dict[str, datetime]:
    """Return by id when each item of the base was read from Looker; empty for a base that came from an export."""
    rows = db.execute(
        f"""SELECT i.id, ifnull(o.read_at, s.started_at)
        FROM snapshot_types t JOIN snapshots s ON s.snapshot_id = t.base_snapshot_id
            JOIN snapshot_items o ON o.snapshot_id = t.base_snapshot_id
            JOIN content_items i ON i.item_id = o.item_id AND i.content_type = t.content_type
        WHERE t.snapshot_id = ? AND t.content_type = ? AND {BASE_IS_OF_LOOKER}""",
        (snapshot_id, content_type),
    )
    return {id: moment(read_at) for id, read_at in rows}
