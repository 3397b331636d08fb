"""Hidden values come as null: they are never written back, and their loss is named."""

from __future__ import annotations

import json

import pytest

from looker_simulator import oracle
from lookervault_core.diff.document import document
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture


def test_hidden_group_values_are_left_alone(run_of, simulator):
    world = simulator.world
    hidden = {row["id"] for row in world["user_attributes"] if row["value_is_hidden"]}
    rows = [row for row in world["user_attribute_group_values"] if row["user_attribute_id"] in hidden]
    attribute = rows[0]["user_attribute_id"]
    world["user_attribute_group_values"].remove(rows[0]["id"])
    kept = {row["group_id"]: row["value"] for row in rows[1:] if row["user_attribute_id"] == attribute}
    report = restore(run_of(Selection.single("user_attributes", attribute)))
    now = {
        r["group_id"]: r["value"] for r in world["user_attribute_group_values"] if r["user_attribute_id"] == attribute
    }
    assert now == kept
    assert report.writes == 0
    assert any("hidden" in reason for one in report.proof.items for _, reason in one.lost)


def attribute(world):
    return next(row for row in world["user_attributes"] if not row["value_is_hidden"] and not row["is_system"])


def change(looker, one, **fields):
    looker.patch("setup", f"/user_attributes/{one}", json.dumps(fields).encode())


def test_an_attribute_that_was_hidden_since_gets_back_everything_else(run_of, simulator, looker):
    before = dict(attribute(simulator.world))
    run_of()
    change(looker, before["id"], label="Wrecked", value_is_hidden=True)
    selection = Selection.single("user_attributes", before["id"])
    report = restore(run_of(selection))
    now = simulator.world["user_attributes"].get(before["id"])
    assert (report.status, now["label"], now["value_is_hidden"]) == ("completed", before["label"], True)
    lost = {field: reason for one in report.proof.items for field, reason in one.lost}
    assert "make the attribute anew" in lost["value_is_hidden"]
    again = run_of(selection).plan()
    assert not again.of("user_attributes")


def test_an_attribute_that_is_not_hidden_any_more_is_hidden_again(vault, simulator, looker):
    one = attribute(simulator.world)["id"]
    hidden = {"value_is_hidden": True, "hidden_value_domain_whitelist": "https://x.example/*"}
    change(looker, one, **hidden)
    capture(vault, looker)
    simulator.world["user_attributes"].change(one, value_is_hidden=False, hidden_value_domain_whitelist=None)
    report = restore(RestoreRun(vault, looker, Selection.single("user_attributes", one)))
    now = simulator.world["user_attributes"].get(one)
    assert (report.status, {field: now[field] for field in hidden}) == ("completed", hidden)


TABLES = {
    "user_attribute_values": "user_attribute_user_values",
    "user_attribute_group_values": "user_attribute_group_values",
}


@pytest.fixture(params=TABLES)
def hidden_since(request, run_of, simulator, looker):
    """A value whose attribute was hidden after the backup. Return its table and row, and a run of all lists of its type."""
    world, table = simulator.world, TABLES[request.param]
    shown = {one["id"] for one in world["user_attributes"] if not (one["value_is_hidden"] or one["is_system"])}
    row = next(one for one in world[table] if one["user_attribute_id"] in shown)
    run_of()
    change(looker, row["user_attribute_id"], value_is_hidden=True)
    return world[table], row["id"], lambda: run_of(Selection.everything(only=(request.param,)), exact=True)


def test_a_value_that_is_hidden_by_now_is_not_overwritten_and_that_is_named(hidden_since):
    table, one, run_all = hidden_since
    table.change(one, value="a secret since")
    report = restore(run_all())
    assert (report.status, report.writes, table.get(one)["value"]) == ("completed", 0, "a secret since")
    lost = dict(field for step in run_all().plan().steps for field in step.lost)
    assert "nobody can read" in lost["values"]


def test_a_value_that_is_gone_comes_back_although_it_is_hidden_by_now(hidden_since):
    table, one, run_all = hidden_since
    row = table.remove(one)
    report = restore(run_all())
    whose = row.keys() & {"user_attribute_id", "user_id", "group_id", "value"}
    same = [now for now in table if all(now[field] == row[field] for field in whose)]
    assert (report.status, len(same)) == ("completed", 1)
    assert restore(run_all()).writes == 0


def test_an_undo_takes_away_again_a_hidden_value_that_the_restore_wrote(hidden_since, backed_up, simulator, looker):
    table, one, run_all = hidden_since
    table.remove(one)
    before = oracle.dump(simulator.world)
    report = restore(run_all())
    assert oracle.differences(before, oracle.dump(simulator.world))
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_what_looker_shows_of_a_hidden_value_is_no_value():
    row = {"user_attribute_id": "7", "source": "User", "value": "", "value_is_hidden": True}
    assert document("user_attribute_values", [row]).fields == {"values": [], "hidden": ["7"]}
