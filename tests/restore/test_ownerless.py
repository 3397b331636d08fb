"""Content that people took out of the trash after its owner was deleted: an undo removes the owner again, and it stays live."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.runs import restore, retry, undo, undoing
from lookervault_core.vault.restoring import dead_letters


@pytest.fixture
def made_user(run_of, simulator, looker) -> tuple[str, str, str]:
    """A user whom a restore made anew, with a dashboard that was out of the trash again by then. Return the user's new id, the
    dashboard and the restore's session."""
    world = simulator.world
    simulator.bends.on("owner_takes_content")
    owned = (row for row in world["dashboards"] if not row["deleted"] and row["user_id"] in world["credentials_email"])
    dashboard = next(row for row in owned if row["user_id"] not in (world.admin_user_id, world.viewer_user_id))
    email = world["credentials_email"].rows[dashboard["user_id"]]["email"]
    looker.delete("people", f"/users/{dashboard['user_id']}")
    looker.patch("people", f"/dashboards/{dashboard['id']}", b'{"deleted": false}')
    report = restore(run_of(Selection.bulk("users", "dashboards")))
    new = next(row["user_id"] for row in world["credentials_email"] if row["email"] == email)
    assert dashboard["user_id"] == new
    return new, dashboard["id"], report.session_id


def test_a_user_that_the_restore_made_goes_and_content_that_had_no_owner_is_out_of_the_trash_at_once(
    made_user, simulator, backed_up, looker
):
    user, dashboard, session_id = made_user
    assert undo(backed_up, looker, session_id).status == "completed"
    assert user not in simulator.world["users"]
    assert not simulator.world["dashboards"].rows[dashboard]["deleted"]


@pytest.mark.parametrize("how", ["retry", "undo"])
def test_what_could_not_be_taken_out_of_the_trash_comes_out_of_it_when_that_is_tried_again(
    how, made_user, simulator, backed_up, looker
):
    user, dashboard, session_id = made_user
    simulator.faults.add("422", operation="update_dashboard")
    assert undo(backed_up, looker, session_id).status == "partial"
    simulator.faults.clear()
    assert user not in simulator.world["users"]
    assert simulator.world["dashboards"].rows[dashboard]["deleted"]
    if how == "retry":
        (report,) = retry(backed_up, looker, dead_letters.listing(backed_up), RestoreOptions())
    else:
        report = undo(backed_up, looker, session_id)
    assert report.status == "completed"
    assert not simulator.world["dashboards"].rows[dashboard]["deleted"]


def test_a_user_that_the_restore_made_stays_if_somebody_sends_their_content(made_user, simulator, backed_up, looker):
    user, dashboard, session_id = made_user
    plan = next(iter(simulator.world["scheduled_plans"]))["id"]
    theirs = {"dashboard_id": dashboard, "look_id": None, "query_id": None, "lookml_dashboard_id": None}
    sent = mutate(
        simulator.world, "create", "scheduled_plans", plan, theirs | {"user_id": simulator.world.admin_user_id}
    )
    with undoing(backed_up, looker, session_id) as run:
        assert not [step for step in run.plan().removals if step.content_type == "users"]
    taken = undo(backed_up, looker, session_id)
    assert any(text.startswith(f"users {user}") and "it stays" in text for text in taken.warnings)
    assert user in simulator.world["users"]
    assert sent in simulator.world["scheduled_plans"]
    assert not simulator.world["dashboards"].rows[dashboard]["deleted"]


def test_what_goes_back_into_the_trash_and_named_who_is_gone_is_named(run_of, simulator, backed_up, looker):
    world = simulator.world
    simulator.bends.on("owner_takes_content")
    owned = (row for row in world["dashboards"] if not row["deleted"] and row["user_id"] in world["credentials_email"])
    dashboard = next(row for row in owned if row["user_id"] not in (world.admin_user_id, world.viewer_user_id))
    user = dashboard["user_id"]
    email = world["credentials_email"].rows[user]["email"]
    run = run_of()
    looker.delete("people", f"/users/{user}")
    made = json.loads(looker.post("people", "/users", b'{"first_name": "by hand"}').body)["id"]
    looker.post("people", f"/users/{made}/credentials_email", json.dumps({"email": email}).encode())
    report = restore(run)
    assert (dashboard["deleted"], dashboard["user_id"]) == (False, made)
    taken = undo(backed_up, looker, report.session_id)
    assert (dashboard["deleted"], dashboard["user_id"]) == (True, made)
    lost = {
        field
        for one in taken.proof.items
        if one.key == ContentKey("dashboards", dashboard["id"])
        for field, _ in one.lost
    }
    assert "user_id" in lost
