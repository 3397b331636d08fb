"""How many calls a night costs: the first run, a full one and an incremental one after it, and a look by `extract/watch`.

    uv run python benchmarks/calls.py [--scale medium] [--dashboards N] [--operations]

Nothing changes on the instance. Calls are counted by the simulator, so the figures are the same on any machine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.catalog import CATALOG
from lookervault_core.extract.cost.poll import moved
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.session import connected, extraction
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.settings import Settings, load_settings
from lookervault_core.vault import Vault

WORKERS = 4
FREE = ("login", "logout")


def measured(options: SimulatorOptions) -> dict[str, dict[str, int]]:
    """Return by run how often each operation was called."""
    with Simulator(options) as simulator, tempfile.TemporaryDirectory() as scratch:
        settings = load_settings(
            None,
            base_url=simulator.base_url,
            client_id=options.client_id,
            client_secret=options.client_secret,
            db_path=str(Path(scratch) / "vault.db"),
            rate_limit_per_second=0,
            workers=WORKERS,
        )
        full, nightly = ExtractOptions(workers=WORKERS), ExtractOptions(workers=WORKERS, incremental=True, audit_days=7)
        return {
            "first": _counted(simulator, lambda: _extract(settings, full)),
            "full": _counted(simulator, lambda: _extract(settings, full)),
            "incremental": _counted(simulator, lambda: _extract(settings, nightly)),
            "poll": _counted(simulator, lambda: _poll(settings)),
        }


def _counted(simulator: Simulator, run: Callable[[], None]) -> dict[str, int]:
    simulator.calls.reset()
    run()
    return {name: count for name, count in simulator.calls.by_operation.items() if name not in FREE and count}


def of_settings(calls: dict[str, int]) -> int:
    """Return how many of *calls* read settings of the instance and what is connected with it, such as projects and tunnels."""
    rows = [row for row in CATALOG.values() if row.documents or row.optional]
    asked = {call.operation for row in rows for call in (row.list, *(one.read for one in row.documents.values()))}
    return sum(count for name, count in calls.items() if name in asked)


def _extract(settings: Settings, options: ExtractOptions) -> None:
    with extraction(settings, options) as run:
        snapshot = capture_on_threads(run, WORKERS)
    assert snapshot.status == "complete", snapshot


def _poll(settings: Settings) -> None:
    with connected(settings, threading.Event()) as looker, Vault.open(Path(settings.db_path)) as vault:
        assert not moved(vault, looker)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", default="medium")
    parser.add_argument("--dashboards", type=int)
    parser.add_argument("--operations", action="store_true", help="also print the operations that are called most")
    options = parser.parse_args()
    found = measured(SimulatorOptions(scale=options.scale, dashboards=options.dashboards))
    first = sum(found["first"].values())
    for name, calls in found.items():
        total = sum(calls.values())
        print(f"{name:12}{total:8,} calls  {100 * total / first:5.1f} %, {of_settings(calls)} of them for settings")
        most = sorted(calls.items(), key=lambda pair: -pair[1])[: 12 if options.operations else 0]
        for operation, count in most:
            print(f"    {count:8,}  {operation}")


if __name__ == "__main__":
    main()
