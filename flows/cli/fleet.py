"""`python -m flows.fleet`: the extraction of every instance, started and waited for at a terminal."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import typer

from flows.cli.options import AsJson
from flows.cli.prefect_run import quiet_prefect, require_server, run_flow
from flows.cli.printing import console
from flows.cli.tables import print_json, print_table
from lookervault_core.errors import ConfigurationError, LookerVaultError
from lookervault_core.fleet import FleetReport, duration

EXIT_CODES = {"completed": 0, "partial": 3, "failed": 1}

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def fleet(
    tag: Annotated[str | None, typer.Option(help="Tag of the deployments [default: lookervault-fleet]")] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="This deployment only; may be repeated")
    ] = None,
    at_once: Annotated[int | None, typer.Option(min=1, help="At most so many at a time [default: all]")] = None,
    incremental: Annotated[
        bool | None,
        typer.Option("--incremental/--full", help="What changed, or all [default: as each deployment says]"),
    ] = None,
    types: Annotated[
        list[str] | None, typer.Option("--type", metavar="TYPE", help="This content type only; may be repeated")
    ] = None,
    start_timeout: Annotated[float, typer.Option(min=1, help="Seconds in which a worker must begin a run")] = 600.0,
    wait_hours: Annotated[float, typer.Option(min=0.01, help="Wait no longer than that")] = 20.0,
    as_json: AsJson = False,
) -> None:
    """Back up every Looker instance that has a deployment of `extract` with the tag, and wait for all of them."""
    given = {"tag": tag, "only": only, "at_once": at_once, "incremental": incremental, "types": types}
    parameters: dict[str, Any] = {name: value for name, value in given.items() if value is not None and value != []}
    found = _run_flow(parameters | {"start_timeout_s": start_timeout, "wait_hours": wait_hours})
    if as_json:
        print_json(msgspec.to_builtins(found))
    else:
        _print(found)
    if code := EXIT_CODES[found.status]:
        raise typer.Exit(code)


def _run_flow(parameters: dict[str, Any]) -> FleetReport:
    """Run the flow in this process and return its report; what it raised is raised."""
    quiet_prefect()
    from prefect.settings import get_current_settings

    from flows.fleet import fleet as flow
    from flows.heartbeat import no_heartbeat
    from flows.watch import signals_stop_runs, watching

    if not get_current_settings().api.url:
        raise ConfigurationError("a fleet needs the Prefect server that its workers ask for work: set PREFECT_API_URL")
    require_server()
    console(stderr=True).print("waiting for the instances; the Prefect UI shows how they are doing")
    reports: list[FleetReport] = []
    token = watching.set(reports.append)
    try:
        with signals_stop_runs(), no_heartbeat():
            state = run_flow(lambda: flow(**parameters, return_state=True))
    finally:
        watching.reset(token)
    if reports:
        return reports[0]
    error = state.result(raise_on_failure=False)
    raise (
        error if isinstance(error, BaseException) else LookerVaultError(f"the run ended {state.name}: {state.message}")
    )


def _print(found: FleetReport) -> None:
    headings = ("deployment", "state", "items", "holes", "duration", "instance", "reason")
    rows = [
        (
            backup.name,
            backup.outcome,
            backup.items,
            backup.holes,
            duration(backup.duration_s),
            backup.instance,
            backup.reason,
        )
        for backup in found.backups
    ]
    print_table(None, headings, rows)
    console().print(f"\n{found.message}")
