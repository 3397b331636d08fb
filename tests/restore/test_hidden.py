"""Hidden values come as null: they are never written back, and their loss is named."""

from __future__ import annotations

from lookervault_core.restore.drivers import restore
from lookervault_core.restore.selection import Selection


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
