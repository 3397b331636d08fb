"""What hangs on a group or an attribute that an exact restore removes comes back with it, and nothing else is touched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from looker_simulator import Simulator, oracle
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo


def send(looker: Any, verb: str, path: str, body: Any) -> Any:
    return json.loads(getattr(looker, verb)("people", path, json.dumps(body).encode()).body or b"null")


def ordinary_groups(simulator: Simulator) -> list[str]:
    rows = (row for row in simulator.world["groups"] if not row["externally_managed"])
    return [row["id"] for row in rows if not row["include_by_default"]]


def groups_of(simulator: Simulator, role: str) -> list[str]:
    return [row["group_id"] for row in simulator.world["role_groups"] if row["role_id"] == role]


@pytest.fixture
def role(simulator: Simulator) -> str:
    return next(row["id"] for row in simulator.world["roles"] if row["name"] != "Admin")


@pytest.fixture
def newcomers(simulator: Simulator, looker, backed_up, role) -> str:
    """A group that the backup lacks, with a role, access to a folder, a value, a member, a group above and one in it."""
    world, group = simulator.world, str(send(looker, "post", "/groups", {"name": "Newcomers"})["id"])
    above, inside = [one for one in ordinary_groups(simulator) if one != group][:2]
    send(looker, "put", f"/roles/{role}/groups", [*groups_of(simulator, role), group])
    send(looker, "post", f"/groups/{group}/users", {"user_id": list(world["users"])[-1]["id"]})
    send(looker, "post", f"/groups/{above}/groups", {"group_id": group})
    send(looker, "post", f"/groups/{group}/groups", {"group_id": inside})
    plain = (row["id"] for row in world["user_attributes"] if not row["value_is_hidden"] and not row["is_system"])
    send(looker, "patch", f"/groups/{group}/attribute_values/{next(plain)}", {"value": "v"})
    for owner in ("folder_id", "homepage_id"):
        own = next(row["id"] for row in world["content_metadata"] if row[owner] and not row["inherits"])
        row = {"content_metadata_id": own, "group_id": group, "permission_type": "view"}
        send(looker, "post", "/content_metadata_access", row)
    return group


@pytest.mark.parametrize("types", [("groups",), ("groups", "folders", "boards"), ()])
def test_an_undo_brings_a_group_back_with_all_that_hung_on_it(types, newcomers, run_of, simulator, backed_up, looker):
    before = oracle.dump(simulator.world)
    report = restore(run_of(Selection.bulk(*types) if types else Selection.everything(), exact=True))
    assert (report.status, newcomers in simulator.world["groups"]) == ("completed", False)
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_what_people_did_to_the_same_lists_since_stays(newcomers, run_of, simulator, backed_up, looker, role):
    others = [one for one in groups_of(simulator, role) if one != newcomers]
    given = next(one for one in ordinary_groups(simulator) if one not in (*others, newcomers))
    report = restore(run_of(Selection.bulk("groups"), exact=True))
    send(looker, "put", f"/roles/{role}/groups", [*others[1:], given])
    undo(backed_up, looker, report.session_id)
    again = next(row["id"] for row in simulator.world["groups"] if row["name"] == "Newcomers")
    assert set(groups_of(simulator, role)) == {*others[1:], given, again}


def test_an_undo_brings_an_attribute_back_with_the_values_of_users(run_of, simulator, backed_up, looker):
    body = {"name": "new", "label": "New", "type": "string"}
    attribute = send(looker, "post", "/user_attributes", body)["id"]
    users = [row["id"] for row in simulator.world["users"]][-3:]
    for one in users:
        send(looker, "patch", f"/users/{one}/attribute_values/{attribute}", {"value": "own"})
    before = oracle.dump(simulator.world)
    report = restore(run_of(Selection.bulk("user_attributes"), exact=True))
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []
