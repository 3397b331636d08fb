"""Planning reads the live side in bulk, writes nothing, and finds nothing to do where nothing has changed."""

from __future__ import annotations

from collections import Counter

from looker_simulator import Simulator, mutate
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture


def test_an_unchanged_instance_needs_no_write(run_of):
    plan = run_of().plan()
    assert {(s.key, s.action, s.fields) for s in plan.steps if s.writes} == set()


def test_planning_sends_no_write(run_of, simulator):
    simulator.calls.reset()
    run_of().plan()
    assert not [one for one in simulator.calls.snapshot() if str(one).startswith(("create", "update", "delete", "set"))]


def test_a_single_item_is_read_alone(run_of, simulator):
    key = next(iter(simulator.world["dashboards"]))["id"]
    simulator.calls.reset()
    plan = run_of(Selection.single("dashboard", key)).plan()
    assert [step.action for step in plan.steps] == ["skip"]


def calls_of(run: RestoreRun, simulator: Simulator) -> Counter[str]:
    """Return the calls that the plan of a run takes, by operation."""
    simulator.calls.reset()
    run.plan()
    return Counter(simulator.calls.snapshot()["by_operation"])


def test_a_tile_that_a_dashboard_shows_is_not_asked_for_by_itself(run_of, simulator):
    alerts = [row["id"] for row in simulator.world["alerts"]]
    for one in alerts:
        mutate(simulator.world, "update", "alerts", one, {"custom_title": "another"})
    tile = simulator.world["dashboard_elements"].get(simulator.world["alerts"].get(alerts[0])["dashboard_element_id"])
    mutate(simulator.world, "update", "dashboards", tile["dashboard_id"], {"title": "another"})
    assert calls_of(run_of(), simulator)["dashboard_element"] == 0
    alone = run_of(Selection.single("dashboard", tile["dashboard_id"]))
    assert calls_of(alone, simulator)["dashboard_element"] == 0
    assert "no part of this" in str(alone.planner.warnings)
    calls = calls_of(run_of(Selection.bulk("alerts")), simulator)
    assert calls["dashboard_element"] == 0  # the dashboards, which are fewer calls, tell of all tiles
    assert 0 < calls["search_dashboards"] <= len(alerts)


def test_the_proof_asks_for_no_alert_by_the_id_that_it_had(run_of, simulator):
    alerts = [row["id"] for row in simulator.world["alerts"]]
    for one in alerts:
        mutate(simulator.world, "delete", "alerts", one)
    run = run_of(Selection.bulk("alerts"))
    run.plan()
    simulator.calls.reset()
    assert restore(run).status == "completed"
    assert simulator.calls.snapshot()["by_operation"].get("get_alert", 0) == 0


def test_an_alert_whose_tile_is_gone_is_blocked_though_its_dashboard_is_there(run_of, simulator):
    alert = next(iter(simulator.world["alerts"]))
    mutate(simulator.world, "delete", "dashboard_elements", alert["dashboard_element_id"])
    mutate(simulator.world, "delete", "alerts", alert["id"])
    plan = run_of(Selection.bulk("alerts")).plan()
    steps = {step.id: step for step in plan.steps}
    assert steps[alert["id"]].action == "blocked"
    assert f"needs dashboard element {alert['dashboard_element_id']}" in steps[alert["id"]].reason


def test_no_title_makes_a_step_wait_for_something_to_be_made(vault, looker, simulator):
    key = next(iter(simulator.world["dashboards"]))["id"]
    mutate(simulator.world, "update", "dashboards", key, {"title": "Sales (new)"})
    capture(vault, looker, ExtractOptions(workers=4, types=("dashboards",)))
    mutate(simulator.world, "update", "dashboards", key, {"title": "Another"})
    (step,) = RestoreRun(vault, looker, Selection.single("dashboards", key), RestoreOptions()).plan().steps
    assert (step.action, step.difference is not None) == ("update", True)
