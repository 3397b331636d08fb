"""A home folder that a restore makes anew is the home of its users again, in the same run."""

from __future__ import annotations

import json

import pytest

from lookervault_core.extract.options import ExtractOptions
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, retry, undo
from lookervault_core.vault.restoring import dead_letters
from tests.simulated import capture


def reasons(report):
    return [reason for one in report.proof.items for _, reason in one.lost]


@pytest.fixture
def home(simulator, looker):
    """A shared folder that is the home of an ordinary user: (folder id, user id)."""
    world = simulator.world
    root = next(row["id"] for row in world["folders"] if row["is_shared_root"])
    body = json.dumps({"name": "Everybody's desk", "parent_id": root}).encode()
    folder = str(json.loads(looker.post("setup", "/folders", body).body)["id"])
    user = next(
        row["id"] for row in world["users"] if row["id"] in world["credentials_email"] and not is_us(world, row)
    )
    looker.patch("setup", f"/users/{user}", json.dumps({"home_folder_id": folder}).encode())
    return folder, user


def is_us(world, row):
    return row["id"] in (world.admin_user_id, world.viewer_user_id)


def folder_named(world, name):
    return next((row["id"] for row in world["folders"] if row["name"] == name), None)


@pytest.mark.parametrize("left_dangling", [False, True])
def test_a_home_folder_made_anew_is_the_home_again_in_the_same_run(left_dangling, home, vault, looker, simulator):
    world, (folder, user) = simulator.world, home
    capture(vault, looker)
    looker.delete("setup", f"/folders/{folder}")
    if left_dangling:
        world["users"].change(user, home_folder_id=folder)
    run = RestoreRun(vault, looker, Selection.everything(), RestoreOptions(exact=True))
    assert [step.action for step in run.plan().of("users") if step.id == user] == ["update"]
    report = restore(run)
    assert (report.status, [one for one in reasons(report) if "folder" in one]) == ("completed", [])
    assert world["users"].get(user)["home_folder_id"] == folder_named(world, "Everybody's desk")
    again = restore(RestoreRun(vault, looker, Selection.everything(), RestoreOptions(exact=True)))
    assert (again.status, again.writes) == ("completed", 0)


def test_a_home_folder_that_no_part_of_the_restore_makes_is_named(home, vault, looker):
    folder, user = home
    capture(vault, looker)
    looker.delete("setup", f"/folders/{folder}")
    report = restore(RestoreRun(vault, looker, Selection.single("users", user)))
    assert any(folder in reason and "is not there" in reason for reason in reasons(report))


def test_the_restore_of_a_deleted_folder_gives_its_users_their_home_back_and_nothing_else(
    home, vault, looker, simulator
):
    world, (folder, user) = simulator.world, home
    capture(vault, looker)
    looker.delete("setup", f"/folders/{folder}")
    looker.patch("setup", f"/users/{user}", b'{"first_name": "Renamed"}')
    run = RestoreRun(vault, looker, Selection.folder(folder))
    step = next(step for step in run.plan().steps if step.content_type == "users")
    assert (step.id, [change.path for change in step.fields], step.reason) == (
        user,
        ["home_folder_id"],
        "its home folder is made anew",
    )
    report = restore(run)
    row = world["users"].get(user)
    assert report.status == "completed"
    assert (row["home_folder_id"], row["first_name"]) == (folder_named(world, "Everybody's desk"), "Renamed")
    again = restore(RestoreRun(vault, looker, Selection.folder(folder)))
    assert (again.status, again.writes) == ("completed", 0)


def test_who_has_chosen_another_home_since_keeps_it(home, vault, looker, simulator):
    world, (folder, user) = simulator.world, home
    capture(vault, looker)
    looker.delete("setup", f"/folders/{folder}")
    root = next(row["id"] for row in world["folders"] if row["is_shared_root"])
    looker.patch("setup", f"/users/{user}", json.dumps({"home_folder_id": root}).encode())
    restore(RestoreRun(vault, looker, Selection.folder(folder)))
    assert world["users"].get(user)["home_folder_id"] == root


def test_where_users_are_left_out_those_who_lose_their_home_are_named(home, vault, looker, simulator):
    folder, user = home
    capture(vault, looker)
    looker.delete("setup", f"/folders/{folder}")
    report = restore(RestoreRun(vault, looker, Selection.folder(folder, exclude=("users",))))
    assert [line for line in report.warnings if "home folder" in line and f"users {user}" in line]
    assert simulator.world["users"].get(user)["home_folder_id"] != folder_named(simulator.world, "Everybody's desk")


def test_undo_takes_the_home_back_with_the_folder(home, vault, looker, simulator):
    folder, user = home
    capture(vault, looker)
    looker.delete("setup", f"/folders/{folder}")
    before = simulator.world["users"].get(user)["home_folder_id"]
    report = restore(RestoreRun(vault, looker, Selection.folder(folder)))
    assert undo(vault, looker, report.session_id).status == "completed"
    assert simulator.world["users"].get(user)["home_folder_id"] == before
    assert folder_named(simulator.world, "Everybody's desk") is None


def test_a_home_that_could_not_be_written_is_tried_again_alone(home, vault, looker, simulator):
    world, (folder, user) = simulator.world, home
    capture(vault, looker)
    looker.delete("setup", f"/folders/{folder}")
    looker.patch("setup", f"/users/{user}", b'{"first_name": "Renamed"}')
    simulator.faults.add("422", operation="update_user", first=1)
    assert restore(RestoreRun(vault, looker, Selection.folder(folder))).dead_letters == 1
    retry(vault, looker, dead_letters.listing(vault), RestoreOptions())
    row = world["users"].get(user)
    assert (row["home_folder_id"], row["first_name"]) == (folder_named(world, "Everybody's desk"), "Renamed")


@pytest.mark.parametrize("kinds", [("users",), ("users", "folders")])
def test_a_personal_folder_that_comes_with_its_user_is_no_loss_although_no_backup_has_it(
    kinds, vault, looker, simulator
):
    world = simulator.world
    user = next(
        row["id"] for row in world["users"] if row["id"] in world["credentials_email"] and not is_us(world, row)
    )
    looker.patch(
        "setup",
        f"/users/{user}",
        json.dumps({"home_folder_id": world["users"].get(user)["personal_folder_id"]}).encode(),
    )
    capture(vault, looker, ExtractOptions(types=kinds, workers=4))
    looker.delete("setup", f"/users/{user}")
    snapshot = max(one.snapshot_id for one in vault.snapshots())
    report = restore(RestoreRun(vault, looker, Selection.bulk("users"), snapshot_id=snapshot))
    assert [field for one in report.proof.items for field, _ in one.lost if "folder" in field] == []
    twice = undo(vault, looker, undo(vault, looker, report.session_id).session_id)
    assert [field for one in twice.proof.items for field, _ in one.lost if "folder" in field] == []
    (made,) = (one.destination_id for one in twice.new_ids)
    row = world["users"].get(made)
    assert row["home_folder_id"] == row["personal_folder_id"]
