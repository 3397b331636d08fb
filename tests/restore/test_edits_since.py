"""An undo puts back what its restore wrote. What people have edited since stays, and is named."""

from __future__ import annotations

import json
from contextlib import suppress

from looker_simulator import mutate
from lookervault_core.errors import LookerVaultError
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, undo, undoing
from lookervault_core.restore.undoing.by_journal import SINCE
from tests.restore.test_interruptions import full_dashboard
from tests.restore.test_taking_back import group_with_members, living, members, post, strangers


def patch(looker, path: str, **body: object) -> None:
    looker.patch("people", path, json.dumps(body).encode())


def lost_of(report, key: ContentKey) -> dict[str, str]:
    return next(dict(one.lost) for one in report.proof.items if one.key == key)


def test_an_edit_of_a_field_that_the_restore_did_not_write_stays(run_of, simulator, backed_up, looker):
    dashboard = full_dashboard(simulator)
    world, tile = simulator.world, simulator.world.parts("dashboard_elements", dashboard)[0]["id"]
    mutate(world, "update", "dashboards", dashboard, {"title": "Wrecked"})
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    patch(looker, f"/dashboards/{dashboard}", description="by Ann")
    patch(looker, f"/dashboard_elements/{tile}", title="by Ann")
    with undoing(backed_up, looker, report.session_id) as run:
        (step,) = [step for step in run.plan().steps if step.writes]
        assert [change.path for change in step.fields] == ["title"]
        assert {"description"} < {field for field, _ in step.lost}
    taken = undo(backed_up, looker, report.session_id)
    row = world["dashboards"].get(dashboard)
    assert (row["title"], row["description"]) == ("Wrecked", "by Ann")
    assert world["dashboard_elements"].get(tile)["title"] == "by Ann"
    assert taken.status == "completed"
    assert "stays" in lost_of(taken, ContentKey("dashboards", dashboard))["description"]


def test_a_user_who_was_disabled_since_stays_disabled(run_of, simulator, backed_up, looker):
    logins = simulator.world["credentials_email"]
    user = next(row["user_id"] for row in logins if row["user_id"] != simulator.world.admin_user_id)
    mutate(simulator.world, "update", "users", user, {"last_name": "Wrecked"})
    report = restore(run_of(Selection.single("users", user)))
    patch(looker, f"/users/{user}", is_disabled=True)
    undo(backed_up, looker, report.session_id)
    row = simulator.world["users"].get(user)
    assert (row["last_name"], row["is_disabled"]) == ("Wrecked", True)


def test_an_alert_keeps_what_people_set_since_although_it_is_written_as_a_whole(run_of, simulator, backed_up, looker):
    alert = next(iter(simulator.world["alerts"]))
    before = dict(alert)
    mutate(simulator.world, "update", "alerts", alert["id"], {"custom_title": "Wrecked"})
    report = restore(run_of(Selection.single("alerts", alert["id"])))
    mutate(simulator.world, "update", "alerts", alert["id"], {"threshold": 4711.0, "is_disabled": True})
    undo(backed_up, looker, report.session_id)
    row = simulator.world["alerts"].get(alert["id"])
    assert (row["custom_title"], row["threshold"], row["is_disabled"]) == ("Wrecked", 4711.0, True)
    assert row["cron"] == before["cron"]


def test_a_tile_that_people_removed_since_is_not_made_again(run_of, simulator, backed_up, looker):
    dashboard = full_dashboard(simulator)
    tiles = [row["id"] for row in simulator.world.parts("dashboard_elements", dashboard)]
    mutate(simulator.world, "update", "dashboards", dashboard, {"title": "Wrecked"})
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    looker.delete("people", f"/dashboard_elements/{tiles[0]}")
    taken = undo(backed_up, looker, report.session_id)
    assert {row["id"] for row in simulator.world.parts("dashboard_elements", dashboard)} == set(tiles[1:])
    assert taken.status == "completed"
    assert any("removed since" in why for why in lost_of(taken, ContentKey("dashboards", dashboard)).values())


def test_a_tile_that_the_restore_removed_is_made_again(run_of, simulator, backed_up, looker):
    dashboard = full_dashboard(simulator)
    tiles = [row["id"] for row in simulator.world.parts("dashboard_elements", dashboard)]
    mutate(simulator.world, "create", "dashboard_elements", tiles[0], {"title": "surplus"})
    report = restore(run_of(Selection.single("dashboards", dashboard), exact=True))
    assert len(simulator.world.parts("dashboard_elements", dashboard)) == len(tiles)
    undo(backed_up, looker, report.session_id)
    assert "surplus" in {row["title"] for row in simulator.world.parts("dashboard_elements", dashboard)}


