"""Values that a destination does not take: those that it does not keep as sent, as the proof of a restore found out, and those
that it refused by the name of their field. They count for one release of Looker only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lookervault_core.model import RefusedValue, Unkept
from lookervault_core.vault.sqlite.file import VaultFile


def load(vault: VaultFile, target: str, release: str) -> frozenset[Unkept]:
    """Return the values that a destination on this *release* does not keep as sent."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT content_type, path, sent, kept FROM unkept_blanks WHERE target = ? AND release = ?",
            (target, release),
        )
        return frozenset(Unkept(*row) for row in rows)


def put(vault: VaultFile, target: str, release: str, session_id: str, found: Iterable[Unkept]) -> None:
    """Store the values that the proof of a session *found* not kept."""
    with vault.write() as db:
        db.executemany(
            "INSERT OR REPLACE INTO unkept_blanks (target, release, content_type, path, sent, kept, session_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(target, release, one.content_type, one.path, one.sent, one.kept, session_id) for one in sorted(found)],
        )


def load_refused(vault: VaultFile, target: str, release: str) -> dict[RefusedValue, str]:
    """Return the values that a destination on this *release* has refused, with the reasons."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT content_type, live_id, field, sha256, reason FROM refused_values WHERE target = ? AND release = ?",
            (target, release),
        )
        return {RefusedValue(*row[:4]): row[4] for row in rows}


def put_refused(
    vault: VaultFile, target: str, release: str, session_id: str, found: Mapping[RefusedValue, str]
) -> None:
    """Store the values that a session was refused."""
    if not found:
        return
    with vault.write() as db:
        db.executemany(
            "INSERT OR REPLACE INTO refused_values (target, release, content_type, live_id, field, sha256, reason, session_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (target, release, one.content_type, one.live_id, one.field, one.sha256, found[one], session_id)
                for one in sorted(found)
            ],
        )
