"""A full run reads again what nothing proves unchanged, and no more: each proof sees each change that the API allows."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from lookervault_core.catalog import CATALOG
from lookervault_core.extract.session import connected
from tests.extract.backup import Backup

Start = Callable[..., Backup]
SHOWN = tuple(name for name, row in CATALOG.items() if row.shown)
Change = Callable[[Backup], object]


@pytest.fixture
def one(backup: Start) -> Backup:
    made = backup(scale="small")
    made.run()
    made.looker.calls.reset()
    return made


def lists(one: Backup) -> dict[tuple[str, str], set[str]]:
    """Return who stands in each list, as Looker says when it is asked for each."""
    paths = {"group_users": "/groups/{}/users", "role_groups": "/roles/{}/groups"}
    paths["role_users"] = "/roles/{}/users?direct_association_only=true"
    of = {name: one.ids(CATALOG[name].targets_from or "") for name in SHOWN}
    return {
        (name, id): {row["id"] for row in json.loads(one.ask(paths[name].format(id)))}
        for name in SHOWN
        for id in of[name]
    }


def kept(one: Backup) -> dict[tuple[str, str], set[str]]:
    return {
        (name, id): {row["id"] for row in json.loads(one.payload(name, id))} for name in SHOWN for id in one.ids(name)
    }


def free(one: Backup, name: str) -> tuple[str, str]:
    """Return a list with somebody who does not stand in it."""
    shown = CATALOG[name].shown
    assert shown is not None
    with one.vault() as vault:
        known = {item.id: json.loads(item.payload) for item in vault.iter_payloads(shown.by)}
    for id in sorted(one.ids(name), key=int, reverse=True):
        for member in sorted(known, key=int):
            if member not in kept(one)[name, id] and id != "1" and not known[member].get("is_disabled"):
                return id, member
    raise AssertionError("everybody is in every list")


def taken(one: Backup, name: str) -> tuple[str, str]:
    """Return a list and somebody who stands in it."""
    return next(
        (id, max(ids, key=int)) for (of, id), ids in kept(one).items() if of == name and ids - {"1"} and id != "1"
    )


def _joins(one: Backup) -> object:
    group, user = free(one, "group_users")
    return one.write("POST", f"/groups/{group}/users", user_id=user)


def _leaves(one: Backup) -> object:
    group, user = taken(one, "group_users")
    return one.write("DELETE", f"/groups/{group}/users/{user}")


def _swapped(one: Backup) -> object:
    """As many stand in the list as before, and others."""
    group, user = taken(one, "group_users")
    other = next(id for id in sorted(one.ids("users"), key=int) if id not in kept(one)["group_users", group])
    one.write("DELETE", f"/groups/{group}/users/{user}")
    return one.write("POST", f"/groups/{group}/users", user_id=other)


def _nested(one: Backup) -> object:
    (below, _), above = taken(one, "group_users"), max(one.ids("groups"), key=int)
    below = below if below != above else min(one.ids("groups") - {above, "1"}, key=int)
    return one.write("POST", f"/groups/{above}/groups", group_id=below)


def _replace(one: Backup, path: str, ids: set[str]) -> object:
    with connected(one.settings(), Event()) as looker:
        return looker.put("test", path, json.dumps(sorted(ids)).encode())


def _role_to_group(one: Backup) -> object:
    role, group = free(one, "role_groups")
    return _replace(one, f"/roles/{role}/groups", kept(one)["role_groups", role] | {group})


def _role_from_group(one: Backup) -> object:
    role, _ = taken(one, "role_groups")
    return _replace(one, f"/roles/{role}/groups", set())


def _role_to_user(one: Backup) -> object:
    role, user = free(one, "role_users")
    return _replace(one, f"/roles/{role}/users", kept(one)["role_users", role] | {user})


def _role_from_user(one: Backup) -> object:
    role, user = taken(one, "role_users")
    return _replace(one, f"/roles/{role}/users", kept(one)["role_users", role] - {user})


def _roles_of_user(one: Backup) -> object:
    """A user is given directly what a group gives already: nothing shows it but the list."""
    user = max(one.ids("users"), key=int)
    return _replace(one, f"/users/{user}/roles", one.ids("roles") - {"1", "2"})


def _user_gone(one: Backup) -> object:
    return one.write("DELETE", f"/users/{taken(one, 'group_users')[1]}")


def _group_gone(one: Backup) -> object:
    return one.write("DELETE", f"/groups/{taken(one, 'role_groups')[1]}")


CHANGES: tuple[Change, ...] = (
    _joins, _leaves, _swapped, _nested, _role_to_group, _role_from_group, _role_to_user, _role_from_user, _roles_of_user,
    _user_gone, _group_gone,
)  # fmt: skip


def test_what_its_members_show_is_not_asked_for_again_and_what_leaves_a_doubt_is(one: Backup) -> None:
    before = kept(one)
    report = one.run()
    assert (report.status, kept(one)) == ("complete", before)
    carried = {name: report.types[name]["carried"] for name in SHOWN}
    assert all(carried.values()), carried
    asked = {name: one.asked(CATALOG[name].list.operation) for name in SHOWN}
    assert asked == {name: len(one.ids(name)) - carried[name] for name in SHOWN}, "one call each"
    assert asked["role_users"] > 0, "a role that also comes through a group may be one's own or not"


def test_each_change_of_a_list_is_in_the_next_full_run_and_the_next_incremental_one(one: Backup) -> None:
    """One after the other on one instance, each kind of run in turn."""
    for number, change in enumerate(CHANGES):
        change(one)
        report = one.run(incremental=number % 2 == 1, audit_days=7)
        assert report.status == "complete", (number, report.holes)
        assert kept(one) == lists(one), f"change {number}"


def test_a_list_is_read_where_looker_counts_others_than_it_shows(backup: Start) -> None:
    """Nothing says that a user shows every kind of group; where the count speaks against it, no member is believed."""
    one = backup(scale="small")
    one.run()
    group, user = free(one, "group_users")
    world = one.looker.world
    world["group_users"].add({"group_id": group, "user_id": user, "hidden": True})
    assert one.run().status == "complete"
    assert kept(one)["group_users", group] == lists(one)["group_users", group]


def test_a_full_run_takes_over_looks_by_their_rows_and_sees_what_leaves_the_timestamp(backup: Start) -> None:
    one = backup(scale="small", bends=("parts_leave_updated_at",))
    one.run("looks")
    world = one.looker.world
    looks = [row["id"] for row in world["looks"] if not row["deleted"]][:6]
    edits: list[dict[str, Any]] = [
        {"title": "Other"}, {"description": "Other"}, {"user_id": "3"}, {"folder_id": "1"},
        {"certification_metadata": {"certification_status": "certified"}},
        {"public": not world["looks"].rows[looks[5]]["public"]},
    ]  # fmt: skip
    for id, values in zip(looks, edits, strict=True):
        world["looks"].change(id, **values)
    one.looker.calls.reset()
    report = one.run("looks")
    assert (report.status, report.types["looks"]["changed"]) == ("complete", len(edits))
    assert report.types["looks"]["carried"] >= report.types["looks"]["captured"] - 2 * len(edits), (
        "but for their folder"
    )
    assert one.asked("folder_looks") + one.asked("look") <= len(edits)
    for id in looks:
        assert one.payload("looks", id) == one.ask(f"/looks/{id}")