def test_a_member_whom_people_took_out_since_stays_out(run_of, simulator, backed_up, looker):
    group = group_with_members(simulator)
    gone, other = strangers(simulator, group)[:2]
    for one in (gone, other):
        post(looker, f"/groups/{group}/users", user_id=one)
    report = restore(run_of(Selection.bulk("groups"), exact=True))
    assert not {gone, other} & members(simulator, group)
    out = next(iter(members(simulator, group) - {simulator.world.admin_user_id}))
    looker.delete("people", f"/groups/{group}/users/{out}")
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert {gone, other} <= members(simulator, group)
    assert out not in members(simulator, group)


def test_a_user_whom_people_took_a_role_from_since_does_not_get_it_back(run_of, simulator, backed_up, looker):
    world = simulator.world
    rows = [row for row in world["role_users"] if row["user_id"] != world.admin_user_id]
    role = next(row["role_id"] for row in rows if not world["roles"].get(row["role_id"]).get("internal"))
    users = {row["user_id"] for row in world["role_users"] if row["role_id"] == role}
    new = next(row["id"] for row in world["users"] if row["id"] not in users | {world.admin_user_id})
    looker.put("people", f"/roles/{role}/users", json.dumps([*users, new]).encode())
    report = restore(run_of(Selection.bulk("roles"), exact=True))
    out = next(iter(users - {world.admin_user_id}))
    looker.put("people", f"/roles/{role}/users", json.dumps([*(users - {out})]).encode())
    undo(backed_up, looker, report.session_id)
    assert {row["user_id"] for row in world["role_users"] if row["role_id"] == role} == users - {out} | {new}


def test_an_access_that_people_took_away_since_is_not_given_again(run_of, simulator, backed_up, looker):
    world = simulator.world
    own = [
        row
        for row in world["content_metadata_access"]
        if not world["content_metadata"].get(row["content_metadata_id"])["inherits"]
    ]
    metadata = own[0]["content_metadata_id"]
    there = {row["group_id"] for row in own if row["content_metadata_id"] == metadata}
    extra = next(row["id"] for row in world["groups"] if row["id"] not in there)
    post(looker, "/content_metadata_access", content_metadata_id=metadata, group_id=extra, permission_type="view")
    report = restore(run_of(Selection.bulk("folders", "boards"), exact=True))
    out = next(row for row in world["content_metadata_access"] if row["content_metadata_id"] == metadata)
    looker.delete("people", f"/content_metadata_access/{out['id']}")
    assert undo(backed_up, looker, report.session_id).status == "completed"
    now = {
        (r["group_id"], r["user_id"]) for r in world["content_metadata_access"] if r["content_metadata_id"] == metadata
    }
    assert (extra, None) in now
    assert (out["group_id"], out["user_id"]) not in now


def test_what_people_edited_between_stop_and_resume_is_what_an_undo_brings_back(backed_up, simulator, connect, looker):
    looks = [row["id"] for row in living(simulator, "looks")]
    for one in looks:
        mutate(simulator.world, "update", "looks", one, {"title": f"Wrecked {one}"})
    with connect(simulator) as free:
        plan = RestoreRun(backed_up, free, Selection.bulk("looks"))
        plan.plan()
    with connect(simulator, max_calls=plan.planned_with + 4) as short:
        assert restore(RestoreRun(backed_up, short, Selection.bulk("looks")), 1).status == "failed"
    left = [row["id"] for row in living(simulator, "looks") if row["title"].startswith("Wrecked")]
    done = [one for one in looks if one not in left]
    assert left
    assert done
    mutate(simulator.world, "update", "looks", left[-1], {"title": "by Ann"})
    report = restore(resumed(backed_up, looker))
    undo(backed_up, looker, report.session_id)
    titles = {row["id"]: row["title"] for row in living(simulator, "looks")}
    assert titles == {one: f"Wrecked {one}" for one in looks} | {left[-1]: "by Ann"}


def test_the_tab_that_somebody_added_as_the_active_one_is_so_again_after_an_undo(run_of, simulator, backed_up, looker):
    dashboard, world = full_dashboard(simulator), simulator.world
    run_of()
    theirs = post(looker, "/dashboard_layouts", dashboard_id=dashboard, type="newspaper", active=True, label="Theirs")
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    assert not world["dashboard_layouts"].get(theirs["id"])["active"]
    taken = undo(backed_up, looker, report.session_id)
    assert (taken.status, taken.dead_letters) == ("completed", 0)
    assert world["dashboard_layouts"].get(theirs["id"])["active"]


