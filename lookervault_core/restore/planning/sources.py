"""Which snapshots a restore takes from, how old they are, and which newer ones it leaves alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from lookervault_core.diff.plan import Step
from lookervault_core.model import ContentKey, Snapshot
from lookervault_core.restore.backup import Backup

NAMED = 10


def sources(backup: Backup, types: Iterable[str]) -> list[dict[str, Any]]:
    """Return snapshot, time, age in seconds and types of each snapshot that speaks for any of *types*."""
    vault = backup.vault
    return [
        {
            "snapshot_id": snapshot.snapshot_id,
            "started_at": snapshot.started_at.isoformat(),
            "age_seconds": round((vault.now() - snapshot.started_at).total_seconds()),
            "types": of,
        }
        for snapshot, of in _by_snapshot(backup, types)
    ]


def in_words(backup: Backup, types: Iterable[str]) -> str:
    """Return the sources of *types*, each with its time and age; empty if there is none."""
    now = backup.vault.now()
    return ", ".join(
        f"snapshot {one.snapshot_id} ({one.started_at:%Y-%m-%d %H:%M} UTC, {_age(now, one.started_at)} old)"
        for one, _ in _by_snapshot(backup, types)
    )


def told_of_sources(backup: Backup, types: Iterable[str]) -> Iterator[str]:
    """Yield a warning for what a snapshot that speaks has taken over unread, or could not know because no listing shows it."""
    wanted = list(types)
    for snapshot, of in _by_snapshot(backup, wanted):
        counts = backup.vault.counts(snapshot.snapshot_id)
        for name in of:
            oldest = counts[name].oldest_read_at if name in counts else None
            if oldest and datetime.fromisoformat(oldest) < snapshot.started_at:
                told = f"{datetime.fromisoformat(oldest):%Y-%m-%d %H:%M} UTC"
                yield f"{name}: snapshot {snapshot.snapshot_id} has taken some over unread since {told}"
        yield from (
            f"{note.content_type}: snapshot {snapshot.snapshot_id}: {note.detail}"
            for note in backup.vault.notes(snapshot.snapshot_id)
            if note.kind == "unlisted" and note.content_type in of
        )


def told_of_newer(backup: Backup, types: Iterable[str]) -> Iterator[str]:
    """Yield a warning for each newer snapshot that does not speak, because it has some types only."""
    for newer, of in _newer(backup, types) if backup.snapshot_id is None else ():
        yield (
            f"snapshot {newer.snapshot_id} of {newer.started_at:%Y-%m-%d %H:%M} UTC is newer, but of some types only"
            f" ({', '.join(of)}); to take these from it: --snapshot {newer.snapshot_id}"
        )


def read_at(backup: Backup, key: ContentKey) -> str | None:
    """Return when Looker gave what the backup has of an item that its snapshot took over unread; None for any other."""
    row = backup.rows(key.content_type).get(key.id) if key.content_type in backup.snapshots() else None
    return row.read_at if row else None


def told_of_age(backup: Backup, steps: Iterable[Step]) -> Iterator[str]:
    """Yield a warning for each item that is written as it was before its snapshot."""
    old = [(step, at) for step in steps if step.writes and (at := read_at(backup, step.key))]
    for step, at in old[:NAMED]:
        yield f"{step.key}: the backup has it as of {datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC, taken over unread since"
    if len(old) > NAMED:
        yield f"so it is of {len(old) - NAMED} more; --json says of each since when (read_at)"


def _newer(backup: Backup, types: Iterable[str]) -> Iterator[tuple[Snapshot, list[str]]]:
    speaking = backup.snapshots()
    found: dict[int, list[str]] = {}
    for name in types:
        newest = backup.vault.visible_snapshot(name)
        if newest is not None and name in speaking and newest.snapshot_id > speaking[name]:
            found.setdefault(newest.snapshot_id, []).append(name)
    for snapshot_id, of in sorted(found.items()):
        yield backup.vault.snapshot(snapshot_id), of


def _by_snapshot(backup: Backup, types: Iterable[str]) -> list[tuple[Snapshot, list[str]]]:
    speaking = backup.snapshots()
    found: dict[int, list[str]] = {}
    for name in dict.fromkeys(types):
        if name in speaking:
            found.setdefault(speaking[name], []).append(name)
    return [(backup.vault.snapshot(snapshot_id), of) for snapshot_id, of in sorted(found.items())]


def _age(now: datetime, then: datetime) -> str:
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2 * 24 * 60 else f"{minutes // (24 * 60)} days"
