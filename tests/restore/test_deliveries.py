"""The plans and alerts of a single dashboard or look: they come along where it is made anew, else the plan tells of them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.families.delivery.deliveries import hanging_on
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, undo
from lookervault_core.vault.restoring import dead_letters
from tests.restore.test_taking_back import living
from tests.simulated import client


@pytest.fixture
def rich(simulator, run_of):
    """Return a dashboard that has plans and alerts, as its step's key, and all that hangs on it."""
    everything = Selection.everything()
    backup = run_of(everything).backup
    hanging = {one: hanging_on(backup, one, everything) for one in keys_of(simulator)}
    return next((one, found) for one, found in hanging.items() if len({key.content_type for key in found}) == 2)


def keys_of(simulator):
    return [ContentKey("dashboards", row["id"]) for row in simulator.world["dashboards"] if not row["deleted"]]


def steps_of(run):
    """Return the steps of items to restore, without what only names one that is made anew."""
    return {step.key: step for step in run.plan().steps if not step.follows}


def test_a_dashboard_that_was_deleted_for_good_comes_back_with_its_plans_and_alerts(run_of, simulator, rich):
    dashboard, hanging = rich
    names = ("alerts", "scheduled_plans")
    before = {name: oracle.dump(simulator.world)[name] for name in names}
    mutate(simulator.world, "delete", "dashboards", dashboard.id)
    run = run_of(Selection.single("dashboards", dashboard.id))
    steps = steps_of(run)
    assert steps.keys() == {dashboard, *hanging}
    assert all("made anew" in steps[key].reason for key in hanging)
    assert restore(run).status == "completed"
    assert {name: oracle.dump(simulator.world)[name] for name in names} == before
    assert simulator.world.fired == []
    again = run_of(Selection.single("dashboards", dashboard.id))
    assert not again.plan().changes_anything


def test_a_restore_of_dashboards_alone_says_what_went_with_those_that_are_made_anew(run_of, simulator, rich):
    dashboard, hanging = rich
    assert run_of(Selection.bulk("dashboards")).plan().calls == 0
    mutate(simulator.world, "delete", "dashboards", dashboard.id)
    run = run_of(Selection.bulk("dashboards"))
    assert [step.key for step in run.plan().steps if step.action == "create"] == [dashboard]
    (line,) = [line for line in run.planner.warnings if "went with what is made anew" in line]
    alerts = {key for key in hanging if key.content_type == "alerts"}
    assert all(key.id in line for key in set(hanging) - alerts)
    assert alerts <= {step.key for step in run.plan().followers}
    assert restore(run).status == "completed"
    assert restore(run_of(Selection.bulk("alerts", "scheduled_plans"))).status == "completed"
    assert run_of(Selection.bulk("dashboards")).planner.warnings == ()


def test_the_plans_come_along_when_the_restore_of_their_dashboard_is_resumed(
    backed_up, simulator, connect, run_of, rich
):
    dashboard, hanging = rich
    mutate(simulator.world, "delete", "dashboards", dashboard.id)
    with connect(simulator) as looker:
        calls = len(simulator.world["dashboards"])
        run = RestoreRun(backed_up, looker, Selection.single("dashboards", dashboard.id), sleep=lambda _: None)
        execution = run.begin()
        execution.apply("dashboards", 0, 1)
        execution.finish(status="failed")
        assert len(simulator.world["dashboards"]) == calls + 1
        report = restore(resumed(backed_up, looker))
    assert report.status == "completed"
    assert report.types["scheduled_plans"].success_count == sum(
        key.content_type == "scheduled_plans" for key in hanging
    )


def test_a_plan_that_the_live_dashboard_lacks_is_told_of_and_not_written(run_of, simulator, rich):
    dashboard, hanging = rich
    plan = next(key for key in hanging if key.content_type == "scheduled_plans")
    mutate(simulator.world, "delete", "scheduled_plans", plan.id)
    run = run_of(Selection.single("dashboards", dashboard.id))
    assert steps_of(run).keys() == {dashboard}
    assert [
        line
        for line in run.planner.warnings
        if "1 scheduled plan (" in line and f"({plan.id})) of dashboard " in line and f" ({dashboard.id});" in line
    ]
    assert restore(run).writes == 0


