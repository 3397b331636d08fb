"""What somebody moved into a folder that is restored: an exact restore moves it back, any other says where it belongs."""

from __future__ import annotations

import pytest

from looker_simulator import mutate
from lookervault_core.families.folders.misplaced import MOVED_HERE
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo


def living(simulator, table):
    return [row for row in simulator.world[table] if not row.get("deleted")]


@pytest.fixture
def folder(simulator):
    """A folder below Shared, with nothing of what is moved in it."""
    return next(row["id"] for row in living(simulator, "folders") if row["parent_id"] == "1" and not row["is_personal"])


@pytest.fixture
def moved(simulator, folder, backed_up):
    """Two dashboards, a look and a folder that were moved there. Return for each its type, id, field and the folder it had."""
    world, below = simulator.world, {folder}
    while more := {row["id"] for row in world["folders"] if row["parent_id"] in below} - below:
        below |= more
    chosen = [
        ("dashboards", row, "folder_id") for row in living(simulator, "dashboards") if row["folder_id"] not in below
    ][:2]
    chosen += [("looks", row, "folder_id") for row in living(simulator, "looks") if row["folder_id"] not in below][:1]
    own = {row["folder_id"] for _, row, _ in chosen}
    above = {row["parent_id"] for row in world["folders"] if row["id"] in own}
    chosen += [
        ("folders", row, "parent_id")
        for row in world["folders"]
        if row["parent_id"] == "1" and not row["is_personal"] and row["id"] not in below | own | above
    ][:1]
    found = [(table, row["id"], place, row[place]) for table, row, place in chosen]
    for table, item_id, place, _ in found:
        mutate(world, "update", table, item_id, {place: folder})
    assert len(found) == 4
    return found


def places(simulator, moved):
    return [simulator.world[table].get(item_id)[place] for table, item_id, place, _ in moved]


def test_an_exact_restore_of_a_folder_moves_back_what_was_moved_into_it(run_of, simulator, folder, moved):
    run = run_of(Selection.folder(folder), exact=True)
    steps = {(step.content_type, step.id): step for step in run.plan().steps if step.action != "skip"}
    assert {(table, item_id) for table, item_id, *_ in moved} <= steps.keys()
    assert all(steps[table, item_id].reason == MOVED_HERE for table, item_id, *_ in moved)
    report = restore(run)
    assert report.status == "completed", report.proof.items
    assert places(simulator, moved) == [home for *_, home in moved]
    assert not run_of(Selection.folder(folder), exact=True).plan().changes_anything


def test_what_is_moved_back_is_left_as_it_is_otherwise_and_the_report_says_so(run_of, simulator, folder, moved):
    table, item_id, _, home = moved[0]
    mutate(simulator.world, "update", table, item_id, {"title": "Better"})
    report = restore(run_of(Selection.folder(folder), exact=True))
    row = simulator.world[table].get(item_id)
    assert (row["title"], row["folder_id"]) == ("Better", home)
    (verdict,) = [one for one in report.proof.items if (one.key.content_type, one.key.id) == (table, item_id)]
    assert verdict.verdict == "accepted_losses"
    assert verdict.lost[0][0] == "everything else"


def test_an_undo_puts_it_where_it_was_moved_to(run_of, simulator, folder, moved, backed_up, looker):
    report = restore(run_of(Selection.folder(folder), exact=True))
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert places(simulator, moved) == [folder] * len(moved)


def test_a_restore_that_is_not_exact_moves_nothing_and_says_what_lies_there_and_where_it_belongs(
    run_of, simulator, folder, moved
):
    run = run_of(Selection.folder(folder))
    assert not {(table, item_id) for table, item_id, *_ in moved} & {
        (step.content_type, step.id) for step in run.plan().steps if step.writes
    }
    said = "\n".join(run.planner.warnings)
    listed = [one for one in moved if run.planner.sides.live.is_listed(one[0])]
    assert listed
    for table, item_id, _, home in listed:
        assert f"({item_id})" in said, (table, said)
        assert f"({home}); --exact moves" in said


def test_what_cannot_go_back_because_its_folder_is_gone_is_blocked_and_named(run_of, simulator, folder, moved):
    table, item_id, _, home = moved[0]
    inside = [row for name in ("dashboards", "looks") for row in simulator.world[name] if row["folder_id"] == home]
    for row in inside:
        row["folder_id"] = "1"
    for row in [one for one in simulator.world["folders"] if one["parent_id"] == home]:
        row["parent_id"] = "1"
    mutate(simulator.world, "delete", "folders", home)
    run = run_of(Selection.folder(folder), exact=True)
    (step,) = [one for one in run.plan().steps if (one.content_type, one.id) == (table, item_id)]
    assert step.action == "blocked"
    assert f"({home}), which is not there" in step.reason
