"""`prune`: let old snapshots go."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.cli.log_lines import listening
from flows.cli.options import AsJson, DbPath, Yes
from flows.cli.printing import console
from flows.cli.tables import print_json, print_table, size
from lookervault_core.errors import UsageError
from lookervault_core.model import Snapshot


def prune(
    keep_last: Annotated[int | None, typer.Option(min=0, help="Keep the last so many snapshots")] = None,
    keep_daily: Annotated[int | None, typer.Option(min=0, help="Keep the newest of so many days")] = None,
    keep_weekly: Annotated[int | None, typer.Option(min=0, help="Keep the newest of so many weeks")] = None,
    keep_monthly: Annotated[int | None, typer.Option(min=0, help="Keep the newest of so many months")] = None,
    keep_undo: Annotated[
        int | None,
        typer.Option(min=0, help="Keep what it takes to undo or resume so many of the newest restores [default: 10]"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go; delete nothing")] = False,
    yes: Yes = False,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Delete the snapshots that no rule keeps.

    With them go the payloads that no other snapshot needs.
    """
    from lookervault_core.pruning import carry_out, planned, policy_of
    from lookervault_core.settings import load_settings
    from lookervault_core.vault import Vault

    rules: dict[str, Any] = {
        "keep_last": keep_last,
        "keep_daily": keep_daily,
        "keep_weekly": keep_weekly,
        "keep_monthly": keep_monthly,
    }
    settings = listening(load_settings(**rules, keep_undo=keep_undo, db_path=db_path))
    with Vault.open(Path(settings.db_path)) as vault, vault.run_lock():
        plan = planned(vault, policy_of(settings))
        if not as_json:
            _print_plan(plan.to_delete, plan.staying, plan.final, plan.bytes)
        freed = 0
        if plan.to_delete and not dry_run:
            _ask(len(plan.to_delete), yes=yes)
            freed = carry_out(vault, plan)
    if as_json:
        named = [one.snapshot_id for one in plan.to_delete]
        told = {"would_delete" if dry_run else "deleted": named, "freed_bytes": freed, "no_undo_any_more": plan.final}
        print_json(told | {"kept": [one.snapshot_id for one in plan.staying], "would_free_bytes": plan.bytes})
    elif not dry_run:
        console().print(f"{len(plan.to_delete)} snapshots deleted, {size(freed)} of payloads freed")


def _print_plan(
    to_delete: Sequence[Snapshot], staying: Sequence[Snapshot], final: Sequence[str], would_free: int
) -> None:
    """Print what goes, what stays, and what that means."""
    for title, found in (
        (f"{len(to_delete)} snapshots to delete", to_delete),
        (f"\n{len(staying)} snapshots stay", staying),
    ):
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
