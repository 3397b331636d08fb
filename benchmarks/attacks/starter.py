"""The process that the commands of an attack are forked from. Reads a command a line, writes its exit code a line.

With arguments it is that one command itself: `python -m benchmarks.attacks.starter extract --resume`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from typing import Annotated, Any

import typer

from flows.cli.app import app
from flows.cli.boundary import run
from flows.cli.connection import reaching_settings
from flows.watch import signals_stop_runs, stoppable
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.report import extract_report
from lookervault_core.extract.session import extraction
from lookervault_core.extract.threads import capture_on_threads

extracting = typer.Typer()


@extracting.command()
def extract(
    types: Annotated[list[str] | None, typer.Argument()] = None,
    resume: Annotated[bool, typer.Option("--resume")] = False,
) -> None:
    """Back up what Looker has, without Prefect; exit 3 if there are holes."""
    settings = reaching_settings(None)
    options = ExtractOptions(types=tuple(types or ()) or None, workers=settings.workers, page_size=settings.page_size)
    with (
        signals_stop_runs(),
        stoppable() as stop,
        extraction(settings, options, resume="newest" if resume else None, stop=stop) as begun,
    ):
        capture_on_threads(begun, settings.workers)
        report = extract_report(begun.vault, begun.session.session_id)
    print(json.dumps({"status": report.status, "holes": report.holes}))
    raise typer.Exit(0 if report.status == "complete" else 3)


def command(arguments: list[str]) -> int:
    """Run one command in this process and return its exit code."""
    if arguments[:1] == ["extract"]:
        return run(extracting, arguments[1:])
    return run(app, arguments)


def _carry_out(told: dict[str, Any]) -> None:
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(told[name], os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(told["cwd"])
    os.environ.clear()
    os.environ.update(told["env"])
    if user := os.environ.pop("ATTACK_AS_UID", ""):
        os.setresuid(int(user), int(user), int(user))
    if told["limit"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (told["limit"], told["limit"]))
    sys.exit(command(list(told["arguments"])))


def _forked(told: dict[str, Any]) -> int:
    child = os.fork()
    if not child:
        _carry_out(told)
    give_up_s = time.monotonic() + told["after_s"]
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > give_up_s:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.005)


def _serve() -> None:
    import lookervault_core.exchange
    import lookervault_core.verify  # noqa: F401 (what every command would import again)

    for line in sys.stdin:
        code = _forked(json.loads(line))
        print(code, flush=True)


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(command(sys.argv[1:]))
    _serve()
