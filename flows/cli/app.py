"""All commands under one name."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.cli import (
    access,
    backup,
    browse,
    calls,
    demo,
    draw,
    exchange,
    forget,
    history,
    mcp_server,
    metrics,
    notify,
    offboard,
    offsite,
    project,
    prune,
    rehearse,
    restoring,
    revert,
    simulate,
    ui,
    unusual,
    verify,
)
from flows.cli.log_lines import LogFormat, LogLevel, listen


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"lookervault {version('lookervault')}")
        raise typer.Exit


app = typer.Typer(
    name="lookervault",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def lookervault(
    version: Annotated[  # noqa: ARG001 (its callback answers)
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and exit")
    ] = False,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
) -> None:
    """Undo for Looker: back up a whole instance into one SQLite file, and put any of it back."""
    listen(log_level, log_format)


app.command()(demo.demo)
app.command()(simulate.simulate)
app.command()(backup.check)
app.command()(backup.info)
app.command()(backup.extract)
app.command()(browse.snapshots)
app.command(name="list")(browse.list_items)
app.command()(browse.show)
app.command()(browse.history)
app.command()(history.log)
app.command()(history.diff)
app.command()(history.blame)
app.command(name="access")(access.access_)
app.command(name="where-used")(history.where_used)
app.command()(unusual.unusual)
app.command()(revert.revert)
app.command()(offboard.offboard)
app.command()(forget.forget)
app.command()(draw.draw)
app.command()(mcp_server.mcp)
app.command()(ui.ui)
app.command()(browse.stats)
app.command()(calls.calls)
app.command()(verify.verify)
app.command()(notify.notify)
app.command()(metrics.metrics)
app.command()(project.project)
app.command()(rehearse.rehearse)
app.command()(browse.search)
app.command()(prune.prune)
app.command()(offsite.push)
app.command()(offsite.pull)
app.add_typer(offsite.app, name="offsite")
app.command()(exchange.export)
app.command(name="import")(exchange.import_)
app.add_typer(restoring.app)
