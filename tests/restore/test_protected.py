"""What Looker keeps for itself is compared like everything else: what it takes is written, what it does not take is named."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate, oracle
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_access_lists import Access
from tests.simulated import capture

ALL_USERS = "the group of all users is Looker's own"
IDENTITY = "its members come from the identity provider"


@pytest.fixture
def access(simulator, looker):
    return Access(simulator, looker)


@pytest.fixture
def external(access, simulator):
    """A group of the identity provider that is in another group: (group, parent)."""
    group, parent = access.group("from the provider"), access.group("parent")
    mutate(
        simulator.world,
        "update",
        "groups",
        group,
        {"externally_managed": True, "external_group_id": "idp-77", "can_add_to_content_metadata": True},
    )
    access.put_in(parent, group)
    return group, parent


def lost(report, key):
    return next((dict(one.lost) for one in report.proof.items if one.key == key), {})


def restored(vault, looker, *types, **options):
    return restore(RestoreRun(vault, looker, Selection.bulk(*types), RestoreOptions(**options)))


def test_a_group_of_the_identity_provider_is_put_back_into_its_parent(external, access, vault, looker):
    group, parent = external
    capture(vault, looker)
    access.take_out(parent, group)
    report = restored(vault, looker, "groups")
    assert (report.status, [one.verdict for one in report.proof.items]) == ("completed", ["identical"])
    assert (parent, group) in access.nested()


def test_a_group_of_the_identity_provider_gets_its_name_and_its_use_in_access_lists_back(external, vault, looker):
    group, _ = external
    capture(vault, looker)
    looker.patch("setup", f"/groups/{group}", b'{"name": "other", "can_add_to_content_metadata": false}')
    before = json.loads(looker.get("setup", f"/groups/{group}").body)
    report = restored(vault, looker, "groups")
    after = json.loads(looker.get("setup", f"/groups/{group}").body)
    assert (report.status, before["name"], after["name"]) == ("completed", "other", "from the provider")
    assert after["can_add_to_content_metadata"] is not False
    assert restored(vault, looker, "groups").writes == 0


def test_what_looker_refuses_of_such_a_group_is_a_named_loss(external, vault, looker, simulator):
    group, _ = external
    capture(vault, looker)
    looker.patch("setup", f"/groups/{group}", b'{"name": "other"}')
    simulator.faults.add("403", operation="update_group")
    report = restored(vault, looker, "groups")
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert lost(report, ContentKey("groups", group))["name"].startswith(IDENTITY)


def test_members_of_such_a_group_are_compared_and_named(external, access, vault, looker, simulator):
    group, _ = external
    user = simulator.world.viewer_user_id
    access.join(group, user)
    capture(vault, looker)
    looker.delete("setup", f"/groups/{group}/users/{user}")
    report = restored(vault, looker, "groups")
    assert (report.status, report.writes) == ("completed", 0)
    assert lost(report, ContentKey("group_users", group)) == {"members": IDENTITY}


def test_a_deleted_group_of_the_identity_provider_is_not_restored_and_named(external, vault, looker):
    group, _ = external
    capture(vault, looker)
    looker.delete("setup", f"/groups/{group}")
    report = restored(vault, looker, "groups")
    assert (report.status, [step.key for step in report.not_tried]) == ("partial", [ContentKey("groups", group)])
    assert IDENTITY in report.not_tried[0].reason


@pytest.fixture
def everybody_inside(access, vault, looker, simulator):
    """Since the backup the group of all users is in a privileged one: (all users, privileged)."""
    privileged = access.group("privileged")
    capture(vault, looker)
    access.put_in(privileged, simulator.world.all_users_group_id)
    return simulator.world.all_users_group_id, privileged


def test_the_group_of_all_users_is_taken_out_of_a_privileged_one_with_exact(everybody_inside, access, vault, looker):
    everybody, privileged = everybody_inside
    report = restored(vault, looker, "groups", exact=True)
    assert (report.status, [one.verdict for one in report.proof.items]) == ("completed", ["identical"])
    assert (privileged, everybody) not in access.nested()
    undo(vault, looker, report.session_id)
    assert (privileged, everybody) in access.nested()


def test_without_exact_it_is_named_that_everybody_is_in_a_privileged_group(everybody_inside, access, vault, looker):
    everybody, privileged = everybody_inside
    run = RestoreRun(vault, looker, Selection.bulk("groups"))
    step = next(step for step in run.plan().steps if step.key == ContentKey("groups", everybody))
    assert f"({privileged}); --exact" in dict(step.lost)["parent_group_ids"]
    report = restore(run)
    assert (report.status, report.writes) == ("completed", 0)
    assert lost(report, step.key) == dict(step.lost)


def test_a_changed_group_of_all_users_is_a_named_loss(vault, looker, simulator):
    everybody = simulator.world.all_users_group_id
    capture(vault, looker)
    mutate(simulator.world, "update", "groups", everybody, {"can_add_to_content_metadata": False})
    report = restored(vault, looker, "groups")
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert ALL_USERS in lost(report, ContentKey("groups", everybody))["can_add_to_content_metadata"]


@pytest.mark.parametrize(
    ("table", "field", "value"),
    [
        ("permission_sets", "permissions", ["access_data"]),
        ("roles", "name", "Chief"),
        ("user_attributes", "label", "x"),
    ],
)
def test_whatever_is_built_in_and_differs_is_named_with_the_reason(table, field, value, vault, looker, simulator):
    rows = simulator.world[table]
    row = next(row for row in rows if row.get("built_in") or row.get("is_system") or row.get("name") == "Admin")
    capture(vault, looker)
    mutate(simulator.world, "update", table, row["id"], {field: value})
    report = restored(vault, looker, table)
    assert (report.status, report.writes) == ("completed", 0)
    assert field in lost(report, ContentKey(table, row["id"]))


def test_a_login_of_lookers_support_that_is_gone_is_a_loss_and_nothing_that_is_missing(vault, looker, simulator):
    world = simulator.world
    user = next(row["id"] for row in world["users"] if row["id"] in world["credentials_email"] and int(row["id"]) > 2)
    mutate(world, "update", "users", user, {"verified_looker_employee": True})
    capture(vault, looker)
    looker.delete("setup", f"/users/{user}")
    report = restored(vault, looker, "users")
    assert "Looker's own support" in lost(report, ContentKey("users", user))[""]


def test_rows_beyond_the_backup_that_stay_are_named(access, vault, looker, simulator):
    group = access.group("with a stranger")
    capture(vault, looker)
    access.join(group, simulator.world.viewer_user_id)
    report = restored(vault, looker, "groups")
    assert report.writes == 0
    assert "1 more than in the backup stays" in lost(report, ContentKey("group_users", group))["members"]
    assert restored(vault, looker, "groups", exact=True).status == "completed"
    assert access.members(group) == set()


def test_nothing_of_what_is_protected_is_written_where_nothing_has_changed(backed_up, looker, simulator):
    before = oracle.dump(simulator.world)
    report = restore(RestoreRun(backed_up, looker, Selection.everything(), RestoreOptions(exact=True)))
    assert (report.status, report.writes, [one for one in report.proof.items if one.lost]) == ("completed", 0, [])
    assert oracle.dump(simulator.world) == before
