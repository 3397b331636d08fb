"""What surrounds a run in this process: who watches its progress, and what ends it."""

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

_running: set[threading.Event] = set()


@contextmanager
def stoppable() -> Generator[threading.Event]:
    """Yield the event that ends a run; Ctrl-C and SIGTERM set it while `signals_stop_runs` is in force."""
    stop = threading.Event()
    _running.add(stop)
    try:
        yield stop
    finally:
        _running.discard(stop)


@contextmanager
def signals_stop_runs() -> Generator[None]:
    """Turn the first Ctrl-C or SIGTERM into a clean stop of the runs; the second one interrupts at once."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        if not _running or any(stop.is_set() for stop in _running):
            raise KeyboardInterrupt
        for stop in _running:
            stop.set()

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
