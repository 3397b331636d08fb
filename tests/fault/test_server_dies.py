"""A Prefect server that is killed while a run goes on takes its record with it and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.attacks import processes, workers
from benchmarks.attacks.commands import Commands
from tests.fault.conftest import unharmed

pytestmark = [pytest.mark.prefect, pytest.mark.slow]


# The other two pairs are among the attacks of `python -m benchmarks.attacks`: each is a minute of servers that start.
@pytest.mark.parametrize(
    ("name", "comes_back"), [("extract", False), ("restore", True)], ids=["extract, for good", "restore, comes back"]
)
def test_a_run_outlives_its_server(commands: Commands, tmp_path: Path, name: str, comes_back: bool) -> None:
    unharmed(processes.server_that_dies(commands, tmp_path, name, comes_back=comes_back))


def test_the_next_run_of_a_worker_goes_on_after_server_worker_and_run_were_killed(
    commands: Commands, tmp_path: Path
) -> None:
    unharmed(workers.machine_dies(commands, tmp_path, "extract"))