def test_the_active_tab_stays_so_where_the_one_before_is_gone_since(run_of, simulator, backed_up, looker):
    dashboard, world = full_dashboard(simulator), simulator.world
    run_of()
    theirs = post(looker, "/dashboard_layouts", dashboard_id=dashboard, type="newspaper", active=True, label="Theirs")
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    active = next(row["id"] for row in world.parts("dashboard_layouts", dashboard) if row["active"])
    looker.delete("people", f"/dashboard_layouts/{theirs['id']}")
    taken = undo(backed_up, looker, report.session_id)
    assert (taken.status, taken.dead_letters) == ("completed", 0)
    assert world["dashboard_layouts"].get(active)["active"]
    assert any(field.endswith(".active") for field in lost_of(taken, ContentKey("dashboards", dashboard)))


def test_what_people_set_to_another_value_since_stays_although_the_restore_wrote_it_too(
    run_of, simulator, backed_up, looker
):
    dashboard = full_dashboard(simulator)
    world, tile = simulator.world, simulator.world.parts("dashboard_elements", dashboard)[0]["id"]
    mutate(world, "update", "dashboards", dashboard, {"title": "Wrecked", "description": "Wrecked"})
    mutate(world, "update", "dashboard_elements", tile, {"title": "Wrecked"})
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    patch(looker, f"/dashboards/{dashboard}", title="by Ann")
    patch(looker, f"/dashboard_elements/{tile}", title="by Ann")
    taken = undo(backed_up, looker, report.session_id)
    row = world["dashboards"].get(dashboard)
    assert (row["title"], row["description"]) == ("by Ann", "Wrecked")
    assert world["dashboard_elements"].get(tile)["title"] == "by Ann"
    assert taken.status == "completed"
    assert lost_of(taken, ContentKey("dashboards", dashboard))["title"] == SINCE


def test_a_tile_and_a_look_that_people_let_show_another_query_since_go_on_with_that(
    run_of, simulator, backed_up, looker
):
    world = simulator.world
    tile = next(row for row in world["dashboard_elements"] if row["query_id"] and not row.get("_deleted"))
    look = living(simulator, "looks")[0]
    queries = [row["id"] for row in world["queries"]]
    wrecked, theirs = [one for one in queries if one not in (tile["query_id"], look["query_id"])][:2]
    for path in (f"/dashboard_elements/{tile['id']}", f"/looks/{look['id']}"):
        patch(looker, path, query_id=wrecked)
    selection = Selection(keys=(ContentKey("dashboards", tile["dashboard_id"]), ContentKey("looks", look["id"])))
    report = restore(run_of(selection))
    for path in (f"/dashboard_elements/{tile['id']}", f"/looks/{look['id']}"):
        patch(looker, path, query_id=theirs)
    assert undo(backed_up, looker, report.session_id).status == "completed"
    shown = (world["dashboard_elements"].get(tile["id"])["query_id"], world["looks"].get(look["id"])["query_id"])
    assert shown == (theirs, theirs)


def test_an_undo_that_was_cut_off_takes_its_own_names_for_the_time_being_for_nobodys_edit(
    run_of, simulator, backed_up, looker, connect
):
    one, other = [row for row in living(simulator, "dashboards") if row["slug"]][:2]
    was = {row["id"]: row["slug"] for row in (one, other)}
    swapped = {one["id"]: other["slug"], other["id"]: one["slug"]}
    for key, slug in ((one["id"], "between"), *reversed(swapped.items())):
        patch(looker, f"/dashboards/{key}", slug=slug)
    patch(looker, f"/dashboards/{one['id']}", slug=swapped[one["id"]])
    report = restore(run_of(Selection.bulk("dashboards")))
    assert {key: simulator.world["dashboards"].get(key)["slug"] for key in was} == was
    with connect(simulator) as free, undoing(backed_up, free, report.session_id) as run:
        run.plan()
    seen = []
    for more in range(8):
        with connect(simulator, max_calls=run.planned_with + more) as short, suppress(LookerVaultError):
            undo(backed_up, short, report.session_id, 1)
        seen.append({simulator.world["dashboards"].get(key)["slug"] for key in was})
    assert any(slugs != {*was.values()} for slugs in seen)  # it was cut off while one of them had no name of its own
    assert undo(backed_up, looker, report.session_id, 1).status == "completed"
    assert {key: simulator.world["dashboards"].get(key)["slug"] for key in was} == swapped
