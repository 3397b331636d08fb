"""Planning reads the live side in bulk, writes nothing, and finds nothing to do where nothing has changed."""

from __future__ import annotations

from lookervault_core.restore.selection import Selection


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
