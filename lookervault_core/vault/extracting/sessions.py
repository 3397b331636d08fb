"""Extraction runs: begin one, take one up again, count its requests."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from lookervault_core.errors import NotFound, UsageError
from lookervault_core.model import Session
from lookervault_core.vault.rows import RequestCount
from lookervault_core.vault.sqlite.faults import moment

KNOWN_LEFT = 50
_COLUMNS = "session_id, snapshot_id, status, started_at, ended_at, options"


class Left(msgspec.Struct, frozen=True):
    """An extraction or restore that is over, to which its caller gave a *label*; `at` is when it last wrote.

    `status` is `running` if its process died."""

    label: str
    session_id: str
    status: str
    at: datetime


def new_session_id(now: datetime) -> str:
    """Return an id that sorts by time and is short enough to type: `20261121T2110-ab12cd34`.

    Two bytes of luck were too few: a hundred sessions in one minute collide one time in fourteen.
    """
    return f"{now:%Y%m%dT%H%M}-{secrets.token_hex(4)}"


def begin(
    db: sqlite3.Connection,
    types: Sequence[str],
    folders: Sequence[str],
    options: dict[str, object],
    release: str,
    now: datetime,
    taken_at: datetime | None = None,
) -> Session:
    if not types:
        raise UsageError("an extraction needs at least one content type")
    session_id = new_session_id(now)
    snapshot_id = db.execute(
        "INSERT INTO snapshots (status, folders, release, started_at) VALUES ('running', ?, ?, ?)",
        (_json(list(folders)), release, (taken_at or now).isoformat()),
    ).lastrowid
    # The base, which new, changed and deleted are measured against, is fixed here: it is the same after a resume.
    db.executemany(
        "INSERT INTO snapshot_types (snapshot_id, content_type, position, base_snapshot_id)"
        " VALUES (:snapshot, :type, :position, (SELECT snapshot_id FROM visible_snapshots WHERE content_type = :type))",
        [
            {"snapshot": snapshot_id, "type": content_type, "position": position}
            for position, content_type in enumerate(dict.fromkeys(types))
        ],
    )
    db.execute(
        "INSERT INTO extraction_sessions (session_id, snapshot_id, status, options, started_at, heartbeat)"
        " VALUES (?, ?, 'running', ?, ?, ?)",
        (session_id, snapshot_id, _json(options), now.isoformat(), now.isoformat()),
    )
    return get(db, session_id)


def get(db: sqlite3.Connection, session_id: str) -> Session:
    row = db.execute(f"SELECT {_COLUMNS} FROM extraction_sessions WHERE session_id = ?", (session_id,)).fetchone()
    if row is None:
        raise NotFound(f"session {session_id}: this vault has none of that id; `lookervault snapshots` lists them")
    return _session(row)


def newest_first(db: sqlite3.Connection) -> list[Session]:
    return [
        _session(row) for row in db.execute(f"SELECT {_COLUMNS} FROM extraction_sessions ORDER BY snapshot_id DESC")
    ]


def newest_unfinished(db: sqlite3.Connection) -> Session:
    row = db.execute(
        f"SELECT {_COLUMNS} FROM extraction_sessions WHERE status <> 'complete'"
        " AND json_extract(options, '$.import') IS NULL AND json_extract(options, '$.before_restore') IS NULL"
        " ORDER BY snapshot_id DESC LIMIT 1"
    ).fetchone()
    if row is None:
        raise NotFound("there is nothing to resume: every extraction of this vault is complete")
    return _session(row)


def left_behind(db: sqlite3.Connection, own: str, before: datetime) -> list[Left]:
    """Return the newest runs with a label other than *own* that ended *before* that time, or never did.

    Only the owner of the vault may ask: a run that has not ended then has no process any more.
    """
    rows = db.execute(
        "SELECT json_extract(options, '$.label') AS label, session_id, status, ifnull(ended_at, heartbeat)"
        " FROM (SELECT options, session_id, status, heartbeat, ended_at FROM extraction_sessions"
        " UNION ALL SELECT options, session_id, status, heartbeat, ended_at FROM restoration_sessions)"
        " WHERE label IS NOT NULL AND label <> ? AND (ended_at IS NULL OR ended_at < ?)"
        " ORDER BY session_id DESC LIMIT ?",
        (own, before.isoformat(), KNOWN_LEFT),
    )
    return [Left(label, session_id, status, moment(at)) for label, session_id, status, at in rows]


def require_resumable(session: Session) -> None:
    """Raise UsageError, saying what to do instead, unless an extraction can go on with *session*."""
    if session.status == "complete":
        raise UsageError(f"session {session.session_id}: it is complete; start a new extraction")
    if session.is_import:
        raise UsageError(f"session {session.session_id}: it is an import; run `lookervault import` again instead")
    if session.restore:
        raise UsageError(
            f"session {session.session_id}: it is the state before a restore; run `lookervault restore resume"
            f" --session-id {session.restore}` instead"
        )


def reopen(db: sqlite3.Connection, session_id: str, now: datetime) -> Session:
    session = get(db, session_id)
    require_resumable(session)
    db.execute(
        "UPDATE extraction_sessions SET status = 'running', ended_at = NULL, failure = NULL, heartbeat = ?"
        " WHERE session_id = ?",
        (now.isoformat(), session_id),
    )
    db.execute(
        "UPDATE snapshots SET status = 'running', closed_at = NULL WHERE snapshot_id = ?", (session.snapshot_id,)
    )
    return get(db, session_id)


def finish(db: sqlite3.Connection, session: Session, status: str, failure: str | None, now: datetime) -> None:
    """End the session and its snapshot together; they never differ."""
    db.execute(
        "UPDATE extraction_sessions SET status = ?, ended_at = ?, heartbeat = ?, failure = ? WHERE session_id = ?",
        (status, now.isoformat(), now.isoformat(), failure, session.session_id),
    )
    db.execute(
        "UPDATE snapshots SET status = ?, closed_at = ? WHERE snapshot_id = ?",
        (status, now.isoformat(), session.snapshot_id),
    )


def record_requests(db: sqlite3.Connection, session_id: str, rows: Iterable[RequestCount], now: datetime) -> None:
    rows = list(rows)
    count_calls(db, rows, now)
    db.executemany(
        """INSERT INTO request_counts VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (session_id, operation, activity) DO UPDATE SET calls = calls + excluded.calls,
            retries = retries + excluded.retries, errors = errors + excluded.errors,
            bytes = bytes + excluded.bytes, seconds = seconds + excluded.seconds""",
        [(session_id, *msgspec.structs.astuple(row)) for row in rows],
    )


def count_calls(db: sqlite3.Connection, rows: Iterable[RequestCount], now: datetime) -> None:
    db.executemany(
        """INSERT INTO calls_by_day VALUES (?, ?, ?)
        ON CONFLICT (day, activity) DO UPDATE SET calls = calls + excluded.calls""",
        [(f"{now:%Y-%m-%d}", row.activity, row.calls) for row in rows],
    )


def calls_by_day(db: sqlite3.Connection, month: str) -> dict[str, dict[str, int]]:
    """Return the calls of each day of *month* (`YYYY-MM`, in UTC) by the allowance that Looker counts them in."""
    found: dict[str, dict[str, int]] = {}
    rows = db.execute(
        "SELECT day, activity, calls FROM calls_by_day WHERE substr(day, 1, 7) = ? ORDER BY day", (month,)
    )
    for day, activity, calls in rows:
        found.setdefault(day, {})[activity] = calls
    return found


def requests(db: sqlite3.Connection, session_id: str) -> list[RequestCount]:
    rows = db.execute(
        "SELECT operation, activity, calls, retries, errors, bytes, seconds FROM request_counts"
        " WHERE session_id = ? ORDER BY calls DESC, operation, activity",
        (session_id,),
    )
    return [RequestCount(*row) for row in rows]


def _session(row: tuple) -> Session:
    session_id, snapshot_id, status, started_at, ended_at, options = row
    return Session(
        session_id=session_id,
        snapshot_id=snapshot_id,
        status=status,
        started_at=moment(started_at),
        ended_at=moment(ended_at) if ended_at else None,
        options=msgspec.json.decode(options),
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
