"""What people do between the plan and the write is not undone by it, and an undo brings it back."""

from __future__ import annotations

import json

import pytest

from lookervault_core.restore.drivers import restore, undo
from lookervault_core.restore.selection import Selection
from lookervault_core.simulator import Simulator, SimulatorOptions


@pytest.fixture
def simulator():
    with Simulator(SimulatorOptions(scale="small")) as running:
        yield running


class Role:
    """An ordinary role and its users, changed by the API."""

    def __init__(self, simulator, looker):
        self._world, self._looker = simulator.world, looker
        self.id = next(r["id"] for r in self._world["roles"] if r["name"] != "Admin" and self._of(r["id"]))
        self.at_first = self.users

    def _of(self, role):
        return {row["user_id"] for row in self._world["role_users"] if row["role_id"] == role}

    @property
    def users(self):
        return self._of(self.id)

    def hold(self, users):
        self._looker.put("set_role_users", f"/roles/{self.id}/users", json.dumps(sorted(users)).encode())

    def another(self):
        return next(row["id"] for row in self._world["users"] if row["id"] not in self.at_first)


@pytest.fixture
def role(simulator, looker):
    return Role(simulator, looker)


def test_a_user_who_is_put_into_a_role_after_the_plan_stays_also_after_an_undo(run_of, role, backed_up, looker):
    gone, added = min(role.at_first), role.another()
    role.hold(role.at_first - {gone})
    run = run_of(Selection.bulk("roles"))
    run.plan()
    role.hold(role.at_first - {gone} | {added})
    report = restore(run)
    assert (report.status, role.users) == ("completed", role.at_first | {added})
    undo(backed_up, looker, report.session_id)
    assert role.users == role.at_first - {gone} | {added}


def test_a_user_who_is_put_into_a_role_after_the_restore_began_stays_also_after_an_undo(
    run_of, role, backed_up, looker
):
    gone, other, added = *sorted(role.at_first)[:2], role.another()
    role.hold(role.at_first - {gone})
    run = run_of(Selection.bulk("roles"))
    run.begin()
    hers = role.at_first - {gone, other} | {added}
    role.hold(hers)
    report = restore(run)
    assert (report.status, role.users) == ("completed", role.at_first | {added})
    undo(backed_up, looker, report.session_id)
    assert role.users == hers


def test_an_attribute_value_that_is_given_to_a_group_after_the_plan_stays(run_of, simulator, looker, backed_up):
    world = simulator.world
    attribute = next(
        a["id"] for a in world["user_attributes"]
        if not a["value_is_hidden"] and not a["is_system"] and group_values(world, a["id"])
    )  # fmt: skip
    before = group_values(world, attribute)
    group = next(row["id"] for row in world["groups"] if row["id"] not in before)
    looker.delete("wreck", f"/groups/{min(before)}/attribute_values/{attribute}")
    run = run_of(Selection.bulk("user_attributes"))
    run.plan()
    looker.patch("meanwhile", f"/groups/{group}/attribute_values/{attribute}", b'{"value": "hers"}')
    report = restore(run)
    assert (report.status, group_values(world, attribute)) == ("completed", before | {group: "hers"})
    undo(backed_up, looker, report.session_id)
    assert group_values(world, attribute).get(group) == "hers"


def group_values(world, attribute):
    rows = (row for row in world["user_attribute_group_values"] if row["user_attribute_id"] == attribute)
    return {row["group_id"]: row["value"] for row in rows}
