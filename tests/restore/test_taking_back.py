"""What an undo removes is what the journal says that the restore made; it is shown first, and goes on if it is interrupted."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, mutate, oracle
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo, undoing
from lookervault_core.vault.restoring import journal, restorations
from tests.restore.test_interruptions import full_dashboard
from tests.simulated import capture


def living(simulator: Simulator, table: str) -> list[dict]:
    return [row for row in simulator.world[table] if not row.get("deleted")]


def group_with_members(simulator: Simulator) -> str:
    rows = (row for row in simulator.world["group_users"] if row["user_id"] != simulator.world.admin_user_id)
    ordinary = {row["id"] for row in simulator.world["groups"] if not row["externally_managed"]} - {"1"}
    return next(row["group_id"] for row in rows if row["group_id"] in ordinary)


def members(simulator: Simulator, group_id: str) -> set[str]:
    return {row["user_id"] for row in simulator.world["group_users"] if row["group_id"] == group_id}


def strangers(simulator: Simulator, group_id: str) -> list[str]:
    inside = members(simulator, group_id) | {simulator.world.admin_user_id}
    return [row["id"] for row in simulator.world["users"] if row["id"] not in inside]


def post(looker, path: str, **body: object) -> dict:
    return json.loads(looker.post("people", path, json.dumps(body).encode()).body)


# What people added -----------------------------------------------------------------------------------------------------------


def test_a_member_that_the_restore_put_in_goes_and_one_that_people_put_in_stays(run_of, simulator, backed_up, looker):
    group = group_with_members(simulator)
    gone = next(iter(members(simulator, group) - {simulator.world.admin_user_id}))
    before = members(simulator, group) - {gone}
    looker.delete("wreck", f"/groups/{group}/users/{gone}")
    report = restore(run_of(Selection.single("groups", group)))
    assert gone in members(simulator, group)
    new = strangers(simulator, group)[0]
    post(looker, f"/groups/{group}/users", user_id=new)
    undo(backed_up, looker, report.session_id)
    assert members(simulator, group) == before | {new}


def test_an_access_that_the_restore_gave_goes_and_one_that_people_gave_stays(run_of, simulator, backed_up, looker):
    world = simulator.world
    rows = [row for row in world["content_metadata_access"] if row["group_id"]]
    lists = {row["content_metadata_id"] for row in rows}
    metadata = next(one for one in lists if not world["content_metadata"].get(one)["inherits"])
    gone = next(row for row in rows if row["content_metadata_id"] == metadata)
    there = {row["group_id"] for row in rows if row["content_metadata_id"] == metadata}
    new = next(row["id"] for row in world["groups"] if row["id"] not in there)
    looker.delete("wreck", f"/content_metadata_access/{gone['id']}")
    before = {
        (r["group_id"], r["user_id"]) for r in world["content_metadata_access"] if r["content_metadata_id"] == metadata
    }
    report = restore(run_of(Selection.bulk("folders", "boards")))
    assert report.writes
    post(looker, "/content_metadata_access", content_metadata_id=metadata, group_id=new, permission_type="view")
    undo(backed_up, looker, report.session_id)
    now = {
        (r["group_id"], r["user_id"]) for r in world["content_metadata_access"] if r["content_metadata_id"] == metadata
    }
    assert now == before | {(new, None)}


def test_a_tile_that_the_restore_made_goes_and_one_that_people_made_stays(run_of, simulator, backed_up, looker):
    dashboard = living(simulator, "dashboards")[0]["id"]
    tiles = [row["id"] for row in simulator.world.parts("dashboard_elements", dashboard)]
    mutate(simulator.world, "delete", "dashboard_elements", tiles[0])
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    theirs = mutate(simulator.world, "create", "dashboard_elements", tiles[1], {"title": "by Ann"})
    with undoing(backed_up, looker, report.session_id) as run:
        assert [
            change.new for step in run.plan().steps for change in step.fields if change.path.startswith("tiles")
        ] == [None]
    undo(backed_up, looker, report.session_id)
    assert {row["id"] for row in simulator.world.parts("dashboard_elements", dashboard)} == {*tiles[1:], theirs}


@pytest.fixture
def restored_tab(run_of, simulator) -> tuple[str, str, str]:
    """A dashboard that a restore gave a tab back. Return the dashboard, the new tab and the restore's session."""
    world, dashboard = simulator.world, full_dashboard(simulator)
    gone = next(row["id"] for row in world.parts("dashboard_layouts", dashboard) if not row["active"])
    mutate(world, "delete", "dashboard_layouts", gone)
    there = {row["id"] for row in world.parts("dashboard_layouts", dashboard)}
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    (new,) = {row["id"] for row in world.parts("dashboard_layouts", dashboard)} - there
    return dashboard, new, report.session_id


