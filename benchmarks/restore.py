"""Restores beside what the API allows: requests of a plan, writes a second, calls to re-create a dashboard.

    uv run python benchmarks/restore.py [--dashboards 10000] [--latency-ms 50] [--all]

Simulator and client are processes of this machine; restores run on core, without Prefect. "possible" is workers ÷ latency.
With --all only one thing is measured: every dashboard has changed and all of them are restored, from the plan to the proof.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice, pairwise
from pathlib import Path
from typing import Any

from extract import simulator

from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.session import extraction
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.execution import Execution
from lookervault_core.restore.request import RestoreOptions, RestoreRequest, Selection
from lookervault_core.restore.runs import restoration
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

    def restored(self, selection: Selection) -> tuple[dict[str, float], dict[str, Any]]:
        """Restore *selection*; return the seconds of each phase and the calls of the writing."""
        clock = [time.perf_counter()]
        with restoration(self.settings, RestoreRequest(selection, RestoreOptions(workers=WORKERS))) as run:
            run.plan()
            clock.append(time.perf_counter())
            execution = run.begin()
            clock.append(time.perf_counter())
            self.reset()
            execution.free_names()
            _write(execution)
            clock.append(time.perf_counter())
            calls = self.calls()
            execution.second_pass()
            report = execution.finish(execution.verify())
            assert report.status == "completed", report
            clock.append(time.perf_counter())
        names = ("plan", "state before", "writing", "proof")
        return dict(zip(names, (b - a for a, b in pairwise(clock)), strict=True)), calls

    def mutate(self, changes: list[dict[str, Any]]) -> None:
        body = json.dumps(changes).encode()
        request = urllib.request.Request(f"{self.url}/_sim/mutate", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request).read()

    def calls(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_sim/calls") as answer:
            return json.load(answer)

    def reset(self) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/_sim/reset_calls", method="POST")).read()

    def least_calls(self, dashboards: list[dict[str, Any]]) -> int:
        """Return the fewest calls that make *dashboards* anew: one for each thing that has no other way into Looker, each
        distinct query once, and a read of the places that Looker gave to the tiles."""
        tiles = [tile for one in dashboards for tile in one["dashboard_elements"]]
        merges = {tile["merge_result_id"] for tile in tiles if tile["merge_result_id"]}
        asked = {tile["query_id"] for tile in tiles if tile["query_id"]}
        with Vault.open(self.vault, read_only=True) as vault:
            for item in vault.iter_payloads("merge_queries"):
                merge = json.loads(item.payload)
                asked |= {one["query_id"] for one in merge["source_queries"] if item.id in merges}
        parts = sum(len(one["dashboard_filters"]) + len(one["dashboard_layouts"]) - 1 for one in dashboards)
        return 2 * len(dashboards) + parts + len(tiles) + len(asked) + len(merges)

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


def _write(execution: Execution) -> None:
    with ThreadPoolExecutor(WORKERS) as pool:
        for name in execution.plan.types():
            for wave in execution.waves(name):
                list(pool.map(lambda span: execution.apply(span.content_type, span.start, span.stop), wave))


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
    phases, calls = bench.restored(Selection.bulk("dashboards"))
    done = writes(calls, "update_", "create_", "delete_")
    rate, possible, whole = len(ids) / phases["writing"], WORKERS / bench.latency_s, sum(phases.values())
    print(
        f"{title}: {done / len(ids):.2f} writes each, {rate:.0f} a second = {100 * rate / possible:.0f} % of possible; "
        f"whole restore {whole:.1f} s = {len(ids) / whole:.0f} a second ({_spelled(phases)})"
    )


def everything(bench: Bench) -> None:
    """Every dashboard has changed."""
    with Vault.open(bench.vault, read_only=True) as vault:
        ids = [item.id for item in vault.items("dashboards")]
    rows = [{"action": "update", "type": "dashboards", "id": one, "values": {"description": "changed"}} for one in ids]
    changed(bench, f"all {len(ids):,} dashboards changed", rows, ids)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _spelled(phases: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.1f}" for name, seconds in phases.items())


def make_many_of_ten_tiles(bench: Bench) -> None:
    """Copy dashboards of about ten tiles, of all kinds, until there are enough of them; only few of an instance are such."""
    some = bench.dashboards(_has_about_ten_tiles, RECREATED)
    bench.mutate(
        [{"action": "create", "type": "dashboards", "id": one["id"]} for one in islice(cycle(some), RECREATED)]
    )


def _has_about_ten_tiles(dashboard: dict[str, Any]) -> bool:
    return 8 <= len(dashboard["dashboard_elements"]) <= 12


def recreated(bench: Bench) -> None:
    many = bench.dashboards(_has_about_ten_tiles, RECREATED)
    bench.mutate([{"action": "delete", "type": "dashboards", "id": one["id"]} for one in many])
    phases, calls = bench.restored(Selection(keys=tuple(ContentKey("dashboards", one["id"]) for one in many)))
    tiles = sum(len(one["dashboard_elements"]) for one in many)
    # A place is sent only where Looker did not put the tile where it was.
    least = bench.least_calls(many) + calls["by_operation"].get("update_dashboard_layout_component", 0)
    print(
        f"{len(many)} hard-deleted dashboards of {tiles / len(many):.1f} tiles re-created: {calls['total'] / len(many):.1f} calls "
        f"each = {calls['total'] / least:.2f} × the {least / len(many):.1f} that the API needs, "
        f"{len(many) / phases['writing']:.1f} a second ({_spelled(phases)}); {calls['by_operation']}"
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
    parser.add_argument("--all", action="store_true", help="restore all of them, each changed; measure nothing else")
    options = parser.parse_args()
    with _bench("large", options.latency_ms, "--dashboards", str(options.dashboards)) as (bench, extracted_s):
        if options.all:
            everything(bench)
            return
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
        single(bench)
    with _bench("medium", options.latency_ms) as (bench, _):
        make_many_of_ten_tiles(bench)
        bench.extract()
        recreated(bench)


@contextmanager
def _bench(scale: str, latency_ms: float, *more: str) -> Generator[tuple[Bench, float]]:
    """Yield an instance with a vault of all of it, and the seconds that the extraction took."""
    with simulator(scale, latency_ms, *more) as url, tempfile.TemporaryDirectory() as scratch:
        bench = Bench(url, Path(scratch) / "v.db", latency_ms / 1000)
        yield bench, bench.extract()


if __name__ == "__main__":
    main()
