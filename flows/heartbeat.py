"""Runs that somebody watches need no heartbeat: it makes the end of every run up to a second longer."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings


@contextmanager
def no_heartbeat() -> Generator[None]:
    """Run flows without a heartbeat: subflows, whose parent has one, and runs at a terminal. Deployments keep theirs."""
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield
