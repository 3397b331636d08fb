"""A table in a file is what Rich makes of it, without Rich's price."""

from __future__ import annotations

import time
from typing import Any

import pytest

from flows.cli import tables

ROWS: list[tuple[Any, ...]] = [
    ("x", 1, "hé"),
    ("longer – ☃ 漢字", 12345, None),
    ("tab\tx \x1b[31m", True, "[bold]\nnew line"),
]


def printed(capsys: pytest.CaptureFixture[str], *table: Any) -> str:
    tables.print_table(*table)
    return capsys.readouterr().out


@pytest.mark.parametrize("title", [None, "\n3 holes"])
@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
def test_it_is_the_same_as_by_rich(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], title: str | None, rows: list[Any]
) -> None:
    table = (title, ("a column", "numbers", "text"), rows)
    ours = printed(capsys, *table)
    monkeypatch.setattr(tables, "_lines", lambda *_: [])
    assert ours == printed(capsys, *table)


def test_one_that_is_too_wide_is_folded(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, None, ("a", "b"), [("x", "y" * 2 * tables.WIDE)])
    assert max(map(len, text.splitlines())) <= tables.WIDE


def test_many_rows_cost_a_part_of_what_rich_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [(str(n), "a name", n) for n in range(1_000)]

    def cpu_s() -> float:
        begun = time.process_time()
        printed(capsys, None, ("id", "name", "n"), rows)
        return time.process_time() - begun

    ours = cpu_s()
    monkeypatch.setattr(tables, "_lines", lambda *_: [])
    assert ours * 5 < cpu_s()
