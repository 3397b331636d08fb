"""Agents come back with the golden queries that they learn from, in order, and an undo takes that back."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.diff.rows import KEPT
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo, undoing
from tests.simulated import capture

AGENTS = Selection.bulk("agents")


def state(simulator: Simulator) -> dict:
    return oracle.dump(simulator.world)["agents"]


def agent(simulator: Simulator, name: str = "Revenue analyst") -> dict:
    return next(row for row in simulator.world["agents"] if row["name"] == name)


def test_a_changed_agent_gets_its_instructions_and_its_golden_queries_back(run_of, simulator):
    before, row = state(simulator), agent(simulator)
    queries = row["golden_query_ids"]
    wrecked = {"context": {"instructions": "Answer anything."}, "golden_query_ids": queries[1:], "description": "?"}
    mutate(simulator.world, "update", "agents", row["id"], wrecked)
    mutate(simulator.world, "delete", "golden_queries", str(queries[0]))
    mutate(simulator.world, "update", "golden_queries", str(queries[1]), {"questions": ["?"], "is_active": False})
    report = restore(run_of(AGENTS))
    assert (report.status, state(simulator)) == ("completed", before)
    assert restore(run_of(AGENTS)).writes == 0


def test_a_golden_query_that_no_agent_names_any_more_is_named_again_and_not_made_twice(run_of, simulator):
    before, row = state(simulator), agent(simulator)
    count = len(simulator.world["golden_queries"])
    mutate(simulator.world, "update", "agents", row["id"], {"golden_query_ids": []})
    report = restore(run_of(AGENTS))
    assert (report.status, state(simulator)) == ("completed", before)
    assert len(simulator.world["golden_queries"]) == count


def test_a_deleted_agent_is_made_anew_and_the_golden_queries_that_it_shared_are_not(
    run_of, simulator, backed_up, looker
):
    before, row = state(simulator), agent(simulator)
    count = len(simulator.world["golden_queries"])
    mutate(simulator.world, "delete", "agents", row["id"])
    wrecked = state(simulator)
    report = restore(run_of(AGENTS))
    assert (report.status, state(simulator)) == ("completed", before)
    assert len(simulator.world["golden_queries"]) == count
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert {name for name, one in state(simulator).items() if not one.get("deleted")} == set(wrecked) - {"Retired"}


def test_an_agent_in_the_trash_is_taken_out_again(run_of, simulator):
    before, row = state(simulator), agent(simulator)
    mutate(simulator.world, "update", "agents", row["id"], {"deleted": True})
    report = restore(run_of(AGENTS))
    assert (report.status, state(simulator)) == ("completed", before)
    assert agent(simulator)["id"] == row["id"]


def test_an_undo_takes_back_the_fields_and_the_golden_queries(run_of, simulator, backed_up, looker):
    row = agent(simulator)
    queries = row["golden_query_ids"]
    mutate(simulator.world, "update", "agents", row["id"], {"name": "Wrecked", "golden_query_ids": queries[1:]})
    mutate(simulator.world, "delete", "golden_queries", str(queries[0]))
    wrecked = state(simulator)
    report = restore(run_of(AGENTS))
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert state(simulator) == wrecked


def test_an_undo_takes_off_a_golden_query_that_was_only_linked_again_and_does_not_delete_it(
    run_of, simulator, backed_up, looker
):
    row = agent(simulator)
    count = len(simulator.world["golden_queries"])
    mutate(simulator.world, "update", "agents", row["id"], {"golden_query_ids": row["golden_query_ids"][1:]})
    wrecked = state(simulator)
    report = restore(run_of(AGENTS))
    assert state(simulator) != wrecked
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert (state(simulator), len(simulator.world["golden_queries"])) == (wrecked, count)


def test_an_exact_restore_takes_off_a_golden_query_that_another_agent_learns_from_and_an_undo_links_it_again(
    run_of, simulator, backed_up, looker
):
    before, row, other = state(simulator), agent(simulator), agent(simulator, "Stock")
    ids = [*row["golden_query_ids"], other["golden_query_ids"][-1]]
    mutate(simulator.world, "update", "agents", row["id"], {"golden_query_ids": ids})
    edited = state(simulator)
    report = restore(run_of(AGENTS, exact=True))
    assert (report.status, state(simulator)) == ("completed", before)
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert state(simulator) == edited


def test_what_an_agent_learned_since_stays_unless_the_restore_is_exact(run_of, simulator):
    before, row = state(simulator), agent(simulator)
    added = mutate(simulator.world, "create", "golden_queries", None, {"answer": "/explore/new", "questions": ["new"]})
    ids = [*row["golden_query_ids"], int(added)]
    mutate(simulator.world, "update", "agents", row["id"], {"golden_query_ids": ids})
    assert restore(run_of(AGENTS)).writes == 0
    report = restore(run_of(AGENTS, exact=True))
    assert (report.status, state(simulator)) == ("completed", before)


def test_agents_of_another_instance_are_made_with_golden_queries_of_their_own(backed_up, simulator, connect):
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, connect(other) as there:
        for row in list(other.world["agents"]):
            mutate(other.world, "delete", "agents", row["id"])
        options = RestoreOptions(target="other", skip_validation=True)
        report = restore(RestoreRun(backed_up, there, Selection.everything(), options, sleep=lambda _: None), 4)
        assert report.types["agents"].created_count == 3
        ours, theirs = (
            {k: v["golden_queries"] for k, v in state(one).items() if "context" in v} for one in (simulator, other)
        )
        assert theirs == ours


@pytest.mark.parametrize("status", ["404", "403"])
def test_a_release_without_agents_is_no_hole(vault, looker, simulator, status):
    simulator.world.bends.on("features_off", f"search_agents:{status}")
    snapshot = capture(vault, looker)
    assert vault.snapshot(snapshot).status == "complete"
    assert [note.detail for note in vault.notes(snapshot) if note.content_type == "agents"]


def test_a_golden_query_made_anew_stays_if_people_have_let_another_agent_learn_from_it_since(
    run_of, simulator, backed_up, looker
):
    world, row, other = simulator.world, agent(simulator), agent(simulator, "Stock")
    gone = row["golden_query_ids"][0]
    mutate(world, "update", "agents", row["id"], {"golden_query_ids": row["golden_query_ids"][1:]})
    mutate(world, "update", "agents", other["id"], {"golden_query_ids": []})
    mutate(world, "delete", "golden_queries", str(gone))
    there = set(world["golden_queries"].rows)
    report = restore(run_of(Selection.single("agents", row["id"])))
    (made,) = set(world["golden_queries"].rows) - there
    body = json.dumps({"golden_query_ids": [int(made)]}).encode()
    looker.patch("people", f"/agents/{other['id']}", body)
    with undoing(backed_up, looker, report.session_id) as run:
        (step,) = [step for step in run.plan().steps if step.writes]
        assert any(KEPT in why for _, why in step.lost), step.lost
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert int(made) not in row["golden_query_ids"]
    assert made in world["golden_queries"]
    assert other["golden_query_ids"] == [int(made)]


def test_an_agent_made_anew_asks_the_model_that_comes_back_with_it(run_of, simulator):
    agent = next(row for row in simulator.world["agents"] if not row["deleted"])
    sources = agent["sources"]
    mutate(simulator.world, "delete", "agents", agent["id"])
    mutate(simulator.world, "delete", "lookml_models", sources[0]["model"])
    report = restore(run_of())
    made = next(row for row in simulator.world["agents"] if row["name"] == agent["name"])
    assert (report.status, made["sources"]) == ("completed", sources)


@pytest.mark.parametrize("workers", [1, 4])
def test_a_golden_query_that_agents_share_is_made_anew_once(run_of, simulator, workers):
    before, world = state(simulator), simulator.world
    first, other = agent(simulator, "Support – Hilfe 🤖"), agent(simulator, "Stock")
    (shared,) = set(first["golden_query_ids"]) & set(other["golden_query_ids"])
    count = len(world["golden_queries"])
    mutate(world, "delete", "golden_queries", str(shared))
    mutate(world, "update", "agents", first["id"], {"deleted": True})
    report = restore(run_of(AGENTS, exact=True), workers)
    assert (report.status, state(simulator), len(world["golden_queries"])) == ("completed", before, count)


def test_a_golden_query_made_anew_and_edited_since_stays_with_the_agents_that_learn_from_it(
    run_of, simulator, backed_up, looker
):
    world = simulator.world
    first, other = agent(simulator, "Support – Hilfe 🤖"), agent(simulator, "Stock")
    (shared,) = set(first["golden_query_ids"]) & set(other["golden_query_ids"])
    there = set(world["golden_queries"].rows) - {str(shared)}
    mutate(world, "delete", "golden_queries", str(shared))
    report = restore(run_of(AGENTS, exact=True))
    (made,) = set(world["golden_queries"].rows) - there
    looker.patch("people", f"/golden_queries/{made}", json.dumps({"questions": ["by Ann"]}).encode())
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed", taken.proof
    assert made in world["golden_queries"]
    named = [one["id"] for one in (first, other) if int(made) in world["agents"].get(one["id"])["golden_query_ids"]]
    assert named == [first["id"], other["id"]]
    lost = {one.destination_id: dict(one.lost) for one in taken.proof.items}
    assert all(any(KEPT in why for why in lost[one].values()) for one in named), lost
