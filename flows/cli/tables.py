"""Tables and numbers on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from lookervault_core.inert import for_json, for_line, for_terminal

WIDE = 240
ROOMY = 100
TIMES = ("started (UTC)", "captured (UTC)", "updated")  # no use in two lines


class _Console(Console):
    def render_str(self, text: str, *arguments: Any, **options: Any) -> Text:
        """Make text of ours; what users wrote moves no cursor and hides nothing."""
        return super().render_str(for_terminal(text), *arguments, **options)

    def on_broken_pipe(self) -> None:
        """Raise it, as `print` does: a reader that has read enough, such as `head`, is no error."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Console:
    """Return a console that leaves names and markup characters of users alone; a pipe or a file gets whole lines."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDE
    return _Console(stderr=stderr, highlight=False, markup=False, width=width)


def print_table(title: str | None, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print *rows*; columns whose cells are all numbers stand right, those of a narrow terminal close together."""
    cells = [list(row) for row in rows]
    out = console()
    if not out.is_terminal and (lines := _lines(title, headings, cells)):
        print("\n".join(lines))
        return
    blanks = 1 if out.width < ROOMY else 2
    table = Table(
        title=title, title_justify="left", box=None, pad_edge=False, padding=(0, blanks, 0, 0), header_style="bold"
    )
    for at, heading in enumerate(headings):
        numeric = bool(cells) and all(isinstance(row[at], (int, float)) for row in cells)
        table.add_column(
            heading, justify="right" if numeric else "left", overflow="fold", no_wrap=at == 0 or heading in TIMES
        )
    for row in cells:
        table.add_row(*(_cell(value) for value in row))
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as lines:
        out.print(table)
    # Filled up to the longest cell, a short line of a file would be as wide as that.
    print("\n".join(line.rstrip() for line in lines.get().splitlines()))


def _lines(title: str | None, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return what Rich would make of a table that needs no folding, a hundred times faster; nothing if it is too wide for that."""
    shown = [[for_terminal(_cell(value)) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(headings, *shown, strict=True)]
    if sum(widths) + 2 * len(widths) > WIDE:
        return []
    right = [bool(rows) and all(isinstance(row[at], (int, float)) for row in rows) for at in range(len(headings))]
    lines = [_line(cells, widths, right) for cells in ([for_terminal(one) for one in headings], *shown)]
    return [*(title.splitlines() if title else ()), *lines]


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    padded = []
    for cell, width, is_right in zip(cells, widths, right, strict=True):
        blanks = " " * (width - cell_len(cell))
        padded.append(blanks + cell if is_right else cell + blanks)
    return "  ".join(padded).rstrip()


def print_found(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print what was looked for, or say on stderr that there is none."""
    if rows:
        print_table(None, headings, rows)
    else:
        console(stderr=True).print("nothing found")


def to_second(time: str | None) -> str:
    """Return an ISO time, as Looker sends it, the way people write it, without fractions and zone."""
    return (time or "")[:19].replace("T", " ")


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    print(for_json(json.dumps(document, ensure_ascii=False, default=str)))


def size(number: float) -> str:
    """Return a number of bytes as people say it: `1.4 MB`."""
    return decimal(int(number))


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else for_line(str(value))
