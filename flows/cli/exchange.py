"""`export` and `import`: a snapshot as a directory of files, and back."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from flows.cli.boundary import say
from flows.cli.browse import open_vault
from flows.cli.live import Live
from flows.cli.naming import At, snapshot_of
from flows.cli.options import AsJson, DbPath, SnapshotId
from flows.cli.printing import console
from flows.cli.tables import print_json, print_table, size
from lookervault_core.errors import ExportChanged, Interrupted

if TYPE_CHECKING:
    from lookervault_core.exchange import ExportReport, ImportReport

SHOWN = 50

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The directory of the export", show_default=False)]
AllowPartial = Annotated[bool, typer.Option("--allow-partial", help="Exit with 0 even if there are holes")]


class _Files(Live):
    """Shows how many files of each type are done."""

    def __call__(self, name: str, total: int) -> None:
        self._expect(name, total)
        self._advance(name, 1, "")


@contextmanager
def _interruptible(how: str) -> Generator[None]:
    """Say what Ctrl-C leaves, and how to go on."""
    try:
        yield
    except KeyboardInterrupt as exc:
        raise Interrupted(how) from exc


def export(
    directory: Directory,
    types: Annotated[
        list[str] | None, typer.Argument(metavar="[TYPES]...", help="Content types, such as dashboards [default: all]")
    ] = None,
    snapshot: SnapshotId = None,
    at: At = None,
    allow_partial: AllowPartial = False,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Write a snapshot into DIR as files, good to keep in git.

    An earlier export in DIR becomes this one: only files that differ are written, and those of objects that are not in it
    any more are removed. Exit 3 if the snapshot has holes, 5 if a payload is damaged.
    """
    from lookervault_core.exchange import export_directory

    how = f"interrupted; `lookervault export {directory}` again finishes it"
    with _interruptible(how), open_vault(db_path) as vault, _Files(quiet=as_json) as watch:
        report = export_directory(vault, directory, types or (), snapshot_of(vault, snapshot, at), watch)
    if as_json:
        print_json(msgspec.to_builtins(report))
    else:
        _print_export(report)
    if report.structure:
        say(
            f"error: the file of the vault is damaged ({report.structure[0]}); objects may be missing in {directory}", 5
        )
    elif report.damaged:
        say(
            f"error: {len(report.damaged)} payloads are damaged in the vault and left out; `lookervault verify` lists them",
            5,
        )
    code = 5 if report.damaged or report.structure else 3 if report.status == "partial" and not allow_partial else 0
    if code:
        raise typer.Exit(code)


def _print_export(report: ExportReport) -> None:
    rows = [(name, one["items"], one["written"], one["unchanged"]) for name, one in report.types.items()]
    print_table(None, ("type", "objects", "written", "unchanged"), rows)
    numbers = ", ".join(map(str, report.snapshots))
    out = console()
    out.print(
        f"\n{report.directory} is snapshot {numbers} ({report.status}): {report.items:,} objects, {size(report.bytes)}, "
        f"{report.written:,} written, {report.removed:,} removed, {report.duration_seconds:.1f} s"
    )
    _print_rows("damaged in the vault", ("content_type", "id", "error"), report.damaged)
    _print_rows("holes", ("content_type", "id", "reason"), report.holes)


def import_(
    directory: Directory,
    accept_edits: Annotated[
        bool,
        typer.Option(
            "--accept-edits", help="Take files that were edited or added by hand as they are; missing ones are holes"
        ),
    ] = False,
    allow_partial: AllowPartial = False,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Make a snapshot of the export in DIR.

    Nothing is imported unless every file is as the manifest says. Exit 3 if the exported snapshot had holes.
    """
    from lookervault_core.exchange import import_directory
    from lookervault_core.settings import load_settings

    path = Path(load_settings(db_path=db_path).db_path)
    try:
        with _interruptible("interrupted; nothing was imported"), _Files(quiet=as_json) as watch:
            report = import_directory(directory, path, accept_edits=accept_edits, watch=watch)
    except ExportChanged as error:
        _refuse(error, as_json=as_json)
        raise typer.Exit(error.exit_code) from error
    if as_json:
        print_json(_document(report))
    else:
        _print_import(report, path)
    if report.done.status != "complete" and not allow_partial:
        raise typer.Exit(3)


def _refuse(error: ExportChanged, *, as_json: bool) -> None:
    """Say what is wrong with each file; the first line says what that means."""
    err = console(stderr=True)
    err.print(f"error: {error}", soft_wrap=True)
    for file, detail in error.problems[:SHOWN]:
        err.print(f"{file}: {detail}", soft_wrap=True)
    if len(error.problems) > SHOWN:
        err.print(f"… and {len(error.problems) - SHOWN:,} more; `--json` lists them all")
    if as_json:
        problems = [{"file": file, "problem": detail} for file, detail in error.problems]
        told = {"status": "failed", "error": str(error), "error_type": type(error).__name__}
        print_json(told | {"problems": problems})


def _document(report: ImportReport) -> dict[str, Any]:
    """Return the keys of `extract --json`, and what only an import has to tell."""
    told = msgspec.to_builtins(report)
    done = told.pop("done")
    return done | told


def _print_import(report: ImportReport, path: Path) -> None:
    done = report.done
    rows = [(name, c["captured"], c["new"], c["changed"], c["unchanged"], c["holes"]) for name, c in done.types.items()]
    print_table(None, ("type", "captured", "new", "changed", "unchanged", "holes"), rows)
    out = console()
    out.print(
        f"\nsnapshot {done.snapshot_id} is {done.status}: {done.items:,} objects, {done.duration_seconds:.1f} s; "
        f"vault {path} ({size(path.stat().st_size)})"
    )
    for what, files in (("edited", report.edited), ("added", report.added), ("missing", report.missing)):
        _print_rows(f"{what} by hand", ("file",), [{"file": file} for file in files])
    _print_rows("holes", ("content_type", "id", "reason"), done.holes)
    if report.older_than is not None:
        out.print(
            f"note: snapshot {report.older_than} is of a later time and stays the one that is shown and restored; "
            f"`--snapshot {done.snapshot_id}` names this one"
        )


def _print_rows(what: str, keys: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    shown = rows[:SHOWN]
    headings = [key.removeprefix("content_") for key in keys]
    print_table(f"\n{len(rows)} {what}", headings, [[row[key] for key in keys] for row in shown])
    if len(rows) > len(shown):
        console().print(f"… and {len(rows) - len(shown):,} more; `--json` lists them all")
