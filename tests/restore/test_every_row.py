"""Each cell of a list that belongs to an object, changed alone on the live side, comes back or is named."""

from __future__ import annotations

import pytest

from looker_simulator import mutate, oracle
from lookervault_core.restore.runs import restore

EDGES = {
    "group_users": {"user_id"},
    "group_groups": {"parent_id"},
    "role_users": {"user_id"},
    "role_groups": {"group_id"},
    "user_attribute_user_values": {"value"},
    "user_attribute_group_values": {"value", "rank"},
    "content_metadata_access": {"permission_type", "group_id"},
    "credentials_email": {"email"},
}
CELLS = [(table, column, "another value") for table, columns in EDGES.items() for column in sorted(columns)]
CELLS += [(table, "value", to) for table, columns in EDGES.items() if "value" in columns for to in ("null", "blank")]


def others(world, table: str, column: str, row: dict) -> object:
    """Return another value for a cell, that no row of its owner has yet."""
    if column == "rank":
        return row["rank"] + 1000
    if column == "permission_type":
        return {"view": "edit", "edit": "view"}[row["permission_type"]]
    if column in ("value", "email"):
        return f"{row[column]}9"
    taken = {one[column] for one in world[table]} | {world.all_users_group_id, world.admin_user_id}
    of = world["users"] if column == "user_id" else world["groups"]
    free = [one["id"] for one in of if one["id"] not in taken and not one.get("externally_managed")]
    return next(iter(free), None)


def is_ordinary(world, table: str, row: dict) -> bool:
    hidden = {one["id"] for one in world["user_attributes"] if one["value_is_hidden"] or one["is_system"]}
    managed = {one["id"] for one in world["groups"] if one.get("externally_managed") or one["include_by_default"]}
    own = row.get("user_id") == world.admin_user_id or row.get("role_id") == world.admin_role_id
    return not (own or row.get("user_attribute_id") in hidden or {row.get("group_id"), row.get("parent_id")} & managed)


@pytest.mark.parametrize(("table", "column", "to"), CELLS)
def test_a_cell_that_was_changed_alone_comes_back(table, column, to, run_of, simulator):
    world = simulator.world
    before = oracle.dump(world)
    run_of()
    row = next((one for one in world[table] if is_ordinary(world, table, one) and one.get(column) is not None), None)
    if row is None:
        pytest.skip("the instance has no such row")
    value = {"null": None, "blank": ""}.get(to, others(world, table, column, row))
    if to == "another value" and value is None:
        pytest.skip("the instance has no other value")
    mutate(world, "update", table, row[world[table].key], {column: value})
    report = restore(run_of(exact=True))
    assert (report.status, oracle.differences(before, oracle.dump(world))) == ("completed", [])
