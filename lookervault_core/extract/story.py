"""What the log of an extraction says: that it begins or goes on, each type, each hole, how it ends."""

from __future__ import annotations

from collections.abc import Iterable

from lookervault_core import logs
from lookervault_core.model import Hole, Session, Snapshot, TypeCount
from lookervault_core.vault import Vault

HOLES_SAID = 100


def say_begin(vault: Vault, session: Session, types: int) -> None:
    """Log that a session begins with so many *types*, or goes on after a number of ranges."""
    done = sum(span.done for span in vault.ranges(session.session_id))
    where = {"session_id": session.session_id, "snapshot_id": session.snapshot_id}
    if done:
        message = f"session {session.session_id} goes on: snapshot {session.snapshot_id}, {done} ranges are done"
        logs.info(message, event="resume", ranges_done=done, **where)
    else:
        logs.info(f"snapshot {session.snapshot_id} begins: {types} types", event="begin", types=types, **where)


def say_close(vault: Vault, snapshot: Snapshot) -> None:
    """Log of a closed snapshot how many items of each type it has, each hole, and its status."""
    counts = vault.counts(snapshot.snapshot_id)
    _say_types(counts.values())
    _say_holes([hole.hole for hole in vault.holes(snapshot.snapshot_id)])
    _say_end(snapshot, sum(count.captured for count in counts.values()))


def _say_types(counts: Iterable[TypeCount]) -> None:
    """Say of each type what the snapshot has of it."""
    for one in counts:
        parts = [
            f"{one.captured:,} of {one.listed:,} captured"
            if one.captured < one.listed
            else f"{one.captured:,} captured"
        ]
        told = {
            "taken over": one.carried,
            "new": one.new,
            "changed": one.changed,
            "deleted": one.deleted,
            "holes": one.holes,
        }
        parts += [f"{count:,} {name}" for name, count in told.items() if count]
        fields = {"listed": one.listed, "captured": one.captured, "carried": one.carried, "new": one.new}
        rest = {"changed": one.changed, "deleted": one.deleted, "holes": one.holes}
        logs.info(
            f"{one.content_type}: {', '.join(parts)}", event="type", content_type=one.content_type, **fields, **rest
        )


def _say_holes(holes: Iterable[Hole]) -> None:
    """Say each hole and its reason; of very many how many more there are."""
    found = list(holes)
    for one in found[:HOLES_SAID]:
        what = f"{one.content_type} {one.id}" if one.id else one.content_type
        fields = {"content_type": one.content_type, "id": one.id, "reason": one.reason, "status": one.status}
        logs.warning(f"hole: {what}: {one.reason}", event="hole", **fields)
    if len(found) > HOLES_SAID:
        logs.warning(f"and {len(found) - HOLES_SAID:,} more holes", event="holes", count=len(found))


def _say_end(snapshot: Snapshot, items: int) -> None:
    """Say what the snapshot came to."""
    say = logs.info if snapshot.status == "complete" else logs.warning
    message = f"snapshot {snapshot.snapshot_id} is {snapshot.status}: {items:,} items"
    say(message, event="end", snapshot_id=snapshot.snapshot_id, status=snapshot.status, items=items)
