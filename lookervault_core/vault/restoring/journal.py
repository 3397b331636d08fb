"""The journal of a restore: each write that it is about to send, and its outcome.

An intent is committed before its call is sent; the outcome, the new id and the entry of the id map are committed together after
the answer. An intent without outcome is a call that may or may not have arrived. The outcome of a call that may be sent twice is
committed with the next intent: that saves every other transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec

from lookervault_core.model import ContentKey
from lookervault_core.vault.sqlite.faults import moment
from lookervault_core.vault.sqlite.file import VaultFile


class Outcome(Enum):
    """The outcome of a write. The journal also has a text about it for people; code goes by this value only."""

    DONE = "done"
    ADOPTED = "adopted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


UNKNOWN_TEXT = "unknown: the restore was interrupted"
_MADE = (Outcome.DONE.value, Outcome.ADOPTED.value)


def failed(reason: object) -> str:
    """Return the text for people about a write that failed."""
    return f"failed: {reason}"


class Entry(msgspec.Struct, frozen=True):
    """One write of a session. `step` is the operation, `action` its verb, `intent` the body as it was to be sent, with the
    `other` id of its path if there is one. `destination_id` is the id of the object that is written; for a create it is set when
    the answer has come."""

    entry_id: int
    session_id: str
    key: ContentKey
    step: str
    action: str
    intent: str
    outcome: str | None
    destination_id: str | None
    started_at: str
    came: str | None = None

    @property
    def came_of_it(self) -> Outcome:
        """Return the outcome of the write; UNKNOWN for an intent without outcome, which may or may not have arrived."""
        return Outcome(self.came) if self.came is not None else Outcome.UNKNOWN

    @property
    def was_refused(self) -> bool:
        """Return whether the write is known to have failed."""
        return self.came_of_it is Outcome.REFUSED


class Settled(msgspec.Struct, frozen=True):
    """A write that is done, and whose outcome is not entered yet."""

    entry_id: int
    destination_id: str
    finished_at: str


def intend(
    vault: VaultFile,
    session_id: str,
    key: ContentKey,
    step: str,
    action: str,
    intent: str,
    settled: Iterable[Settled] = (),
    destination_id: str | None = None,
    copies: bool = False,
) -> int:
    """Commit that a write is about to be sent to *destination_id*, and the outcomes of the *settled* ones; return its number.

    *copies* says that Looker copies rows into an access list because of this write."""
    with vault.write() as db:
        _settle(db, settled)
        cursor = db.execute(
            "INSERT INTO restoration_journal"
            " (session_id, content_type, id, step, action, intent, destination_id, started_at, copies)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                session_id,
                key.content_type,
                key.id,
                step,
                action,
                intent,
                destination_id,
                vault.now().isoformat(),
                copies,
            ),
        )
        return int(cursor.lastrowid or 0)


def settle(vault: VaultFile, settled: Iterable[Settled]) -> None:
    """Commit the outcomes of writes."""
    with vault.write() as db:
        _settle(db, settled)


def _settle(db: sqlite3.Connection, settled: Iterable[Settled]) -> None:
    db.executemany(
        "UPDATE restoration_journal SET came = ?1, outcome = ?1, destination_id = ?2, finished_at = ?3 WHERE entry_id = ?4",
        [(Outcome.DONE.value, one.destination_id, one.finished_at, one.entry_id) for one in settled],
    )


def conclude(
    vault: VaultFile,
    entry_id: int,
    came: Outcome,
    destination_id: str | None = None,
    *,
    text: str = "",
    target: str | None = None,
    outgrown: Collection[str] = (),
) -> None:
    """Commit the outcome of a write, and *text* about it for people. With *target* the new id enters that destination's id map in
    the same transaction, for the item and for its earlier ids *outgrown*."""
    now = vault.now().isoformat()
    with vault.write() as db:
        db.execute(
            "UPDATE restoration_journal SET came = ?, outcome = ?, destination_id = coalesce(?, destination_id), finished_at = ?"
            " WHERE entry_id = ?",
            (came.value, text or came.value, destination_id, now, entry_id),
        )
        if target is not None and destination_id is not None:
            db.executemany(
                "INSERT OR REPLACE INTO id_mappings (target, content_type, source_id, destination_id, session_id, created_at)"
                " SELECT ?, content_type, coalesce(?, id), ?, session_id, ? FROM restoration_journal WHERE entry_id = ?",
                [(target, one, destination_id, now, entry_id) for one in (None, *outgrown) if one != destination_id],
            )


def open_intents(vault: VaultFile, session_id: str) -> list[Entry]:
    """Return the writes of a session whose outcome is unknown, oldest first."""
    with vault.read() as db:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM restoration_journal WHERE session_id = ? AND came IS NULL ORDER BY entry_id",
            (session_id,),
        ).fetchall()
    return [_entry(row) for row in rows]


def written_keys(vault: VaultFile, session_id: str) -> set[ContentKey]:
    """Return the keys of the items that a session wrote or tried to write."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT DISTINCT content_type, id FROM restoration_journal WHERE session_id = ?", (session_id,)
        )
        return {ContentKey(*row) for row in rows}


