"""With skip-if-modified everything that somebody has changed since the backup stays as it is, and nothing else does."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, resumed


@pytest.fixture
def simulator():
    with Simulator(SimulatorOptions(scale="small", tiles_touch_dashboard=False)) as running:
        yield running


def put(looker, path, body):
    looker.put("since", path, json.dumps(body).encode())


def without_one_of_its_users(world, looker, role):
    put(looker, f"/roles/{role}/users", sorted(users_of(world, role))[1:])


def users_of(world, role):
    return {row["user_id"] for row in world["role_users"] if row["role_id"] == role}


@pytest.fixture
def role(simulator):
    world = simulator.world
    return next(row["id"] for row in world["roles"] if row["name"] != "Admin" and len(users_of(world, row["id"])) > 1)


@pytest.fixture
def group(simulator):
    rows = simulator.world["groups"]
    ordinary = [row["id"] for row in rows if not row["externally_managed"] and not row["include_by_default"]]
    return next(row["group_id"] for row in simulator.world["group_users"] if row["group_id"] in ordinary)


def test_rights_that_were_taken_away_since_are_not_given_back(run_of, simulator, looker, role, group):
    world = simulator.world
    without_one_of_its_users(world, looker, role)
    member = next(row["user_id"] for row in world["group_users"] if row["group_id"] == group)
    looker.delete("since", f"/groups/{group}/users/{member}")
    report = restore(run_of(skip_if_modified=True))
    assert (report.status, report.writes, report.summary.skipped_count) == (
        "completed",
        0,
        report.summary.total_items,
    )


def test_an_access_list_that_was_changed_since_stays(run_of, simulator, looker):
    row = next(iter(simulator.world["content_metadata_access"]))
    looker.delete("since", f"/content_metadata_access/{row['id']}")
    plan = run_of(skip_if_modified=True).plan()
    assert [(s.content_type, s.action) for s in plan.steps if s.action != "skip"] == [
        ("content_metadata_accesses", "conflict")
    ]


def test_a_tile_that_was_edited_since_stays_though_its_dashboard_was_not_touched(run_of, simulator, looker):
    world = simulator.world
    dashboard = next(row["id"] for row in world["dashboards"] if not row["deleted"])
    world.unpack(dashboard)
    tile = world.parts("dashboard_elements", dashboard)[0]["id"]
    looker.patch("since", f"/dashboard_elements/{tile}", b'{"title": "hers"}')
    report = restore(run_of(Selection.bulk("dashboards"), skip_if_modified=True))
    assert (report.writes, world["dashboard_elements"].get(tile)["title"]) == (0, "hers")


def test_who_was_deleted_since_comes_back_into_the_groups_and_roles_that_nobody_changed(run_of, simulator, role):
    before = oracle.dump(simulator.world)
    mutate(simulator.world, "delete", "users", max(users_of(simulator.world, role)))
    plain = restore(run_of(Selection.bulk("users", "groups", "roles"), skip_if_modified=True))
    assert plain.status == "completed"
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if line.startswith(("groups", "roles"))] == []


def test_a_resumed_restore_finishes_what_it_has_begun_on(run_of, simulator, backed_up, looker, connect, group):
    before = oracle.dump(simulator.world)
    mutate(simulator.world, "delete", "groups", group)
    simulator.faults.add("422", operation="add_group_user")
    assert restore(run_of(Selection.bulk("groups"), skip_if_modified=True)).status == "partial"
    simulator.faults.clear()
    assert restore(resumed(backed_up, looker)).status == "completed"
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if line.startswith("groups")] == []
