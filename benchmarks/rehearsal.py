"""How right a rehearsal is: what it forecasts, and what a restore of the same damage then takes on the instance itself.

uv run python -m benchmarks.rehearsal                        # 10,000 dashboards, 5 ms a request
uv run python -m benchmarks.rehearsal --scale small --latency-ms 50 --fraction 0.5
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import threading
import time
from pathlib import Path

from flows.rehearsal import Rehearsal, rehearse
from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.ravage import ravage
from lookervault_core.extract.alone import extract_alone
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import RestoreOptions, RestoreRequest, Selection
from lookervault_core.restore.runs import restoration, restore
from lookervault_core.settings import Settings, load_settings


def main() -> None:
    """Print the forecast beside what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="large")
    parser.add_argument("--latency-ms", type=float, default=5)
    parser.add_argument("--fraction", type=float, default=0.2)
    asked = parser.parse_args()
    options = SimulatorOptions(scale=asked.scale, latency_ms=asked.latency_ms)
    with tempfile.TemporaryDirectory() as scratch, Simulator(options) as looker:
        settings = _settings(looker, Path(scratch) / "looker.db")
        extract_alone(settings, ExtractOptions(workers=settings.workers), stop=threading.Event())
        calls = looker.calls.snapshot()
        found = rehearse(settings, fraction=asked.fraction, on_stage=print)
        if looker.calls.snapshot() != calls:
            raise SystemExit("the rehearsal asked the instance")
        _tell(found)
        ravage(looker.world, asked.fraction, seed=found.seed)
        started = time.monotonic()
        with restoration(settings, RestoreRequest(Selection.everything(), RestoreOptions(workers=8))) as run:
            report = restore(run)
        _compare(found, report, time.monotonic() - started)


def _settings(looker: Simulator, path: Path) -> Settings:
    keys = {"client_id": "simulator", "client_secret": looker.options.client_secret}
    free = {"rate_limit_per_second": 0, "rate_limit_per_minute": 0}
    return load_settings(None, base_url=looker.base_url, db_path=path, **keys, **free)


def _tell(found: Rehearsal) -> None:
    hit = sum(sum(one.values()) for one in found.hit.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"rehearsed in {found.seconds / 60:.1f} min: {found.objects:,} objects, {hit:,} hit, {found.report.writes:,} writes"
    )
    print(
        f"{'proven' if found.proven else 'NOT proven'}, {len(found.not_as_before)} differences, peak {peak:,.0f} MB in all"
    )


def _compare(found: Rehearsal, report: Report, seconds: float) -> None:
    forecast = found.forecast
    off = abs(forecast.calls - report.requests) / report.requests
    late = abs(forecast.seconds - seconds) / seconds
    print(f"calls: forecast {forecast.calls:,}, taken {report.requests:,}: {off:.2%} off")
    print(f"time: forecast {forecast.seconds:,.0f} s by {forecast.by}, taken {seconds:,.0f} s: {late:.0%} off")


if __name__ == "__main__":
    main()
