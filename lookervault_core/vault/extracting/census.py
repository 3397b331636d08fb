"""The census: which ids an independent listing names, so that completeness is computed and not believed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

import msgspec

from lookervault_core.errors import UsageError
from lookervault_core.model import ContentKey
from lookervault_core.vault.contents import pages
from lookervault_core.vault.extracting import holes

_BY_NUMBER = "i.id GLOB '*[^0-9]*', CASE WHEN i.id NOT GLOB '*[^0-9]*' THEN length(i.id) END, i.id"

_OF_TYPE = "SELECT item_id FROM content_items WHERE content_type = :type"


def set_census(db: sqlite3.Connection, snapshot_id: int, content_type: str, ids: Iterable[str]) -> None:
    surveyed = db.execute(
        "UPDATE snapshot_types SET surveyed = 1 WHERE snapshot_id = ? AND content_type = ?", (snapshot_id, content_type)
    )
    if not surveyed.rowcount:
        raise UsageError(f"{content_type}: snapshot {snapshot_id} does not cover this type")
    named = {"snapshot": snapshot_id, "type": content_type, "ids": msgspec.json.encode(list(ids)).decode()}
    db.execute(f"DELETE FROM snapshot_census WHERE snapshot_id = :snapshot AND item_id IN ({_OF_TYPE})", named)
    db.execute(
        "INSERT OR IGNORE INTO content_items (content_type, id) SELECT :type, value FROM json_each(:ids) WHERE true",
        named,
    )
    # In the order of the key: rows that are appended leave the pages of the file fuller.
    db.execute(
        "INSERT OR IGNORE INTO snapshot_census SELECT :snapshot, i.item_id FROM json_each(:ids) j"
        " CROSS JOIN content_items i ON i.content_type = :type AND i.id = j.value ORDER BY i.item_id",
        named,
    )


def uncount(db: sqlite3.Connection, snapshot_id: int, key: ContentKey) -> None:
    db.execute(
        "DELETE FROM snapshot_census WHERE snapshot_id = ? AND item_id IN"
        " (SELECT item_id FROM content_items WHERE content_type = ? AND id = ?)",
        (snapshot_id, key.content_type, key.id),
    )


def missing(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> list[str]:
    rows = db.execute(
        f"""SELECT i.id FROM snapshot_census c JOIN content_items i USING (item_id)
        WHERE c.snapshot_id = :snapshot AND i.content_type = :type
            AND c.item_id NOT IN (SELECT item_id FROM snapshot_items WHERE snapshot_id = :snapshot)
            AND i.id NOT IN (SELECT id FROM holes WHERE snapshot_id = :snapshot AND content_type = :type
                AND healed_at IS NULL AND id IS NOT NULL)
            AND i.id NOT IN (SELECT id FROM snapshot_notes WHERE snapshot_id = :snapshot AND content_type = :type
                AND kind = 'unreadable')
        ORDER BY {_BY_NUMBER}""",
        {"snapshot": snapshot_id, "type": content_type},
    )
    return [id for (id,) in rows]


def uncensused(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> list[str]:
    """Return the ids that are captured but not in the census.

    None for a complete snapshot without a stored census: it was dropped because it had the very same ids."""
    rows = db.execute(
        f"""SELECT i.id FROM snapshot_items s JOIN content_items i USING (item_id)
        WHERE s.snapshot_id = :snapshot AND i.content_type = :type
            AND s.item_id NOT IN (SELECT item_id FROM snapshot_census WHERE snapshot_id = :snapshot)
            AND ((SELECT status FROM snapshots WHERE snapshot_id = :snapshot) <> 'complete' OR EXISTS (
                SELECT 1 FROM snapshot_census d JOIN content_items j USING (item_id)
                WHERE d.snapshot_id = :snapshot AND j.content_type = :type))
        ORDER BY {_BY_NUMBER}""",
        {"snapshot": snapshot_id, "type": content_type},
    )
    return [id for (id,) in rows]


def carry_forward(
    db: sqlite3.Connection, snapshot_id: int, content_type: str, ids: Iterable[str], now: datetime, *, proven: bool
) -> list[str]:
    wanted = [ContentKey(content_type, id) for id in dict.fromkeys(ids)]
    known = pages.look_up(db, snapshot_id, pages.keys_of(wanted))
    kept = {key: row for key, row in known.items() if row.base_version_id is not None}
    base_at = None if proven else _base_time(db, snapshot_id, content_type)
    rows = [
        msgspec.structs.replace(
            pages.base_of(row), carried=True, read_at=None if proven else row.base_read_at or base_at
        )
        for row in sorted(kept.values(), key=lambda row: row.item_id)
    ]
    pages.put(db, snapshot_id, rows)
    holes.heal(db, snapshot_id, kept, now)
    return [key.id for key in wanted if key not in kept]


def _base_time(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> str | None:
    """Return when the base of a type began: what it has read is at least as new."""
    row = db.execute(
        "SELECT s.started_at FROM snapshot_types t JOIN snapshots s ON s.snapshot_id = t.base_snapshot_id"
        " WHERE t.snapshot_id = ? AND t.content_type = ?",
        (snapshot_id, content_type),
    ).fetchone()
    return row[0] if row else None
