"""What is made anew comes without what no backup has: the plan names it before anything is written, the report after."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate
from lookervault_core.restore.report import losses
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.restore.test_future import UNDESCRIBED
from tests.simulated import capture


def planned(run):
    return {path for step in run.plan().steps for path, _ in step.lost}


def reported(report):
    return {row["field"] for row in losses(report.proof)}


@pytest.mark.parametrize("public", [True, False])
def test_a_public_look_that_is_made_anew_has_another_link(public, run_of, simulator):
    rows = (row for row in simulator.world["looks"] if not row["deleted"])
    look = dict(next(row for row in rows if row["public"] is public and UNDESCRIBED not in row))
    mutate(simulator.world, "delete", "looks", look["id"])
    run = run_of(Selection.single("looks", look["id"]))
    assert planned(run) == ({"public_slug"} if public else set())
    report = restore(run)
    made = next(row for row in simulator.world["looks"] if row["title"] == look["title"] and not row["deleted"])
    assert made["public_slug"] != look["public_slug"]
    assert (report.status, reported(report)) == ("completed", {"public_slug"} if public else set())


def test_a_user_who_is_made_anew_has_no_password(run_of, simulator):
    world = simulator.world
    user = next(row["id"] for row in world["users"] if row["id"] in world["credentials_email"] and row["id"] != "1")
    mutate(world, "delete", "users", user)
    run = run_of(Selection.single("users", user))
    assert "password" in planned(run)
    report = restore(run)
    assert report.status == "completed"
    assert "password" in reported(report)
    assert any("e-mail" in row["reason"] for row in losses(report.proof))


def test_a_login_that_is_made_anew_has_no_password(run_of, simulator, looker):
    world = simulator.world
    user = next(row["user_id"] for row in world["credentials_email"] if row["user_id"] != world.admin_user_id)
    looker.delete("wreck", f"/users/{user}/credentials_email")
    run = run_of(Selection.single("users", user))
    assert planned(run) == {"password"}
    assert reported(restore(run)) == {"password"}
    assert planned(run_of(Selection.single("users", user))) == set()


def test_the_api_keys_of_who_is_made_anew_are_named(run_of, simulator, looker):
    account = next(row for row in simulator.world["users"] if row["service_account_name"])
    looker.delete("wreck", f"/users/service_accounts/{account['id']}")
    run = run_of(Selection.single("users", account["id"]))
    assert planned(run) == {"credentials_api3", "first_name, last_name, locale"}
    assert "credentials_api3" in reported(restore(run))


def of_person_with_keys(world) -> str:
    """Return a user who signs in by e-mail and has API keys, and is not the API user."""
    rows = (row for row in world["users"] if row["credentials_api3"] and row["id"] != world.admin_user_id)
    return next(row["id"] for row in rows if row["id"] in world["credentials_email"])


def test_an_api_key_that_somebody_deleted_is_named(run_of, simulator):
    user = of_person_with_keys(simulator.world)
    assert planned(run_of(Selection.single("users", user))) == set()
    simulator.world["users"].change(user, credentials_api3=[])
    run = run_of(Selection.single("users", user))
    assert planned(run) == {"credentials_api3"}
    report = restore(run)
    assert (report.status, reported(report)) == ("completed", {"credentials_api3"})


def test_an_api_key_that_came_or_says_something_else_is_named(run_of, simulator):
    user = of_person_with_keys(simulator.world)
    key, *others = simulator.world["users"].get(user)["credentials_api3"]
    new = key | {"id": "99", "client_id": "NEW"}
    simulator.world["users"].change(user, credentials_api3=[key | {"is_disabled": True}, *others, new])
    run = run_of(Selection.single("users", user))
    named = {f"credentials_api3[{key['client_id']}]", "credentials_api3[NEW]"}
    assert planned(run) == named
    report = restore(run)
    assert (report.status, report.writes, reported(report)) == ("completed", 0, named)


def test_the_api_keys_of_who_was_made_again_by_hand_are_named(run_of, simulator, looker):
    world = simulator.world
    user = of_person_with_keys(world)
    email = world["credentials_email"].rows[user]["email"]
    run = run_of(Selection.single("users", user))
    looker.delete("people", f"/users/{user}")
    made = json.loads(looker.post("people", "/users", b'{"first_name": "by hand"}').body)["id"]
    looker.post("people", f"/users/{made}/credentials_email", json.dumps({"email": email}).encode())
    assert [step.destination_id for step in run.plan().of("users")] == [made]
    assert "credentials_api3" in planned(run)
    assert "credentials_api3" in reported(restore(run))


@pytest.mark.parametrize(("table", "field"), [("groups", "external_group_id"), ("folders", "external_id")])
def test_what_an_embedding_application_knows_it_by_is_named(table, field, vault, looker, simulator):
    home = next(row["id"] for row in simulator.world["folders"] if row["is_shared_root"])
    made = json.loads(looker.post("more", f"/{table}", json.dumps({"name": "Acme", "parent_id": home}).encode()).body)
    simulator.world[table].change(made["id"], **{field: "7"})
    capture(vault, looker)
    looker.delete("wreck", f"/{table}/{made['id']}")
    run = RestoreRun(vault, looker, Selection.single(table, made["id"]), sleep=lambda _: None)
    assert planned(run) == {field}
    report = restore(run)
    assert (report.status, reported(report)) == ("completed", {field})


@pytest.mark.parametrize(("table", "field"), [("boards", "primary_homepage"), ("groups", "include_by_default")])
def test_what_only_a_page_of_looker_sets_is_named(table, field, vault, looker, simulator):
    row = next(one for one in simulator.world[table] if not one[field] and not one.get("deleted_at"))
    simulator.world[table].change(row["id"], **{field: True})
    capture(vault, looker)
    simulator.world[table].change(row["id"], **{field: False})
    run = RestoreRun(vault, looker, Selection.single(table, row["id"]), sleep=lambda _: None)
    assert planned(run) == {field}
    report = restore(run)
    assert (report.status, report.writes, reported(report)) == ("completed", 0, {field})
