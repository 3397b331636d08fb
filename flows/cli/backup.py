"""`check`, `info` and `extract`: the commands that call Looker to back it up."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from flows.cli.boundary import say
from flows.cli.estimate import print_estimate
from flows.cli.extract_output import print_alarms, print_report
from flows.cli.log_lines import listening
from flows.cli.options import (
    AsJson,
    Block,
    Ceiling,
    Config,
    DbPath,
    MaxCalls,
    PerMinute,
    PerSecond,
    Quiet,
    Workers,
)
from flows.cli.prefect_run import quiet_prefect, require_server, run_flow
from flows.cli.printing import console
from flows.cli.tables import print_json, print_table, size
from lookervault_core.catalog import CATALOG, expand
from lookervault_core.errors import ConfigurationError, Interrupted, LookerVaultError, NotFound, UsageError
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.settings import Settings, load_settings

Types = Annotated[
    list[str] | None, typer.Argument(metavar="[TYPES]...", help="Content types, such as dashboards [default: all]")
]

RESUMABLE = "interrupted; what was captured is kept: `lookervault extract --resume` goes on"
LOST = "interrupted; nothing was pushed, and the next run starts from the newest copy again"


def extract(
    types: Types = None,
    named: Annotated[list[str] | None, typer.Option("--type", help="The same as TYPES")] = None,
    workers: Workers = None,
    page_size: Annotated[
        int | None, typer.Option(min=1, max=5000, help="Rows a page [default: the type's own]")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the last extraction that was not finished")
    ] = False,
    session_id: Annotated[str | None, typer.Option(help="Go on with this session")] = None,
    incremental: Annotated[
        bool, typer.Option("--incremental", help="Read only what changed since the last snapshot")
    ] = False,
    audit_days: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="With --incremental, read what nothing proves unchanged (access, attribute values, members, explores) "
            "again after so many days; 0 reads it each time [default: 7]",
        ),
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only say how many calls it takes, and how long at the limit")
    ] = False,
    no_prefect: Annotated[
        bool, typer.Option("--no-prefect", help="Run in this process alone: no server, no record in the UI")
    ] = False,
    folder: Annotated[list[str] | None, typer.Option(help="Only the content of this folder and those below it")] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="TYPE", help="Leave this type out")] = None,
    rate_limit_per_minute: PerMinute = None,
    rate_limit_per_second: PerSecond = None,
    rate_limit_ceiling: Ceiling = None,
    max_calls: MaxCalls = None,
    monthly_calls: Annotated[
        int | None, typer.Option(min=0, help="Spread the runs so that a month takes no more calls; 0 does not")
    ] = None,
    offsite_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Push a copy of the vault there afterwards, as `push` does")
    ] = None,
    from_offsite: Annotated[
        bool,
        typer.Option(
            "--from-offsite", help="Work on the newest copy there, with no vault here, and push it as the next"
        ),
    ] = False,
    allow_partial: Annotated[bool, typer.Option("--allow-partial", help="Exit with 0 even if there are holes")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say what held the run back, and what would help")
    ] = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
    db_path: DbPath = None,
    config: Config = None,
    credentials_block: Block = None,
) -> None:
    """Back up Looker into the vault, and prove that it is whole."""
    asked: dict[str, Any] = {
        "workers": workers,
        "page_size": page_size,
        "rate_limit_per_second": rate_limit_per_second,
        "rate_limit_per_minute": rate_limit_per_minute,
        "rate_limit_ceiling": rate_limit_ceiling,
        "max_calls": max_calls,
        "monthly_calls": monthly_calls,
        "audit_days": audit_days,
        "db_path": db_path,
        "offsite_url": offsite_url,
        "from_offsite": from_offsite or None,
    }
    given: dict[str, Any] = {
        "types": (*(types or ()), *(named or ())) or None,
        "exclude": exclude,
        "folder": folder,
        "incremental": incremental or None,
        "estimate": estimate or None,
        "no_prefect": no_prefect or None,
        "resume": resume or None,
        "session_id": session_id,
        "allow_partial": allow_partial or None,
        "verbose": verbose or None,
        "quiet": quiet or None,
        "as_json": as_json or None,
        "credentials_block": credentials_block,
    }
    settings = listening(load_settings(config, **asked, **given))
    if settings.from_offsite and db_path is not None:
        raise UsageError("--from-offsite works on the newest copy and not on a vault here; leave out --db-path")
    options = ExtractOptions(
        settings.types or None, settings.exclude, settings.folder, incremental=settings.incremental
    )
    if settings.estimate:
        print_estimate(settings, options)
        return
    scope = options.scope()
    whole = expand(settings.types) & {name for name in scope if CATALOG[name].by_folder is None} - {"folders"}
    if whole and settings.folder:
        console(stderr=True).print(f"note: --folder does not narrow {', '.join(sorted(whole))}: all of them are taken")
    from lookervault_core.notifying import telling_failure

    with telling_failure(settings, "extract"):
        _say_early(settings, options)
    parameters = {name: value for name, value in asked.items() if value is not None}
    parameters |= {
        "types": list(settings.types) or None,
        "exclude": list(settings.exclude) or None,
        "folders": list(settings.folder) or None,
        "incremental": settings.incremental,
        "resume": settings.session_id or ("newest" if settings.resume else None),
        "workers": settings.workers,
        "db_path": None if settings.from_offsite else str(settings.db_path),
        "offsite_url": settings.offsite_url,
        "from_offsite": settings.from_offsite,
        "config": str(config) if config else None,
        "credentials_block": settings.credentials_block,
    }
    report = (
        _run_alone(settings, parameters["resume"])
        if settings.no_prefect
        else _run_flow(parameters, quiet=settings.as_json or settings.quiet)
    )
    if settings.as_json:
        print_json(msgspec.to_builtins(report))
    elif settings.quiet:
        print_alarms(report)
    else:
        print_report(report, verbose=settings.verbose, vault=_vault(settings))
    _end(report, settings)


def _end(report: Any, settings: Settings) -> None:
    """Exit with the code of *report*."""
    unpushed = report.offsite is not None and "error" in report.offsite
    if unpushed:
        say(f"error: the vault was not pushed: {report.offsite['error']}", 3)
    is_partial = report.status == "partial" or (unpushed and report.status == "complete")
    if (report.status != "complete" or unpushed) and not (is_partial and settings.allow_partial):
        raise typer.Exit(3 if is_partial else 1)


def _vault(settings: Settings) -> str:
    if settings.from_offsite:
        return "none here"
    return f"{settings.db_path} ({size(Path(settings.db_path).stat().st_size)})"


def _say_early(settings: Settings, options: ExtractOptions) -> None:
    """Try vault, session, login and folders before anything slow starts; LookerVaultError says what is wrong."""
    from lookervault_core.extract.cost.budget import within_month
    from lookervault_core.extract.session import admitted, connected
    from lookervault_core.extract.survey import subtree
    from lookervault_core.offsite.setting import store_of

    if settings.notify:
        from lookervault_core.notifying import check_addresses

        check_addresses(settings.notify)
    if settings.from_offsite:
        store_of(settings)
    else:
        _try_vault(settings)
    within_month(settings, options)
    if not settings.credentials_block:
        with connected(settings, threading.Event()) as looker:
            admitted(looker)
            if settings.folder:
                subtree(looker, settings.folder)


def _try_vault(settings: Settings) -> None:
    from lookervault_core.extract.session import check_resumable
    from lookervault_core.vault import Vault

    path = Path(settings.db_path)
    resumes = settings.resume or settings.session_id
    if path.exists() and path.stat().st_size:
        with Vault.open(path, read_only=False) as vault, vault.run_lock():
            if vault.instance_url and not settings.credentials_block:
                vault.claim_instance(settings.connection().base_url)
            if resumes:
                check_resumable(vault, settings.session_id)
    elif resumes:
        raise NotFound(
            f"there is no vault at {path}, so nothing to resume; leave out --resume, or name the vault with --db-path"
        )
    elif not path.absolute().parent.is_dir():
        raise ConfigurationError(f"vault {path}: its directory does not exist; make it, or name another --db-path")


def _run_flow(parameters: dict[str, Any], *, quiet: bool) -> Any:
    """Run the flow in this process and return its report; what it raised is raised."""
    from flows.cli.progress import ExtractProgress

    quiet_prefect()
    with ExtractProgress(quiet=quiet) as progress:
        progress.starting()
        from flows.extract import extract as flow
        from flows.heartbeat import no_heartbeat
        from flows.watch import signals_stop_runs, watching

        require_server()
        token = watching.set(progress)
        try:
            with signals_stop_runs(), no_heartbeat():
                state = run_flow(lambda: flow(**parameters, return_state=True))
        finally:
            watching.reset(token)
    if progress.report is not None:
        return progress.report
    raise _cause(state, LOST if parameters["from_offsite"] else RESUMABLE)


def _run_alone(settings: Settings, resume: str | None) -> Any:
    """Run the extraction without Prefect and return its report."""
    from flows.cli.progress import ExtractProgress
    from flows.watch import signals_stop_runs, stoppable
    from lookervault_core.extract.alone import extract_alone
    from lookervault_core.notifying import telling_failure, told_extraction
    from lookervault_core.offsite.run import ground_of, with_copy

    if settings.credentials_block:
        raise UsageError(
            "--credentials-block: a block is Prefect's; leave out --no-prefect, or give the connection itself"
        )
    options = ExtractOptions(
        types=settings.types or None,
        exclude=settings.exclude,
        folders=settings.folder,
        workers=settings.workers,
        page_size=settings.page_size,
        incremental=settings.incremental,
        audit_days=settings.audit_days,
    )
    with (
        ExtractProgress(quiet=settings.as_json or settings.quiet) as progress,
        signals_stop_runs(),
        stoppable() as stop,
    ):
        try:
            with ground_of(settings) as ground:
                with telling_failure(ground.settings, "extract"):
                    report = extract_alone(ground.settings, options, resume=resume, stop=stop, on_page=progress)
                    report = with_copy(report, ground)
                return told_extraction(ground.settings, report)
        except Interrupted:
            raise Interrupted(LOST if settings.from_offsite else RESUMABLE) from None


def _cause(state: Any, interrupted: str) -> BaseException:
    try:
        error = state.result(raise_on_failure=False)
    except TypeError:
        error = None
    if isinstance(error, Interrupted):
        return Interrupted(interrupted)
    return (
        error if isinstance(error, BaseException) else LookerVaultError(f"the run ended {state.name}: {state.message}")
    )


def check(
    db_path: DbPath = None, config: Config = None, credentials_block: Block = None, as_json: AsJson = False
) -> None:
    """Check configuration, connection, rights and vault."""
    from flows.cli.checks import run_checks

    found = run_checks(config, db_path, credentials_block)
    if as_json:
        print_json([msgspec.to_builtins(one) for one in found])
    else:
        print_table(None, ("check", "result", "detail"), [(one.name, one.result, one.detail) for one in found])
    worst = max((one.exit_code for one in found), default=0)
    if worst:
        raise typer.Exit(worst)


def info(
    db_path: DbPath = None,
    config: Config = None,
    credentials_block: Block = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="What becomes of everything that Looker's API lets one read, and why")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the settings in force, the vault and the versions; or the account of what a backup holds."""
    if coverage:
        from flows.cli.coverage import show_coverage

        show_coverage(config, db_path, credentials_block, as_json=as_json)
        return
    from flows.cli.checks import facts

    found = facts(config, db_path)
    if as_json:
        print_json(found)
    else:
        print_table(None, ("what", "value"), found.items())
