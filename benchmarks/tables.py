"""What a table of many rows costs beside lines that Rich prints.

`python -m benchmarks.tables [--rows 1000]`. Both are processor time of one process: a busy machine changes the ratio little.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from contextlib import redirect_stdout

from flows.cli import tables
from flows.cli.printing import rich_console


def cpu_s(work: Callable[[], object]) -> float:
    """Return the processor time of *work*, whose output is thrown away."""
    with redirect_stdout(io.StringIO()):
        begun = time.process_time()
        work()
        return time.process_time() - begun


def by_rich(lines: int) -> None:
    """Print short lines by Rich."""
    for _ in range(lines):
        rich_console().print("a line")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000)
    count = parser.parse_args().rows
    rows = [(str(number), "a name " * (number % 90), number) for number in range(count)]
    cpu_s(lambda: by_rich(1))  # what is imported once is not counted
    ours, theirs = cpu_s(lambda: tables.print_table(None, ("id", "name", "n"), rows)), cpu_s(lambda: by_rich(count))
    print(f"{count:,} rows: {1000 * ours:.0f} ms, by Rich {1000 * theirs:.0f} ms: {ours / theirs:.2f} of it")


if __name__ == "__main__":
    main()
