"""What an older release of Looker does not take is named, and the restore is done all the same."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture, client


def dashboard_with(world, fits):
    for row in world["dashboards"]:
        world.unpack(row["id"])
        if not row["deleted"] and fits(world, row["id"]):
            return row["id"]
    raise LookupError


def has_tabs(world, dashboard_id):
    tabs = {row["dashboard_layout_id"] for row in world.parts("dashboard_elements", dashboard_id)}
    return len(world.parts("dashboard_layouts", dashboard_id)) > 1 and len(tabs) > 1


def has_merge_query(world, dashboard_id):
    merges = (row["merge_result_id"] for row in world.parts("dashboard_elements", dashboard_id))
    return any(world["merge_queries"].get(one)["limit"] for one in merges if one)


@pytest.mark.parametrize(
    ("release", "fits", "lost"),
    [("25.20", has_merge_query, "merge_query.limit"), ("25.10", has_tabs, "dashboard_layout_components[")],
    ids=["limit of a merge query", "tabs"],
)
def test_what_the_release_does_not_take_is_named_once_and_for_all(release, fits, lost, vault):
    with (
        Simulator(SimulatorOptions(scale="small")) as simulator,
        client(simulator) as before,
        client(simulator) as looker,
    ):
        dashboard = dashboard_with(simulator.world, fits)
        capture(vault, before)
        simulator.world.become(release)
        mutate(simulator.world, "delete", "dashboards", dashboard)
        selection = Selection.single("dashboards", dashboard)
        planned = [field for step in RestoreRun(vault, looker, selection).plan().steps for field, _ in step.lost]
        assert [field for field in planned if lost in field]
        first, second = (restore(RestoreRun(vault, looker, selection)) for _ in range(2))
        assert (first.status, second.status, second.writes) == ("completed", "completed", 0)
        for report in (first, second):
            assert [field for one in report.proof.items for field, _ in one.lost if lost in field]
