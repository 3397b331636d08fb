"""Restore runs in the vault: begin one, note how far it is, end it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from lookervault_core.errors import NotFound
from lookervault_core.looker.instance import same
from lookervault_core.model import ContentKey
from lookervault_core.vault.extracting.sessions import new_session_id
from lookervault_core.vault.sqlite.faults import moment
from lookervault_core.vault.sqlite.file import VaultFile

_COLUMNS = "session_id, snapshot_id, target, status, selection, options, summary, started_at, ended_at"


class Restoration(msgspec.Struct, frozen=True):
    """One restore run. `target` is the destination that keys its id map; `summary` is what it did, once it has ended."""

    session_id: str
    snapshot_id: int | None
    target: str
    status: str
    selection: dict[str, Any]
    options: dict[str, Any]
    summary: dict[str, Any] | None
    started_at: datetime
    ended_at: datetime | None


class Progress(msgspec.Struct, frozen=True):
    """The progress of one content type in a restore: how many items to write, written, failed."""

    content_type: str
    total: int
    success: int
    errors: int
    done: bool


def begin(
    vault: VaultFile, snapshot_id: int | None, target: str, selection: Mapping[str, Any], options: Mapping[str, Any]
) -> Restoration:
    """Enter a new run, `running`, and return it."""
    now = vault.now()
    session_id = new_session_id(now)
    with vault.write() as db:
        db.execute(
            "INSERT INTO restoration_sessions (session_id, snapshot_id, target, status, selection, options, started_at, heartbeat)"
            " VALUES (?, ?, ?, 'running', ?, ?, ?, ?)",
            (session_id, snapshot_id, target, _json(selection), _json(options), now.isoformat(), now.isoformat()),
        )
    return get(vault, session_id)


def there_before(session: Restoration) -> set[ContentKey]:
    """Return the live objects with the names of objects that the run was to create, as they were there before it."""
    return set(msgspec.convert(session.options.get("there_before", []), list[ContentKey]))


def note_state(vault: VaultFile, session_id: str, snapshot_id: int) -> None:
    """Note the snapshot that holds what a run is about to change: without it the run cannot be taken back."""
    with vault.write() as db:  # two may be noted at once
        db.execute(
            "UPDATE restoration_sessions SET options ="
            " json_insert(json_insert(options, '$.states', json('[]')), '$.states[#]', ?) WHERE session_id = ?",
            (snapshot_id, session_id),
        )


def noted_states(session: Restoration) -> set[int]:
    """Return the snapshots that hold the state before a run."""
    last = (session.summary or {}).get("undo_snapshot_id")
    return set(session.options.get("states", [])) | ({last} if last is not None else set())


def unproven(session: Restoration) -> frozenset[ContentKey] | None:
    """Return the live objects that a run wrote and that its proof did not find as written; None if the run has no proof."""
    found = (session.summary or {}).get("unproven")
    return None if found is None else frozenset(msgspec.convert(found, list[ContentKey]))


def lists_left(session: Restoration) -> dict[str, list[tuple[str, str, str]] | None]:
    """Return the access lists that a run made or filled, as it left them, by metadata id: rows of (group, user, right); None for
    a list that is inherited."""
    found = (session.summary or {}).get("lists_left", {})
    return msgspec.convert(found, dict[str, list[tuple[str, str, str]] | None])


def get(vault: VaultFile, session_id: str) -> Restoration:
    """Return one run; NotFound if there is none of that id."""
    with vault.read() as db:
        row = db.execute(f"SELECT {_COLUMNS} FROM restoration_sessions WHERE session_id = ?", (session_id,)).fetchone()
    if row is None:
        raise NotFound(f"session {session_id}: there is no such restore; `lookervault restore status --all` lists them")
    return _restoration(row)


def newest_first(vault: VaultFile) -> list[Restoration]:
    with vault.read() as db:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM restoration_sessions ORDER BY started_at DESC, rowid DESC"
        ).fetchall()
    return [_restoration(row) for row in rows]


def spelled(vault: VaultFile, base_url: str) -> str:
    """Return *base_url* in the spelling of earlier restores onto the same instance: their notes in the vault are kept under it."""
    targets = (one.target for one in newest_first(vault) if "://" in one.target)
    return next((target for target in targets if same(target, base_url)), base_url)


def newest_to_resume(vault: VaultFile) -> Restoration:
    """Return the newest run; NotFound if it is complete. Older runs are resumed only by their id, because a resumed run would
    overwrite what people have done since."""
    runs = newest_first(vault)
    if runs and runs[0].status != "completed":
        return runs[0]
    older = next((run for run in runs if run.status != "completed"), None)
    if older is None:
        raise NotFound("there is nothing to resume: every restore of this vault is complete")
    spoke = sources(older)
    of = f", of snapshot {', '.join(map(str, sorted(spoke)))}" if spoke else ""
    raise NotFound(
        f"there is nothing to resume: the newest restore is complete; `--session-id {older.session_id}` goes on with an older one "
        f"that is not, begun {older.started_at:%Y-%m-%d %H:%M} UTC{of}"
    )


def sources(session: Restoration) -> set[int]:
    """Return the snapshots that a run restores from."""
    return (
        {session.snapshot_id} if session.snapshot_id is not None else set(session.options.get("snapshots", {}).values())
    )


def needed_to_resume(vault: VaultFile, newest: int) -> set[int]:
    """Return the snapshots without which a run that is not complete could not go on, of the so many *newest* runs."""
    return {one for run in newest_first(vault)[:newest] if run.status != "completed" for one in sources(run)}


def reopen(vault: VaultFile, session_id: str) -> None:
    """Set a run to `running` again; NotFound if there is none of that id."""
    get(vault, session_id)
    with vault.write() as db:
        db.execute(
            "UPDATE restoration_sessions SET status = 'running', ended_at = NULL, heartbeat = ? WHERE session_id = ?",
            (vault.now().isoformat(), session_id),
        )


def finish(vault: VaultFile, session_id: str, status: str, summary: Mapping[str, Any]) -> None:
    now = vault.now().isoformat()
    with vault.write() as db:
        db.execute(
            "UPDATE restoration_sessions SET status = ?, summary = ?, ended_at = ?, heartbeat = ? WHERE session_id = ?",
            (status, _json(summary), now, now, session_id),
        )


def plan_type(vault: VaultFile, session_id: str, content_type: str, total: int) -> None:
    """Note that *total* items of a type are to be written; what an earlier attempt noted is replaced."""
    with vault.write() as db:
        db.execute(
            "INSERT OR REPLACE INTO restoration_checkpoints (session_id, content_type, total, next_position, updated_at)"
            " VALUES (?, ?, ?, 0, ?)",
            (session_id, content_type, total, vault.now().isoformat()),
        )


def advance(
    vault: VaultFile, session_id: str, content_type: str, success: int, errors: int, last_id: str | None
) -> None:
    """Note how many items of a type are written and how many failed, so far; batches may end in any order."""
    now = vault.now().isoformat()
    with vault.write() as db:
        db.execute(
            """UPDATE restoration_checkpoints SET next_position = ?, success = ?, errors = ?,
                last_id = coalesce(?, last_id), updated_at = ?, done = ? >= total WHERE session_id = ? AND content_type = ?""",
            (success + errors, success, errors, last_id, now, success + errors, session_id, content_type),
        )
        db.execute("UPDATE restoration_sessions SET heartbeat = ? WHERE session_id = ?", (now, session_id))


def progress(vault: VaultFile, session_id: str) -> list[Progress]:
    with vault.read() as db:
        rows = db.execute(
            "SELECT content_type, total, success, errors, done FROM restoration_checkpoints"
            " WHERE session_id = ? ORDER BY updated_at",
            (session_id,),
        ).fetchall()
    return [Progress(kind, total, success, errors, bool(done)) for kind, total, success, errors, done in rows]


def _restoration(row: tuple[Any, ...]) -> Restoration:
    session_id, snapshot_id, target, status, selection, options, summary, started_at, ended_at = row
    return Restoration(
        session_id,
        snapshot_id,
        target,
        status,
        msgspec.json.decode(selection),
        msgspec.json.decode(options),
        msgspec.json.decode(summary) if summary else None,
        moment(started_at),
        moment(ended_at) if ended_at else None,
    )


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
