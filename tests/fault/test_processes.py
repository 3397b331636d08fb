"""Whatever ends a run, the same command again finishes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.attacks import processes
from benchmarks.attacks.commands import Commands
from tests.fault.conftest import unharmed


@pytest.mark.parametrize("name", ["HUP", "STOP, the token expired, CONT"])
def test_an_extraction_is_finished_after_it(commands: Commands, tmp_path: Path, name: str) -> None:
    for score in processes.extractions(commands, tmp_path, 1, names=(name,)):
        unharmed(score)


@pytest.mark.parametrize("name", ["kill -9", "HUP"])
def test_a_restore_is_finished_after_it(commands: Commands, tmp_path: Path, name: str) -> None:
    for score in processes.restores(commands, tmp_path, 1, names=(name,)):
        unharmed(score)
