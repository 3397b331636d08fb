"""The snapshots of a vault in a row: how much each holds, what it brought, and which nights were unlike the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median

import msgspec

from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.faults import moment

LOOKED_BACK = 30  # nights that say what is usual
TIMES_USUAL, AT_LEAST = 5, 10


class Night(msgspec.Struct, frozen=True):
    """One snapshot with its counts over all types. `is_whole`: of the whole instance, so that it says how much there is."""

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


class Unusual(msgspec.Struct, frozen=True):
    """A night that is unlike those before it, and in what."""

    night: Night
    text: str


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


def unusual(found: Sequence[Night]) -> list[Unusual]:
    """Return the nights that brought many times what those before them did, newest first."""
    whole = [night for night in found if night.is_whole and night.status in ("complete", "partial")]
    told = [_told(night, whole[max(1, at - LOOKED_BACK) : at]) for at, night in enumerate(whole)]
    return [one for one in reversed(told) if one is not None]


def _told(night: Night, before: Sequence[Night]) -> Unusual | None:
    if not before:
        return None
    parts = [
        text
        for count, usual, text in (
            (night.deleted, _usual(one.deleted for one in before), f"{night.deleted:,} deleted"),
            (night.changed, _usual(one.changed for one in before), f"{night.changed:,} changed"),
            (night.new, _usual(one.new for one in before), f"{night.new:,} created"),
        )
        if count >= AT_LEAST and count > TIMES_USUAL * usual
    ]
    return Unusual(night, ", ".join(parts)) if parts else None


def _usual(counts: Iterable[int]) -> float:
    return float(median(counts))


def calls_by_day(vault: Vault, days: int) -> list[tuple[str, int]]:
    """Return the calls of the last so many days that had any, oldest first."""
    with vault.read() as db:
        rows = db.execute("SELECT day, sum(calls) FROM calls_by_day GROUP BY day ORDER BY day DESC LIMIT ?", (days,))
        return list(reversed(rows.fetchall()))
