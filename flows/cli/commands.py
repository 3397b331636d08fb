"""The table of commands and their modules. Only the module of the command that is run is imported, so that it starts fast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Annotated

import typer

from flows.cli.log_lines import NAMES, LogFormat, LogLevel, first, listen

# In the order of the help. What is a group of commands is an `app`.
PLACES = {
    "demo": "demo.demo",
    "simulate": "simulate.simulate",
    "check": "backup.check",
    "info": "backup.info",
    "extract": "backup.extract",
    "snapshots": "browse.snapshots",
    "list": "browse.list_items",
    "show": "browse.show",
    "history": "browse.history",
    "log": "history.log",
    "diff": "history.diff",
    "blame": "history.blame",
    "access": "access.access_",
    "where-used": "history.where_used",
    "unusual": "unusual.unusual",
    "revert": "revert.revert",
    "offboard": "offboard.offboard",
    "forget": "forget.forget",
    "draw": "draw.draw",
    "mcp": "mcp_server.mcp",
    "ui": "ui.ui",
    "stats": "browse.stats",
    "calls": "calls.calls",
    "verify": "verify.verify",
    "notify": "notify.notify",
    "metrics": "metrics.metrics",
    "project": "project.project",
    "rehearse": "rehearse.rehearse",
    "search": "browse.search",
    "prune": "prune.prune",
    "push": "offsite.push",
    "pull": "offsite.pull",
    "offsite": "offsite.app",
    "export": "exchange.export",
    "import": "exchange.import_",
    "restore": "restoring.app",
}


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """Return an app with the one command that *arguments* name; with all commands if they name none, as for the help."""
    words = first(arguments)
    while words and words[0] in NAMES:
        del words[:2]
    asked = next((word for word in words if not word.startswith("-")), "")
    return made([asked] if asked in PLACES else PLACES)


def made(names: Iterable[str]) -> typer.Typer:
    """Return an app with the commands *names*."""
    app = typer.Typer(name="lookervault", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback()(lookervault)
    for name in names:
        module, function = PLACES[name].split(".")
        found = getattr(import_module(f"flows.cli.{module}"), function)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name=name)(found)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"lookervault {version('lookervault')}")
        raise typer.Exit


def lookervault(
    version: Annotated[  # noqa: ARG001 (its callback answers)
        bool, typer.Option("--version", is_eager=True, callback=_version, help="Show the version and exit")
    ] = False,
    log_level: LogLevel = None,
    log_format: LogFormat = None,
) -> None:
    """Undo for Looker: back up a whole instance into one SQLite file, and put any of it back."""
    listen(log_level, log_format)
