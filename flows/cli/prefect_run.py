"""Run a flow in the process of a command: quietly, only if the Prefect server answers, and without waiting for one that is
gone."""

from __future__ import annotations

import atexit
import logging
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, NoReturn, cast

from flows.cli.printing import console
from lookervault_core.errors import LookerVaultError
from lookervault_core.inert import for_line, without_login

SECRETS = ("LOOKERSDK_CLIENT_SECRET", "LOOKERVAULT_CLIENT_SECRET", "LOOKERVAULT_PROXY", "LOOKERVAULT_NOTIFY")
LOOK_EVERY_S = 1.0
START_IT = "start it with `prefect server start`, or unset PREFECT_API_URL to run without one"
_abandons: list[bool] = []


def quiet_prefect() -> None:
    """Keep Prefect's own log lines off the terminal, unless somebody asked for them; they still go to its UI."""
    os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", "3")  # 14 s; somebody is waiting
    if "PREFECT_LOGGING_LEVEL" not in os.environ:
        os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
        os.environ.setdefault("PREFECT_LOGGING_INTERNAL_LEVEL", "CRITICAL")
        logging.raiseExceptions = False  # Prefect would print that its server does not take the log


def require_server() -> None:
    """Raise LookerVaultError if the configured Prefect server does not answer; if none is configured, start one for the run."""
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    url = get_current_settings().api.url
    if not url:
        _start_server()
        return
    with get_client(sync_client=True) as client:
        fault = client.api_healthcheck()
    if fault is not None:
        where = without_login(url)
        raise LookerVaultError(f"the Prefect server at {where} does not answer ({type(fault).__name__}); {START_IT}")


def _start_server() -> None:
    """Let Prefect start a server for this process, without the secrets in its environment: it does not need them."""
    from prefect.client.orchestration import get_client

    kept = {name: os.environ.pop(name) for name in SECRETS if name in os.environ}
    try:
        get_client(sync_client=True)
    except RuntimeError as exc:
        raise LookerVaultError(
            f"Prefect could not start a server for the run ({for_line(str(exc))[:200]}); start one with `prefect server start` "
            "and set PREFECT_API_URL"
        ) from exc
    finally:
        os.environ.update(kept)


def run_flow(call: Callable[[], Any]) -> Any:
    """Run a flow by *call* and return its state; if the Prefect server stopped answering meanwhile, what the flow's body returned.

    Raises LookerVaultError if the server stopped answering before the body began."""
    from flows.outliving import NotBegun, outlived
    from tasks.server import was_silent

    try:
        state = outlived(call)
    except NotBegun as exc:
        raise LookerVaultError(f"the Prefect server stopped answering before the run began; {START_IT}") from exc
    finally:
        _let_go()
    if was_silent():
        console(stderr=True).print(
            "note: the Prefect server stopped answering for a while; the run went on, and is not whole in the UI"
        )
    return state


def leave(code: int) -> NoReturn:
    """Exit with *code*, without waiting for a server that has gone: Prefect would go on trying for minutes, event by event."""
    if not _abandons:
        sys.exit(code)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _let_go() -> None:
    """Wait until the server has what there is to record, as long as it answers."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    from tasks.server import answers

    left: set[Future[bool]] = set()
    for worker in (EventsWorker, APILogWorker):
        _, not_done = cast(tuple[set[Future[bool]], set[Future[bool]]], worker.drain_all(timeout=0))
        left |= not_done
    while left := wait(left, LOOK_EVERY_S).not_done:
        if not answers():
            _abandons.append(True)
            return
