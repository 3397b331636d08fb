"""Which object of a destination matches which item of the backup, per destination and content type."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from lookervault_core.model import ContentKey
from lookervault_core.vault.sqlite.file import VaultFile


def load(vault: VaultFile, target: str, sessions: Collection[str] | None = None) -> dict[ContentKey, str]:
    """Return the destination's id of every item that has one, or of those alone that got theirs in one of *sessions*."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT content_type, source_id, destination_id, session_id FROM id_mappings WHERE target = ?", (target,)
        ).fetchall()
    return {ContentKey(kind, source): one for kind, source, one, by in rows if sessions is None or by in sessions}


def put(vault: VaultFile, target: str, session_id: str, pairs: Iterable[tuple[ContentKey, str]]) -> None:
    """Enter *pairs* of item and destination id, instead of what was known of them."""
    now = vault.now().isoformat()
    with vault.write() as db:
        db.executemany(
            "INSERT OR REPLACE INTO id_mappings (target, content_type, source_id, destination_id, session_id, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [(target, key.content_type, key.id, destination, session_id, now) for key, destination in pairs],
        )