_COLUMNS = """entry_id, session_id, content_type, id, step, action, intent, outcome, destination_id,
    restoration_journal.started_at, came"""


def unknown_creates(vault: VaultFile, target: str) -> list[Entry]:
    """Return the creates of all restores onto *target* that may have arrived although no answer was seen, and that nothing has
    settled since."""
    with vault.read() as db:
        rows = db.execute(
            f"SELECT {_COLUMNS}, max(entry_id) FROM restoration_journal JOIN restoration_sessions USING (session_id)"
            " WHERE target = ? AND action = 'POST' GROUP BY content_type, id, step"
            " HAVING destination_id IS NULL AND ifnull(came, ?) = ? ORDER BY entry_id",
            (target, Outcome.UNKNOWN.value, Outcome.UNKNOWN.value),
        ).fetchall()
    return [_entry(row[:-1]) for row in rows]


def copied_lists(vault: VaultFile, target: str) -> set[str]:
    """Return the live ids of content metadata that restores onto *target* made private, or may have, and whose access list may
    still have the rows that Looker copies into it then."""
    with vault.read() as db:
        rows = db.execute(f"SELECT DISTINCT destination_id FROM restoration_journal WHERE {_COPIED}", (target,))
        return {live_id for (live_id,) in rows if live_id}


def made_private(vault: VaultFile, session_id: str) -> set[str]:
    """Return the live ids of content metadata that a session made private, or may have."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT DISTINCT destination_id FROM restoration_journal WHERE session_id = ? AND copies AND ifnull(came, '') != ?",
            (session_id, Outcome.REFUSED.value),
        )
        return {live_id for (live_id,) in rows if live_id}


def list_is_clean(vault: VaultFile, target: str, live_id: str) -> None:
    """Commit that an access list has no rows left which Looker copied into it."""
    with vault.write() as db:
        db.execute(
            "UPDATE restoration_journal SET came = 'done', outcome = 'done', finished_at = ?"
            f" WHERE {_COPIED} AND destination_id = ?",
            (vault.now().isoformat(), target, live_id),
        )


_COPIED = """copies AND ifnull(came, 'unknown') = 'unknown' AND session_id IN
    (SELECT session_id FROM restoration_sessions WHERE target = ?)"""


def entries(vault: VaultFile, session_id: str, since: datetime | None = None) -> list[Entry]:
    """Return the journal entries of a session, oldest first; with *since* only those of writes begun at that time or later."""
    with vault.read() as db:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM restoration_journal WHERE session_id = ? AND started_at >= ? ORDER BY entry_id",
            (session_id, since.isoformat() if since else ""),
        ).fetchall()
    return [_entry(row) for row in rows]


def answered(vault: VaultFile, session_id: str, steps: Iterable[str]) -> dict[ContentKey, str]:
    """Return by item the id of the object that a session made with one of the operations *steps*."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT step, content_type, id, destination_id FROM restoration_journal WHERE session_id = ?"
            " AND came IN (?, ?) AND destination_id IS NOT NULL ORDER BY entry_id",
            (session_id, *_MADE),
        )
        wanted = frozenset(steps)
        return {ContentKey(kind, item_id): new_id for step, kind, item_id, new_id in rows if step in wanted}


def made_on(vault: VaultFile, target: str, steps: Iterable[str]) -> frozenset[ContentKey]:
    """Return the objects that all restores onto *target* made with one of the operations *steps*, by their ids there."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT step, content_type, destination_id FROM restoration_journal JOIN restoration_sessions USING (session_id)"
            " WHERE target = ? AND action = 'POST' AND came IN (?, ?) AND destination_id IS NOT NULL",
            (target, *_MADE),
        )
        wanted = frozenset(steps)
        return frozenset(ContentKey(kind, live_id) for step, kind, live_id in rows if step in wanted)


def first_write(vault: VaultFile, session_id: str) -> datetime | None:
    """Return when a session wrote for the first time, or None if it never did."""
    with vault.read() as db:
        (at,) = db.execute(
            "SELECT min(started_at) FROM restoration_journal WHERE session_id = ?", (session_id,)
        ).fetchone()
    return moment(at) if at else None


def _entry(row: tuple[Any, ...]) -> Entry:
    number, session_id, kind, item_id, *rest = row
    return Entry(number, session_id, ContentKey(kind, item_id), *rest)
