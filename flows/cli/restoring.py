"""`restore …`: put things back, show the progress, undo a restore, handle dead letters."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import msgspec
import typer

from flows.cli.naming import Object
from flows.cli.options import AsJson, Block, Config, DbPath, Limit, Offset, PerMinute, PerSecond, Verbose, Workers, Yes
from flows.cli.restore_output import print_progress
from flows.cli.restore_request import Request, with_shared_options
from flows.cli.restore_start import run
from flows.cli.tables import print_json
from lookervault_core.errors import UsageError
from lookervault_core.restore import SETTLED

app = typer.Typer(name="restore", help="Put objects back as a snapshot has them.", no_args_is_help=True)

SessionId = Annotated[str | None, typer.Option("--session-id", help="The session [default: the newest]")]


TypeName = Annotated[str, typer.Argument(metavar="TYPE", help="A content type, such as dashboards")]


@app.command()
@with_shared_options
def single(
    content_type: TypeName,
    item: Object,
    **shared: Any,
) -> None:
    """Put back one object; without Prefect, so it answers in seconds."""
    run(Request(types=[content_type], item_id=item), shared, directly=True)


@app.command()
@with_shared_options
def bulk(
    content_types: Annotated[list[str], typer.Argument(metavar="TYPE...", help="Content types, such as dashboards")],
    **shared: Any,
) -> None:
    """Put back every object of one type or several."""
    run(Request(types=content_types), shared)


@app.command(name="all")
@with_shared_options
def everything(**shared: Any) -> None:
    """Put back everything that Looker lets one write."""
    run(Request(), shared)


@app.command()
@with_shared_options
def folder(
    folder_id: Annotated[str, typer.Argument(metavar="FOLDER", help="Its id, address, name or path in the backup")],
    **shared: Any,
) -> None:
    """Put back a folder with everything below it."""
    run(Request(folder=folder_id), shared)


@app.command()
@partial(with_shared_options, without=(*SETTLED, "at", "rehearse"))
def resume(
    content_type: Annotated[str | None, typer.Argument(metavar="[TYPE]", help="Only this type")] = None,
    session_id: SessionId = None,
    **shared: Any,
) -> None:
    """Go on with a restore that did not finish, as it was told to. What it did is found done."""
    if content_type:
        shared["only_types"] = [content_type, *(shared.get("only_types") or ())]
    run(Request(resume=session_id or "newest"), shared)


@app.command()
def status(
    session_id: SessionId = None,
    everything: Annotated[bool, typer.Option("--all", help="List every restore")] = False,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Show how far a restore is, or list them all."""
    from flows.cli.browse import open_vault
    from lookervault_core.restore.report import session_document
    from lookervault_core.vault.restoring import restorations
    from lookervault_core.vault.sqlite.lock import is_abandoned

    with open_vault(db_path) as vault:
        found = restorations.newest_first(vault)
        if not everything:
            found = [restorations.get(vault, session_id)] if session_id else found[:1]
        abandoned = is_abandoned(vault.path)
        rows = [
            session_document(one)
            | {"cut_off": abandoned and one.status == "running", "progress": _progress(vault, one.session_id)}
            for one in found
        ]
    if as_json:
        print_json(rows)
    else:
        print_progress(rows)


def _progress(vault: Any, session_id: str) -> list[dict[str, Any]]:
    from lookervault_core.vault.restoring import restorations

    return [msgspec.to_builtins(one) for one in restorations.progress(vault, session_id)]


