"""Prune: let old copies go, and what pushes that were cut off have left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from lookervault_core.offsite.copies import Listing, leftovers
from lookervault_core.offsite.manifest import Manifest, name_of
from lookervault_core.offsite.store import Entry, Store
from lookervault_core.retention import Policy, kept_of

# A push that still goes on has no manifest either, and none takes a day.
LEFT_AFTER = timedelta(days=1)


class Pruning(msgspec.Struct, frozen=True):
    """Which copies to delete and which to keep. `locked` are copies to delete that the store still locks, by number the time until
    when; `left` are objects without a manifest, older than a day."""

    to_delete: tuple[Manifest, ...]
    staying: tuple[Manifest, ...]
    locked: dict[int, str]
    left: tuple[str, ...]
    freed_bytes: int


def planned(store: Store, found: Listing, policy: Policy, now: datetime) -> Pruning:
    """Return which copies to delete because *policy* does not keep them. The newest copy always stays, and so do locked ones."""
    newest_first = [(one.number, one.created_at) for one in reversed(found.copies)]
    kept = kept_of(newest_first, policy)
    unkept = [one for one in found.copies if one.number not in kept]
    locks = {one.number: until for one in unkept if (until := _lock(store, one, now))}
    to_delete = tuple(one for one in unkept if one.number not in locks)
    left = [
        one
        for one in leftovers(store, found)
        if one.written_at < now - LEFT_AFTER and not _is_locked(store, one.path, now)
    ]
    return Pruning(
        to_delete=to_delete,
        staying=tuple(one for one in found.copies if one not in to_delete),
        locked=locks,
        left=tuple(one.path for one in left),
        freed_bytes=sum(one.stored_bytes for one in to_delete) + _bytes(left),
    )


def carry_out(store: Store, plan: Pruning) -> None:
    """Delete the copies of *plan*, each manifest before its copy, so that every listed copy can be pulled at any moment."""
    for one in plan.to_delete:
        store.delete(name_of(one.number))
        store.delete(one.path)
    for path in plan.left:
        store.delete(path)


def _lock(store: Store, copy: Manifest, now: datetime) -> str | None:
    return _is_locked(store, copy.path, now) or _is_locked(store, name_of(copy.number), now)


def _is_locked(store: Store, path: str, now: datetime) -> str | None:
    until = store.locked_until(path)
    if until is None:
        return None
    try:
        return until if datetime.fromisoformat(until) > now else None
    except ValueError:
        return until


def _bytes(entries: Sequence[Entry]) -> int:
    return sum(entry.size for entry in entries)