def parts(simulator: Simulator, dashboard: str) -> dict[str, set[str]]:
    return {
        kind: {row["id"] for row in simulator.world.parts(kind, dashboard)}
        for kind in ("dashboard_layouts", "dashboard_elements")
    }


def test_a_tab_that_the_restore_made_goes_and_one_that_people_made_stays(restored_tab, simulator, backed_up, looker):
    dashboard, ours, session_id = restored_tab
    label = simulator.world["dashboard_layouts"].rows[ours]["label"]
    theirs = str(post(looker, "/dashboard_layouts", dashboard_id=dashboard, label=label, type="newspaper")["id"])
    text = {"dashboard_id": dashboard, "dashboard_layout_id": theirs, "type": "text", "body_text": "by Ann"}
    tile = str(post(looker, "/dashboard_elements", **text)["id"])
    before = parts(simulator, dashboard)
    assert undo(backed_up, looker, session_id).status == "completed"
    after = parts(simulator, dashboard)
    assert after["dashboard_layouts"] == before["dashboard_layouts"] - {ours}
    assert tile in after["dashboard_elements"]
    assert simulator.world["dashboard_elements"].rows[tile]["dashboard_layout_id"] == theirs


def test_a_tab_that_the_restore_made_stays_if_people_put_a_tile_on_it(restored_tab, simulator, backed_up, looker):
    dashboard, ours, session_id = restored_tab
    text = {"dashboard_id": dashboard, "dashboard_layout_id": ours, "type": "text", "body_text": "by Ann"}
    tile = str(post(looker, "/dashboard_elements", **text)["id"])
    undo(backed_up, looker, session_id)
    after = parts(simulator, dashboard)
    assert ours in after["dashboard_layouts"]
    assert tile in after["dashboard_elements"]


@pytest.fixture
def restored_section(run_of, simulator) -> tuple[str, str, str]:
    """A board that a restore gave a section back. Return the board, the new section and the restore's session."""
    world = simulator.world
    board = next(row for row in world["boards"] if len(row["section_order"]) > 1)
    mutate(world, "delete", "board_sections", board["section_order"][0])
    there = set(world["board_sections"].rows)
    report = restore(run_of(Selection.single("boards", board["id"])))
    (new,) = set(world["board_sections"].rows) - there
    return board["id"], new, report.session_id


def test_a_section_that_the_restore_made_goes_and_one_that_people_made_stays(
    restored_section, simulator, backed_up, looker
):
    board, ours, session_id = restored_section
    title = simulator.world["board_sections"].rows[ours]["title"]
    theirs = str(post(looker, "/board_sections", board_id=board, title=title)["id"])
    item = str(post(looker, "/board_items", board_section_id=theirs, look_id=living(simulator, "looks")[0]["id"])["id"])
    order = [one for one in simulator.world["boards"].rows[board]["section_order"] if one != ours]
    assert undo(backed_up, looker, session_id).status == "completed"
    assert simulator.world["boards"].rows[board]["section_order"] == order
    assert ours not in simulator.world["board_sections"]
    assert simulator.world["board_items"].rows[item]["board_section_id"] == theirs


def test_a_section_that_the_restore_made_stays_if_people_put_an_item_into_it(
    restored_section, simulator, backed_up, looker
):
    board, ours, session_id = restored_section
    item = str(post(looker, "/board_items", board_section_id=ours, look_id=living(simulator, "looks")[0]["id"])["id"])
    undo(backed_up, looker, session_id)
    assert ours in simulator.world["boards"].rows[board]["section_order"]
    assert item in simulator.world["board_items"]


