"""Run an extraction on plain threads, without Prefect."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from lookervault_core.errors import (
    Interrupted,
    LookerError,
)
from lookervault_core.extract.run import ExtractRun
from lookervault_core.looker.limiter import pause
from lookervault_core.model import Range, Snapshot


def capture_on_threads(run: ExtractRun, workers: int) -> Snapshot:
    """Run *run* on plain threads, without Prefect, and return the closed snapshot."""
    capture_waves(run, workers)
    return run.close()


def capture_waves(
    run: ExtractRun, workers: int, *, delays_s: tuple[float, ...] = (), stop: threading.Event | None = None
) -> None:
    """Capture every wave with so many threads; a range that Looker does not answer is tried again after each of *delays_s*."""
    with ThreadPoolExecutor(workers, thread_name_prefix="extract") as pool:
        for wave in run.waves():
            futures = [pool.submit(_captured, run, span, delays_s, stop) for span in wave]
            errors = [error for future in futures if (error := future.exception())]
            if errors:  # what stopped one worker interrupts the others: the cause comes first
                raise min(errors, key=lambda error: isinstance(error, Interrupted))


def _captured(run: ExtractRun, span: Range, delays_s: tuple[float, ...], stop: threading.Event | None) -> None:
    for delay_s in (*delays_s, None):
        try:
            run.capture(span)
        except LookerError as exc:
            if exc.ends_run:
                raise
            if delay_s is not None and exc.transient:
                pause(delay_s, None, stop)
                continue
            run.give_up(span, exc)
        return
