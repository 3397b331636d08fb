"""Notes: what a snapshot knows of its own limits."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from lookervault_core.model import Note


def add(db: sqlite3.Connection, snapshot_id: int, notes: Iterable[Note]) -> None:
    """Enter *notes*; one of the same kind on the same object takes the place of the earlier one."""
    db.executemany(
        "INSERT OR REPLACE INTO snapshot_notes (snapshot_id, content_type, id, kind, detail) VALUES (?, ?, ?, ?, ?)",
        [(snapshot_id, note.content_type, note.id, note.kind, note.detail) for note in notes],
    )


def of(db: sqlite3.Connection, snapshot_id: int) -> list[Note]:
    """Return the notes of a snapshot in the order of its types."""
    rows = db.execute(
        "SELECT n.content_type, n.id, n.kind, n.detail FROM snapshot_notes n"
        " LEFT JOIN snapshot_types t USING (snapshot_id, content_type)"
        " WHERE n.snapshot_id = ? ORDER BY t.position, n.kind, length(n.id), n.id",
        (snapshot_id,),
    )
    return [Note(*row) for row in rows]
