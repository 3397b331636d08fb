"""The command line: a thin way to start a flow or to read the vault. Prefect is imported only when a flow starts."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code."""
    if sys.platform == "win32":  # its files cannot be locked as a vault must be, nor renamed while they are read
        sys.exit("error: LookerVault runs on Linux and macOS; on Windows run it in WSL (https://aka.ms/wsl)")
    from flows.cli.boundary import run
    from flows.cli.commands import app_for
    from flows.cli.prefect_run import leave

    words = list(sys.argv[1:] if arguments is None else arguments)
    leave(run(app_for(words), words))


def run_as_module(command: str) -> None:
    """Run `python -m flows.<command> …` as the command of the same name."""
    main([command, *sys.argv[1:]])


def run_restore_as_module() -> None:
    """Run `python -m flows.restore --type dashboards …` as `lookervault restore bulk dashboards …`."""
    words = list(sys.argv[1:])
    types: list[str] = []
    while "--type" in words[:-1]:
        at = words.index("--type")
        types.append(words.pop(at + 1))
        words.pop(at)
    known = ("single", "bulk", "all", "folder", "resume", "status", "undo", "dlq", "--help")
    head = ["bulk", *types] if types else [] if words and words[0] in known else ["all"]
    main(["restore", *head, *words])


def run_fleet_as_module() -> None:
    """Run `python -m flows.fleet …`; a fleet has a Prefect server and workers, so it is no command of `lookervault`."""
    from flows.cli.boundary import run
    from flows.cli.fleet import app
    from flows.cli.prefect_run import leave

    leave(run(app, sys.argv[1:], "python -m flows.fleet"))
