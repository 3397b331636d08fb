"""Access comes back as it was: groups in groups either way round, and the API user keeps its rights and nothing else."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.families.roles.caller import caller_of
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture


class Access:
    """Changes who has what, by the API."""

    def __init__(self, simulator, looker):
        self.world, self._looker = simulator.world, looker

    def group(self, name):
        return str(json.loads(self._looker.post("setup", "/groups", json.dumps({"name": name}).encode()).body)["id"])

    def put_in(self, parent, child):
        self._looker.post("setup", f"/groups/{parent}/groups", json.dumps({"group_id": child}).encode())

    def take_out(self, parent, child):
        self._looker.delete("setup", f"/groups/{parent}/groups/{child}")

    def join(self, group, user):
        self._looker.post("setup", f"/groups/{group}/users", json.dumps({"user_id": user}).encode())

    def hold(self, role, groups, users):
        self._looker.put("setup", f"/roles/{role}/groups", json.dumps(groups).encode())
        self._looker.put("setup", f"/roles/{role}/users", json.dumps(users).encode())

    def nested(self):
        return {(row["parent_id"], row["group_id"]) for row in self.world["group_groups"]}

    def members(self, group):
        return {row["user_id"] for row in self.world["group_users"] if row["group_id"] == group}


@pytest.fixture
def access(simulator, looker):
    return Access(simulator, looker)


def reasons(report):
    return [reason for one in report.proof.items for _, reason in one.lost]


def turn_round(access, which=min):
    parent, child = which(access.nested())
    access.take_out(parent, child)
    access.put_in(child, parent)
    return parent, child


@pytest.mark.parametrize("which", [min, max])
def test_groups_whose_nesting_was_turned_round_are_turned_back_with_exact(which, run_of, simulator, access):
    before = oracle.dump(simulator.world)
    turn_round(access, which)
    report = restore(run_of(Selection.bulk("groups"), exact=True))
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_nesting_that_would_make_a_circle_is_a_named_loss_without_exact(run_of, access):
    """The plan knows it, and nothing is written for it; that the other group is in this one since is named too."""
    parent, child = turn_round(access)
    steps = [step for step in run_of(Selection.bulk("groups")).plan().steps if step.lost]
    assert {(step.id, step.action) for step in steps} == {(child, "skip"), (parent, "skip")}
    report = restore(run_of(Selection.bulk("groups")))
    assert (report.status, report.dead_letters, report.writes) == ("completed", 0, 0)
    assert any("--exact" in reason for reason in reasons(report))
    assert (child, parent) in access.nested()


def test_a_group_is_put_into_the_others_that_it_was_in_beside_one_that_is_inside_it(vault, looker, access):
    outer, other, inner = access.group("outer"), access.group("other"), access.group("inner")
    access.put_in(outer, inner)
    access.put_in(other, inner)
    capture(vault, looker)
    access.take_out(outer, inner)
    access.take_out(other, inner)
    access.put_in(inner, outer)
    for _ in range(2):
        run = RestoreRun(vault, looker, Selection.single("groups", inner))
        report = restore(run)
        assert (report.status, reasons(report)) == (
            "completed",
            [f"group {outer} is inside it now, which would be a circle; --exact takes it out first"],
        )
        assert ((other, inner) in access.nested(), (outer, inner) in access.nested()) == (True, False)
    assert report.writes == 0


def test_groups_that_swapped_their_names_on_another_instance_are_not_written_in_each_run(backed_up, connect):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, connect(other) as there:
        access = Access(other, there)
        parent, child = min(access.nested())
        names = [other.world["groups"].rows[one]["name"] for one in (parent, child)]
        for group, name in ((child, "for now"), (parent, names[1]), (child, names[0])):
            there.patch("setup", f"/groups/{group}", json.dumps({"name": name}).encode())
        onto = RestoreOptions(target="other")
        assert restore(RestoreRun(backed_up, there, Selection.everything(), onto)).status == "completed"
        report = restore(RestoreRun(backed_up, there, Selection.everything(), onto))
        assert (report.status, report.writes) == ("completed", 0)
        assert any("which would be a circle" in reason for reason in reasons(report))


@pytest.mark.parametrize("made", ["top middle low", "low middle top"])
def test_three_groups_turned_round_are_turned_back(made, vault, looker, access):
    ids = {name: access.group(name) for name in made.split()}
    top, middle, low = ids["top"], ids["middle"], ids["low"]
    access.put_in(top, middle)
    access.put_in(middle, low)
    capture(vault, looker)
    access.take_out(top, middle)
    access.take_out(middle, low)
    access.put_in(low, middle)
    access.put_in(middle, top)
    report = restore(RestoreRun(vault, looker, Selection.bulk("groups"), RestoreOptions(exact=True)))
    assert report.status == "completed"
    assert {(top, middle), (middle, low)} <= access.nested()
    assert not {(low, middle), (middle, top)} & access.nested()


def test_a_group_of_the_api_user_is_taken_out_of_one_that_gives_no_rights(vault, looker, access):
    inner, outer = access.group("inner"), access.group("outer")
    access.join(inner, access.world.admin_user_id)
    capture(vault, looker)
    access.put_in(outer, inner)
    report = restore(RestoreRun(vault, looker, Selection.bulk("groups"), RestoreOptions(exact=True)))
    assert (report.status, reasons(report)) == ("completed", [])
    assert (outer, inner) not in access.nested()


def test_the_api_user_leaves_a_group_that_gives_no_rights(vault, looker, access):
    group, me = access.group("joined since"), access.world.admin_user_id
    capture(vault, looker)
    access.join(group, me)
    report = restore(RestoreRun(vault, looker, Selection.bulk("groups"), RestoreOptions(exact=True)))
    assert (report.status, reasons(report)) == ("completed", [])
    assert me not in access.members(group)


@pytest.fixture
def through_groups(vault, looker, access):
    """A backup in which the API user is an admin by itself; since then it is one through two groups, and nothing else."""
    inner, outer, me = access.group("inner"), access.group("outer"), access.world.admin_user_id
    other = next(row["id"] for row in access.world["users"] if row["id"] != me)
    capture(vault, looker)
    access.put_in(outer, inner)
    access.join(inner, me)
    access.hold(access.world.admin_role_id, [outer], [other])
    assert looker.is_admin()
    return inner, outer, me


@pytest.mark.parametrize("types", [("groups", "roles"), ("groups",), ("roles",)])
def test_nothing_on_the_way_to_the_admin_role_is_taken_out_and_the_report_says_so(
    types, through_groups, vault, looker, access
):
    inner, outer, me = through_groups
    for name in types:
        run = RestoreRun(vault, looker, Selection.bulk(name), RestoreOptions(exact=True))
        planned = {(step.key, field, reason) for step in run.plan().steps for field, reason in step.lost}
        report = restore(run)
        named = {(one.key, field, reason) for one in report.proof.items for field, reason in one.lost}
        assert report.status == "completed"
        assert {row for row in named if "API user" in row[2]} == {row for row in planned if "API user" in row[2]}
        assert any("API user" in reason for reason in reasons(report))
    assert (outer, inner) in access.nested()
    assert me in access.members(inner)
    assert looker.is_admin()


def test_a_list_that_is_kept_for_the_api_user_is_not_written_again(through_groups, vault, looker):
    selection = Selection.bulk("roles")
    restore(RestoreRun(vault, looker, selection, RestoreOptions(exact=True)))
    report = restore(RestoreRun(vault, looker, selection, RestoreOptions(exact=True)))
    assert (report.status, report.writes) == ("completed", 0)


def test_the_way_to_the_admin_role_is_found_though_looker_caps_its_pages(connect):
    with Simulator(SimulatorOptions(scale="tiny", page_cap=2)) as capped, connect(capped) as looker:
        access = Access(capped, looker)
        inner, outer, beside = (access.group(name) for name in ("inner", "outer", "beside"))
        access.put_in(outer, inner)
        access.put_in(beside, inner)
        access.join(inner, access.world.admin_user_id)
        access.hold(access.world.admin_role_id, [outer], [access.world.admin_user_id])
        assert caller_of(looker, ["groups"]).admin_groups == {inner, outer}


def test_members_beyond_the_first_page_are_seen_and_removed(vault, connect):
    with Simulator(SimulatorOptions(scale="tiny", page_cap=2)) as capped, connect(capped) as looker:
        access = Access(capped, looker)
        group, users = access.group("long"), [row["id"] for row in capped.world["users"]]
        for user in users[:-1]:
            access.join(group, user)
        capture(vault, looker)
        assert restore(RestoreRun(vault, looker, Selection.single("groups", group))).writes == 0
        access.join(group, users[-1])
        report = restore(RestoreRun(vault, looker, Selection.single("groups", group), RestoreOptions(exact=True)))
        assert (report.status, report.writes) == ("completed", 1)
        assert {row["user_id"] for row in capped.world["group_users"] if row["group_id"] == group} == set(users[:-1])


def test_an_api_user_that_the_backup_has_disabled_stays_and_the_report_says_so(vault, looker, simulator):
    me = simulator.world.admin_user_id
    mutate(simulator.world, "update", "users", me, {"is_disabled": True})
    capture(vault, looker)
    mutate(simulator.world, "update", "users", me, {"is_disabled": False})
    report = restore(RestoreRun(vault, looker, Selection.single("users", me), RestoreOptions(exact=True)))
    assert report.status == "completed"
    assert any("API user" in reason for reason in reasons(report))
    assert simulator.world["users"].get(me)["is_disabled"] is False


def test_the_login_of_the_api_user_stays_with_exact_and_the_report_says_why(vault, looker, simulator):
    me = simulator.world.admin_user_id
    login = dict(simulator.world["credentials_email"].get(me))
    looker.delete("setup", f"/users/{me}/credentials_email")
    capture(vault, looker)
    body = json.dumps({"email": login["email"]}).encode()
    looker.post("setup", f"/users/{me}/credentials_email", body)
    report = restore(RestoreRun(vault, looker, Selection.single("users", me), RestoreOptions(exact=True)))
    assert (report.status, report.writes) == ("completed", 0)
    assert [reason for reason in reasons(report) if "API user" in reason and "--exact takes" not in reason]
    assert simulator.world["credentials_email"].get(me) is not None


def test_a_group_made_since_stays_where_the_api_user_is_an_admin_through_it(vault, looker, access):
    me, role = access.world.admin_user_id, access.world.admin_role_id
    capture(vault, looker)
    inner, outer, beside = (access.group(name) for name in ("inner", "outer", "beside"))
    access.put_in(outer, inner)
    for group in (inner, beside):
        access.join(group, me)
    access.hold(role, [outer], [me])
    report = restore(RestoreRun(vault, looker, Selection.bulk("groups"), RestoreOptions(exact=True)))
    assert report.status == "completed"
    assert [one for one in (inner, outer, beside) if one in access.world["groups"]] == [inner, outer]
