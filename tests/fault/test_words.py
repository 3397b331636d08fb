"""A title does nothing wherever it is shown."""

from __future__ import annotations

from pathlib import Path

from benchmarks.attacks import words
from benchmarks.attacks.commands import Commands
from tests.fault.conftest import unharmed


def test_a_title_moves_no_cursor(commands: Commands, tmp_path: Path) -> None:
    unharmed(next(words.titles(commands, tmp_path)))
