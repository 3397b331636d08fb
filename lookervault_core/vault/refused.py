"""Which values a destination has refused by the names of their fields. A new release is asked anew."""

from __future__ import annotations

from collections.abc import Mapping

from lookervault_core.model import RefusedValue
from lookervault_core.vault.file import VaultFile


def load(vault: VaultFile, target: str, release: str) -> dict[RefusedValue, str]:
    """Return what is known of a destination that runs *release*, with the reasons."""
    with vault.read() as db:
        rows = db.execute(
            "SELECT content_type, live_id, field, sha256, reason FROM refused_values WHERE target = ? AND release = ?",
            (target, release),
        )
        return {RefusedValue(*row[:4]): row[4] for row in rows}


def put(vault: VaultFile, target: str, release: str, session_id: str, found: Mapping[RefusedValue, str]) -> None:
    """Enter what a session was refused."""
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
