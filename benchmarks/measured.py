"""One measured run in a process of its own: `python benchmarks/measured.py core|flow URL VAULT [TYPES…]` prints JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Any

from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.report import ExtractReport, extract_report
from lookervault_core.extract.session import extraction
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.settings import load_settings

# Parts that take a request each are left out, so that the download beside it fetches the same pages.
EXCLUDE = ("merge_queries", "queries")
WORKERS = 8


def core(url: str, vault: str, types: list[str]) -> ExtractReport:
    """Extract without Prefect."""
    settings = load_settings(None, **_connection(url), db_path=vault, rate_limit_per_second=0.0)
    with extraction(settings, ExtractOptions(tuple(types) or None, EXCLUDE, workers=WORKERS)) as run:
        capture_on_threads(run, WORKERS)
        return extract_report(run.vault, run.session.session_id)


def flow(url: str, vault: str, types: list[str]) -> ExtractReport:
    """Extract as the Prefect flow, on the server that PREFECT_API_URL names."""
    from flows.extract import extract
    from flows.heartbeat import no_heartbeat
    from flows.watch import watching

    os.environ |= {f"LOOKERVAULT_{name.upper()}": value for name, value in _connection(url).items()}
    seen: list[Any] = []
    watching.set(seen.append)
    with no_heartbeat():  # as the command line does
        extract(types=types or None, exclude=list(EXCLUDE), workers=WORKERS, db_path=vault, rate_limit_per_second=0.0)
    return next(one for one in reversed(seen) if isinstance(one, ExtractReport))


def _connection(url: str) -> dict[str, str]:
    return {"base_url": url, "client_id": "simulator", "client_secret": "simulator-secret"}


def _warm_up() -> None:
    """Run an empty flow with one task: what Prefect imports and builds at its first run is cold start, quoted apart."""
    from prefect import flow as prefect_flow
    from prefect import task

    import flows.extract  # noqa: F401

    @task
    def nothing() -> None:
        """Do nothing."""

    @prefect_flow(name="warm-up")
    def warm_up() -> None:
        nothing()

    start = time.perf_counter()
    warm_up()
    print(f"the first flow of a process: {time.perf_counter() - start:.1f} s", file=sys.stderr)


def main() -> None:
    how, url, vault, *types = sys.argv[1:]
    run = {"core": core, "flow": flow}[how]
    import looker_sdk  # noqa: F401 (imported before the clock starts: cold start is quoted apart)

    if how == "flow":
        _warm_up()
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    report = run(url, vault, types)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = {
        "wall_s": wall,  # login and the check of rights included
        "run_s": report.duration_seconds,  # from the first listing to the closed snapshot
        "cpu_s": cpu,
        "peak_mb": after.ru_maxrss / 1024,
        "items": report.items,
        "status": report.status,
        "requests": report.requests,
        "by_operation": report.calls_by_operation,
        "vault_bytes": Path(vault).stat().st_size,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
