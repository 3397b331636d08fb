"""Fields that nobody has heard of: what Looker says can be written comes back, everything else that differs is named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, oracle, wreck
from lookervault_core.restore.drivers import restore
from lookervault_core.restore.options import RestoreOptions
from lookervault_core.restore.outcome import Report
from lookervault_core.restore.planning.selection import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.vault import Vault
from tests.restore.conftest import capture, client

SEEDS = range(1, 1 + int(os.environ.get("LOOKERVAULT_FUTURE_SEEDS", "1")))
FIELDS = 40
UNDESCRIBED = "x_unknown_to_the_spec"  # the simulator has one field that it says nothing about


def restored(vault: Vault, looker: Any, selection: Selection | None = None, **options: Any) -> Report:
    run = RestoreRun(
        vault, looker, selection or Selection.everything(), RestoreOptions(**options), sleep=lambda _: None
    )
    return restore(run, 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_after_wreckage_every_field_is_as_before(seed: int, tmp_path: Path) -> None:
    options = SimulatorOptions(scale="small", seed=seed, release="26.22", future=FIELDS, dashboard_kb=4)
    with Simulator(options) as simulator, client(simulator) as looker:
        with Vault.create_or_open(tmp_path / "looker.db") as vault:
            capture(vault, looker)
            before = simulator.oracle()
            done = wreck(simulator.world, seed, extras=False)
            report = restored(vault, looker, exact=True)
        assert [line for line in done if "newer fields" in line]
        assert (oracle.differences(before, simulator.oracle()), report.status) == ([], "completed")
        assert {path for one in report.proof.items for path, why in one.lost if "description" in why} <= {UNDESCRIBED}
