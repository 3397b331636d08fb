"""Progress of an extraction on a terminal: one bar a type, and what the run waits for."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Any, Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from flows.cli.tables import console
from lookervault_core.extract.capture import PageDone, TypeListed
from lookervault_core.extract.report import ExtractReport

LINE_EVERY_S = 10.0


class ExtractProgress:
    """Shows what a run reports; keeps its report. On anything but a terminal it prints a line now and then."""

    def __init__(self, *, quiet: bool) -> None:
        self.report: ExtractReport | None = None
        self._quiet = quiet
        self._live = not quiet and sys.stderr.isatty()
        self._lock = threading.Lock()
        self._items = 0
        self._next_line_s = time.monotonic() + LINE_EVERY_S
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
            if isinstance(event, ExtractReport):
                self.report = event
            elif isinstance(event, TypeListed) and self._live:
                self._progress.update(self._bar(event.content_type), total=event.listed)
            elif isinstance(event, PageDone):
                self._advance(event)

    def _advance(self, page: PageDone) -> None:
        self._items += page.items
        note = f"{page.requests:,} requests"
        note += ", the rate limit holds the run back" if page.limited else ""
        note += f", {page.failures} failed" if page.failures else ""
        if self._live:
            self._progress.update(self._bar(page.content_type), advance=page.items, note=note)
        elif not self._quiet and time.monotonic() >= self._next_line_s:
            self._next_line_s = time.monotonic() + LINE_EVERY_S
            print(f"lookervault: {self._items:,} items, now {page.content_type}; {note}", file=sys.stderr, flush=True)

    def _bar(self, content_type: str) -> TaskID:
        if content_type not in self._bars:
            self._bars[content_type] = self._progress.add_task(content_type, total=None, note="")
        return self._bars[content_type]
