"""Show the progress of an extraction or a restore on the terminal."""

from __future__ import annotations

import time
from typing import Any

from flows.cli.live import Live, pace
from lookervault_core.diff.planning.plan import Plan
from lookervault_core.extract.capture import PageDone, TypeListed
from lookervault_core.extract.report import ExtractReport
from lookervault_core.restore.applying.outcome import Report, StepDone


class ExtractProgress(Live):
    """Shows the progress of an extraction, and keeps its report."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self.report: ExtractReport | None = None

    def __call__(self, event: Any) -> None:
        """Take one report of the run, from any thread."""
        with self._lock:
            if isinstance(event, ExtractReport):
                self.report = event
            elif isinstance(event, TypeListed):
                self._expect(event.content_type, event.listed)
            elif isinstance(event, PageDone):
                note = pace(event.requests, event.failures, limited=event.limited)
                self._advance(event.content_type, event.items, note)


class RestoreProgress(Live):
    """Shows the progress of a restore, and keeps its report."""

    def __init__(self, *, quiet: bool) -> None:
        super().__init__(quiet=quiet)
        self.report: Report | None = None
        self._started_s = time.monotonic()

    def __call__(self, event: Any) -> None:
        """Take one report of the run, from any thread."""
        with self._lock:
            if isinstance(event, Plan):
                self._planned(event)
            elif isinstance(event, StepDone):
                rate = (self._done + 1) / max(time.monotonic() - self._started_s, 0.001)
                note = pace(event.requests, event.failures, limited=event.limited, rate_per_s=rate)
                self._advance(event.content_type, 1, note)
            elif isinstance(event, Report):
                self.report = event

    def _planned(self, plan: Plan) -> None:
        self._started_s = time.monotonic()
        for name in plan.types():
            self._expect(name, len(plan.of(name)))
