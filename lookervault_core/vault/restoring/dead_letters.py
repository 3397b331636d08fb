"""The dead letters: items whose capture or restore failed for good, kept with payload and full error until someone looks."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

import msgspec

from lookervault_core import codec
from lookervault_core.errors import NotFound
from lookervault_core.model import ContentKey
from lookervault_core.vault.sqlite.faults import moment
from lookervault_core.vault.sqlite.file import VaultFile

_COLUMNS = (
    "dead_letter_id, session_id, content_type, id, name, operation, error_type, status, message, traceback, request_id, "
    "retry_count, created_at, resolved_at"
)
# An item that could not be captured is no dead letter of a restore, whatever comes of the restore.
CAPTURE = "extract"
# Open letters of the restores that go the same way as one session: onto the same destination, forth or back.
_SAME_WAY = f"""operation <> '{CAPTURE}' AND resolved_at IS NULL AND session_id IN (
    SELECT one.session_id FROM restoration_sessions one, restoration_sessions this WHERE this.session_id = ?
    AND one.target = this.target
    AND json_extract(one.options, '$.undo_of') IS json_extract(this.options, '$.undo_of'))"""


class DeadLetter(msgspec.Struct, frozen=True):
    """One failure. `status` is the HTTP status or 0; `resolved_at` is set once a retry succeeded."""

    dead_letter_id: int
    session_id: str
    content_type: str
    id: str
    name: str
    operation: str
    error_type: str
    status: int
    message: str
    traceback: str
    request_id: str
    retry_count: int
    created_at: datetime
    resolved_at: datetime | None = None

    @property
    def key(self) -> ContentKey:
        return ContentKey(self.content_type, self.id)


class Failure(msgspec.Struct, frozen=True):
    """A failure of one item as it happens, before it is a dead letter."""

    key: ContentKey
    name: str
    operation: str
    error_type: str
    message: str
    status: int = 0
    traceback: str = ""
    request_id: str = ""
    payload: bytes | None = None


def add(vault: VaultFile, session_id: str, failure: Failure) -> None:
    """Put *failure* of a restore into the queue. It replaces an open dead letter of the same item for the same destination, and
    adds up their tries."""
    sealed = codec.seal(failure.payload) if failure.payload is not None else None
    key, now = failure.key, vault.now().isoformat()
    with vault.write() as db:
        (retry_count,) = db.execute(
            "SELECT coalesce(max(retry_count) + 1, 0) FROM dead_letter_queue"
            f" WHERE content_type = ? AND id = ? AND {_SAME_WAY}",
            (key.content_type, key.id, session_id),
        ).fetchone()
        db.execute(
            f"DELETE FROM dead_letter_queue WHERE content_type = ? AND id = ? AND {_SAME_WAY}",
            (key.content_type, key.id, session_id),
        )
        if sealed is not None:
            db.execute(
                "INSERT OR IGNORE INTO blobs (sha256, size, data) VALUES (?, ?, ?)",
                (sealed.sha256, sealed.size, sealed.data),
            )
        db.execute(
            "INSERT INTO dead_letter_queue (session_id, content_type, id, name, operation, payload_blob_id, error_type, status,"
            " message, traceback, request_id, retry_count, created_at)"
            " VALUES (?, ?, ?, ?, ?, (SELECT blob_id FROM blobs WHERE sha256 = ?), ?, ?, ?, ?, ?, ?, ?)",
            (
                session_id,
                key.content_type,
                key.id,
                failure.name,
                failure.operation,
                sealed.sha256 if sealed else None,
                failure.error_type,
                failure.status,
                failure.message,
                failure.traceback,
                failure.request_id,
                retry_count,
                now,
            ),
        )


def listing(
    vault: VaultFile,
    *,
    session_id: str | None = None,
    content_type: str | None = None,
    error_type: str | None = None,
    resolved: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> list[DeadLetter]:
    """Return the open dead letters (with *resolved* also those that a retry has settled), newest first.

    NotFound if the vault has no session *session_id*."""
    with vault.read() as db:
        _require_session(db, session_id)
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM dead_letter_queue WHERE (?1 IS NULL OR session_id = ?1)"
            " AND (?2 IS NULL OR content_type = ?2) AND (?3 IS NULL OR error_type = ?3) AND (?4 OR resolved_at IS NULL)"
            " ORDER BY dead_letter_id DESC LIMIT ?5 OFFSET ?6",
            (session_id, content_type, error_type, resolved, -1 if limit is None else limit, offset),
        ).fetchall()
    return [_dead_letter(row) for row in rows]


def _require_session(db: sqlite3.Connection, session_id: str | None) -> None:
    """Raise NotFound for a session that neither extracted nor restored."""
    known = " UNION ALL ".join(
        f"SELECT 1 FROM {table} WHERE session_id = ?1"
        for table in ("extraction_sessions", "restoration_sessions", "dead_letter_queue")
    )
    if session_id is not None and db.execute(known, (session_id,)).fetchone() is None:
        raise NotFound(
            f"session {session_id}: there is none of that id; `lookervault restore status --all` and"
            " `lookervault snapshots` list what there was"
        )


def get(vault: VaultFile, dead_letter_id: int) -> DeadLetter:
    """Return the dead letter with this number; raises NotFound if there is none."""
    with vault.read() as db:
        row = db.execute(
            f"SELECT {_COLUMNS} FROM dead_letter_queue WHERE dead_letter_id = ?", (dead_letter_id,)
        ).fetchone()
    if row is None:
        raise NotFound(
            f"dead letter {dead_letter_id}: there is none; `lookervault restore dlq list` shows what there is"
        )
    return _dead_letter(row)


def payload(vault: VaultFile, dead_letter_id: int) -> bytes | None:
    """Return the payload that could not be written, or None if none was kept."""
    with vault.read() as db:
        row = db.execute(
            "SELECT b.data, b.sha256, b.size FROM dead_letter_queue d JOIN blobs b ON b.blob_id = d.payload_blob_id"
            " WHERE d.dead_letter_id = ?",
            (dead_letter_id,),
        ).fetchone()
    return codec.unseal(*row) if row else None


def resolve(vault: VaultFile, session_id: str, keys: Iterable[ContentKey]) -> None:
    """Mark the open dead letters of *keys* as settled, for the destination of *session_id*: their objects are as in the backup
    now."""
    now = vault.now().isoformat()
    with vault.write() as db:
        db.executemany(
            f"UPDATE dead_letter_queue SET resolved_at = ? WHERE content_type = ? AND id = ? AND {_SAME_WAY}",
            [(now, key.content_type, key.id, session_id) for key in keys],
        )


def clear(
    vault: VaultFile,
    *,
    dead_letter_id: int | None = None,
    session_id: str | None = None,
    content_type: str | None = None,
    error_type: str | None = None,
) -> tuple[int, int]:
    """Delete dead letters, settled ones too; return how many, and how many of them a retry had settled.

    NotFound for a session that is none of this vault."""
    with vault.write() as db:
        _require_session(db, session_id)
        gone = db.execute(
            "DELETE FROM dead_letter_queue WHERE (?1 IS NULL OR dead_letter_id = ?1) AND (?2 IS NULL OR session_id = ?2)"
            " AND (?3 IS NULL OR content_type = ?3) AND (?4 IS NULL OR error_type = ?4) RETURNING resolved_at IS NOT NULL",
            (dead_letter_id, session_id, content_type, error_type),
        ).fetchall()
    return len(gone), sum(settled for (settled,) in gone)


def _dead_letter(row: tuple) -> DeadLetter:
    *rest, created_at, resolved_at = row
    settled = moment(resolved_at) if resolved_at else None
    return DeadLetter(*rest, moment(created_at), settled)
