"""`lookervault extract` as a user starts it, whole instance, beside the bare requests and beside the same run without Prefect.

    uv run python benchmarks/whole.py [--scale large] [--dashboards 10000] [--latency-ms 50] [--workers 16] [--rounds 1] [--flow]

Each command is a process of its own, timed from its start to its exit: imports, login, every type, queries of merge tiles, proof.
`bare` asks for the very paths that the first run has asked for, over as many sockets, and throws the answers away. With --flow the
first run also goes through Prefect, on the server that PREFECT_API_URL names. Simulator and client share the machine, so only
ratios within a round and processor time mean anything, and those of walls only where nobody else uses the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.extract import KEYS, simulator

ROOT = Path(__file__).parent.parent


def command(url: str, vault: Path, workers: int, *more: str) -> dict[str, float]:
    """Run one extraction as a process; return wall and CPU seconds, requests, and peak memory."""
    connection = {"BASE_URL": url, "CLIENT_ID": KEYS[0], "CLIENT_SECRET": KEYS[1], "RATE_LIMIT_PER_SECOND": "0"}
    environment = os.environ | {f"LOOKERVAULT_{name}": value for name, value in connection.items()}
    words = ["extract", "--json", "--workers", str(workers), "--db-path", str(vault), *more]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    report = json.loads(done.stdout)
    assert report["status"] == "complete", report["holes"]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found = {"wall_s": wall, "run_s": report["duration_seconds"], "cpu_s": cpu, "requests": report["requests"]}
    return found | {"items": report["items"], "peak_mb": after.ru_maxrss / 1024}


def bare(url: str, targets: list[str], workers: int) -> dict[str, float]:
    """Ask for *targets* over bare sockets."""
    host, port = url.removeprefix("http://").split(":")
    words = [str(ROOT / "benchmarks" / "raw.py"), host, port, *KEYS, str(workers)]
    lines = "\n".join(targets)
    done = subprocess.run([sys.executable, *words], input=lines, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def asked(url: str, *, forget: bool = False) -> Any:
    """Return what the simulator was asked for since it last forgot."""
    if forget:
        request = urllib.request.Request(f"{url}/_sim/reset_calls", method="POST")
    else:
        request = urllib.request.Request(f"{url}/_sim/targets")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def round_of(url: str, scratch: Path, workers: int, *, flow: bool) -> dict[str, dict[str, float]]:
    """Return what one round measured, by name."""
    asked(url, forget=True)
    found = {"first": command(url, scratch / "a.db", workers, "--no-prefect")}
    found["bare"] = bare(url, asked(url), workers)
    found["full again"] = command(url, scratch / "a.db", workers, "--no-prefect")
    found["incremental"] = command(url, scratch / "a.db", workers, "--no-prefect", "--incremental")
    if flow:
        found["first, Prefect"] = command(url, scratch / "b.db", workers)
    return found


def table(rounds: list[dict[str, dict[str, float]]], latency_s: float, workers: int) -> None:
    """Print the median of each figure."""
    print(f"{'':18}{'requests':>10}{'wall s':>9}{'of ideal':>10}{'of bare':>9}{'CPU s':>8}{'peak MB':>9}")
    for name in rounds[0]:
        rows = [one[name] for one in rounds]
        wall = statistics.median(row["wall_s"] for row in rows)
        requests = rows[0]["requests"]
        ideal = wall / (requests * latency_s / workers) if latency_s else 0.0
        ratio = statistics.median(one[name]["wall_s"] / one["bare"]["wall_s"] for one in rounds)
        cpu = statistics.median(row["cpu_s"] for row in rows)
        peak = max(row.get("peak_mb", 0) for row in rows)
        print(f"{name:18}{requests:10,.0f}{wall:9.1f}{ideal:10.2f}{ratio:9.2f}{cpu:8.1f}{peak:9.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", default="large")
    parser.add_argument("--dashboards", type=int)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--flow", action="store_true", help="also through Prefect, on a running server")
    options = parser.parse_args()
    more = ("--dashboards", str(options.dashboards)) if options.dashboards is not None else ()
    rounds = []
    with simulator(options.scale, options.latency_ms, *more) as url:
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory() as scratch:
                rounds.append(round_of(url, Path(scratch), options.workers, flow=options.flow))
    items = rounds[0]["first"]["items"]
    print(f"{items:,.0f} objects, {options.latency_ms:.0f} ms an answer, {options.workers} workers")
    table(rounds, options.latency_ms / 1000, options.workers)


if __name__ == "__main__":
    main()
