"""The estimate of a plan against what the restore really asks of Looker."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.wreck import wreck
from lookervault_core.restore.report import estimate
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture, client


@pytest.mark.parametrize(("scale", "seed"), [("tiny", 3), ("small", 1)])
def test_the_calls_of_a_restore_of_a_bad_night_are_about_as_many_as_estimated(vault, scale, seed):
    with Simulator(SimulatorOptions(scale=scale, seed=seed)) as simulator, client(simulator) as looker:
        capture(vault, looker)
        wreck(simulator.world, seed=seed)
        with client(simulator) as fresh:
            run = RestoreRun(vault, fresh, Selection.everything(), sleep=lambda _: None)
            run.plan()
            cost = estimate(run)
            report = restore(run)
    assert report.requests == pytest.approx(cost.calls, rel=0.2)
