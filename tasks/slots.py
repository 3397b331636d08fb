"""One run at a time on a machine, whatever it is of: the slot is a global concurrency limit of the Prefect server."""

from __future__ import annotations

import socket
from collections.abc import Generator
from contextlib import contextmanager

from prefect.concurrency.sync import concurrency
from prefect.context import FlowRunContext


def name_of_slot() -> str:
    """Return what the limit of this machine is called: `prefect gcl create lookervault-HOST --limit 1` makes it."""
    return f"lookervault-{socket.gethostname()}"


@contextmanager
def slot_of_host() -> Generator[None]:
    """Hold the slot of this machine in the run of a deployment; where nobody has made the limit there is none to wait for.

    It spares the machine two runs at once. What keeps them apart on one vault is the lock of the vault, which needs no server.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow_run.deployment_id is None:
        yield
        return
    with concurrency(name_of_slot(), occupy=1, strict=False):
        yield
