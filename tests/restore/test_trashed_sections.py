"""Sections in the trash of their board: of the backup, of an undo's state, and such as nobody backed up."""

from __future__ import annotations

import json

import pytest

from looker_simulator import oracle
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo
from tests.simulated import capture

TRASHED = "2026-01-01T00:00:00.000+00:00"


def patch(looker, section_id: str, **body: str | None) -> None:
    looker.patch("people", f"/board_sections/{section_id}", json.dumps(body).encode())


@pytest.fixture
def section(simulator) -> dict:
    """A section with items, which is not the last one of its board."""
    world = simulator.world
    boards = [row for row in world["boards"] if not row["deleted_at"] and len(row["section_order"]) > 1]
    firsts = (world["board_sections"].rows[row["section_order"][0]] for row in boards)
    return next(row for row in firsts if len(row["item_order"]) > 1)


def test_an_undo_puts_a_section_back_into_the_trash_as_it_was(run_of, simulator, backed_up, looker, section):
    patch(looker, section["id"], title="Edited by Ann")
    patch(looker, section["id"], deleted_at=TRASHED)
    looker.delete("people", f"/board_items/{section['item_order'][0]}")
    before = oracle.dump(simulator.world)
    report = restore(run_of(Selection.single("boards", section["board_id"])))
    assert not simulator.world["board_sections"].rows[section["id"]]["deleted_at"]
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_an_exact_restore_is_done_where_a_section_of_nobodys_backup_lies_in_the_trash(
    run_of, simulator, looker, section
):
    new = {"board_id": section["board_id"], "title": "New"}
    extra = str(json.loads(looker.post("people", "/board_sections", json.dumps(new).encode()).body)["id"])
    patch(looker, extra, deleted_at=TRASHED)
    run = run_of(Selection.single("boards", section["board_id"]), exact=True)
    assert not run.plan().changes_anything
    order = simulator.world["boards"].rows[section["board_id"]]["section_order"]
    looker.patch("people", f"/boards/{section['board_id']}", json.dumps({"section_order": order[::-1]}).encode())
    again = run_of(Selection.single("boards", section["board_id"]), exact=True)
    assert restore(again).status == "completed"
    assert simulator.world["boards"].rows[section["board_id"]]["section_order"] == order


@pytest.mark.parametrize("exact", [False, True])
def test_a_section_that_lay_in_the_trash_goes_there_again_with_its_items(
    exact, run_of, simulator, vault, looker, section
):
    patch(looker, section["id"], deleted_at=TRASHED)
    capture(vault, looker)
    before = oracle.dump(simulator.world)
    patch(looker, section["id"], deleted_at=None)
    report = restore(run_of(Selection.single("boards", section["board_id"]), exact=exact))
    assert report.status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_when_a_section_went_into_the_trash_is_no_difference(run_of, vault, looker, section):
    patch(looker, section["id"], deleted_at=TRASHED)
    capture(vault, looker)
    patch(looker, section["id"], deleted_at="2026-02-02T00:00:00.000+00:00")
    assert not run_of(Selection.single("boards", section["board_id"]), exact=True).plan().changes_anything


def test_a_board_that_is_made_anew_names_the_section_that_lay_in_the_trash(run_of, vault, looker, section):
    patch(looker, section["id"], deleted_at=TRASHED)
    capture(vault, looker)
    looker.delete("people", f"/boards/{section['board_id']}")
    report = restore(run_of(Selection.single("boards", section["board_id"])))
    (board,) = (one for one in report.proof.items if one.key.content_type == "boards")
    assert board.verdict == "accepted_losses"
    assert "trash" in dict(board.lost)[f"board_sections[{section['id']}]"]
    assert not run_of(Selection.single("boards", section["board_id"])).plan().changes_anything