def test_a_user_that_the_restore_made_stays_if_something_new_is_theirs(run_of, simulator, backed_up, looker):
    logins = simulator.world["credentials_email"]
    email = next(row for row in logins if row["user_id"] != simulator.world.admin_user_id)["email"]
    gone = next(row["user_id"] for row in logins if row["email"] == email)
    mutate(simulator.world, "delete", "users", gone)
    report = restore(run_of(Selection.single("users", gone)))
    new = next(row["user_id"] for row in logins if row["email"] == email)
    look = living(simulator, "looks")[0]
    theirs = mutate(simulator.world, "create", "looks", look["id"], {"title": "since", "user_id": new})
    taken = undo(backed_up, looker, report.session_id)
    assert any(text.startswith(f"users {new}") and "it stays" in text for text in taken.warnings)
    assert new in simulator.world["users"]
    assert not simulator.world["looks"].get(theirs)["deleted"]
    mutate(simulator.world, "delete", "looks", theirs)
    undo(backed_up, looker, report.session_id)
    assert new not in simulator.world["users"]


def made_again(run_of, simulator: Simulator, looker) -> tuple[str, str]:
    """Delete a user and restore it; return its new id and the restore's session."""
    logins = simulator.world["credentials_email"]
    user = next(row["user_id"] for row in logins if row["user_id"] != simulator.world.admin_user_id)
    email = logins.rows[user]["email"]
    looker.delete("people", f"/users/{user}")
    report = restore(run_of(Selection.single("users", user)))
    return next(row["user_id"] for row in logins if row["email"] == email), report.session_id


@pytest.mark.parametrize("table", ["dashboards", "looks", "scheduled_plans"])
def test_a_user_that_the_restore_made_stays_if_they_get_something_before_they_are_removed(
    table, run_of, simulator, backed_up, looker
):
    world = simulator.world
    new, session_id = made_again(run_of, simulator, looker)
    with undoing(backed_up, looker, session_id) as run:
        execution = run.begin()
        assert [step.id for step in run.plan().removals] == [new]
        theirs = next(row["id"] for row in living(simulator, table) if row["user_id"] != new)
        looker.patch("people", f"/{table}/{theirs}", json.dumps({"user_id": new}).encode())
        execution.remove_deletions()
        taken = execution.finish(execution.verify())
    assert any(text.startswith(f"users {new}") and "it stays" in text for text in taken.warnings)
    assert new in world["users"]
    assert not world[table].rows[theirs].get("deleted")


@pytest.mark.parametrize("what", ["dashboard", "folder"])
def test_a_user_that_the_restore_made_stays_if_others_put_something_into_their_folder(
    what, run_of, simulator, backed_up, looker
):
    world = simulator.world
    new, session_id = made_again(run_of, simulator, looker)
    home = world["users"].rows[new]["personal_folder_id"]
    if what == "folder":
        home = str(post(looker, "/folders", name="shared work", parent_id=home)["id"])
    theirs = mutate(world, "create", "dashboards", living(simulator, "dashboards")[0]["id"], {"folder_id": home})
    world["dashboards"].change(theirs, user_id=world.admin_user_id)
    taken = undo(backed_up, looker, session_id)
    assert any(text.startswith(f"users {new}") and "it stays" in text for text in taken.warnings)
    assert new in world["users"]
    assert not world["dashboards"].rows[theirs]["deleted"]


def test_a_user_that_the_restore_made_goes_together_with_their_folders_of_which_only_trash_is_left(
    run_of, simulator, backed_up, looker
):
    world = simulator.world
    owners = {row["id"]: row["creator_id"] for row in world["folders"] if row["is_personal"]}
    below = [row for row in world["folders"] if row["parent_id"] in owners]
    content = {row["folder_id"] for table in ("looks", "dashboards") for row in living(simulator, table)}
    user = next(owners[row["parent_id"]] for row in below if row["id"] in content)
    kind = "users/service_accounts" if world["users"].rows[user]["service_account_name"] else "users"
    looker.delete("people", f"/{kind}/{user}")
    wrecked = oracle.dump(world)
    report = restore(run_of())
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.dump(world)["users"].keys() == wrecked["users"].keys()


# Whose it is -----------------------------------------------------------------------------------------------------------------


def test_a_create_whose_answer_was_lost_does_not_take_what_is_like_it(run_of, simulator, backed_up, looker):
    plan = next(iter(simulator.world["scheduled_plans"]))
    values = {"crontab": "0 5 * * *", "name": plan["name"], "user_id": plan["user_id"]}
    twin = mutate(simulator.world, "create", "scheduled_plans", plan["id"], values)
    mutate(simulator.world, "delete", "scheduled_plans", plan["id"])
    count = len(simulator.world["scheduled_plans"])
    simulator.faults.add("500_html", operation="create_scheduled_plan", first=1)
    report = restore(run_of(Selection.single("scheduled_plans", plan["id"])), 1)
    assert report.status == "completed"
    assert simulator.world["scheduled_plans"].get(twin)["crontab"] == "0 5 * * *"
    assert len(simulator.world["scheduled_plans"]) == count + 1
    undo(backed_up, looker, report.session_id)
    assert {row["id"] for row in simulator.world["scheduled_plans"]} >= {twin}
    assert len(simulator.world["scheduled_plans"]) == count


