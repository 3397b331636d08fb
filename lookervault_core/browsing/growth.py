"""How large the vault was on each day: counted once, in the background, because the count reads every version."""

from __future__ import annotations

import threading
from itertools import accumulate

from lookervault_core.errors import VaultError
from lookervault_core.vault import Vault


class Growth:
    """Counts the stored bytes of all payloads by the day of capture. Safe for any number of threads."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._found: list[tuple[str, int]] | None = None
        self._counting = threading.Thread(target=self._count, daemon=True)
        self._counting.start()

    def by_day(self, patience_s: float = 0.1) -> list[tuple[str, int]] | None:
        """Return (day, bytes stored by the end of it), oldest first; None if the count is not done within *patience_s*."""
        self._counting.join(patience_s)
        return self._found

    def _count(self) -> None:
        try:
            self._found = _by_day(self._vault)
        except VaultError:  # it is closed, or damaged, which every page says itself
            return


def _by_day(vault: Vault) -> list[tuple[str, int]]:
    with vault.read() as db:
        rows = db.execute(
            """SELECT day, sum(size) FROM (
                SELECT min(substr(v.captured_at, 1, 10)) AS day, length(b.data) AS size
                FROM content_versions v JOIN blobs b USING (blob_id) GROUP BY v.blob_id)
            GROUP BY day ORDER BY day"""
        ).fetchall()
    return list(zip((day for day, _ in rows), accumulate(size for _, size in rows), strict=True))
