"""Nobody who makes the API user an admin is taken out, however far up its groups that is."""

from __future__ import annotations

from lookervault_core.restore.drivers import restore
from lookervault_core.restore.selection import Selection


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
    report = restore(run_of(Selection.bulk("roles"), exact=True))
    assert looker.is_admin()
    assert report.status == "completed"
