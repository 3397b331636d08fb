"""An agent with a workflow sends by itself, by a cron of its own: a restore treats it as what sends."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.families.delivery.switching import LEFT_OFF
from lookervault_core.restore.report import planned_document
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_agents import agent
from tests.simulated import capture

DAILY = {"polling_frequency_cron": "0 6 * * *", "destination": {"type": "email", "parameters": '{"to": "a@b.example"}'}}
CHILD, PARENT = "Revenue analyst", "Stock"


@pytest.fixture
def sending(vault, looker, simulator) -> str:
    """An agent that runs each day, below another agent, and is in the backup."""
    parent, child = agent(simulator, PARENT)["id"], agent(simulator, CHILD)["id"]
    mutate(simulator.world, "update", "agents", child, {"workflow_params": DAILY | {"primary_agent": parent}})
    simulator.world.enabled.clear()
    capture(vault, looker)
    return child


@pytest.fixture
def run_of(vault, looker, sending):
    def make(**options) -> RestoreRun:
        return RestoreRun(vault, looker, Selection.bulk("agents"), RestoreOptions(**options), sleep=lambda _: None)

    return make


def lost(report) -> dict[str, str]:
    return {field: reason for one in report.proof.items for field, reason in one.lost}


def test_one_that_is_made_anew_is_named_and_begins_to_send_last_of_all(run_of, simulator, vault, looker, sending):
    for name in (CHILD, PARENT):
        mutate(simulator.world, "delete", "agents", agent(simulator, name)["id"])
    run = run_of()
    assert [one["id"] for one in planned_document(run, run.plan())["deliveries"]["switched_on"]] == [sending]
    assert any("1 agent will be switched on, and can send at once" in one for one in run.planner.warnings)
    report = restore(run)
    made, world = agent(simulator, CHILD), simulator.world
    assert (report.status, world.fired, [one["id"] for one in world.enabled]) == ("completed", [], [made["id"]])
    assert made["workflow_params"] == DAILY | {"primary_agent": agent(simulator, PARENT)["id"]}
    assert undo(vault, looker, report.session_id).status == "completed"


@pytest.mark.parametrize("how", ["delete", "trash", "stop"])
def test_with_deliveries_off_none_begins_to_send(how, run_of, simulator, sending):
    world = simulator.world
    if how == "delete":
        mutate(world, "delete", "agents", sending)
    else:
        mutate(world, "update", "agents", sending, {"deleted": True} if how == "trash" else {"workflow_params": None})
    report = restore(run_of(deliveries="off"))
    assert (report.status, world.fired, world.enabled) == ("completed", [], [])
    assert (agent(simulator, CHILD)["deleted"], agent(simulator, CHILD)["workflow_params"]) == (False, None)
    assert lost(report)["workflow_params"] == LEFT_OFF
    assert restore(run_of(deliveries="off")).writes == 0
    on = restore(run_of())
    assert (on.status, len(world.enabled)) == ("completed", 1)


@pytest.mark.parametrize("wrecked", [{"deleted": True}, {"workflow_params": None}])
def test_one_that_comes_out_of_the_trash_or_gets_its_workflow_back_is_named(wrecked, run_of, simulator, sending):
    mutate(simulator.world, "update", "agents", sending, wrecked)
    run = run_of()
    run.plan()
    assert any("can send at once" in one for one in run.planner.warnings)


def test_a_parent_that_is_made_anew_is_named_by_its_new_id(run_of, simulator, sending):
    mutate(simulator.world, "delete", "agents", agent(simulator, PARENT)["id"])
    run = run_of()
    run.plan()
    assert not any("can send at once" in one for one in run.planner.warnings)  # it does already
    assert restore(run).status == "completed"
    assert agent(simulator, CHILD)["workflow_params"]["primary_agent"] == agent(simulator, PARENT)["id"]


def test_onto_another_instance_none_begins_to_send(vault, sending, connect):
    options = SimulatorOptions(scale="tiny", seed=2, id_offset=5000)
    with Simulator(options) as other, connect(other) as there:
        for row in list(other.world["agents"]):
            mutate(other.world, "delete", "agents", row["id"])
        onto = RestoreOptions(target="other", skip_validation=True, with_dependencies=True)
        report = restore(RestoreRun(vault, there, Selection.bulk("agents"), onto, sleep=lambda _: None))
        assert (report.status, other.world.fired, other.world.enabled) == ("completed", [], [])
        assert (agent(other, CHILD)["workflow_params"], lost(report)["workflow_params"]) == (None, LEFT_OFF)
