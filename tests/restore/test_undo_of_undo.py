"""The undo of an undo brings back what the restore had made, and names what it cannot: nobody has changed anything meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from looker_simulator import Simulator, mutate, oracle
from lookervault_core.families.rows_since import ROWS_SINCE, SINCE
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, resumed, undo
from tests.restore.random_days import losses
from tests.restore.test_edits_since import lost_of, patch
from tests.restore.test_random_days import Killed, death


def shared_look(simulator: Simulator) -> dict:
    """Return a look in a shared folder that somebody else than the API user owns."""
    world = simulator.world
    return next(
        row
        for row in world["looks"]
        if not row["deleted"]
        and row["user_id"] not in (None, world.admin_user_id)
        and row["user_id"] in world["users"]
        and not world["folders"].rows[row["folder_id"]]["is_personal"]
        and row["user_id"] != "4"  # whose login no call gives back
    )


def user_gone(simulator: Simulator, looker: Looker) -> None:
    look = shared_look(simulator)
    looker.delete("wreck", f"/users/{look['user_id']}")
    patch(looker, f"/looks/{look['id']}", title="Wrecked")


def groups_gone(simulator: Simulator, looker: Looker) -> None:
    for group in sorted({row["group_id"] for row in simulator.world["role_groups"]}):
        if not simulator.world["groups"].rows[group]["externally_managed"] and group != "1":
            looker.delete("wreck", f"/groups/{group}")


def look_gone(simulator: Simulator, looker: Looker) -> None:
    """A look goes for good, and its folder with it; so many others are changed that all are read by a search, which is thin."""
    look = shared_look(simulator)
    for row in [row for row in simulator.world["looks"] if not row["deleted"] and row["id"] != look["id"]]:
        patch(looker, f"/looks/{row['id']}", title=f"Wrecked {row['id']}")
    mutate(simulator.world, "delete", "looks", look["id"])
    looker.delete("wreck", f"/folders/{look['folder_id']}")


def blamed(report: Report) -> Iterator[str]:
    for one in report.proof.items:
        yield from (
            f"{one.key} {field}: {why}" for field, why in one.lost if why == SINCE or why.startswith(ROWS_SINCE)
        )


@pytest.mark.parametrize("wreck", [user_gone, groups_gone, look_gone])
def test_it_is_completed_and_blames_nobody(wreck, run_of, simulator, backed_up, looker):
    wreck(simulator, looker)
    report = restore(run_of())
    assert report.status == "completed"
    for _ in range(2):
        report = undo(backed_up, looker, report.session_id)
        told = json.dumps([str(one) for one in report.proof.items if one.verdict != "identical"])
        assert (report.status, list(blamed(report))) == ("completed", []), told


def test_who_was_added_beside_what_it_made_anew_stays_and_is_named(run_of, simulator, backed_up, looker):
    world = simulator.world
    role = next(row["role_id"] for row in world["role_groups"] if row["group_id"] != "1")
    groups_gone(simulator, looker)
    undone = undo(backed_up, looker, restore(run_of()).session_id)
    there = [row["group_id"] for row in world["role_groups"].where("role_id", role)]
    new = next(row["id"] for row in world["groups"] if row["id"] not in there and not row["externally_managed"])
    looker.put("people", f"/roles/{role}/groups", json.dumps([*there, new]).encode())
    taken = undo(backed_up, looker, undone.session_id)
    assert new in [row["group_id"] for row in world["role_groups"].where("role_id", role)]
    assert lost_of(taken, ContentKey("role_groups", role))["members"] == f"{ROWS_SINCE} (group {new})"


def test_an_undo_names_the_owner_whom_it_cannot_give_back(run_of, simulator, backed_up, looker):
    look = dict(shared_look(simulator))
    looker.delete("wreck", f"/users/{look['user_id']}")
    report = restore(run_of())
    made = simulator.world["looks"].get(look["id"])["user_id"]
    assert made != look["user_id"]
    taken = undo(backed_up, looker, report.session_id)
    assert simulator.world["looks"].get(look["id"])["user_id"] == made
    assert taken.status == "completed"
    assert look["user_id"] in lost_of(taken, ContentKey("looks", look["id"]))["user_id"]


def test_tiles_show_the_look_again_that_went_with_its_folder(run_of, simulator, backed_up, looker, back_up):
    """No undo can write a tile that shows nothing: Looker empties it with the look. Of one of two dashboards it writes more."""
    world = simulator.world
    beside = {row["folder_id"] for row in world["dashboards"]}
    look = next(row for row in world["looks"] if row["folder_id"] not in beside)
    shown = {row["dashboard_id"]: row["id"] for row in world["dashboard_elements"] if row["look_id"]}
    tile, other = list(shown.values())[:2]
    for one in (tile, other):
        patch(looker, f"/dashboard_elements/{one}", look_id=look["id"])
    back_up(backed_up, looker)
    patch(looker, f"/dashboard_elements/{tile}", subtitle_text="Wrecked")
    looker.delete("wreck", f"/folders/{look['folder_id']}")
    report = restore(run_of(Selection(types=("folders", "looks", "dashboards"))))
    before = oracle.dump(world)
    for _ in range(2):
        report = undo(backed_up, looker, report.session_id)
        assert (report.status, list(blamed(report))) == ("completed", [])
    assert list(losses(before, world)) == []


def test_what_it_makes_under_the_id_that_people_gave_is_no_edit_of_theirs(run_of, simulator, backed_up, looker):
    app = next(row for row in simulator.world["oauth_client_apps"] if row["description"] == "")
    looker.delete("wreck", f"/oauth_client_apps/{app['client_guid']}")
    simulator.world.bends.on("blank_is_null")
    report = restore(run_of(Selection(types=("oauth_client_apps",))))
    for _ in range(2):
        report = undo(backed_up, looker, report.session_id)
        assert (report.status, list(blamed(report))) == ("completed", [])


def test_one_killed_after_it_made_a_group_lets_what_names_that_follow(run_of, simulator, backed_up, looker):
    app = next(row for row in simulator.world["oauth_client_apps"] if row["group_id"])
    looker.delete("wreck", f"/groups/{app['group_id']}")
    undone = undo(backed_up, looker, restore(run_of()).session_id)
    there = set(simulator.world["groups"].rows)
    with pytest.raises(Killed), death(2, after=True):
        undo(backed_up, looker, undone.session_id, 1)
    (made,) = set(simulator.world["groups"].rows) - there
    assert restore(resumed(backed_up, looker)).status == "completed"
    assert simulator.world["oauth_client_apps"].rows[app["client_guid"]]["group_id"] == made
