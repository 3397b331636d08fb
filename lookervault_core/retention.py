"""Which snapshots to keep: the last ones, and the newest of each day, week and month, as backup tools have it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from lookervault_core.errors import UsageError
from lookervault_core.model import Snapshot


class Policy(msgspec.Struct, frozen=True):
    """How many snapshots to keep of each kind; a snapshot may count for several."""

    last: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0


def expendable(snapshots: Iterable[Snapshot], policy: Policy) -> list[Snapshot]:
    """Return the snapshots that *policy* does not keep, oldest first.

    Only complete ones of all folders count towards it: a partial or narrowed one never stands in for a whole one. The
    newest of these and whatever is newer than it are always kept, and so is what still runs. A narrowed one, such as the
    state before a restore, goes with the whole ones of its time. UsageError if the policy keeps nothing.
    """
    if not any(msgspec.structs.astuple(policy)):
        raise UsageError("say what to keep: --keep-last, --keep-daily, --keep-weekly or --keep-monthly")
    newest_first = sorted(snapshots, key=lambda one: -one.snapshot_id)
    complete = [one for one in newest_first if one.status == "complete" and not one.folders]
    if not complete:
        return []
    kept = {one.snapshot_id for one in complete[: max(1, policy.last)]}
    kept |= _newest_of(complete, policy.daily, lambda one: f"{one.started_at:%Y-%m-%d}")
    kept |= _newest_of(complete, policy.weekly, lambda one: f"{one.started_at:%G-%V}")
    kept |= _newest_of(complete, policy.monthly, lambda one: f"{one.started_at:%Y-%m}")
    older = [one for one in newest_first if one.snapshot_id < complete[0].snapshot_id and one.status != "running"]
    return [one for one in reversed(older) if one.snapshot_id not in kept and not (one.folders and one.snapshot_id > min(kept))]


def _newest_of(newest_first: list[Snapshot], count: int, period: Callable[[Snapshot], str]) -> set[int]:
    found: dict[str, int] = {}
    for one in newest_first:
        found.setdefault(period(one), one.snapshot_id)
    return set(list(found.values())[:count])
