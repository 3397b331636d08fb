"""A user who is restored alone has its groups and roles again, and nobody else's membership is touched."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, retry, undo
from lookervault_core.vault.restoring import dead_letters
from tests.restore.test_access_lists import Access
from tests.simulated import capture

NAME = "user3@example.com"


@pytest.fixture
def access(simulator, looker):
    return Access(simulator, looker)


@pytest.fixture
def member(access, simulator):
    """A user of two groups and a role of its own that others are in too: (user, groups, role)."""
    world = simulator.world
    user = next(one["user_id"] for one in world["credentials_email"] if one["email"] == NAME)
    groups = [access.group("first"), access.group("second")]
    for group in groups:
        access.join(group, user)
        access.join(group, world.viewer_user_id)
    role = next(row["id"] for row in world["roles"] if row["id"] != world.admin_role_id)
    access.hold(role, [], [user, world.viewer_user_id])
    return user, groups, role


def people(world):
    dump = oracle.dump(world)
    return {name: dump[name] for name in ("users", "groups", "roles")}


def test_a_deleted_user_has_its_groups_and_roles_again(member, vault, looker, simulator):
    user, *_ = member
    before = people(simulator.world)
    capture(vault, looker)
    looker.delete("setup", f"/users/{user}")
    report = restore(RestoreRun(vault, looker, Selection.single("users", user)))
    assert report.status == "completed"
    assert [
        line for line in oracle.differences(before, people(simulator.world)) if "attribute_2" not in line
    ] == []  # hidden


def test_nobody_elses_membership_is_touched(member, access, vault, looker, simulator):
    user, groups, role = member
    world = simulator.world
    capture(vault, looker)
    looker.delete("setup", f"/users/{user}")
    looker.delete("setup", f"/groups/{groups[0]}/users/{world.viewer_user_id}")
    access.join(groups[1], world.admin_user_id)
    access.hold(role, [], [world.admin_user_id])
    report = restore(RestoreRun(vault, looker, Selection.single("users", user), RestoreOptions(exact=True)))
    assert report.status == "completed"
    new = next(one["user_id"] for one in world["credentials_email"] if one["email"] == NAME)
    assert access.members(groups[0]) == {new}
    assert access.members(groups[1]) == {new, world.viewer_user_id, world.admin_user_id}
    assert {row["user_id"] for row in world["role_users"] if row["role_id"] == role} == {new, world.admin_user_id}


def test_what_is_as_in_the_backup_is_not_written(member, vault, looker):
    user, *_ = member
    capture(vault, looker)
    report = restore(RestoreRun(vault, looker, Selection.single("users", user)))
    assert (report.status, report.writes, report.warnings) == ("completed", 0, ())


def test_a_group_that_is_gone_is_named(member, vault, looker):
    user, groups, _ = member
    capture(vault, looker)
    looker.delete("setup", f"/users/{user}")
    looker.delete("setup", f"/groups/{groups[0]}")
    run = RestoreRun(vault, looker, Selection.single("users", user))
    assert [step.key for step in run.plan().steps if step.action == "blocked"] == [ContentKey("group_users", groups[0])]
    report = restore(run)
    assert (report.status, [step.key.id for step in report.not_tried]) == ("partial", [groups[0]])


def test_a_group_of_the_identity_provider_is_not_joined_and_named(member, access, vault, looker, simulator):
    user, groups, _ = member
    mutate(simulator.world, "update", "groups", groups[0], {"externally_managed": True})
    capture(vault, looker)
    looker.delete("setup", f"/groups/{groups[0]}/users/{user}")
    report = restore(RestoreRun(vault, looker, Selection.single("users", user)))
    lost = {one.key: dict(one.lost) for one in report.proof.items}[ContentKey("group_users", groups[0])]
    assert (report.status, report.writes, user in access.members(groups[0])) == ("completed", 0, False)
    assert "identity provider" in lost["members"]


def test_what_the_user_has_been_given_since_stays_and_is_named(member, access, vault, looker, simulator):
    user, *_ = member
    capture(vault, looker)
    new = access.group("since")
    access.join(new, user)
    report = restore(RestoreRun(vault, looker, Selection.single("users", user)))
    assert report.writes == 0
    assert any(f"groups {new}" in line and user in line for line in report.warnings)
    assert user in access.members(new)


def test_a_membership_that_failed_is_tried_again_alone(member, access, vault, looker, simulator):
    user, groups, _ = member
    world = simulator.world
    capture(vault, looker)
    looker.delete("setup", f"/users/{user}")
    looker.delete("setup", f"/groups/{groups[0]}/users/{world.viewer_user_id}")
    simulator.faults.add("422", operation="add_group_user", first=2)
    report = restore(RestoreRun(vault, looker, Selection.single("users", user)))
    assert report.dead_letters == 2
    retry(vault, looker, dead_letters.listing(vault), RestoreOptions())
    new = next(one["user_id"] for one in world["credentials_email"] if one["email"] == NAME)
    assert access.members(groups[0]) == {new}


def test_undo_takes_the_memberships_back(member, access, vault, looker, simulator):
    user, groups, _ = member
    capture(vault, looker)
    looker.delete("setup", f"/groups/{groups[0]}/users/{user}")
    before = people(simulator.world)
    report = restore(RestoreRun(vault, looker, Selection.single("users", user)))
    assert user in access.members(groups[0])
    undo(vault, looker, report.session_id)
    assert oracle.differences(before, people(simulator.world)) == []


def test_a_resumed_restore_of_one_user_does_the_same(member, access, vault, looker, simulator):
    user, groups, _ = member
    world = simulator.world
    capture(vault, looker)
    looker.delete("setup", f"/users/{user}")
    looker.delete("setup", f"/groups/{groups[0]}/users/{world.viewer_user_id}")
    run = RestoreRun(vault, looker, Selection.single("users", user))
    run.begin()
    assert restore(resumed(vault, looker, run.session_id)).status == "completed"
    assert len(access.members(groups[0])) == 1


def test_the_memberships_of_another_instance_are_of_groups_of_that_name(member, vault, looker, connect, simulator):
    user, *_ = member
    capture(vault, looker)
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, connect(other) as there:
        elsewhere = Access(other, there)
        group = elsewhere.group("first")
        report = restore(RestoreRun(vault, there, Selection.single("users", user), RestoreOptions(target="other")))
        assert [step.name for step in report.not_tried] == ["second"]  # it is not there
        assert len(elsewhere.members(group)) == 1


@pytest.mark.parametrize("gone", [True, False], ids=["deleted", "taken out"])
def test_a_user_of_an_embedding_application_is_in_its_groups_again(gone, access, vault, looker, simulator):
    user = next(row["id"] for row in simulator.world["users"] if row["credentials_embed"])
    group = access.group("embedded")
    access.join(group, user)
    capture(vault, looker)
    before = people(simulator.world)
    looker.delete("wreck", f"/users/{user}" if gone else f"/groups/{group}/users/{user}")
    report = restore(RestoreRun(vault, looker, Selection.everything()))
    assert (report.status, oracle.differences(before, people(simulator.world))) == ("completed", [])