def test_an_alert_that_differs_is_told_of(run_of, simulator, rich):
    dashboard, hanging = rich
    alert = next(key for key in hanging if key.content_type == "alerts")
    mutate(simulator.world, "update", "alerts", alert.id, {"threshold": 987654.0})
    run = run_of(Selection.single("dashboards", dashboard.id))
    assert not run.plan().changes_anything
    assert "1 alert (" in run.planner.warnings[0]
    assert f"({alert.id})" in run.planner.warnings[0]
    assert f" ({dashboard.id});" in run.planner.warnings[0]
    assert "restore bulk alerts" in run.planner.warnings[0]


def test_types_that_are_left_out_stay_out_and_what_is_left_pointing_at_nothing_is_named(run_of, simulator, rich):
    dashboard, hanging = rich
    mutate(simulator.world, "delete", "dashboards", dashboard.id)
    selection = replace(Selection.single("dashboards", dashboard.id), exclude=("scheduled_plans", "alerts"))
    run = run_of(selection)
    assert steps_of(run).keys() == {dashboard}
    assert not {"alerts", "scheduled_plans"} & {step.content_type for step in run.plan().steps}
    (line,) = run.planner.warnings
    assert all(str(key) in line for key in hanging if key.content_type == "alerts")


def test_where_nothing_hangs_on_it_nothing_more_is_asked(run_of, simulator, rich):
    bare = next(one for one in keys_of(simulator) if not hanging_on(run_of().backup, one, Selection.everything()))
    mutate(simulator.world, "update", "dashboards", bare.id, {"title": "Wrecked"})
    simulator.calls.reset()
    run_of(Selection.single("dashboards", bare.id)).plan()
    asked = set(simulator.calls.by_operation)
    assert not {name for name in asked if "plan" in name or "alert" in name}, asked


def test_a_copy_on_another_instance_sends_nothing_and_says_so(backed_up, rich, simulator):
    dashboard, _ = rich
    with Simulator(SimulatorOptions(scale="tiny", seed=7)) as other, client(other) as looker:
        options = RestoreOptions(target="staging", with_dependencies=True)
        run = RestoreRun(backed_up, looker, Selection.single("dashboards", dashboard.id), options, sleep=lambda _: None)
        assert not {key for key in steps_of(run) if key.content_type in ("scheduled_plans", "alerts")}
        assert any("no part of this" in line and f" ({dashboard.id});" in line for line in run.planner.warnings)


def test_an_undo_removes_the_plans_that_came_along(backed_up, looker, run_of, simulator, rich):
    dashboard, _ = rich
    mutate(simulator.world, "delete", "dashboards", dashboard.id)
    count = len(simulator.world["scheduled_plans"])
    report = restore(run_of(Selection.single("dashboards", dashboard.id)))
    assert len(simulator.world["scheduled_plans"]) > count
    undo(backed_up, looker, report.session_id)
    assert len(simulator.world["scheduled_plans"]) == count


def test_a_plan_that_cannot_be_written_is_a_dead_letter_of_its_own(run_of, simulator, rich, backed_up):
    dashboard, _ = rich
    mutate(simulator.world, "delete", "dashboards", dashboard.id)
    simulator.faults.add("422", operation="create_scheduled_plan")
    report = restore(run_of(Selection.single("dashboards", dashboard.id)))
    letters = dead_letters.listing(backed_up, session_id=report.session_id)
    assert (report.status, {one.content_type for one in letters}) == ("partial", {"scheduled_plans"})


def test_what_comes_along_is_made_once_although_the_plan_is_made_again_right_before_it_is_written(
    run_of, simulator, rich
):
    world, (dashboard, _) = simulator.world, rich
    counts = {name: len(living(simulator, name)) for name in ("alerts", "scheduled_plans")}
    follower = next(row for row in living(simulator, "dashboards") if row["id"] != dashboard.id)
    mutate(world, "update", "dashboards", follower["id"], {"description": f"/dashboards/{dashboard.id}"})
    mutate(world, "delete", "dashboards", dashboard.id)
    run = run_of(Selection.single("dashboards", dashboard.id))
    run.plan()
    mutate(world, "update", "dashboards", follower["id"], {"title": "changed since the plan"})
    report = restore(run)
    assert {name: len(living(simulator, name)) for name in counts} == counts
    assert len({one.key for one in report.new_ids}) == len(report.new_ids)