@app.command()
def undo(
    session_id: Annotated[str, typer.Option("--session-id", help="The restore to take back")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing")] = False,
    yes: Yes = False,
    workers: Workers = None,
    rate_limit_per_second: PerSecond = None,
    rate_limit_per_minute: PerMinute = None,
    db_path: DbPath = None,
    config: Config = None,
    credentials_block: Block = None,
    as_json: AsJson = False,
) -> None:
    """Take a restore back.

    What it changed becomes as it was before, what it made is removed.
    """
    from flows.cli.restore_start import undo_session

    request = Request(
        workers=workers,
        rate_limit_per_second=rate_limit_per_second,
        rate_limit_per_minute=rate_limit_per_minute,
        db_path=db_path,
        config=config,
        credentials_block=credentials_block,
    )
    undo_session(request, session_id, dry_run=dry_run, yes=yes, as_json=as_json)


dlq = typer.Typer(
    name="dlq", help="Dead letters: what could not be restored, with payload and error.", no_args_is_help=True
)
app.add_typer(dlq)

LetterId = Annotated[int, typer.Argument(metavar="NUMBER", help="Number of the dead letter")]
OfSession = Annotated[str | None, typer.Option("--session-id", help="Only those of this session")]
OfType = Annotated[str | None, typer.Option("--type", help="Only those of this content type")]
OfError = Annotated[str | None, typer.Option("--error-type", help="Only those of this kind, such as Invalid")]


@dlq.command(name="list")
def list_letters(
    session_id: OfSession = None,
    content_type: OfType = None,
    error_type: OfError = None,
    resolved: Annotated[bool, typer.Option("--resolved", help="Also those that a retry has settled")] = False,
    limit: Limit = None,
    offset: Offset = 0,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """List what could not be captured or restored."""
    from flows.cli.browse import open_vault

    with open_vault(db_path) as vault:
        found = _letters(vault, session_id, content_type, error_type, resolved=resolved, limit=limit, offset=offset)
        every = found if resolved else _letters(vault, session_id, content_type, error_type, resolved=True)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
        return
    from flows.cli.letters import print_letters

    print_letters(found, settled=0 if resolved else sum(one.resolved_at is not None for one in every))


def _letters(vault: Any, session_id: str | None, content_type: str | None, error_type: str | None, **more: Any) -> Any:
    from lookervault_core.catalog import row
    from lookervault_core.vault.restoring import dead_letters

    name = row(content_type).name if content_type else None
    return dead_letters.listing(vault, session_id=session_id, content_type=name, error_type=error_type, **more)


@dlq.command(name="show")
def show_letter(
    number: LetterId,
    payload: Annotated[bool, typer.Option("--payload", help="Print the payload alone, byte for byte")] = False,
    verbose: Verbose = False,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter with its error, or its payload."""
    from flows.cli.browse import open_vault, print_bytes
    from lookervault_core.vault.restoring import dead_letters

    with open_vault(db_path) as vault:
        found, kept = dead_letters.get(vault, number), dead_letters.payload(vault, number)
    if payload:
        print_bytes(kept or b"")
    elif as_json:
        print_json(msgspec.to_builtins(found))
    else:
        from flows.cli.letters import print_letter

        print_letter(found, verbose=verbose)


@dlq.command(name="retry")
def retry_letters(
    number: Annotated[int | None, typer.Argument(metavar="[NUMBER]", help="Only this one")] = None,
    session_id: OfSession = None,
    content_type: OfType = None,
    error_type: OfError = None,
    fix_dependencies: Annotated[bool, typer.Option("--fix-dependencies", help="Also restore what they need")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also those that have failed three times")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing")] = False,
    yes: Yes = False,
    db_path: DbPath = None,
    config: Config = None,
    credentials_block: Block = None,
    as_json: AsJson = False,
) -> None:
    """Try dead letters again; what succeeds leaves the queue."""
    from flows.cli.browse import open_vault
    from flows.cli.restore_start import retry_dead_letters
    from lookervault_core.vault.restoring import dead_letters

    with open_vault(db_path) as vault:
        one = [] if number is None else [dead_letters.get(vault, number)]
        chosen = one or _letters(vault, session_id, content_type, error_type)
    if one and one[0].resolved_at is not None:
        raise UsageError(
            f"dead letter {number}: it is settled since {one[0].resolved_at:%Y-%m-%d %H:%M} UTC; restore the object anew"
        )
    request = Request(
        with_dependencies=fix_dependencies, db_path=db_path, config=config, credentials_block=credentials_block
    )
    retry_dead_letters(request, chosen, force=force, dry_run=dry_run, yes=yes, as_json=as_json)


@dlq.command(name="clear")
def clear_letters(
    number: Annotated[int | None, typer.Argument(metavar="[NUMBER]", help="Only this one")] = None,
    session_id: OfSession = None,
    content_type: OfType = None,
    error_type: OfError = None,
    yes: Yes = False,
    db_path: DbPath = None,
    as_json: AsJson = False,
) -> None:
    """Forget dead letters, payload and all, those too that a retry has settled."""
    from flows.cli.restore_start import clear_dead_letters
    from lookervault_core.catalog import row

    name = row(content_type).name if content_type else None
    chosen = {"dead_letter_id": number, "session_id": session_id, "content_type": name, "error_type": error_type}
    clear_dead_letters(Request(db_path=db_path), chosen, yes=yes, as_json=as_json)
