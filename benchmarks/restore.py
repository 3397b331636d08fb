"""Restores beside what the API allows: requests of a plan, writes a second, calls to re-create a dashboard.

    uv run python benchmarks/restore.py [--dashboards 10000] [--latency-ms 50]

Simulator and client are processes of this machine; restores run on core, without Prefect. "possible" is workers ÷ latency.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from extract import simulator

from lookervault_core.extract import ExtractOptions
from lookervault_core.extract.run import capture_on_threads
from lookervault_core.extract.session import extraction
from lookervault_core.model import ContentKey
from lookervault_core.restore.planner import RestoreOptions
from lookervault_core.restore.selection import Selection
from lookervault_core.restore.session import RestoreRequest, restoration
from lookervault_core.settings import load_settings
from lookervault_core.vault import Vault

WORKERS, PAGE, CHANGED, RECREATED = 8, 100, 1_000, 200


class Bench:
    """One simulator and one vault that holds all of it."""

    def __init__(self, url: str, vault: Path, latency_s: float) -> None:
        self.url, self.vault, self.latency_s = url, vault, latency_s
        key = {"base_url": url, "client_id": "simulator", "client_secret": "simulator-secret"}
        self.settings = load_settings(
            None, **key, db_path=vault, workers=WORKERS, rate_limit_per_second=0.0, rate_limit_per_minute=0.0
        )

    def extract(self) -> float:
        with extraction(self.settings, ExtractOptions(workers=WORKERS)) as run:
            start = time.perf_counter()
            assert capture_on_threads(run, WORKERS).status == "complete"
            return time.perf_counter() - start

    def restored(self, selection: Selection) -> tuple[Any, float, float]:
        """Restore *selection*; return the report, the seconds of the plan and those of the writing."""
        with restoration(self.settings, RestoreRequest(selection, RestoreOptions(workers=WORKERS))) as run:
            start = time.perf_counter()
            plan = run.plan()
            planned, requests = time.perf_counter() - start, run.looker.requests
            run.begin()
            start = time.perf_counter()
            _write(run, plan)
            written = time.perf_counter() - start
            report = run.finish(run.verify())
            assert report.status == "completed", report
            assert not requests < 1
            return report, planned, written

    def mutate(self, changes: list[dict[str, Any]]) -> None:
        body = json.dumps(changes).encode()
        request = urllib.request.Request(f"{self.url}/_sim/mutate", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request).read()

    def calls(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_sim/calls") as answer:
            return json.load(answer)

    def reset(self) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_sim/reset_calls", method="POST")).read()

    def dashboards(self, wanted: Callable[[dict[str, Any]], bool], count: int) -> list[dict[str, Any]]:
        """Return the first *count* dashboards of the vault that are *wanted*."""
        found: list[dict[str, Any]] = []
        with Vault.open(self.vault, read_only=True) as vault:
            for item in vault.iter_payloads("dashboards"):
                payload = json.loads(item.payload)
                if wanted(payload):
                    found.append(payload)
                if len(found) == count:
                    break
        return found


def _write(run: Any, plan: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(WORKERS) as pool:
        for name in plan.types():
            for wave in run.waves(name):
                list(pool.map(lambda span: run.apply(span.content_type, span.start, span.stop), wave))


def writes(calls: dict[str, Any], *verbs: str) -> int:
    return sum(count for name, count in calls["by_operation"].items() if name.startswith(verbs))


def unchanged(bench: Bench, total: int, extracted_s: float) -> None:
    bench.reset()
    with restoration(
        bench.settings, RestoreRequest(Selection.bulk("dashboards"), RestoreOptions(workers=WORKERS))
    ) as run:
        start = time.perf_counter()
        plan = run.plan()
        seconds, requests = time.perf_counter() - start, run.looker.requests
    pages = total / PAGE
    print(
        f"plan of {total:,} unchanged dashboards: {len(plan.types())} types to write, {requests} requests = "
        f"{requests / pages:.2f} × the {pages:.0f} pages, {seconds:.1f} s = {seconds / extracted_s:.2f} × the extraction"
    )


def changed(bench: Bench, title: str, changes: list[dict[str, Any]], ids: list[str]) -> None:
    bench.mutate(changes)
    bench.reset()
    _, _, seconds = bench.restored(Selection(keys=tuple(ContentKey("dashboards", one) for one in ids)))
    calls = writes(bench.calls(), "update_", "create_", "delete_")
    rate, possible = len(ids) / seconds, WORKERS / bench.latency_s
    print(
        f"{title}: {calls / len(ids):.2f} writes each, {rate:.0f} a second = {100 * rate / possible:.0f} % of possible"
    )


def recreated(bench: Bench) -> None:
    ten = bench.dashboards(lambda one: 8 <= len(one["dashboard_elements"]) <= 12, RECREATED)
    if not ten:
        print("re-created: no dashboard of about ten tiles in this instance")
        return
    bench.mutate([{"action": "delete", "type": "dashboards", "id": one["id"]} for one in ten])
    bench.reset()
    keys = tuple(ContentKey("dashboards", one["id"]) for one in ten)
    with restoration(bench.settings, RestoreRequest(Selection(keys=keys), RestoreOptions(workers=WORKERS))) as run:
        plan = run.plan()
        run.begin()
        bench.reset()
        start = time.perf_counter()
        _write(run, plan)
        seconds, calls = time.perf_counter() - start, bench.calls()
        run.second_pass()
        assert run.finish(run.verify()).status == "completed"
    tiles = sum(len(one["dashboard_elements"]) for one in ten)
    print(
        f"{len(ten)} hard-deleted dashboards of {tiles / len(ten):.1f} tiles re-created: {calls['total'] / len(ten):.1f} calls "
        f"each, {len(ten) / seconds:.1f} a second; {calls['by_operation']}"
    )


def single(bench: Bench) -> None:
    many = max(bench.dashboards(lambda _: True, 60), key=lambda one: len(one["dashboard_elements"]))
    bench.mutate([{"action": "update", "type": "dashboards", "id": many["id"], "values": {"title": "renamed"}}])
    key = {"BASE_URL": bench.url, "CLIENT_ID": "simulator", "CLIENT_SECRET": "simulator-secret"}
    env = {**os.environ, **{f"LOOKERVAULT_{name}": value for name, value in key.items()}}
    command = [sys.executable, "-m", "flows.cli", "restore", "single", "dashboard", many["id"], "--yes", "--json"]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--db-path", str(bench.vault)],
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    )
    seconds = time.perf_counter() - start
    assert json.loads(done.stdout)["verified"]["equal"] == 1
    print(
        f"restore single, {len(many['dashboard_elements'])} tiles, changed title: {seconds:.1f} s with the start of the process"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dashboards", type=int, default=10_000)
    parser.add_argument("--latency-ms", type=float, default=50)
    options = parser.parse_args()
    with (
        simulator("large", options.latency_ms, "--dashboards", str(options.dashboards)) as url,
        tempfile.TemporaryDirectory() as scratch,
    ):
        bench = Bench(url, Path(scratch) / "v.db", options.latency_ms / 1000)
        extracted_s = bench.extract()
        unchanged(bench, options.dashboards, extracted_s)
        some = bench.dashboards(lambda one: any(tile["query_id"] for tile in one["dashboard_elements"]), CHANGED)
        ids = [one["id"] for one in some]
        titles = [
            {"action": "update", "type": "dashboards", "id": one, "values": {"description": "changed"}} for one in ids
        ]
        changed(bench, f"{len(ids):,} dashboards, one field changed", titles, ids)
        tiles = [
            {
                "action": "update",
                "type": "dashboard_elements",
                "id": one["dashboard_elements"][0]["id"],
                "values": {"note_text": "changed"},
            }
            for one in some
        ]
        changed(bench, f"{len(ids):,} dashboards, one tile changed", tiles, ids)
        recreated(bench)
        single(bench)


if __name__ == "__main__":
    main()
