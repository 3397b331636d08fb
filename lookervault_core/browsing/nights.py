"""The snapshots of a vault in a row: how many objects each holds, and how many are new, changed or deleted in it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.faults import moment


class Night(msgspec.Struct, frozen=True):
    """One snapshot with its counts over all types. `is_whole` says that it covers the whole instance, not some types or folders."""

    snapshot_id: int
    status: str
    started_at: datetime
    objects: int
    new: int
    changed: int
    deleted: int
    holes: int
    is_whole: bool
    is_narrow: bool

    @property
    def changes(self) -> int:
        return self.new + self.changed + self.deleted


def nights(vault: Vault) -> list[Night]:
    """Return every snapshot, oldest first."""
    with vault.read() as db:
        rows = db.execute(
            """SELECT s.snapshot_id, s.status, s.started_at, ifnull(sum(t.captured), 0), ifnull(sum(t.new), 0),
                ifnull(sum(t.changed), 0), ifnull(sum(t.deleted), 0), ifnull(sum(t.holes), 0),
                json_extract(e.options, '$.extract.types') IS NULL AND s.folders = '[]', s.folders <> '[]'
            FROM snapshots s JOIN extraction_sessions e USING (snapshot_id) LEFT JOIN snapshot_types t USING (snapshot_id)
            GROUP BY s.snapshot_id ORDER BY s.started_at, s.snapshot_id"""
        ).fetchall()
    return [
        Night(number, status, moment(at), *counts, bool(whole), bool(narrow))
        for number, status, at, *counts, whole, narrow in rows
    ]


def calls_by_day(vault: Vault, days: int) -> list[tuple[str, int]]:
    """Return (day, API calls) for the last *days* days that had calls, oldest first."""
    with vault.read() as db:
        rows = db.execute("SELECT day, sum(calls) FROM calls_by_day GROUP BY day ORDER BY day DESC LIMIT ?", (days,))
        return list(reversed(rows.fetchall()))
