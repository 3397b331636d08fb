"""What a restore made and people have worked on since stays when the restore is taken back, with what it lies in, and is named."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate
from lookervault_core.diff.rows import KEPT
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo, undoing
from lookervault_core.restore.undoing.edited_since import Stays
from tests.restore.test_edits_since import patch
from tests.restore.test_interruptions import full_dashboard
from tests.restore.test_taking_back import group_with_members, living, members, post


def folder_with_dashboards(world) -> str:
    counts = {row["id"]: world["dashboards"].count("folder_id", row["id"]) for row in world["folders"]}
    shared = [one for one in counts if not world["folders"].get(one).get("is_personal")]
    return max((one for one in shared if world["folders"].get(one)["parent_id"]), key=lambda one: counts[one])


def made_in(report, kind: str) -> list[str]:
    return [one.destination_id for one in report.new_ids if one.key.content_type == kind]


def edit_itself(world, looker, dashboard: str) -> None:
    patch(looker, f"/dashboards/{dashboard}", description="by Ann")


def edit_what_was_blank(world, looker, dashboard: str) -> None:
    assert not world["dashboards"].get(dashboard)["query_timezone"]
    patch(looker, f"/dashboards/{dashboard}", query_timezone="Europe/Berlin")


def edit_a_tile(world, looker, dashboard: str) -> None:
    patch(looker, f"/dashboard_elements/{world.parts('dashboard_elements', dashboard)[0]['id']}", title="by Ann")


def add_a_tile(world, looker, dashboard: str) -> None:
    post(looker, "/dashboard_elements", dashboard_id=dashboard, type="text", body_text="by Ann")


def take_a_tile_out(world, looker, dashboard: str) -> None:
    looker.delete("people", f"/dashboard_elements/{world.parts('dashboard_elements', dashboard)[0]['id']}")


def send_it(world, looker, dashboard: str) -> None:
    to = [{"type": "email", "address": "ann@example.com", "format": "wysiwyg_pdf"}]
    body = {"name": "by Ann", "dashboard_id": dashboard, "crontab": "0 6 * * *", "scheduled_plan_destination": to}
    post(looker, "/scheduled_plans", **body)


@pytest.mark.parametrize("work", [edit_itself, edit_what_was_blank, edit_a_tile, add_a_tile, take_a_tile_out, send_it])
def test_a_dashboard_made_anew_stays_with_its_folder_if_people_have_worked_on_it_since(
    work, run_of, simulator, backed_up, looker
):
    world = simulator.world
    folder = folder_with_dashboards(world)
    mutate(world, "delete", "folders", folder)
    report = restore(run_of(Selection.folder(folder)))
    made = [one for one in made_in(report, "dashboards") if world.parts("dashboard_elements", one)]
    home = world["dashboards"].get(made[0])["folder_id"]
    work(world, looker, made[0])
    theirs = {table: len(world.parts(table, made[0])) for table in ("dashboard_elements", "dashboard_filters")}
    with undoing(backed_up, looker, report.session_id) as run:
        steps = {step.key: step for step in run.plan().steps}
        assert steps[ContentKey("dashboards", made[0])].action == "skip"
        assert KEPT in steps[ContentKey("dashboards", made[0])].reason
        assert steps[ContentKey("folders", home)].action == "skip"
    taken = undo(backed_up, looker, report.session_id)
    row = world["dashboards"].get(made[0])
    assert (row["deleted"], row["folder_id"]) == (False, home)
    assert {table: len(world.parts(table, made[0])) for table in theirs} == theirs
    assert home in world["folders"]
    assert all(world["dashboards"].get(one)["deleted"] for one in made_in(report, "dashboards")[1:] if one != made[0])
    assert taken.status == "completed"
    for key in (ContentKey("dashboards", made[0]), ContentKey("folders", home)):
        assert [line for line in taken.warnings if line.startswith(f"{key}: ") and "it stays" in line], taken.warnings
    again = undo(backed_up, looker, report.session_id)
    assert (again.writes, world["dashboards"].get(made[0])["deleted"]) == (0, False)


def test_a_dashboard_that_nobody_has_worked_on_goes_with_its_folder(run_of, simulator, backed_up, looker):
    world = simulator.world
    folder = folder_with_dashboards(world)
    mutate(world, "delete", "folders", folder)
    report = restore(run_of(Selection.folder(folder)))
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert not [one for one in made_in(report, "folders") if one in world["folders"]]


def test_a_tile_and_a_section_made_anew_stay_if_people_have_edited_them_since(run_of, simulator, backed_up, looker):
    world, dashboard = simulator.world, full_dashboard(simulator)
    board = next(row for row in world["boards"] if len(row["section_order"]) > 1)
    gone = [row["id"] for row in world.parts("dashboard_elements", dashboard)][:2]
    for one in gone:
        mutate(world, "delete", "dashboard_elements", one)
    for one in board["section_order"][:2]:
        mutate(world, "delete", "board_sections", one)
    there = {table: set(world[table].rows) for table in ("dashboard_elements", "board_sections")}
    report = restore(run_of(Selection(keys=(ContentKey("dashboards", dashboard), ContentKey("boards", board["id"])))))
    tiles, sections = (sorted(set(world[table].rows) - there[table]) for table in there)
    assert (len(tiles), len(sections)) == (2, 2)
    patch(looker, f"/dashboard_elements/{tiles[0]}", title="by Ann")
    patch(looker, f"/board_sections/{sections[0]}", title="by Ann")
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    left = {row["id"] for row in world.parts("dashboard_elements", dashboard)}
    assert (tiles[0] in left, tiles[1] in left) == (True, False)
    places = [row["dashboard_element_id"] for row in world["dashboard_layout_components"] if not row["deleted"]]
    assert tiles[0] in places
    live = {row["id"] for row in world["board_sections"] if not row["deleted_at"]}
    assert (sections[0] in live, sections[1] in live) == (True, False)
    assert sections[0] in world["boards"].get(board["id"])["section_order"]
    for kind, whole, called in (("dashboards", dashboard, "tiles"), ("boards", board["id"], "sections")):
        lost = next(dict(one.lost) for one in taken.proof.items if one.key == ContentKey(kind, whole))
        assert KEPT in lost[called]


def test_a_group_made_anew_stays_if_people_have_put_somebody_into_it_since(run_of, simulator, backed_up, looker):
    world, group = simulator.world, group_with_members(simulator)
    mutate(world, "delete", "groups", group)
    report = restore(run_of(Selection.bulk("groups", "group_users")))
    (made,) = made_in(report, "groups")
    new = next(row["id"] for row in world["users"] if row["id"] not in members(simulator, made))
    post(looker, f"/groups/{made}/users", user_id=new)
    taken = undo(backed_up, looker, report.session_id)
    assert new in members(simulator, made)
    assert taken.status == "completed"
    assert [line for line in taken.warnings if line.startswith(f"groups {made}: ") and KEPT in line]


@pytest.mark.parametrize("used", [True, False])
def test_an_attribute_and_a_group_made_anew_stay_only_if_people_have_given_a_value_or_a_role_since(
    used, run_of, simulator, backed_up, looker
):
    world = simulator.world
    attribute = next(
        row["user_attribute_id"]
        for row in world["user_attribute_user_values"]
        if not world["user_attributes"].get(row["user_attribute_id"])["value_is_hidden"]
    )
    group = next(row["group_id"] for row in world["role_groups"])
    mutate(world, "delete", "user_attributes", attribute)
    mutate(world, "delete", "groups", group)
    report = restore(run_of())
    ids = {kind: made_in(report, kind)[0] for kind in ("user_attributes", "groups")}
    given = {
        row["user_id"]
        for row in world["user_attribute_user_values"]
        if row["user_attribute_id"] == ids["user_attributes"]
    }
    roles = {row["role_id"] for row in world["role_groups"] if row["group_id"] == ids["groups"]}
    assert given
    assert roles
    if used:
        user = next(row["id"] for row in world["users"] if row["id"] not in given and not row["is_disabled"])
        patch(looker, f"/users/{user}/attribute_values/{ids['user_attributes']}", value="77")
        role = next(row["id"] for row in world["roles"] if row["id"] not in roles)
        members = [row["group_id"] for row in world["role_groups"] if row["role_id"] == role]
        looker.put("people", f"/roles/{role}/groups", json.dumps([*members, ids["groups"]]).encode())
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert {kind: one in world[kind] for kind, one in ids.items()} == dict.fromkeys(ids, used)
    if used:
        values = {
            row["user_id"]: row["value"]
            for row in world["user_attribute_user_values"]
            if row["user_attribute_id"] == ids["user_attributes"]
        }
        assert values == {user: "77"}
        assert {row["role_id"] for row in world["role_groups"] if row["group_id"] == ids["groups"]} == {role}
        for kind, one in ids.items():
            assert [line for line in taken.warnings if line.startswith(f"{kind} {one}: ") and KEPT in line], (
                taken.warnings
            )


@pytest.mark.parametrize("edited", [True, False])
def test_a_plan_and_an_alert_made_anew_stay_only_if_people_have_edited_them_since(
    edited, run_of, simulator, backed_up, looker
):
    world = simulator.world
    plan, alert = living(simulator, "scheduled_plans")[0]["id"], next(iter(world["alerts"]))["id"]
    mutate(world, "delete", "scheduled_plans", plan)
    mutate(world, "delete", "alerts", alert)
    report = restore(run_of(Selection.bulk("scheduled_plans", "alerts")))
    ids = {kind: made_in(report, kind)[0] for kind in ("scheduled_plans", "alerts")}
    if edited:
        patch(looker, f"/scheduled_plans/{ids['scheduled_plans']}", name="by Ann")
        whole = json.loads(looker.get("people", f"/alerts/{ids['alerts']}").body) | {"threshold": 4711.0}
        looker.put("people", f"/alerts/{ids['alerts']}", json.dumps(whole).encode())
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert {kind: one in world[kind] for kind, one in ids.items()} == dict.fromkeys(ids, edited)


def test_what_a_later_restore_has_written_to_is_not_taken_for_peoples_work(run_of, simulator, backed_up, looker):
    group = group_with_members(simulator)
    mutate(simulator.world, "delete", "groups", group)
    first = restore(run_of(Selection.bulk("groups"), with_dependencies=False))
    (made,) = made_in(first, "groups")
    patch(looker, f"/groups/{made}", name="by Ann")
    assert restore(run_of(Selection.bulk("groups"))).writes
    patch(looker, f"/groups/{made}", name="by Ann")
    taken = undo(backed_up, looker, first.session_id)
    (one,) = [one for one in taken.proof.items if one.key == ContentKey("groups", made)]
    assert (taken.status, one.verdict) == ("completed", "accepted_losses")
    assert Stays.RESTORED.value in dict(one.lost)[""]


def test_a_folder_made_anew_into_which_people_put_a_folder_stays_and_is_named(run_of, simulator, backed_up, looker):
    folder = folder_with_dashboards(simulator.world)
    looker.delete("wreck", f"/folders/{folder}")
    report = restore(run_of(Selection.folder(folder)))
    made = made_in(report, "folders")[0]
    theirs = str(post(looker, "/folders", name="by Ann", parent_id=made)["id"])
    taken = undo(backed_up, looker, report.session_id)
    (one,) = [one for one in taken.proof.items if one.key == ContentKey("folders", made)]
    assert (taken.status, one.verdict) == ("completed", "accepted_losses"), one.lost
    assert {made, theirs} <= set(simulator.world["folders"].rows)
