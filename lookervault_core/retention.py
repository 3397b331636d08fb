"""Which snapshots to keep: the last ones, and the newest of each day, week and month, as backup tools have it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from lookervault_core.errors import UsageError
from lookervault_core.model import Snapshot


class Policy(msgspec.Struct, frozen=True):
    """How many snapshots to keep of each kind; a snapshot may count for several. `restores` is how many of the newest restores
    must stay possible to resume and to undo."""

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    restores: int = 10


def expendable(
    snapshots: Iterable[Snapshot],
    policy: Policy,
    states: Mapping[int, str] | None = None,
    needed: Container[int] = (),
) -> list[Snapshot]:
    """Return the snapshots that *policy* does not keep, oldest first. *states* names the restore that each state was kept before,
    *needed* are those that an unfinished restore goes by, and stay.

    The policy counts only complete snapshots that no folder narrows, and each only for snapshots of the same types or fewer: a
    partial or narrowed one never counts as a whole one. The newest that counts for a snapshot, everything newer, and running ones
    are always kept. A snapshot of some folders goes when the whole ones of its time go. So does the state before a restore, but
    all states of one restore together, and never those of the newest restores. UsageError if the policy keeps nothing."""
    _require_any(policy)
    states = states or {}
    oldest_first = sorted(snapshots, key=lambda one: one.snapshot_id)
    whole = [snapshot for snapshot in reversed(oldest_first) if snapshot.status == "complete" and not snapshot.folders]
    to_delete = [
        snapshot for snapshot in oldest_first if snapshot.status != "running" and _may_go(snapshot, whole, policy)
    ]
    kept = {
        states[snapshot.snapshot_id]
        for snapshot in oldest_first
        if snapshot.snapshot_id in states and snapshot not in to_delete
    }
    restores = dict.fromkeys(states[one] for one in sorted(states, reverse=True))
    kept |= set(list(restores)[: policy.restores])
    return [one for one in to_delete if states.get(one.snapshot_id) not in kept and one.snapshot_id not in needed]


def _may_go(one: Snapshot, whole: list[Snapshot], policy: Policy) -> bool:
    """True if *policy* lets *one* go, of the *whole* snapshots, newest first, counting those that cover its types."""
    covering = [other for other in whole if set(other.types) >= set(one.types)]
    if not covering or one.snapshot_id >= covering[0].snapshot_id:
        return False
    kept = _kept(covering, policy)
    return one.snapshot_id not in kept and not (one.folders and one.snapshot_id > min(kept))


def kept_of(newest_first: Sequence[tuple[int, datetime]], policy: Policy) -> set[int]:
    """Return the numbers that *policy* keeps, of pairs (number, time), newest first; the newest is always kept. UsageError if the
    policy names no rule."""
    _require_any(policy)
    kept = {number for number, _ in newest_first[: max(1, policy.last)]}
    kept |= _newest_of(newest_first, policy.daily, "%Y-%m-%d")
    kept |= _newest_of(newest_first, policy.weekly, "%G-%V")
    return kept | _newest_of(newest_first, policy.monthly, "%Y-%m")


def _kept(newest_first: list[Snapshot], policy: Policy) -> set[int]:
    return kept_of([(one.snapshot_id, one.started_at) for one in newest_first], policy)


def _newest_of(newest_first: Sequence[tuple[int, datetime]], count: int, period: str) -> set[int]:
    found: dict[str, int] = {}
    for number, moment in newest_first:
        found.setdefault(moment.strftime(period), number)
    return set(list(found.values())[:count])


def _require_any(policy: Policy) -> None:
    if not any((policy.last, policy.daily, policy.weekly, policy.monthly)):
        raise UsageError("say what to keep: --keep-last, --keep-daily, --keep-weekly or --keep-monthly")
