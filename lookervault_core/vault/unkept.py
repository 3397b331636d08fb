"""Which blanks a destination does not keep, as the proof of a restore found out. A new release is asked anew."""

from __future__ import annotations

from collections.abc import Iterable

from lookervault_core.model import Unkept
from lookervault_core.vault.file import VaultFile


def load(vault: VaultFile, target: str, release: str) -> frozenset[Unkept]:
    """Return what is known of a destination that runs *release*."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT content_type, path, sent, kept FROM unkept_blanks WHERE target = ? AND release = ?",
            (target, release),
        )
        return frozenset(Unkept(*row) for row in rows)


def put(vault: VaultFile, target: str, release: str, session_id: str, found: Iterable[Unkept]) -> None:
    """Enter what the proof of a session *found*."""
    with vault.write() as db:
        db.executemany(
            "INSERT OR REPLACE INTO unkept_blanks (target, release, content_type, path, sent, kept, session_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(target, release, one.content_type, one.path, one.sent, one.kept, session_id) for one in sorted(found)],
        )
