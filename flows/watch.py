"""How a run in this process is stopped: by signals, and by a cancelled flow."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import Any

# Called with what a run reports as it goes (a PageDone and the like), from any thread.
watching: ContextVar[Callable[[Any], None] | None] = ContextVar("watching", default=None)
# The digest of the plan that somebody agreed to before the run was started in this process.
agreed: ContextVar[str | None] = ContextVar("agreed", default=None)

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_running: set[threading.Event] = set()
_in_force: list[bool] = []


@contextmanager
def stoppable() -> Generator[threading.Event]:
    """Yield the event that ends a run; Ctrl-C, SIGTERM and SIGHUP set it while `signals_stop_runs` is in force.

    Prefect's engine puts a handler of its own on SIGTERM around the flow, so ours goes back inside of it.
    """
    stop = threading.Event()
    _running.add(stop)
    before = signal.signal(signal.SIGTERM, _handle) if _in_force else None
    try:
        yield stop
    finally:
        _running.discard(stop)
        if before is not None:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def ending_threads() -> Generator[None]:
    """Stop the run's threads when an exception leaves the block, as when the run is cancelled: Prefect raises it in the main
    thread alone and then waits for the others."""
    try:
        yield
    except BaseException as exc:
        if not isinstance(exc, Exception):
            for stop in _running:
                stop.set()
        raise


@contextmanager
def signals_stop_runs() -> Generator[None]:
    """Turn the first Ctrl-C, SIGTERM, or hang-up of the terminal into a clean stop of the runs; the second one interrupts at once.

    Under `nohup` a hang-up is still ignored."""
    numbers = [one for one in _ENDING if signal.getsignal(one) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _handle) for number in numbers}
    _in_force.append(True)
    try:
        yield
    finally:
        _in_force.pop()
        for number, old in before.items():
            signal.signal(number, old)


def _handle(_number: int, _frame: FrameType | None) -> None:
    if not _running or any(stop.is_set() for stop in _running):
        raise KeyboardInterrupt
    for stop in _running:
        stop.set()
