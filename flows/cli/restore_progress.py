"""Progress of a restore on a terminal: one bar a type, and what the run waits for."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from flows.cli.tables import console
from lookervault_core.plan import Plan
from lookervault_core.restore.outcome import Report, StepDone

LINE_EVERY_S = 10.0


class RestoreProgress:
    """Shows what a run reports; keeps its plan and its report. On anything but a terminal it prints a line now and then."""

    def __init__(self, *, quiet: bool) -> None:
        self.plan: Plan | None = None
        self.report: Report | None = None
        self._quiet = quiet
        self._live = not quiet and sys.stderr.isatty()
        self._lock = threading.Lock()
        self._done = 0
        self._started_s = time.monotonic()
        self._next_line_s = self._started_s + LINE_EVERY_S
        self._bars: dict[str, TaskID] = {}
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=console(stderr=True),
            transient=True,
            disable=not self._live,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def starting(self) -> None:
        """Say what takes its time before the first request."""
        if self._quiet:
            return
        server = os.environ.get("PREFECT_API_URL")
        wait = (
            f"using the Prefect server at {server}"
            if server
            else "starting a Prefect server of its own, up to half a minute"
        )
        console(stderr=True).print(f"lookervault: {wait} …")

    def __call__(self, event: Any) -> None:
        """Take one report of the run, from any thread."""
        with self._lock:
            if isinstance(event, Plan):
                self._planned(event)
            elif isinstance(event, StepDone):
                self._advance(event)
            elif isinstance(event, Report):
                self.report = event

    def _planned(self, plan: Plan) -> None:
        self.plan, self._started_s = plan, time.monotonic()
        for name in plan.types():
            self._bars[name] = self._progress.add_task(name, total=len(plan.of(name)), note="")

    def _advance(self, step: StepDone) -> None:
        self._done += 1
        rate = self._done / max(time.monotonic() - self._started_s, 0.001)
        note = f"{rate:.0f} a second, {step.requests:,} requests"
        note += ", the rate limit holds the run back" if step.limited else ""
        note += f", {step.failures} failed" if step.failures else ""
        if self._live and step.content_type in self._bars:
            self._progress.update(self._bars[step.content_type], advance=1, note=note)
        elif not self._quiet and time.monotonic() >= self._next_line_s:
            self._next_line_s = time.monotonic() + LINE_EVERY_S
            print(f"lookervault: {self._done:,} objects, now {step.content_type}; {note}", file=sys.stderr, flush=True)
