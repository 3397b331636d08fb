"""Who may see a board comes back with the board, and only with it."""

from __future__ import annotations

from looker_simulator import mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, retry
from lookervault_core.vault.restoring import dead_letters
from tests.simulated import capture

ACCESS = ("content_metadata", "content_metadata_accesses")


def actions(run):
    return {step.content_type: step.action for step in run.plan().steps if step.content_type in ("boards", *ACCESS)}


def board_with_item(world):
    item = next(row for row in world["board_items"] if row["dashboard_id"])
    return world["board_sections"].get(item["board_section_id"])["board_id"], item["dashboard_id"]


def test_a_board_of_the_trash_that_was_emptied_since_leaves_nothing_undone(vault, looker, simulator):
    board = next(iter(simulator.world["boards"]))["id"]
    simulator.world["boards"].change(board, deleted_at=simulator.world.now())
    capture(vault, looker)
    mutate(simulator.world, "delete", "boards", board)
    for selection in (Selection.single("boards", board), Selection.bulk("boards"), Selection.everything()):
        report = restore(RestoreRun(vault, looker, selection))
        assert (report.status, report.writes, report.dead_letters) == ("completed", 0, 0)


def test_a_board_in_the_trash_stays_there_and_names_what_was_made_anew(vault, looker, simulator):
    board, dashboard = board_with_item(simulator.world)
    title = simulator.world["dashboards"].get(dashboard)["title"]
    simulator.world["boards"].change(board, deleted_at=simulator.world.now())
    capture(vault, looker)
    mutate(simulator.world, "delete", "dashboards", dashboard)
    report = restore(RestoreRun(vault, looker, Selection.everything()))
    assert report.status == "completed", report.proof
    assert simulator.world["boards"].get(board)["deleted_at"]
    anew = next(row["id"] for row in simulator.world["dashboards"] if row["title"] == title)
    assert anew in {row["dashboard_id"] for row in simulator.world["board_items"]}


def test_the_access_of_a_board_that_waits_waits_with_it(backed_up, looker, simulator):
    board, dashboard = board_with_item(simulator.world)
    mutate(simulator.world, "delete", "dashboards", dashboard)
    mutate(simulator.world, "delete", "boards", board)
    run = RestoreRun(backed_up, looker, Selection.single("boards", board))
    assert actions(run) == dict.fromkeys(("boards", *ACCESS), "blocked")
    assert restore(run).dead_letters == 0


def test_the_access_of_a_board_that_is_made_again_comes_with_it(backed_up, looker, simulator):
    board, _ = board_with_item(simulator.world)
    mutate(simulator.world, "delete", "boards", board)
    run = RestoreRun(backed_up, looker, Selection.single("boards", board))
    assert actions(run) == {"boards": "create"} | dict.fromkeys(ACCESS, "update")
    assert restore(run).status == "completed"


def test_a_retry_leaves_out_what_its_restore_left_out(backed_up, looker, simulator):
    board, _ = board_with_item(simulator.world)
    mutate(simulator.world, "delete", "boards", board)
    simulator.faults.add("422", operation="create_board", first=1)
    run = RestoreRun(backed_up, looker, Selection(keys=(ContentKey("boards", board),), exclude=("folders",)))
    assert actions(run) == {"boards": "create"}
    assert restore(run).dead_letters == 1
    (again,) = retry(backed_up, looker, dead_letters.listing(backed_up), RestoreOptions())
    assert (again.status, list(again.types)) == ("completed", ["boards"])
