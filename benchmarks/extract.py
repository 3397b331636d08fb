"""Extraction beside a raw download of the same pages, and beside core without Prefect.

    uv run python benchmarks/extract.py [--scale large] [--latency-ms 200] [--rounds 3] [--flow] [--plain]

Simulator, downloader and client are processes of this machine. Each round runs the downloader and the client one after the
other; ratios are taken within a round, and the median round is quoted. With --flow a Prefect server must be running and
PREFECT_API_URL must name it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

HERE = Path(__file__).parent
KEYS = ("simulator", "simulator-secret")
PAGE = 100


@contextmanager
def simulator(scale: str, latency_ms: float, *more: str) -> Generator[str]:
    """Yield the address of a simulator in a process of its own."""
    command = [sys.executable, "-m", "flows.cli", "simulate", "--port", "0", "--scale", scale]
    with subprocess.Popen(
        [*command, "--latency-ms", str(latency_ms), *more], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            yield next(word for line in process.stdout for word in line.split() if word.startswith("http://"))
        finally:
            process.terminate()


def run(*words: str, lines: str = "") -> dict[str, Any]:
    """Run one of the scripts beside this one, which reads *lines*, and return the JSON that it prints."""
    done = subprocess.run(
        [sys.executable, *words],
        input=lines,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE.parent,
        env=environment(),
    )
    return json.loads(done.stdout.splitlines()[-1])


def raw(host: str, port: str, total: int, coding: str) -> dict[str, Any]:
    """Fetch the pages of all dashboards over eight bare sockets."""
    queries = ({"deleted": "false", "limit": PAGE, "offset": at, "sorts": "id"} for at in range(0, total, PAGE))
    targets = "\n".join(f"/api/4.0/dashboards/search?{urlencode(query)}" for query in queries)
    return run(str(HERE / "raw.py"), host, port, *KEYS, "8", coding, lines=targets)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE.parent), "PREFECT_LOGGING_LEVEL": "WARNING"}


def counted(url: str) -> int:
    """Return how many dashboards the simulator says it has: an independent count."""
    with urllib.request.urlopen(f"{url}/_sim/counts") as answer:
        return int(json.load(answer)["dashboards"])


def round_of(url: str, total: int, scratch: Path, number: int, *, flow: bool, coding: str) -> dict[str, dict[str, Any]]:
    """Return what one round measured, by name."""
    host, port = url.removeprefix("http://").split(":")
    vault = scratch / f"{number}.db"
    found = {"raw": raw(host, port, total, coding)}
    found["first"] = run(str(HERE / "measured.py"), "core", url, str(vault), "dashboards")
    found["again"] = run(str(HERE / "measured.py"), "core", url, str(vault), "dashboards")
    if flow:
        found["flow"] = run(str(HERE / "measured.py"), "flow", url, str(scratch / f"{number}-flow.db"), "dashboards")
    return found


COLUMNS = ("dashboards/s", "of raw", "with login", "CPU ms each", "peak MB", "requests")


def table(rounds: list[dict[str, dict[str, Any]]], total: int, payload_bytes: float) -> None:
    """Print the median of each figure and of the ratios within the rounds."""

    def median(name: str, figure: str) -> float:
        return statistics.median(one[name][figure] for one in rounds)

    def share(name: str, figure: str) -> str:
        return f"{100 * statistics.median(one['raw']['wall_s'] / one[name][figure] for one in rounds):.0f} %"

    print(" " * 24 + "".join(f"{heading:>14}" for heading in COLUMNS))
    raw = (f"{total / median('raw', 'wall_s'):,.0f}", "100 %", "", f"{1000 * median('raw', 'cpu_s') / total:.3f}")
    print(f"{'raw download':24}" + "".join(f"{cell:>14}" for cell in raw))
    for name, title in (
        ("first", "first snapshot"),
        ("again", "unchanged, second"),
        ("flow", "first, through Prefect"),
    ):
        if name in rounds[0]:
            cells = (
                f"{total / median(name, 'run_s'):,.0f}",
                share(name, "run_s"),
                share(name, "wall_s"),
                f"{1000 * median(name, 'cpu_s') / total:.3f}",
                f"{median(name, 'peak_mb'):.0f}",
                f"{median(name, 'requests'):.0f}",
            )
            print(f"{title:24}" + "".join(f"{cell:>14}" for cell in cells))
    first, again = median("first", "vault_bytes"), median("again", "vault_bytes")
    print(f"vault: {100 * first / payload_bytes:.1f} % of the payloads")
    print(f"an unchanged second snapshot adds {100 * (again - first) / first:.2f} % to it")
    if "flow" in rounds[0]:
        part = statistics.median(1 - one["first"]["wall_s"] / one["flow"]["wall_s"] for one in rounds)
        print(f"Prefect: {100 * part:.0f} % of the wall time of its run, server running")
    print("requests of the first snapshot:", rounds[0]["first"]["by_operation"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", default="large")
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--flow", action="store_true")
    parser.add_argument(
        "--plain", action="store_true", help="the downloader asks for no gzip and moves the plain bytes"
    )
    options = parser.parse_args()
    coding = "identity" if options.plain else "gzip"
    with simulator(options.scale, options.latency_ms) as url, tempfile.TemporaryDirectory() as scratch:
        total = counted(url)
        host, port = url.removeprefix("http://").split(":")
        warm = raw(host, port, total, "identity")
        raw(host, port, total, "gzip")
        rounds = [
            round_of(url, total, Path(scratch), number, flow=options.flow, coding=coding)
            for number in range(options.rounds)
        ]
        assert all(one["first"]["status"] == "complete" and one["first"]["items"] == total for one in rounds)
        size_kb = warm["bytes"] / total / 1000
        print(f"{total:,} dashboards, {size_kb:.0f} kB each, {options.latency_ms:.0f} ms a page, 8 workers, {coding}")
        table(rounds, total, warm["bytes"])


if __name__ == "__main__":
    main()
