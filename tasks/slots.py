"""Limit how many runs work at once on a machine, whatever their vaults: a global concurrency limit in Prefect says how many."""

from __future__ import annotations

import fcntl
import os
import socket
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.exceptions import ObjectNotFound

from tasks.server import recorded, run_log

LONGEST_S = 24 * 3600.0
LOOK_EVERY_S = 2.0


def name_of_slot() -> str:
    """Return the name of this machine's global concurrency limit: `prefect gcl create lookervault-HOST --limit 1` makes it."""
    return f"lookervault-{socket.gethostname()}"


@contextmanager
def slot_of_host() -> Generator[None]:
    """Hold a slot of this machine inside the block, in the run of a deployment; without a limit for the machine, none is needed.

    It keeps two runs from loading one machine at once. Two runs on one vault are kept apart by the lock of the vault.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow_run.deployment_id is None:
        yield
        return
    with held(limit_of_host()):
        yield


def limit_of_host() -> int | None:
    """Return how many runs may be at work on this machine; None where no limit says so, or no server answers."""

    def ask() -> int | None:
        with get_client(sync_client=True) as client:
            try:
                found = client.read_global_concurrency_limit_by_name(name_of_slot())
            except ObjectNotFound:
                return None
        return found.limit if found.active else None

    return recorded(ask)


@contextmanager
def held(limit: int | None, directory: Path | None = None, patience_s: float = LONGEST_S) -> Generator[None]:
    """Hold one of *limit* slots, and wait for one at most *patience_s*; none at all without a limit.

    The operating system holds it: a slot that Prefect's server holds stays taken for ever where that restarts after its holder was
    killed, and every later night would wait (docs/decisions/0019).
    """
    file = _taken(limit, directory or _place(), patience_s) if limit else None
    try:
        yield
    finally:
        if file is not None:
            os.close(file)


def _place() -> Path:
    """Return the directory of the slots, which the runs of one user of this machine share."""
    place = Path(tempfile.gettempdir()) / f"lookervault-slots-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def _taken(limit: int, place: Path, patience_s: float) -> int | None:
    """Return the open file of a slot; None if none came free."""
    gives_up_s = time.monotonic() + patience_s
    told = False
    while (file := _free(limit, place)) is None:
        if time.monotonic() > gives_up_s:
            run_log().warning(
                "no slot of %s came free in %.0f h; going on without one", name_of_slot(), patience_s / 3600
            )
            return None
        if not told:
            run_log().info("waiting: %s of %s runs are at work on this machine", limit, limit)
            told = True
        time.sleep(LOOK_EVERY_S)
    return file


def _free(limit: int, place: Path) -> int | None:
    for number in range(limit):
        file = os.open(place / str(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            continue
        return file
    return None
