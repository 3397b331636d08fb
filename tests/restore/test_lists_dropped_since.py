"""Lists that Looker fills and drops with a restore, and those of what the restore made: what people did to them since stays."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_access_given_since import let_edit, let_in, private_folder, rows_of, shut_out
from tests.restore.test_edits_since import lost_of, patch
from tests.restore.test_taking_back import post


@pytest.mark.parametrize("work", [let_in, let_edit, shut_out])
def test_a_folder_that_a_restore_made_private_stays_so_where_people_have_changed_its_list_since(
    work, run_of, simulator, backed_up, looker
):
    world, folder = simulator.world, private_folder(simulator.world)
    metadata = world["folders"].get(folder)["content_metadata_id"]
    patch(looker, f"/content_metadata/{metadata}", inherits=True)
    report = restore(run_of(Selection.folder(folder)))
    assert not world["content_metadata"].get(metadata)["inherits"]
    work(world, looker, metadata)
    given = rows_of(world, metadata)
    for _ in range(2):
        taken = undo(backed_up, looker, report.session_id)
        assert taken.status == "completed"
        assert not world["content_metadata"].get(metadata)["inherits"]
        assert rows_of(world, metadata) == given
    assert "since" in lost_of(taken, ContentKey("content_metadata", metadata))["inherits"]


def test_a_list_that_people_gave_a_folder_since_the_restore_opened_it_stays(
    run_of, simulator, backed_up, looker, back_up
):
    world, folder = simulator.world, private_folder(simulator.world)
    metadata = world["folders"].get(folder)["content_metadata_id"]
    patch(looker, f"/content_metadata/{metadata}", inherits=True)
    back_up(backed_up, looker)
    patch(looker, f"/content_metadata/{metadata}", inherits=False)
    let_in(world, looker, metadata)
    report = restore(run_of(Selection.folder(folder)))
    assert world["content_metadata"].get(metadata)["inherits"]
    patch(looker, f"/content_metadata/{metadata}", inherits=False)
    let_edit(world, looker, metadata)
    given = rows_of(world, metadata)
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert rows_of(world, metadata) == given
    assert "since" in lost_of(taken, ContentKey("content_metadata_accesses", metadata))["accesses"]


@pytest.mark.parametrize("touched", [True, False])
def test_an_attribute_made_anew_stays_only_where_people_have_changed_a_value_of_it_since(
    touched, run_of, simulator, backed_up, looker
):
    world = simulator.world
    value = next(row for row in world["user_attribute_group_values"] if row["user_attribute_id"] == "12")
    mutate(world, "delete", "user_attributes", "12")
    report = restore(run_of(Selection.single("user_attributes", "12")))
    (made,) = [one.destination_id for one in report.new_ids if one.key == ContentKey("user_attributes", "12")]
    if touched:
        patch(looker, f"/groups/{value['group_id']}/attribute_values/{made}", value="PEOPLE")
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert (made in world["user_attributes"]) == touched


@pytest.mark.parametrize("touched", [True, False])
def test_a_role_made_anew_stays_only_where_people_have_taken_somebody_out_of_it_since(
    touched, run_of, simulator, backed_up, looker, back_up
):
    world = simulator.world
    role = post(looker, "/roles", name="of two", permission_set_id="6", model_set_id="2")["id"]
    looker.put("people", f"/roles/{role}/users", json.dumps(["2", "3"]).encode())
    back_up(backed_up, looker)
    mutate(world, "delete", "roles", role)
    report = restore(run_of(Selection.single("roles", role)))
    (made,) = [one.destination_id for one in report.new_ids if one.key == ContentKey("roles", role)]
    if touched:
        looker.put("people", f"/roles/{made}/users", json.dumps(["2"]).encode())
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert (made in world["roles"]) == touched
