"""A table has its columns under each other; a file gets each row in one line, a terminal folds what it has no room for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows.cli import tables
from flows.cli.printing import WIDE, console, rich_console

ROOT = Path(__file__).parents[2]
ROWS: list[tuple[Any, ...]] = [
    ("x", 1, "hé"),
    ("longer – ☃ 漢字", 12345, None),
    ("tab\tx \x1b[31m", 2, "[bold] :fire:\nnew line"),
]
AS_PRINTED = """\
a column         numbers  text
x                      1  hé
longer – ☃ 漢字   12,345  –
tab\\tx \\x1b[31m        2  [bold] :fire:\\nnew line
"""


def printed(capsys: pytest.CaptureFixture[str], *table: Any) -> str:
    tables.print_table(*table)
    return capsys.readouterr().out


def test_columns_stand_under_each_other_and_numbers_right(capsys: pytest.CaptureFixture[str]) -> None:
    headings = ("a column", "numbers", "text")
    assert printed(capsys, None, headings, ROWS) == AS_PRINTED
    assert printed(capsys, "\n3 holes", headings, []) == "\n3 holes\na column  numbers  text\n"


def test_a_file_gets_a_row_in_one_line_however_long_and_the_columns_of_the_others_stay_near(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [("x", "y " * WIDE, "end"), ("z", "short", "end")]
    heading, long, short = printed(capsys, None, ("a", "b", "c"), rows).splitlines()
    assert long == f"x  {'y ' * WIDE}  end"
    assert max(len(heading), len(short)) <= WIDE
    assert short.startswith("z  short ")


@pytest.mark.parametrize("text", ["word " * 40, "x" * 200, "漢字" * 60, "a " + "b" * 79 + " c"])
def test_a_terminal_gets_all_of_it_in_lines_that_fit(text: str) -> None:
    lines = list(tables._folded(text, 30))
    assert all(tables._len(line) <= 30 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_lines_for_a_file_are_whole_and_say_what_users_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    for out in (console(), rich_console()):
        out.print("Sales :fire: [bold] \x1b[2J")
        assert capsys.readouterr().out == "Sales :fire: [bold] \\x1b[2J\n"
    console().print("w " * WIDE, soft_wrap=False)
    assert capsys.readouterr().out == "w " * WIDE + "\n"


def test_a_table_for_a_file_is_made_without_rich() -> None:
    """`benchmarks/tables.py` prints what that spares."""
    script = (
        "import sys; from flows.cli.tables import print_table; print_table(None, ('a',), [('x',)]); "
        "print([name for name in sys.modules if name.partition('.')[0] == 'rich'])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "a\nx\n[]\n"
