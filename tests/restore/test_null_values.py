"""A value of a user attribute can be null: somebody set that, and it counts before what groups and the default say."""

from __future__ import annotations

import json

import pytest

from looker_simulator import oracle
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture

KINDS = {"users": "user_attribute_user_values", "groups": "user_attribute_group_values"}


@pytest.fixture(params=KINDS)
def place(request, simulator) -> str:
    """The path of a value that nobody has set yet, of a user or of a group."""
    world, kind = simulator.world, request.param
    column = "user_id" if kind == "users" else "group_id"
    plain = [row["id"] for row in world["user_attributes"] if not row["value_is_hidden"] and not row["is_system"]]
    taken = {(row[column], row["user_attribute_id"]) for row in world[KINDS[kind]]}
    free = ((owner["id"], one) for one in plain for owner in world[kind] if (owner["id"], one) not in taken)
    owner, one = next(pair for pair in free if pair[0] not in (world.admin_user_id, world.all_users_group_id))
    return f"/{kind}/{owner}/attribute_values/{one}"


def put(looker, place: str, value: str | None) -> None:
    looker.patch("people", place, json.dumps({"value": value}).encode())


def test_an_exact_restore_takes_away_a_null_that_was_set_since(place, run_of, simulator, looker):
    before = oracle.dump(simulator.world)
    run_of()
    put(looker, place, None)
    given = oracle.dump(simulator.world)
    report = restore(run_of(exact=True))
    assert (report.status, oracle.differences(before, oracle.dump(simulator.world))) == ("completed", [])
    undo(run_of().vault, looker, report.session_id)
    assert oracle.differences(given, oracle.dump(simulator.world)) == []


@pytest.mark.parametrize("since", ["another value", "no value"])
def test_a_null_of_the_backup_comes_back(since, place, vault, simulator, looker):
    put(looker, place, None)
    capture(vault, looker)
    before = oracle.dump(simulator.world)
    put(looker, place, "1") if since == "another value" else looker.delete("people", place)
    report = restore(RestoreRun(vault, looker, Selection.everything()))
    assert (report.status, oracle.differences(before, oracle.dump(simulator.world))) == ("completed", [])
