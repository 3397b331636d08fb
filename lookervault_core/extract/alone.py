"""An extraction without Prefect: the same run on plain threads, with the same patience and the same report."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec

from lookervault_core.errors import BudgetSpent
from lookervault_core.extract.capture import PageDone, TypeListed
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.report import ExtractReport, extract_report
from lookervault_core.extract.run import ExtractRun
from lookervault_core.extract.session import extraction
from lookervault_core.extract.threads import capture_waves
from lookervault_core.settings import Settings
from lookervault_core.tuning import diagnose
from lookervault_core.watching import to_json, unusual


def extract_alone(
    settings: Settings,
    options: ExtractOptions,
    *,
    resume: str | None = None,
    stop: threading.Event | None = None,
    on_page: Callable[[PageDone | TypeListed], None] | None = None,
) -> ExtractReport:
    """Back up what *options* ask for, or go on with the session *resume*, in this process, and return the report."""
    stop = stop or threading.Event()
    with extraction(settings, options, resume=resume, stop=stop, on_page=on_page) as run:
        stopped = ""
        try:
            delays_s = (settings.task_retry_delay_s, 4 * settings.task_retry_delay_s)  # as the tasks of the flow
            capture_waves(run, run.options.workers, delays_s=delays_s, stop=stop)
        except BudgetSpent as exc:
            stopped = out_of_calls(exc)
        report = concluded(run, stopped)
        if report.holes:
            run.bury_holes()
        return report


def out_of_calls(error: BudgetSpent) -> str:
    """Return the line of a report about a run that used up its budget of calls."""
    return f"{error}; go on later with --resume"


def concluded(run: ExtractRun, stopped: str) -> ExtractReport:
    """Close *run* and return its report."""
    observed = run.observed()
    run.close()
    report = extract_report(run.vault, run.session.session_id)
    pace = round(run.looker.limiter.pace, 1)
    found = [to_json(one) for one in unusual(run.vault, run.session.snapshot_id)]
    return msgspec.structs.replace(
        report, stopped=stopped, advice=diagnose(observed), limit_per_second=pace, unusual=found
    )
