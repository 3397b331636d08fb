"""A connection that was deleted is made again without its secrets, which are named; one that is there is left alone."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.model import ContentKey
from lookervault_core.restore.report import planned_document
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo

SETTINGS = ("host", "port", "username", "database", "schema", "dialect_name", "max_connections", "ssl")


@pytest.fixture
def gone(simulator) -> dict:
    """Delete a connection that models use; return it as it was."""
    used = next(name for row in simulator.world["lookml_models"] for name in row["allowed_db_connection_names"] or ())
    return dict(simulator.world["connections"].remove(used))


def test_a_deleted_connection_is_made_again_and_its_secrets_are_named(backed_up, gone, run_of, simulator):
    run = run_of()
    (step,) = [step for step in run.plan().steps if step.content_type == "connections" and step.writes]
    assert (step.action, step.id, {path for path, _ in step.lost} >= {"password"}) == ("create", gone["name"], True)
    assert [row["id"] for row in planned_document(run, run.plan())["plan"] if row["action"] == "create"] == [
        gone["name"]
    ]
    report = restore(run)
    made = simulator.world["connections"].rows[gone["name"]]
    assert {name: made[name] for name in SETTINGS} == {name: gone[name] for name in SETTINGS}
    (proven,) = [one for one in report.proof.items if one.key == ContentKey("connections", gone["name"])]
    assert (proven.verdict, report.status) == ("accepted_losses", "completed")
    assert {"password", "has_password"} <= {path for path, _ in proven.lost}


def test_the_password_by_which_derived_tables_are_built_is_named_as_well(vault, simulator, looker, back_up):
    name = next(iter(simulator.world["connections"].rows))
    override = {"context": "pdt", "username": "builder", "has_password": True}
    mutate(simulator.world, "update", "connections", name, {"pdt_context_override": override})
    back_up(vault, looker, ExtractOptions(types=("connections",)))
    simulator.world["connections"].remove(name)
    (step,) = RestoreRun(vault, looker, Selection.single("connections", name), RestoreOptions()).plan().steps
    assert {"password", "pdt_context_override.password"} <= {path for path, _ in step.lost}


def test_one_without_its_password_is_never_called_identical(backed_up, gone, run_of):
    restore(run_of(Selection.bulk("connections")))
    run = run_of(Selection.bulk("connections"))
    assert [step for step in run.plan().steps if step.writes] == []
    (proven,) = restore(run).proof.items
    assert (proven.key.id, proven.verdict) == (gone["name"], "accepted_losses")


def test_an_undo_takes_it_away_again(backed_up, gone, run_of, simulator, looker):
    report = restore(run_of(Selection.single("connections", gone["name"])))
    assert gone["name"] in simulator.world["connections"]
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert gone["name"] not in simulator.world["connections"]


@pytest.mark.parametrize("exact", [False, True])
def test_one_that_is_there_is_left_alone_and_what_differs_is_named(exact, backed_up, run_of, simulator):
    name = next(iter(simulator.world["connections"].rows))
    mutate(simulator.world, "update", "connections", name, {"host": "elsewhere.example"})
    mutate(simulator.world, "create", "connections", name, {"name": "made_since"})
    run = run_of(exact=exact)
    steps = {step.id: step for step in run.plan().steps if step.content_type == "connections"}
    assert (steps[name].action, [path for path, _ in steps[name].lost]) == ("skip", ["host"])
    assert "made_since" not in steps or "delete it in Looker" in steps["made_since"].reason
    restore(run)
    assert simulator.world["connections"].rows[name]["host"] == "elsewhere.example"
    assert "made_since" in simulator.world["connections"]


def test_another_instance_asks_databases_of_its_own(backed_up, connect):
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, connect(other) as looker:
        removed = next(iter(other.world["connections"].rows))
        other.world["connections"].remove(removed)
        there = {name: dict(row) for name, row in other.world["connections"].rows.items()}
        run = RestoreRun(backed_up, looker, Selection.bulk("connections"), RestoreOptions(target="staging"))
        assert {step.action for step in run.plan().steps} == {"skip"}
        assert all("databases of its own" in step.reason for step in run.plan().steps)
        restore(run)
        assert {name: dict(row) for name, row in other.world["connections"].rows.items()} == there


def test_content_made_anew_whose_connection_is_gone_says_how_to_make_it(backed_up, gone, run_of, simulator):
    name = next(
        row["name"]
        for row in simulator.world["lookml_models"]
        if gone["name"] in (row["allowed_db_connection_names"] or ())
    )
    simulator.world["lookml_models"].remove(name)
    run = run_of(Selection.bulk("lookml_models"))
    run.plan()
    assert any(gone["name"] in one and "restore bulk connections" in one for one in run.planner.warnings)
    run = run_of(Selection.bulk("lookml_models", "connections"))
    run.plan()
    assert not any(gone["name"] in one for one in run.planner.warnings)
