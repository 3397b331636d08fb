"""Show the progress of any run: bars on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import Self

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

from flows.cli.printing import console, rich_console
from lookervault_core.inert import without_login

LINE_EVERY_S = 10.0
MOST_BARS = 12


class _Note(ProgressColumn):
    """What is told beside the numbers: the only column that is cut short on a narrow terminal."""

    def render(self, task: Task) -> Text:
        return Text(task.fields["note"], no_wrap=True, overflow="ellipsis")


class _Count(ProgressColumn):
    """How many are done, and of how many where that is known."""

    def get_table_column(self) -> Column:
        return Column(no_wrap=True, justify="right")

    def render(self, task: Task) -> Text:
        done = f"{int(task.completed)}"
        return Text(done if task.total is None else f"{done}/{int(task.total)}")


class Live:
    """One bar a content type on stderr while it is open; safe to call from any thread. `quiet` shows nothing.

    It shows as many bars as the terminal has room for, those that moved last; one line counts the others.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._on_terminal = not quiet and sys.stderr.isatty()
        self._lock = threading.Lock()
        self._done = 0
        self._next_line_s = time.monotonic() + LINE_EVERY_S
        self._bars: dict[str, TaskID] = {}
        self._moved: list[str] = []  # the one that moved last stands last
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=10),
            _Count(),
            _Note(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True, table_column=Column(no_wrap=True)),
            console=rich_console(stderr=True),
            transient=True,
            disable=not self._on_terminal,
        )
        self._others = self._progress.add_task("", total=None, note="", visible=False)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def starting(self) -> None:
        """Print what is being done before the first request, since it takes a while."""
        if self._quiet:
            return
        server = os.environ.get("PREFECT_API_URL")
        wait = (
            f"using the Prefect server at {without_login(server)}"
            if server
            else "starting a Prefect server of its own, up to half a minute"
        )
        console(stderr=True).print(f"lookervault: {wait} …")

    def _expect(self, content_type: str, total: int) -> None:
        self._progress.update(self._bar(content_type), total=total)
        self._make_room(content_type)

    def _advance(self, content_type: str, count: int, note: str) -> None:
        self._done += count
        if self._on_terminal:
            self._progress.update(self._bar(content_type), advance=count, note=note)
            self._make_room(content_type)
        elif not self._quiet and time.monotonic() >= self._next_line_s:
            self._next_line_s = time.monotonic() + LINE_EVERY_S
            print(f"lookervault: {self._done:,} items, now {content_type}; {note}", file=sys.stderr, flush=True)

    def _bar(self, content_type: str) -> TaskID:
        if content_type not in self._bars:
            self._bars[content_type] = self._progress.add_task(content_type, total=None, note="")
        return self._bars[content_type]

    def _make_room(self, content_type: str) -> None:
        """Show the bars that are not full and moved last, as far as there is room, and count the others in one line."""
        self._moved = [*(name for name in self._moved if name != content_type), content_type]
        bars = {name: self._tasks[self._bars[name]] for name in self._moved}
        running = [name for name, bar in bars.items() if bar.total is None or bar.completed < bar.total]
        shown = set(running[-self._room :])
        for name, bar in bars.items():
            if bar.visible != (name in shown):
                self._progress.update(bar.id, visible=name in shown)
        others = [bar for name, bar in bars.items() if name not in shown]
        items = int(sum(bar.completed for bar in others))
        told = f"{len(others)} other types" if len(others) > 1 else "1 other type"
        self._progress.update(self._others, description=told, completed=items, visible=bool(others))

    @property
    def _tasks(self) -> dict[TaskID, Task]:
        return {task.id: task for task in self._progress.tasks}

    @property
    def _room(self) -> int:
        """How many bars leave the lines before them on the screen, and one for the others."""
        return max(3, min(MOST_BARS, self._progress.console.height // 2 - 1))


def pace(requests: int, failures: int, *, limited: bool, rate_per_s: float | None = None) -> str:
    """Return in words the requests of a run so far, its failures, and whether a rate limit slows it; the most important first."""
    told = [f"{failures} failed"] if failures else []
    told += ["rate-limited"] if limited else []
    told += [f"{rate_per_s:.0f}/s"] if rate_per_s is not None else []
    return ", ".join([*told, f"{requests:,} requests"])
