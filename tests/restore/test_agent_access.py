"""Who may use an agent comes back with the agent: on its own instance, on another one, and as it was before an undo."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture

NAME = "Revenue analyst"


def agent(simulator: Simulator) -> dict:
    return next(row for row in simulator.world["agents"] if row["name"] == NAME)


def rows(simulator: Simulator) -> list[dict]:
    return simulator.world["content_metadata_access"].where(
        "content_metadata_id", agent(simulator)["content_metadata_id"]
    )


def access(simulator: Simulator) -> dict:
    """Return who may use the agent, by name."""
    return oracle.dump(simulator.world)["agents"][NAME]["access"]


def shut_out(simulator: Simulator) -> dict:
    """Take everybody out but one who was let in since; return who may use the agent then."""
    for row in rows(simulator):
        simulator.world["content_metadata_access"].remove(row["id"])
    one = {"content_metadata_id": agent(simulator)["content_metadata_id"], "group_id": None, "permission_type": "view"}
    simulator.world["content_metadata_access"].add(one | {"id": None, "user_id": simulator.world.viewer_user_id})
    return access(simulator)


SELECTIONS = {
    "single": lambda simulator: Selection.single("agents", agent(simulator)["id"]),
    "bulk": lambda _: Selection.bulk("agents"),
    "all": lambda _: Selection.everything(),
}


@pytest.mark.parametrize("selection", SELECTIONS)
def test_who_was_taken_out_may_use_the_agent_again_and_an_undo_takes_them_out(
    run_of, simulator, backed_up, looker, selection
):
    before, wrecked = access(simulator), shut_out(simulator)
    assert len(before) == 2
    report = restore(run_of(SELECTIONS[selection](simulator), exact=True))
    assert (report.status, access(simulator)) == ("completed", before)
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert access(simulator) == wrecked


def test_an_agent_made_anew_lets_in_who_was_let_in_and_an_undo_removes_it(run_of, simulator, backed_up, looker):
    before = oracle.dump(simulator.world)
    mutate(simulator.world, "delete", "agents", agent(simulator)["id"])
    wrecked = oracle.dump(simulator.world)
    report = restore(run_of())
    assert (report.status, oracle.differences(before, oracle.dump(simulator.world))) == ("completed", [])
    assert undo(backed_up, looker, report.session_id).status == "completed"
    left = oracle.dump(simulator.world)
    assert oracle.differences(wrecked, left) == []
    assert all(
        one["agent_id"] in simulator.world["agents"] for one in simulator.world["content_metadata"] if one["agent_id"]
    )


def test_what_looker_still_shows_of_an_agent_that_is_gone_is_not_taken_for_that_of_the_new_one(run_of, simulator):
    before = access(simulator)
    simulator.world["agents"].remove(agent(simulator)["id"])  # its metadata is left behind
    report = restore(run_of(Selection.bulk("agents")))
    assert (report.status, access(simulator)) == ("completed", before)


def test_on_another_instance_its_people_and_groups_are_let_in(backed_up, simulator, connect):
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, connect(other) as there:
        for row in list(other.world["agents"]):
            mutate(other.world, "delete", "agents", row["id"])
        options = RestoreOptions(target="other", skip_validation=True)
        run = RestoreRun(backed_up, there, Selection.everything(), options, sleep=lambda _: None)
        assert restore(run, 4).types["agents"].created_count == 3
        assert access(other) == access(simulator)


def test_a_looker_that_does_not_show_who_may_use_an_agent_leaves_the_snapshot_complete(vault, looker, simulator):
    metadata = agent(simulator)["content_metadata_id"]
    simulator.faults.add("404", path=f"*/content_metadata/{metadata}")
    snapshot = capture(vault, looker)
    assert vault.snapshot(snapshot).status == "complete"
    noted = [(note.kind, note.id) for note in vault.notes(snapshot) if note.content_type == "content_metadata"]
    assert noted == [("unreadable", metadata)]
