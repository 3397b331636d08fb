"""On a Looker whose search of looks lists a few fields of each, looks are as in the backup, and come back when they are not."""

from __future__ import annotations

from looker_simulator import mutate, oracle
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore


def test_looks_of_which_a_search_shows_little_are_as_in_the_backup(run_of, simulator):
    simulator.bends.on("search_looks_is_thin")
    plan = run_of(Selection.bulk("looks"), exact=True).plan()
    assert [step for step in plan.steps if step.writes or step.action == "remove"] == []


def test_looks_of_which_a_search_shows_little_come_back_and_out_of_the_trash(run_of, simulator):
    before = oracle.dump(simulator.world)
    simulator.bends.on("search_looks_is_thin")
    edited, trashed, *_ = (row["id"] for row in simulator.world["looks"] if not row["deleted"])
    mutate(simulator.world, "update", "looks", edited, {"description": "wrecked", "is_run_on_load": True})
    mutate(simulator.world, "trash", "looks", trashed)
    report = restore(run_of(Selection.bulk("looks"), exact=True))
    assert (report.status, report.writes) == ("completed", 2)
    assert oracle.differences(before, oracle.dump(simulator.world)) == []