def test_what_a_lost_create_made_is_removed_again(run_of, simulator, backed_up, looker):
    plan = next(iter(simulator.world["scheduled_plans"]))
    mutate(simulator.world, "delete", "scheduled_plans", plan["id"])
    count = len(simulator.world["scheduled_plans"])
    simulator.faults.add("reset_after", operation="create_scheduled_plan", first=1)
    report = restore(run_of(Selection.single("scheduled_plans", plan["id"])), 1)
    assert [one.outcome for one in journal.entries(backed_up, report.session_id) if one.outcome == "adopted"]
    undo(backed_up, looker, report.session_id)
    assert len(simulator.world["scheduled_plans"]) == count


def test_what_was_adopted_although_it_was_there_before_stays(run_of, simulator, backed_up, looker):
    plan = next(iter(simulator.world["scheduled_plans"]))["id"]
    mutate(simulator.world, "update", "scheduled_plans", plan, {"name": "Wrecked"})
    report = restore(run_of(Selection.single("scheduled_plans", plan)))
    entry = journal.intend(
        backed_up, report.session_id, ContentKey("scheduled_plans", "900"), "create_scheduled_plan", "POST", "{}"
    )
    journal.conclude(backed_up, entry, journal.Outcome.ADOPTED, plan)
    undo(backed_up, looker, report.session_id)
    assert simulator.world["scheduled_plans"].get(plan)["name"] == "Wrecked"


# The plan --------------------------------------------------------------------------------------------------------------------


def test_the_plan_of_an_undo_names_what_goes_and_writes_nothing(run_of, simulator, backed_up, looker):
    look, dashboard = living(simulator, "looks")[0], living(simulator, "dashboards")[0]
    mutate(simulator.world, "delete", "looks", look["id"])
    mutate(simulator.world, "trash", "dashboards", dashboard["id"])
    report = restore(run_of(Selection.bulk("looks", "dashboards")))
    now = oracle.dump(simulator.world)
    made = next(one.destination_id for one in report.proof.items if one.key == ContentKey("looks", look["id"]))
    with undoing(backed_up, looker, report.session_id) as run:
        assert {(step.content_type, step.id, step.reason) for step in run.plan().removals} == {
            ("looks", made, "the restore made it"),
            ("dashboards", dashboard["id"], "it lay in the trash before the restore"),
        }
    assert oracle.differences(now, oracle.dump(simulator.world)) == []
    assert len(restorations.newest_first(backed_up)) == 1


def test_an_undo_can_be_taken_back_itself(run_of, simulator, backed_up, looker):
    world = simulator.world
    board, group = next(iter(world["boards"]))["id"], str(post(looker, "/groups", name="of people alone")["id"])
    post(looker, f"/groups/{group}/users", user_id=strangers(simulator, group)[0])
    capture(backed_up, looker)
    mutate(world, "delete", "boards", board)
    mutate(world, "delete", "groups", group)
    wrecked = oracle.dump(world)
    report = restore(run_of(Selection.bulk("boards", "groups")))
    restored = oracle.dump(world)
    back = undo(backed_up, looker, report.session_id)
    assert oracle.differences(wrecked, oracle.dump(world)) == []
    assert back.removed == 2
    undo(backed_up, looker, back.session_id)
    assert oracle.differences(restored, oracle.dump(world)) == []


def test_an_object_that_lay_in_the_trash_lies_there_again_with_the_fields_it_had(run_of, simulator, backed_up, looker):
    dashboard = living(simulator, "dashboards")[0]["id"]
    mutate(simulator.world, "update", "dashboards", dashboard, {"title": "Renamed, then trashed"})
    mutate(simulator.world, "trash", "dashboards", dashboard)
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    assert undo(backed_up, looker, report.session_id).status == "completed"
    row = simulator.world["dashboards"].get(dashboard)
    assert (row["deleted"], row["title"]) == (True, "Renamed, then trashed")
