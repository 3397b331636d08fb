"""`rehearse`: would a restore work, and what would it take? Tried on a twin of the backup."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.log_lines import listening
from flows.cli.naming import At, snapshot_of
from flows.cli.options import AsJson, Config, DbPath, SnapshotId, Workers
from flows.cli.printing import console
from flows.cli.tables import print_json, print_table

if TYPE_CHECKING:
    from flows.rehearsal import First, Rehearsal

SHOWN = 20


def rehearse(
    types: Annotated[
        list[str] | None, typer.Option("--types", metavar="TYPE", help="Only this type; several times, or with commas")
    ] = None,
    fraction: Annotated[float, typer.Option(min=0, max=1, help="How much of each type is hit")] = 0.2,
    seed: Annotated[int, typer.Option(help="The same seed hits the same objects")] = 1,
    snapshot: SnapshotId = None,
    at: At = None,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Exit with 0 even if something did not come back")
    ] = False,
    workers: Workers = None,
    db_path: DbPath = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Wreck a twin of the backup, restore it, and prove it.

    Says what a real restore would take in calls and time. Looker is asked nothing.
    """
    from pathlib import Path

    from flows.cli.progress import RestoreProgress
    from flows.rehearsal import document
    from flows.rehearsal import rehearse as rehearsed
    from flows.watch import signals_stop_runs, stoppable
    from lookervault_core.settings import load_settings
    from lookervault_core.vault import Vault

    settings = listening(load_settings(config, db_path=db_path, workers=workers))
    words = [word for content_type in types or () for word in content_type.replace(",", " ").split()]
    with Vault.open(Path(settings.db_path), read_only=True) as vault:
        snapshot = snapshot_of(vault, snapshot, at)
    out = console(stderr=True)
    with RestoreProgress(quiet=as_json) as progress, signals_stop_runs(), stoppable() as stop:
        found = rehearsed(
            settings,
            types=words,
            fraction=fraction,
            seed=seed,
            snapshot_id=snapshot,
            stop=stop,
            on_stage=(lambda _: None) if as_json else out.print,
            on_step=progress,
        )
    if as_json:
        print_json(document(found))
    else:
        show(found)
    if not found.proven and not allow_partial:
        raise typer.Exit(3)


def show(found: Rehearsal) -> None:
    """Print the result of a rehearsal."""
    from flows.rehearsal import rows, told
    from lookervault_core.restore.report import not_restored

    out, table = console(), rows(found)
    if table:
        print_table(None, list(table[0]), [list(one.values()) for one in table])
    report = found.report
    out.print(
        f"\nrehearsed on a twin of {found.instance_url}: {found.objects:,} objects, {found.fraction:.0%} of each type hit; "
        f"the restore is {report.status}: {report.writes:,} writes, {report.requests:,} calls, 0 of them to Looker"
    )
    for line in not_restored(report.proof)[:SHOWN]:
        out.print(f"NOT restored: {line['content_type']} {line['id']} {line['name']}: {line['detail']}")
    for line in found.not_as_before[:SHOWN]:
        out.print(f"not as before: {line}")
    for line in found.unplayed:
        out.print(f"not played: {line}")
    out.print(f"A real restore of that would take {told(found)}.")
    _more(found, out)


def show_restore(found: First) -> None:
    """Print the result of a restore on a twin of what Looker has now, beside the forecast of its plan."""
    from flows.rehearsal import restore_rows, spoken_of
    from lookervault_core.restore.report import not_restored, not_tried

    out, table, report = console(), restore_rows(found), found.report
    if table:
        print_table("rehearsed on a twin of what Looker has now", list(table[0]), [list(one.values()) for one in table])
    for line in not_restored(report.proof)[:SHOWN]:
        out.print(f"NOT restored: {line['content_type']} {line['id']} {line['name']}: {line['detail']}")
    for line in not_tried(report)[:SHOWN]:
        out.print(f"{line['action']}: {line['content_type']} {line['id']} {line['name']}: {line['reason']}")
    for line in found.unplayed:
        out.print(f"not played: {line}")
    out.print(
        f"the plan forecast {found.calls:,} calls, the rehearsal took {report.requests:,}; a real one {spoken_of(found)}\n"
    )


def _more(found: Rehearsal, out: Any) -> None:
    left = len(found.not_as_before) - SHOWN
    if left > 0:
        out.print(f"… and {left:,} more differences; `--json` lists them all")
