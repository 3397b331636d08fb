"""`prune`: let old snapshots go."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.options import AsJson, DbPath, Yes
from flows.cli.tables import console, print_json, print_table, size
from lookervault_core.errors import UsageError
from lookervault_core.model import Snapshot
from lookervault_core.retention import Policy, expendable


def prune(
    keep_last: Annotated[int, typer.Option(min=0, help="Keep the last so many snapshots")] = 0,
    keep_daily: Annotated[int, typer.Option(min=0, help="Keep the newest of so many days")] = 0,
    keep_weekly: Annotated[int, typer.Option(min=0, help="Keep the newest of so many weeks")] = 0,
    keep_monthly: Annotated[int, typer.Option(min=0, help="Keep the newest of so many months")] = 0,
    keep_undo: Annotated[
        int, typer.Option(min=0, help="Keep what it takes to undo or resume so many of the newest restores")
    ] = 10,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go; delete nothing")] = False,
    yes: Yes = False,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Delete the snapshots that no rule keeps.

    With them go the payloads that no other snapshot needs.
    """
    from lookervault_core.restore.undoing.undo import kept_states
    from lookervault_core.settings import load_settings
    from lookervault_core.vault import Vault, restorations

    policy = Policy(keep_last, keep_daily, keep_weekly, keep_monthly, keep_undo)
    with Vault.open(Path(load_settings(db_path=db_path).db_path)) as vault, vault.run_lock():
        states = kept_states(vault)
        going = expendable(vault.snapshots(), policy, states, restorations.needed_to_resume(vault, keep_undo))
        final = list(dict.fromkeys(states[one.snapshot_id] for one in going if one.snapshot_id in states))
        staying = [one for one in vault.snapshots() if one not in going]
        would_free = vault.bytes_without([one.snapshot_id for one in going]) if going else 0
        if not as_json:
            _print_plan(going, staying, final, would_free)
        freed = 0
        if going and not dry_run:
            _ask(len(going), yes=yes)
            for one in going:
                vault.delete_snapshot(one.snapshot_id)
            freed = vault.collect_garbage().blob_bytes
    if as_json:
        named = [one.snapshot_id for one in going]
        told = {"would_delete" if dry_run else "deleted": named, "freed_bytes": freed, "no_undo_any_more": final}
        print_json(told | {"kept": [one.snapshot_id for one in staying], "would_free_bytes": would_free})
    elif not dry_run:
        console().print(f"{len(going)} snapshots deleted, {size(freed)} of payloads freed")


def _print_plan(going: Sequence[Snapshot], staying: Sequence[Snapshot], final: Sequence[str], would_free: int) -> None:
    """Print what goes, what stays, and what that means."""
    for title, found in ((f"{len(going)} snapshots to delete", going), (f"\n{len(staying)} snapshots stay", staying)):
        rows = [(one.snapshot_id, one.status, f"{one.started_at:%Y-%m-%d %H:%M}") for one in found]
        print_table(title, ("snapshot", "status", "started (UTC)"), rows)
    console().print(f"\n{size(would_free)} of payloads go with them; what a kept snapshot needs stays")
    if final:
        console().print(f"With them, no undo any more of these restores: {', '.join(final)}")


def _ask(count: int, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("this deletes snapshots: look at it with --dry-run, then say --yes")
    typer.confirm(f"Delete {count} snapshots for good?", abort=True, err=True)
