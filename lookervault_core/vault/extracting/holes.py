"""Holes: what a snapshot should hold and does not. A hole is opened once per item, and healed when the item is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

import msgspec

from lookervault_core.model import ContentKey, Hole
from lookervault_core.vault.rows import OpenHole
from lookervault_core.vault.sqlite.faults import moment


def open_holes(db: sqlite3.Connection, snapshot_id: int, holes: Iterable[Hole], now: datetime) -> None:
    """Open *holes*; a hole that was healed is opened again, and one that is open gets the new reason."""
    db.executemany(
        """INSERT INTO holes (snapshot_id, content_type, id, reason, status, opened_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (snapshot_id, content_type, ifnull(id, ''), id IS NULL)
        DO UPDATE SET reason = excluded.reason, status = excluded.status, healed_at = NULL""",
        [(snapshot_id, hole.content_type, hole.id, hole.reason, hole.status, now.isoformat()) for hole in holes],
    )


def heal(db: sqlite3.Connection, snapshot_id: int, keys: Iterable[ContentKey], now: datetime) -> None:
    """Heal the open holes of the items *keys*. Costs nothing where none is open."""
    pairs = msgspec.json.encode([(key.content_type, key.id) for key in keys]).decode()
    db.execute(
        """UPDATE holes SET healed_at = ? WHERE snapshot_id = ? AND healed_at IS NULL AND (content_type, id) IN (
            SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))""",
        (now.isoformat(), snapshot_id, pairs),
    )


def heal_type(db: sqlite3.Connection, snapshot_id: int, content_type: str, now: datetime) -> None:
    """Heal the hole of a whole type, which has no id; not those of its items."""
    db.execute(
        "UPDATE holes SET healed_at = ?"
        " WHERE snapshot_id = ? AND content_type = ? AND id IS NULL AND healed_at IS NULL",
        (now.isoformat(), snapshot_id, content_type),
    )


def holes(db: sqlite3.Connection, snapshot_id: int, open_only: bool) -> list[OpenHole]:
    rows = db.execute(
        "SELECT content_type, id, reason, status, opened_at, healed_at FROM holes"
        " WHERE snapshot_id = ? AND (healed_at IS NULL OR NOT ?) ORDER BY content_type, id IS NOT NULL, length(id), id",
        (snapshot_id, open_only),
    )
    return [OpenHole(Hole(*row), _time(opened), _time(healed) if healed else None) for *row, opened, healed in rows]


def _time(text: str) -> datetime:
    return moment(text)
