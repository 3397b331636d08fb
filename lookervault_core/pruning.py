"""Let old snapshots of a vault go, with the payloads that no other snapshot needs."""

from __future__ import annotations

import msgspec

from lookervault_core import logs
from lookervault_core.model import Snapshot
from lookervault_core.restore.undoing.undo import kept_states
from lookervault_core.retention import Policy, expendable
from lookervault_core.settings import Settings
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import restorations


class Pruning(msgspec.Struct, frozen=True):
    """Which snapshots to delete and which to keep. `final` are the restores that can no longer be undone then; bytes are
    payloads'."""

    to_delete: tuple[Snapshot, ...]
    staying: tuple[Snapshot, ...]
    final: tuple[str, ...]
    bytes: int


def policy_of(settings: Settings) -> Policy:
    """Return the retention policy in the settings."""
    return Policy(
        settings.keep_last, settings.keep_daily, settings.keep_weekly, settings.keep_monthly, settings.keep_undo
    )


def planned(vault: Vault, policy: Policy) -> Pruning:
    """Return which snapshots to delete because *policy* does not keep them. Raises UsageError if it keeps none."""
    states = kept_states(vault)
    to_delete = expendable(vault.snapshots(), policy, states, restorations.needed_to_resume(vault, policy.restores))
    return Pruning(
        to_delete=tuple(to_delete),
        staying=tuple(snapshot for snapshot in vault.snapshots() if snapshot not in to_delete),
        final=tuple(dict.fromkeys(states[one.snapshot_id] for one in to_delete if one.snapshot_id in states)),
        bytes=vault.bytes_without([one.snapshot_id for one in to_delete]) if to_delete else 0,
    )


def carry_out(vault: Vault, plan: Pruning) -> int:
    """Delete what *plan* says, and return how many bytes of payloads that freed."""
    for one in plan.to_delete:
        vault.delete_snapshot(one.snapshot_id)
        logs.info(f"snapshot {one.snapshot_id} deleted", event="pruned", snapshot_id=one.snapshot_id)
    return vault.collect_garbage().blob_bytes if plan.to_delete else 0
