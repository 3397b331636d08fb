"""People on an instance that has its own: nothing is given to a namesake by guess, and what is not put back is named."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture

PEOPLE = ("users", "groups", "roles", "permission_sets", "model_sets", "user_attributes", "folders", "boards")
# What says that a list, a user or a group is not as in the backup, by where the oracle shows it.
PARTS = {
    "users": {"users", "user_attribute_values", "group_users", "role_users"},
    "groups": {"groups", "group_users"},
    "roles": {"roles", "role_users", "role_groups"},
    "user_attributes": {"user_attributes", "user_attribute_group_values"},
    "folders": {"folders", "content_metadata", "content_metadata_accesses"},
    "boards": {"boards", "content_metadata", "content_metadata_accesses"},
}


@pytest.fixture
def there(connect):
    """An instance with other ids and its own people, some of the same names."""
    with (
        Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other,
        connect(other) as looker,
    ):
        yield other, looker


def lacking(before, after, path=()):
    """Yield the paths of what *before* has and *after* does not: what the other instance has of its own is none of it."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in before:
            if name in after:
                yield from lacking(before[name], after[name], (*path, name))
            else:
                yield (*path, name)
    elif isinstance(before, list) and isinstance(after, list):
        if any(one not in after for one in before):
            yield path
    elif before != after:
        yield path


def named(report):
    """Return the content types of everything that the report names as lost, different, failed or not tried."""
    return {one.key.content_type for one in report.proof.items if one.lost or one.verdict != "identical"} | {
        step.key.content_type for step in report.not_tried
    }


@pytest.mark.parametrize("own", [0, 1])
def test_all_people_on_an_instance_with_its_own_are_put_back_or_named(own, vault, looker, simulator, there):
    other, their_looker = there
    world = other.world
    for number, row in enumerate([row for row in world["groups"] if not row["include_by_default"]][own::2]):
        world["groups"].change(row["id"], name=f"Own {number}")
    for number, row in enumerate(list(world["credentials_email"])[own::2]):
        world["credentials_email"].change(row["user_id"], email=f"own{number}@example.org")
    root = next(row["id"] for row in simulator.world["folders"] if row["is_shared_root"])
    simulator.world["users"].change(simulator.world.admin_user_id, home_folder_id=root)
    theirs = {name: row for name, row in oracle.dump(world)["groups"].items() if name.startswith("Own")}
    capture(vault, looker)
    report = restore(RestoreRun(vault, their_looker, Selection.everything(), RestoreOptions(target="other")))
    ours, after = oracle.dump(simulator.world), oracle.dump(world)
    told = named(report)
    lost = [path for name in PEOPLE for path in lacking(ours[name], after[name], (name,)) if "(trash)" not in path[1]]
    assert [path for path in lost if not told & PARTS.get(path[0], {path[0]})] == []
    assert theirs.keys() <= after["groups"].keys()
    for name, row in theirs.items():  # nobody joined a group of theirs
        assert set(after["groups"][name]["members"]) == set(row["members"])
    admin = next(name for name, row in ours["users"].items() if row["email_login"] == "user1@example.com")
    for field in ("home", "attribute_values"):
        assert set(lacking(ours["users"][admin][field], after["users"][admin][field])) == set()


def test_a_group_is_not_taken_for_another_one_with_the_same_number_at_a_provider(vault, looker, simulator, there):
    other, their_looker = there
    ours = next(row["id"] for row in simulator.world["groups"] if not row["include_by_default"])
    theirs = next(row["id"] for row in other.world["groups"] if not row["include_by_default"])
    mutate(simulator.world, "update", "groups", ours, {"external_group_id": "7", "name": "Partners"})
    mutate(other.world, "update", "groups", theirs, {"external_group_id": "7", "name": "Interns"})
    capture(vault, looker)
    report = restore(RestoreRun(vault, their_looker, Selection.everything(), RestoreOptions(target="other")))
    made = next(row["id"] for row in other.world["groups"] if row["name"] == "Partners")
    assert report.status == "completed"
    assert (made != theirs, other.world["groups"].get(theirs)["name"]) == (True, "Interns")


def test_a_group_of_the_same_name_and_another_provider_is_not_taken_for_it(vault, looker, simulator, there):
    other, their_looker = there
    ours = next(row["id"] for row in simulator.world["groups"] if not row["include_by_default"])
    theirs = next(row["id"] for row in other.world["groups"] if not row["include_by_default"])
    mutate(simulator.world, "update", "groups", ours, {"external_group_id": "7", "name": "Partners"})
    mutate(other.world, "update", "groups", theirs, {"external_group_id": "8", "name": "Partners"})
    capture(vault, looker)
    before = oracle.dump(other.world)["groups"]["Partners"]
    report = restore(RestoreRun(vault, their_looker, Selection.everything(), RestoreOptions(target="other")))
    blocked = next(step for step in report.not_tried if step.key == ContentKey("groups", ours))
    assert "Partners" in blocked.reason or "name" in blocked.reason
    assert oracle.dump(other.world)["groups"]["Partners"] == before


def test_the_personal_folder_of_a_namesake_is_nobody_else_s_home(vault, looker, simulator, there):
    other, their_looker = there
    ours = next(row["user_id"] for row in simulator.world["credentials_email"] if row["email"] == "user3@example.com")
    theirs = next(row["user_id"] for row in other.world["credentials_email"] if row["email"] == "user3@example.com")
    other.world["credentials_email"].change(theirs, email="namesake@example.org")
    home = simulator.world["users"].get(ours)["personal_folder_id"]
    name = simulator.world["folders"].get(home)["name"]
    their_home = other.world["users"].get(theirs)["personal_folder_id"]
    other.world["folders"].change(their_home, name=name)
    simulator.world["users"].change(ours, home_folder_id=home)
    capture(vault, looker)
    report = restore(RestoreRun(vault, their_looker, Selection.bulk("users"), RestoreOptions(target="other")))
    made = next(row["user_id"] for row in other.world["credentials_email"] if row["email"] == "user3@example.com")
    user = other.world["users"].get(made)
    assert report.status == "completed"
    assert user["home_folder_id"] == user["personal_folder_id"] != their_home
