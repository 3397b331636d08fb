"""A Prefect server that is killed while a run goes on takes its record with it and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.attacks import processes
from benchmarks.attacks.commands import Commands
from tests.fault.conftest import unharmed

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


@pytest.mark.parametrize("name", ["extract", "restore"])
@pytest.mark.parametrize("comes_back", [False, True], ids=["for good", "comes back"])
def test_a_run_outlives_its_server(commands: Commands, tmp_path: Path, name: str, comes_back: bool) -> None:
    unharmed(processes.server_that_dies(commands, tmp_path, name, comes_back=comes_back))
