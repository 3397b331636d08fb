"""Tables and numbers on a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from flows.cli.printing import console
from lookervault_core.inert import for_json, for_line

ROOMY = 100
TIMES = ("started (UTC)", "captured (UTC)", "updated")  # no use in two lines
_WORDS = re.compile(r"\S+\s*|\s+")


def print_table(title: str | None, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print *rows* as a table: columns of numbers are right-aligned, and close together on a narrow terminal. A terminal folds
    long cells; in a file each row is one line."""
    out, cells = console(), [list(row) for row in rows]
    shown = [[_cell(value) for value in row] for row in cells]
    right = [bool(cells) and all(isinstance(row[at], (int, float)) for row in cells) for at in range(len(headings))]
    gap = " " if out.is_terminal and out.width < ROOMY else "  "
    room = out.width - len(gap) * (len(headings) - 1)
    widths = _fitting(headings, [max(map(_len, column)) for column in zip(headings, *shown, strict=True)], room)
    if title:
        out.print(title)
    out.print(
        "\n".join(_lines(headings, widths, right, gap, fold=out.is_terminal)), style="bold" if out.is_terminal else ""
    )
    if shown:
        folded = (line for row in shown for line in _lines(row, widths, right, gap, fold=out.is_terminal))
        out.print("\n".join(folded), soft_wrap=True)


def _fitting(headings: Sequence[str], wanted: Sequence[int], room: int) -> list[int]:
    """Return how wide each column is, so that all fit: the widest give way first, keys and times last."""
    widths, firm = list(wanted), {at for at, heading in enumerate(headings) if at == 0 or heading in TIMES}
    for givers in ([at for at in range(len(widths)) if at not in firm], list(range(len(widths)))):
        while (excess := sum(widths) - room) > 0 and any(widths[at] > 1 for at in givers):
            widest = max(widths[at] for at in givers)
            level = [at for at in givers if widths[at] == widest]
            below = max((widths[at] for at in givers if widths[at] < widest), default=1)
            cut = max(1, min(widest - below, excess // len(level)))
            for at in level[: max(1, excess // cut)]:
                widths[at] -= cut
    return widths


def _lines(
    cells: Sequence[str], widths: Sequence[int], right: Sequence[bool], gap: str, *, fold: bool
) -> Iterator[str]:
    """Yield the lines of one row; without folding it is one, whatever is too long in it."""
    if not fold or all(_len(cell) <= width for cell, width in zip(cells, widths, strict=True)):
        yield _line(cells, widths, right, gap)
        return
    columns = [list(_folded(cell, width)) for cell, width in zip(cells, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=""):
        yield _line(parts, widths, right, gap)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool], gap: str) -> str:
    padded = []
    for cell, width, is_right in zip(cells, widths, right, strict=True):
        blanks = " " * (width - _len(cell))
        padded.append(blanks + cell if is_right else cell + blanks)
    return gap.join(padded).rstrip()


def _folded(cell: str, width: int) -> Iterator[str]:
    """Yield *cell* in lines that fit, broken between words where that is possible."""
    from rich.cells import chop_cells

    line = ""
    for word in _WORDS.findall(cell):
        if line and _len(line) + _len(word.rstrip()) > width:
            yield line.rstrip()
            line = ""
        *full, line = chop_cells(line + word.rstrip(), width) or [""]
        yield from full
        line += word[len(word.rstrip()) :]
    yield line.rstrip()


def _len(text: str) -> int:
    """Return how many columns *text* takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def print_found(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print *rows* as a table, or "nothing found" on stderr if there are none."""
    if rows:
        print_table(None, headings, rows)
    else:
        console(stderr=True).print("nothing found")


def to_second(time: str | None) -> str:
    """Return an ISO time in the way people write it, `2026-11-30 18:05:00`, without fractions and zone."""
    return (time or "")[:19].replace("T", " ")


def print_json(document: Any) -> None:
    """Print one JSON document on stdout."""
    print(for_json(json.dumps(document, ensure_ascii=False, default=str)))


def size(number: float) -> str:
    """Return a number of bytes as people say it: `1.4 MB`."""
    from rich.filesize import decimal

    return decimal(int(number))


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else for_line(str(value))
