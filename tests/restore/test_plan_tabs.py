"""A scheduled plan names the tabs that it sends by id, and on a LookML dashboard by label."""

from __future__ import annotations

import pytest

from looker_simulator import mutate
from lookervault_core.restore.report import plan_rows
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture

TABS = ["Overview", "2024"]


@pytest.mark.parametrize("damage", ["deleted", "changed", "emptied"])
def test_the_tabs_of_a_plan_on_a_lookml_dashboard_come_back(damage, vault, looker, simulator):
    plans = simulator.world["scheduled_plans"]
    plan, lookml = next(iter(plans)), next(iter(simulator.world["lookml_dashboards"]))["id"]
    nothing = dict.fromkeys(("look_id", "dashboard_id", "query_id"))
    plans.change(plan["id"], **nothing, lookml_dashboard_id=lookml, tab_ids=TABS)
    capture(vault, looker)
    if damage == "deleted":
        mutate(simulator.world, "delete", "scheduled_plans", plan["id"])
    else:
        plans.change(plan["id"], tab_ids=["Details"] if damage == "changed" else None)
    selection = Selection.bulk("scheduled_plans")
    run = RestoreRun(vault, looker, selection)
    told = [field["new"] for row in plan_rows(run.plan()) for field in row["fields"] if field["path"] == "tab_ids"]
    assert told == ([] if damage == "deleted" else [TABS])
    report = restore(run)
    assert [one.verdict for one in report.proof.items] == ["identical"]
    again = next(row for row in plans if row["name"] == plan["name"] and row["lookml_dashboard_id"])
    assert again["tab_ids"] == TABS
    assert {step.action for step in RestoreRun(vault, looker, selection).plan().steps} == {"skip"}
