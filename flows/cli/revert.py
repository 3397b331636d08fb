"""`revert`: take one change back, and nothing else."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from flows.cli.agreeing import requested, require_agreed, written
from flows.cli.options import AsJson, Block, Config, DbPath, PerMinute, PerSecond, Verbose, Workers, Yes
from flows.cli.printing import console
from flows.cli.restore_request import Request
from flows.cli.restore_start import interruptible, leave
from flows.cli.tables import print_json
from lookervault_core.errors import UsageError


def revert(
    change_ids: Annotated[
        list[str], typer.Argument(metavar="CHANGE_ID...", help="Changes, as `lookervault log` names them")
    ],
    theirs: Annotated[
        bool, typer.Option("--theirs", help="Also take back what somebody has edited since; their edit is lost")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing")] = False,
    yes: Yes = False,
    workers: Workers = None,
    rate_limit_per_second: PerSecond = None,
    rate_limit_per_minute: PerMinute = None,
    db_path: DbPath = None,
    config: Config = None,
    credentials_block: Block = None,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Take changes back, each alone, under later edits.

    A field that somebody has edited since is a conflict: it is named with both values and left alone. What was deleted is restored,
    what was created goes into the trash. Of several changes, one that cannot be taken back is named as a conflict too.
    `restore undo` takes the revert back. Exit 3 if there are conflicts.
    """
    request = requested(
        dry_run=dry_run,
        yes=yes,
        workers=workers,
        rate_limit_per_second=rate_limit_per_second,
        rate_limit_per_minute=rate_limit_per_minute,
        db_path=db_path,
        config=config,
        credentials_block=credentials_block,
        verbose=verbose,
    )
    with interruptible() as stop:
        document = _reverted(request, change_ids, stop, theirs=theirs, dry_run=dry_run, yes=yes, quiet=as_json)
    if as_json:
        print_json(document)
    leave("partial" if document["conflicts"] else document["status"], allow_partial=False)


def revert_agreed(request: Request, change_id: str, shown: str) -> dict[str, Any]:
    """Take one change back, if its new plan has the digest *shown*; return the report as a document."""
    import threading

    from lookervault_core.history.reverting import reverting
    from lookervault_core.restore.report import report_document
    from lookervault_core.restore.request import RestoreOptions
    from lookervault_core.restore.runs import opened, restore

    settings = request.reaching()
    with opened(settings, threading.Event(), dry_run=False) as (vault, looker):
        done = reverting(vault, looker, [change_id], RestoreOptions(workers=settings.workers))
        require_agreed(done.run, shown)
        return _judged(report_document(restore(done.run)) | _told(done))


def _judged(document: dict[str, Any]) -> dict[str, Any]:
    """Return the report of a revert; one that left something alone is partial."""
    is_partial = document["conflicts"] and document["status"] == "completed"
    return document | ({"status": "partial"} if is_partial else {})


def _reverted(
    request: Request, change_ids: list[str], stop: Any, *, theirs: bool, dry_run: bool, yes: bool, quiet: bool
) -> dict[str, Any]:
    from lookervault_core.history import catch_up
    from lookervault_core.history.reverting import reverting
    from lookervault_core.restore.request import RestoreOptions
    from lookervault_core.restore.runs import opened

    settings = request.reaching()
    catch_up(settings.db_path)
    options = RestoreOptions(workers=settings.workers, theirs=theirs)
    with opened(settings, stop, dry_run=dry_run) as (vault, looker):
        found = written(
            lambda: _something(reverting(vault, looker, change_ids, options)),
            _Telling(),
            dry_run=dry_run,
            yes=yes,
            verbose=request.verbose,
            quiet=quiet,
        )
    return found if dry_run else _judged(found)


def _something(found: Any) -> Any:
    """Return what takes something back. Raises UsageError where all that was asked for is left alone, but as a conflict."""
    if found.takes_nothing_back and not found.conflicts:
        raise UsageError("\n".join(f"change {one.change_id}: {one.reason}" for one in found.left_alone()))
    return found


class _Telling:
    """Names the changes before the plan, and the conflicts after it."""

    def introduce(self, found: Any) -> None:
        for change in found.changes:
            console().print(f"{change.change_id}  {change.text}")

    def add(self, found: Any) -> None:
        for conflict in found.left_alone():
            console(stderr=True).print(told(conflict))

    def question(self, _found: Any, place: str) -> str:
        return f"Write this to {place}?"

    def document(self, found: Any) -> dict[str, Any]:
        return _told(found)


def _told(found: Any) -> dict[str, Any]:
    from lookervault_core.history import plain, to_json

    return {
        "changes": [to_json(change) for change in found.changes],
        "conflicts": [plain(conflict.document()) for conflict in found.left_alone()],
    }


def told(one: Any) -> str:
    """Return a conflict as a line: the place, its value if taken back, its value now, and why it is left alone."""
    from lookervault_core.history import plain

    place = " ".join(filter(None, (f"{one.content_type} {one.id}", one.part and f"'{one.part[:80]}'", one.path)))
    was = "it was made with" if one.why.of_made else "it would be"
    both = f" {was} {_short(plain(one.wanted))}, and is {_short(plain(one.now))};" if one.path else ""
    end = "left alone (--theirs takes it back)" if one.forced else "left alone"
    return f"conflict: {place}:{both} {one.reason}; {end}"


def _short(value: Any) -> str:
    return msgspec.json.encode(value).decode()[:200]
