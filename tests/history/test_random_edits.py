"""Whatever people edit between snapshots is in the log, and any one change can be taken back without touching another.

LOOKERVAULT_RANDOM_EDITS=50 tries so many seeds; `python -m benchmarks.edits` does it on a larger instance, and counts.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.edits import edited_and_told, take_back
from benchmarks.people import People
from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.history import LogRequest, log
from lookervault_core.vault import Vault
from tests.simulated import capture_all, client

NIGHTS, EDITS, REVERTED = 3, 30, 5


@pytest.mark.parametrize("seed", range(int(os.environ.get("LOOKERVAULT_RANDOM_EDITS", "2"))))
def test_every_edit_is_told_and_any_one_is_taken_back_alone(seed: int, tmp_path: Path) -> None:
    with (
        Simulator(SimulatorOptions(scale="tiny")) as simulator,
        client(simulator) as looker,
        Vault.create_or_open(tmp_path / "looker.db") as vault,
    ):
        capture_all(vault, looker, simulator)
        people = People(simulator.world, seed)
        counted = edited_and_told(vault, looker, people, NIGHTS, EDITS)
        assert (counted.wrong, counted.found, counted.extra) == ([], counted.told, 0)
        people.night(8)  # and go on while one change is taken back
        for change in people.random.sample(log(vault, LogRequest()), REVERTED):
            take_back(vault, looker, simulator.world, change, counted)
        within = next(one for one in log(vault, LogRequest("dashboards")) if "[" in "".join(f.path for f in one.fields))
        mutate(simulator.world, "trash", "dashboards", within.id)
        conflicts = counted.conflicts
        take_back(vault, looker, simulator.world, within, counted)
        assert counted.conflicts == conflicts + 1, "what lies in the trash is left alone, and that is said"
        assert (counted.wrong, counted.touched_others) == ([], 0)
