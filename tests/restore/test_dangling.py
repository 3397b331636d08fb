"""What named something that was gone for good when it was backed up comes back without it, and that is named."""

from __future__ import annotations

import json

import pytest

from looker_simulator import cascades, mutate, oracle
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.restore import random_days
from tests.simulated import capture


def dangling_item(world):
    """Return a board of several items and the one of them whose dashboard is purged now; Looker leaves such items standing."""
    item = next(row for row in world["board_items"] if row["dashboard_id"])
    section = world["board_sections"].get(item["board_section_id"])
    cascades.remove(world, "dashboards", item["dashboard_id"])
    return section["board_id"], item["id"]


def dangling_tile(world):
    """Return a dashboard and the tile of it that shows a look that is gone."""
    for row in list(world["dashboards"]):
        world.unpack(row["id"])
    tile = next(
        row
        for row in world["dashboard_elements"]
        if row["look_id"] and not row.get("_deleted") and not world["dashboards"].get(row["dashboard_id"])["deleted"]
    )
    world["dashboard_elements"].change(tile["id"], look_id="99999")
    return tile["dashboard_id"], tile["id"]


OWNERS = {"boards": dangling_item, "dashboards": dangling_tile}


def test_a_board_comes_back_without_an_item_whose_lookml_is_gone(backed_up, looker, simulator):
    world = simulator.world
    item = next(row for row in world["board_items"] if row["lookml_dashboard_id"])
    board = world["board_sections"].get(item["board_section_id"])["board_id"]
    world["lookml_dashboards"].remove(item["lookml_dashboard_id"])
    mutate(world, "delete", "boards", board)
    report = restore(RestoreRun(backed_up, looker, Selection.single("boards", board)))
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert [field for field in losses(report) if f"board_items[{item['id']}]" in field]


def parts_of(world, table):
    rows = world["board_items" if table == "boards" else "dashboard_elements"]
    return sum(not row.get("_deleted") for row in rows)


def losses(report):
    return {field: reason for one in report.proof.items for field, reason in one.lost}


@pytest.mark.parametrize("table", OWNERS)
def test_what_was_deleted_comes_back_without_its_dangling_part(table, vault, looker, simulator):
    owner, part = OWNERS[table](simulator.world)
    capture(vault, looker)
    before = parts_of(simulator.world, table)
    mutate(simulator.world, "delete", table, owner)
    selection = Selection.single(table, owner)
    report = restore(RestoreRun(vault, looker, selection))
    assert (report.status, report.dead_letters) == ("completed", 0)
    ours = {field: reason for field, reason in losses(report).items() if f"[{part}]" in field}
    assert len(ours) == 1
    assert "cannot bring it back" in next(iter(ours.values()))
    assert parts_of(simulator.world, table) == before - 1
    steps = RestoreRun(vault, looker, selection).plan().steps
    assert {step.action for step in steps} == {"skip"}


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("table", OWNERS)
def test_a_dangling_part_that_is_still_there_stays_as_it_is(table, exact, vault, looker, simulator):
    owner, _ = OWNERS[table](simulator.world)
    capture(vault, looker)
    before = oracle.dump(simulator.world)
    mutate(simulator.world, "update", table, owner, {"title": "renamed"})
    selection = Selection.single(table, owner)
    report = restore(RestoreRun(vault, looker, selection, RestoreOptions(exact=exact)))
    assert (report.status, report.writes) == ("completed", 1)
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_an_undo_moves_an_item_whose_dashboard_is_gone_to_where_people_had_moved_it(vault, looker, simulator):
    world = simulator.world
    capture(vault, looker)
    board, item = dangling_item(world)
    section = world["board_items"].get(item)["board_section_id"]
    other = next(row for row in world["board_sections"] if row["id"] != section and row["board_id"] != board)
    looker.patch("people", f"/board_items/{item}", json.dumps({"board_section_id": other["id"]}).encode())
    before = oracle.dump(world)
    report = restore(RestoreRun(vault, looker, Selection.everything(), RestoreOptions(exact=True)))
    back = undo(vault, looker, report.session_id)
    assert back.status == "completed"  # what names a dashboard that is gone is named
    assert world["board_items"].get(item)["board_section_id"] == other["id"]
    lines = random_days.losses(before, world)
    assert [line for line in lines if line.startswith("boards")] == []


def test_a_part_that_shows_something_else_by_now_cannot_name_what_is_gone(vault, looker, simulator):
    board, item = dangling_item(simulator.world)
    capture(vault, looker)
    other = next(row["id"] for row in simulator.world["dashboards"] if not row["deleted"])
    simulator.world["board_items"].change(item, dashboard_id=other)
    mutate(simulator.world, "update", "boards", board, {"title": "renamed"})
    report = restore(RestoreRun(vault, looker, Selection.single("boards", board)))
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert [field for field in losses(report) if "dashboard_id" in field]
    assert simulator.world["board_items"].get(item)["dashboard_id"] == other


def test_a_part_whose_target_is_in_the_vault_still_waits_for_it(vault, looker, simulator):
    item = next(row for row in simulator.world["board_items"] if row["dashboard_id"])
    board = simulator.world["board_sections"].get(item["board_section_id"])["board_id"]
    capture(vault, looker)
    mutate(simulator.world, "delete", "dashboards", item["dashboard_id"])
    mutate(simulator.world, "delete", "boards", board)
    step = next(
        one
        for one in RestoreRun(vault, looker, Selection.single("boards", board)).plan().steps
        if one.content_type == "boards"
    )
    assert step.action == "blocked"
    assert "the vault has it" in step.reason
