"""A plan says who and what by name: for the backup's side and for Looker's, and asks Looker nothing for that."""

from __future__ import annotations

import json
import re

import pytest

from looker_simulator import mutate
from lookervault_core.diff.planning.plan import Step
from lookervault_core.restore.report import digest, plan_rows
from lookervault_core.restore.request import Selection


def living(simulator, table):
    return [row for row in simulator.world[table] if not row.get("deleted")]


def step_of(run, content_type: str, item_id: str) -> Step:
    return next(one for one in run.plan().steps if (one.content_type, one.id) == (content_type, item_id))


def with_address(looker):
    """Return the users with an e-mail address."""
    users = json.loads(looker.get("all_users", "/users").body)
    return sorted((one for one in users if one["email"]), key=lambda one: int(one["id"]))


@pytest.fixture
def folder(simulator):
    return next(row for row in living(simulator, "folders") if row["parent_id"] == "1")


def test_a_changed_folder_is_told_by_its_path_and_id_on_both_sides(run_of, simulator, folder):
    look = next(row for row in living(simulator, "looks") if row["folder_id"] != folder["id"])
    home = look["folder_id"]
    mutate(simulator.world, "update", "looks", look["id"], {"folder_id": folder["id"]})
    (change,) = step_of(run_of(Selection.single("looks", look["id"])), "looks", look["id"]).fields
    assert re.fullmatch(
        rf"folder_id: Shared/{re.escape(folder['name'])} \({folder['id']}\) → [^()]*/?[^()]+ \({home}\)", str(change)
    ), str(change)
    assert (change.old, change.new) == (folder["id"], home), "machines get the ids"


@pytest.fixture
def group(simulator):
    own = (one for one in simulator.world["groups"] if not one["externally_managed"] and not one["include_by_default"])
    return next(own)


def join(simulator, group, user_id: str) -> None:
    edges = simulator.world["group_users"]
    edges.add({"id": edges.new_id(), "group_id": group["id"], "user_id": user_id})


def leave(simulator, group, user_id: str) -> None:
    edges = simulator.world["group_users"]
    for edge in [one for one in edges.where("group_id", group["id"]) if one["user_id"] == user_id]:
        edges.remove(edge["id"])


def test_who_joins_and_who_leaves_a_group_is_told_by_name(run_of, vault, looker, back_up, simulator, group):
    gone, added = people = with_address(looker)[-2:]
    for one in people:
        leave(simulator, group, one["id"])
    join(simulator, group, gone["id"])
    back_up(vault, looker)
    leave(simulator, group, gone["id"])
    join(simulator, group, added["id"])
    step = step_of(run_of(Selection.bulk("groups"), exact=True), "group_users", group["id"])
    whole = f"group {group['name']} ({group['id']})"
    assert str(step.fields[0]) == (
        f"{gone['email']} ({gone['id']}) joins {whole}; {added['email']} ({added['id']}) leaves {whole}"
    )
    assert step.name == group["name"]


def test_a_member_that_the_restore_makes_anew_has_its_name_and_new_stands_in_json_only(
    run_of, vault, looker, back_up, simulator, group
):
    user = with_address(looker)[-1]
    leave(simulator, group, user["id"])
    join(simulator, group, user["id"])
    back_up(vault, looker)
    mutate(simulator.world, "delete", "users", user["id"])
    run = run_of()
    step = step_of(run, "group_users", group["id"])
    assert str(step.fields[0]) == f"{user['email']} (made by this restore) joins group {group['name']} ({group['id']})"
    (row,) = [one for one in plan_rows(run.plan()) if (one["content_type"], one["id"]) == ("group_users", group["id"])]
    assert "(new)" in row["fields"][0]["new"]
    assert "(new)" not in row["fields"][0]["text"]


def test_names_cost_no_request(run_of, simulator, folder):
    look = next(row for row in living(simulator, "looks") if row["folder_id"] != folder["id"])
    plain, home = _asked(run_of, simulator, look["id"]), look["folder_id"]
    mutate(simulator.world, "update", "looks", look["id"], {"folder_id": folder["id"], "user_id": None})
    more = set(_asked(run_of, simulator, look["id"])) - set(plain)
    there = (f"/api/4.0/folders/{home}", f"folder_id={home}&")
    assert [target for target in more if not any(one in target for one in there)] == []
    assert len(more) <= 3, "the folder that it goes back to, and the titles that are taken there: a page and its end"


def _asked(run_of, simulator, look_id):
    """Return what a plan of one look asks for."""
    before = len(simulator.calls.targets)
    run_of(Selection.single("looks", look_id)).plan()
    return simulator.calls.targets[before:]


def test_a_plan_that_the_backup_lacks_is_told_by_its_own_name_and_what_it_sends(run_of, simulator):
    dashboard = living(simulator, "dashboards")[0]
    plan = next(iter(simulator.world["scheduled_plans"]))
    none = dict.fromkeys(("look_id", "lookml_dashboard_id", "query_id"))
    simulator.world["scheduled_plans"].add(
        {**plan, **none, "id": "901", "name": "Numbers for the board", "dashboard_id": dashboard["id"]}
    )
    step = step_of(run_of(Selection.bulk("scheduled_plans"), exact=True), "scheduled_plans", "901")
    assert step.name == "Numbers for the board"
    assert step.where == f"of dashboard {dashboard['title']} ({dashboard['id']})"


def test_the_digest_of_a_plan_does_not_hang_on_what_people_are_called(run_of, simulator, folder):
    look = next(row for row in living(simulator, "looks") if row["folder_id"] != folder["id"])
    mutate(simulator.world, "update", "looks", look["id"], {"folder_id": folder["id"]})
    selection = Selection.single("looks", look["id"])
    before = digest(run_of(selection).plan())
    mutate(simulator.world, "update", "folders", folder["id"], {"name": "Another name"})
    assert digest(run_of(selection).plan()) == before
    mutate(simulator.world, "update", "looks", look["id"], {"title": "Another title"})
    assert digest(run_of(selection).plan()) != before
