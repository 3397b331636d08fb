"""Hidden values come as null: they are never written back, and their loss is named."""

from __future__ import annotations

import json

from lookervault_core.restore.drivers import restore
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.selection import Selection
from tests.restore.conftest import capture


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
