"""Who may see what a restore made, by the doing of people since: that stays when the restore is taken back, and is named."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate
from lookervault_core.diff.rows import KEPT
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo, undoing
from tests.restore.test_edits_since import patch
from tests.restore.test_kept_since import folder_with_dashboards, made_in
from tests.restore.test_taking_back import group_with_members, post


def rows_of(world, metadata: str) -> list:
    return world["content_metadata_access"].where("content_metadata_id", metadata)


def private_folder(world) -> str:
    own = {row["content_metadata_id"] for row in world["content_metadata_access"]}
    return next(
        row["id"]
        for row in world["folders"]
        if row["content_metadata_id"] in own and not row["is_personal"] and row["parent_id"]
    )


def let_in(world, looker, metadata: str) -> None:
    there = {row["group_id"] for row in rows_of(world, metadata)}
    group = next(row["id"] for row in world["groups"] if row["id"] not in there)
    post(looker, "/content_metadata_access", content_metadata_id=metadata, group_id=group, permission_type="view")


def let_edit(world, looker, metadata: str) -> None:
    row = rows_of(world, metadata)[0]
    other = "view" if row["permission_type"] == "edit" else "edit"
    body = {"content_metadata_id": metadata, "group_id": row["group_id"], "user_id": row["user_id"]}
    body = {name: value for name, value in body.items() if value} | {"permission_type": other}
    looker.put("people", f"/content_metadata_access/{row['id']}", json.dumps(body).encode())


def shut_out(world, looker, metadata: str) -> None:
    looker.delete("people", f"/content_metadata_access/{rows_of(world, metadata)[0]['id']}")


def open_it(world, looker, metadata: str) -> None:
    patch(looker, f"/content_metadata/{metadata}", inherits=True)


def leave_it(world, looker, metadata: str) -> None:
    assert rows_of(world, metadata)


@pytest.mark.parametrize("work", [let_in, let_edit, shut_out, open_it, leave_it])
def test_a_private_folder_made_anew_stays_only_if_people_have_changed_since_who_may_see_it(
    work, run_of, simulator, backed_up, looker
):
    world = simulator.world
    folder = private_folder(world)
    mutate(world, "delete", "folders", folder)
    report = restore(run_of(Selection.folder(folder)))
    made = report.new_ids[0].destination_id
    assert report.new_ids[0].key == ContentKey("folders", folder)
    metadata = world["folders"].get(made)["content_metadata_id"]
    work(world, looker, metadata)
    given = rows_of(world, metadata)
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert (made in world["folders"]) == (work is not leave_it)
    if work is not leave_it:
        assert rows_of(world, metadata) == given
        named = [line for line in taken.warnings if line.startswith(f"folders {made}: ")]
        assert KEPT in named[0]
        assert undo(backed_up, looker, report.session_id).writes == 0


def test_a_folder_and_a_board_made_anew_stay_if_people_have_given_them_a_list_of_their_own_since(
    run_of, simulator, backed_up, looker
):
    world = simulator.world
    folder = folder_with_dashboards(world)
    board = next(row["id"] for row in world["boards"] if not row["deleted_at"])
    mutate(world, "delete", "folders", folder)
    mutate(world, "delete", "boards", board)
    world["boards"].rows.pop(board, None)
    report = restore(run_of(Selection.bulk("folders", "boards")))
    (made,) = [one.destination_id for one in report.new_ids if one.key == ContentKey("folders", folder)]
    (new_board,) = made_in(report, "boards")
    for table, one in (("folders", made), ("boards", new_board)):
        metadata = world[table].get(one)["content_metadata_id"]
        patch(looker, f"/content_metadata/{metadata}", inherits=False)
        let_in(world, looker, metadata)
    with undoing(backed_up, looker, report.session_id) as run:
        steps = {step.key: step for step in run.plan().steps}
    for key in (ContentKey("folders", made), ContentKey("boards", new_board)):
        assert (steps[key].action, KEPT in steps[key].reason) == ("skip", True)


@pytest.mark.parametrize("used", [True, False])
def test_a_group_made_anew_stays_only_if_people_have_let_it_into_a_folder_since(
    used, run_of, simulator, backed_up, looker
):
    world, group = simulator.world, group_with_members(simulator)
    metadata = world["folders"].get(private_folder(world))["content_metadata_id"]
    if not any(row["group_id"] == group for row in rows_of(world, metadata)):
        post(looker, "/content_metadata_access", content_metadata_id=metadata, group_id=group, permission_type="view")
    elsewhere = next(
        row["content_metadata_id"]
        for row in world["content_metadata_access"]
        if row["content_metadata_id"] != metadata
        and not any(one["group_id"] == group for one in rows_of(world, row["content_metadata_id"]))
    )
    mutate(world, "delete", "groups", group)
    report = restore(run_of())
    (made,) = made_in(report, "groups")
    if used:
        post(looker, "/content_metadata_access", content_metadata_id=elsewhere, group_id=made, permission_type="view")
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert (made in world["groups"]) == used
    left = {row["content_metadata_id"] for row in world["content_metadata_access"] if row["group_id"] == made}
    assert left == ({elsewhere} if used else set())
