"""Nobody who makes the API user an admin is taken out, however far up its groups that is."""

from __future__ import annotations

import json

from lookervault_core.families.roles.caller import caller_of
from lookervault_core.families.roles.guard import OWN_LOGIN, OWN_ROLE
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture


def test_an_admin_through_nested_groups_keeps_the_rights(run_of, simulator, looker):
    world = simulator.world
    admin, role = world.admin_user_id, world.admin_role_id
    made = [
        world["groups"].add(
            dict(next(iter(world["groups"]))) | {"id": None, "name": name, "include_by_default": False}
        )["id"]
        for name in ("below", "above")
    ]
    looker.post("wreck", f"/groups/{made[1]}/groups", b'{"group_id": "%s"}' % made[0].encode())
    looker.post("wreck", f"/groups/{made[0]}/users", b'{"user_id": "%s"}' % admin.encode())
    looker.put("wreck", f"/roles/{role}/groups", b'["%s"]' % made[1].encode())
    looker.put("wreck", f"/roles/{role}/users", b"[]")
    assert looker.is_admin()
    run = run_of(Selection.bulk("roles"), exact=True)
    lost = {step.content_type: dict(step.lost) for step in run.plan().steps if step.id == role and step.lost}
    assert lost == {"role_groups": {"members": OWN_ROLE}}
    report = restore(run)
    assert looker.is_admin()
    assert report.status == "completed"


def test_the_plan_says_that_the_api_user_stays_as_enabled_as_it_is(vault, looker, simulator):
    me = simulator.world.admin_user_id
    simulator.world["users"].change(me, is_disabled=True)
    capture(vault, looker)
    simulator.world["users"].change(me, is_disabled=False)
    run = RestoreRun(vault, looker, Selection.single("users", me))
    step = next(step for step in run.plan().steps if step.content_type == "users")
    assert (step.action, step.lost) == ("skip", (("is_disabled", OWN_LOGIN),))
    report = restore(run)
    assert (report.status, report.writes, report.proof.count("accepted_losses")) == ("completed", 0, 1)


def test_a_role_whose_permission_set_is_only_called_admin_makes_an_admin_and_is_kept(simulator, looker):
    role = simulator.world["roles"].get(simulator.world.admin_role_id)
    simulator.world["roles"].change(role["id"], name="Owners")
    simulator.world["permission_sets"].change(role["permission_set_id"], all_access=False)
    assert looker.is_admin()
    assert role["id"] in caller_of(looker, ["roles"]).admin_roles


def test_a_role_that_somebody_gave_all_rights_loses_them_although_the_api_user_has_it_beside_admin(
    run_of, simulator, looker
):
    world = simulator.world
    user_role = next(row for row in world["roles"] if row["id"] != world.admin_role_id)
    members = [row["user_id"] for row in world["role_users"] if row["role_id"] == user_role["id"]]
    before = user_role["permission_set_id"]
    if world.admin_user_id not in members:
        members.append(world.admin_user_id)
        looker.put("people", f"/roles/{user_role['id']}/users", json.dumps(members).encode())
    admin_set = world["roles"].get(world.admin_role_id)["permission_set_id"]
    looker.patch("people", f"/roles/{user_role['id']}", json.dumps({"permission_set_id": admin_set}).encode())
    report = restore(run_of(exact=True))
    assert (report.status, looker.is_admin()) == ("completed", True)
    assert world["roles"].get(user_role["id"])["permission_set_id"] == before
