"""An exact restore also removes what the backup does not have, and nothing else."""

from __future__ import annotations

import json
import sys

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from looker_simulator.wreck import wreck
from lookervault_core.catalog import CONTENT
from lookervault_core.diff.document import decode
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, retry, undo
from lookervault_core.vault.restoring import dead_letters
from tests.restore.test_wreckage import is_known_loss
from tests.simulated import capture

REMOVABLE = ("groups", "permission_sets", "model_sets", "roles", "user_attributes", "looks", "dashboards", "boards", "alerts",
             "scheduled_plans", "themes", "color_collections")  # fmt: skip


def ordinary(simulator: Simulator, table: str) -> str:
    """Return an object of a type that anyone may copy."""
    shields = ("built_in", "all_access", "is_system", "internal", "include_by_default", "externally_managed", "deleted")
    rows = (row for row in simulator.world[table] if not any(row.get(field) for field in shields))
    return next(row["id"] for row in rows if row.get("name") != "Admin")


def one_more(simulator: Simulator, looker: Looker, table: str) -> str:
    """Make an object of a type that the backup does not have."""
    if table == "boards":  # with an access list of its own, which a copy would share
        board = json.loads(looker.post("more", "/boards", b'{"title": "made since"}').body)
        looker.post("more", "/board_sections", b'{"board_id": "%s", "title": "section"}' % board["id"].encode())
        return str(board["id"])
    named = {"name": "made_since"} if table == "themes" else {}  # a theme's name has no blanks
    return mutate(simulator.world, "create", table, ordinary(simulator, table), named)


def removals(plan) -> list[tuple[str, str]]:
    return [(step.content_type, step.id) for step in plan.removals]


def is_there(simulator: Simulator, table: str, one: str) -> bool:
    row = simulator.world[table].get(one)
    return row is not None and not row.get("deleted") and not row.get("deleted_at")


@pytest.mark.parametrize("table", REMOVABLE)
def test_what_was_made_since_is_removed_and_an_undo_brings_it_back(table, run_of, simulator, backed_up, looker):
    extra = one_more(simulator, looker, table)
    made = oracle.dump(simulator.world)
    assert removals(run_of(Selection.bulk(table)).plan()) == []
    run = run_of(Selection.bulk(table), exact=True)
    assert removals(run.plan()) == [(table, extra)]
    report = restore(run)
    assert (report.status, report.types[table].removed_count, report.removed) == ("completed", 1, 1)
    into_trash = [(table, extra)] if table in CONTENT else []
    assert [(one.key.content_type, one.destination_id) for one in report.trashed] == into_trash
    assert not is_there(simulator, table, extra)
    assert run_of(Selection.bulk(table), exact=True).plan().actions["remove"] == 0
    undo(backed_up, looker, report.session_id)
    left = oracle.differences(made, oracle.dump(simulator.world))
    assert [line for line in left if "palette_id" not in line] == []  # a copy has the ids of the first one's palettes


def test_a_user_who_is_new_stays_and_the_plan_says_why(run_of, simulator):
    extra = mutate(simulator.world, "create", "users", ordinary(simulator, "users"))
    plan = run_of(Selection.bulk("users"), exact=True).plan()
    step = next(step for step in plan.steps if step.id == extra)
    assert (step.action, "trashes what a deleted user owns" in step.reason) == ("skip", True)


def test_a_new_folder_goes_if_it_is_empty_and_stays_if_something_lies_in_it(run_of, simulator, looker):
    home = next(row["id"] for row in simulator.world["folders"] if row.get("is_shared_root"))
    body = '{"name": "%s", "parent_id": "' + home + '"}'
    for name in ("empty", "full"):
        looker.post("create_folder", "/folders", (body % name).encode())
    rows = {row["name"]: row["id"] for row in simulator.world["folders"]}
    mutate(simulator.world, "create", "dashboards", None, {"folder_id": rows["full"], "title": "held"})
    run = run_of(exact=True)
    steps = {step.id: step for step in run.plan().steps if step.content_type == "folders"}
    assert (steps[rows["empty"]].action, steps[rows["full"]].action) == ("remove", "skip")
    assert "something lies in it" in steps[rows["full"]].reason
    restore(run, 4)
    assert rows["full"] in simulator.world["folders"]
    assert rows["empty"] not in simulator.world["folders"]


def test_a_new_folder_goes_once_what_was_moved_into_it_is_back_where_it_was(run_of, simulator, looker):
    before = oracle.dump(simulator.world)
    old = next(row for row in simulator.world["folders"] if simulator.world["folders"].where("parent_id", row["id"]))
    looker.post("create_folder", "/folders", b'{"name": "new", "parent_id": "%s"}' % old["id"].encode())
    new = next(row["id"] for row in simulator.world["folders"] if row["name"] == "new")
    moved = next(row for row in simulator.world["folders"].where("parent_id", old["id"]) if row["id"] != new)
    dashboard = next(row for row in simulator.world["dashboards"] if not row["deleted"])
    mutate(simulator.world, "update", "folders", moved["id"], {"parent_id": new})
    mutate(simulator.world, "update", "dashboards", dashboard["id"], {"folder_id": new})
    steps = run_of(Selection.bulk("folders"), exact=True).plan().steps
    assert [step.action for step in steps if step.key == ContentKey("folders", new)] == ["skip"]
    run = run_of(exact=True)
    assert removals(run.plan()) == [("folders", new)]
    assert restore(run, 4).status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_an_exact_restore_of_a_folder_looks_no_further_than_the_folder(run_of, simulator):
    dashboards = [row for row in simulator.world["dashboards"] if not row["deleted"]]
    inside = mutate(simulator.world, "create", "dashboards", dashboards[0]["id"])
    elsewhere = next(row for row in dashboards if row["folder_id"] != dashboards[0]["folder_id"])
    outside = mutate(simulator.world, "create", "dashboards", elsewhere["id"])
    plan = run_of(Selection.folder(dashboards[0]["folder_id"]), exact=True).plan()
    assert ("dashboards", inside) in removals(plan)
    assert ("dashboards", outside) not in removals(plan)


def test_a_backup_with_a_hole_says_nothing_of_what_is_surplus(vault, looker, simulator):
    extra = mutate(simulator.world, "create", "dashboards", ordinary(simulator, "dashboards"))
    simulator.faults.add("poison", type="dashboards", id=extra)
    assert not vault.is_whole(capture(vault, looker), "dashboards")
    simulator.faults.clear()
    run = RestoreRun(vault, looker, Selection.bulk("dashboards"), RestoreOptions(exact=True))
    assert removals(run.plan()) == []


def test_nothing_whole_is_removed_from_another_instance(backed_up, connect):
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, connect(other) as looker:
        options = RestoreOptions(target="other", exact=True)
        assert removals(RestoreRun(backed_up, looker, Selection.everything(), options).plan()) == []


def test_what_cannot_be_removed_is_a_dead_letter_that_can_be_tried_again(run_of, simulator, backed_up, looker):
    extra = mutate(simulator.world, "create", "boards", ordinary(simulator, "boards"))
    simulator.faults.add("422", method="DELETE", path=f"/boards/{extra}", first=1)
    report = restore(run_of(Selection.bulk("boards"), exact=True))
    letters = dead_letters.listing(backed_up, session_id=report.session_id)
    assert (report.status, [(one.content_type, one.id) for one in letters]) == ("partial", [("boards", extra)])
    again = retry(backed_up, looker, letters, RestoreOptions())
    assert [one.status for one in again] == ["completed"]
    assert not is_there(simulator, "boards", extra)
    assert dead_letters.listing(backed_up) == []


def test_a_surplus_tab_that_somebody_made_the_first_one_goes_with_its_tiles(run_of, simulator, looker):
    dashboard = next(row for row in simulator.world["dashboards"] if not row["deleted"])["id"]
    before = oracle.dump(simulator.world)
    made = looker.post(
        "tab", "/dashboard_layouts", b'{"dashboard_id":"%s","label":"new","type":"newspaper"}' % dashboard.encode()
    )
    tab = str(json.loads(made.body)["id"])
    looker.patch("tab", f"/dashboard_layouts/{tab}", b'{"active":true}')
    text = b'{"dashboard_id":"%s","type":"text","title_text":"new","dashboard_layout_id":"%s"}'
    looker.post("tile", "/dashboard_elements", text % (dashboard.encode(), tab.encode()))
    report = restore(run_of(Selection.single("dashboards", dashboard), exact=True))
    assert report.status == "completed"
    assert [line for line in oracle.differences(before, oracle.dump(simulator.world)) if "(trash)" not in line] == []


@pytest.mark.parametrize("seed", [11, 12])
def test_after_a_bad_night_with_additions_the_instance_is_what_it_was(seed, run_of, simulator):
    before = oracle.dump(simulator.world)
    wreck(simulator.world, seed)
    report = restore(run_of(exact=True), 4)
    assert report.status == "completed"
    assert [line for line in oracle.differences(before, oracle.dump(simulator.world)) if not is_known_loss(line)] == []


def test_what_an_undo_brought_back_goes_again(run_of, simulator, backed_up, looker):
    looker.post("people", "/groups", b'{"name": "Newcomers"}')
    names = lambda: {row["name"] for row in simulator.world["groups"]}  # noqa: E731
    report = restore(run_of(Selection.bulk("groups"), exact=True))
    undo(backed_up, looker, report.session_id)
    assert "Newcomers" in names()
    assert restore(run_of(Selection.bulk("groups"), exact=True)).summary.removed_count == 1
    assert "Newcomers" not in names()


def test_what_was_restored_from_an_older_backup_goes_where_this_one_lacks_it(run_of, simulator, backed_up, looker):
    theme = list(simulator.world["themes"])[-1]
    mutate(simulator.world, "delete", "themes", theme["id"])
    capture(backed_up, looker)
    restore(RestoreRun(backed_up, looker, Selection.bulk("themes"), snapshot_id=1))
    assert theme["name"] in {row["name"] for row in simulator.world["themes"]}
    restore(run_of(Selection.bulk("themes"), exact=True))
    assert theme["name"] not in {row["name"] for row in simulator.world["themes"]}


def test_what_was_made_anew_twice_is_not_surplus(run_of, simulator, backed_up):
    for _ in range(2):
        mutate(simulator.world, "delete", "themes", list(simulator.world["themes"])[-1]["id"])
        restore(run_of(Selection.bulk("themes")))
    count = len(simulator.world["themes"])
    report = restore(run_of(Selection.bulk("themes"), exact=True))
    assert (report.writes, len(simulator.world["themes"])) == (0, count)


def decoded_by(work) -> int:
    """Return how many payloads are decoded while *work* is done on this thread."""
    count = 0

    def count_calls(frame, event, _):
        nonlocal count
        count += event == "call" and frame.f_code is decode.__code__

    sys.setprofile(count_calls)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_a_folder_more_to_remove_takes_no_look_at_all_content_more(run_of, simulator, looker):
    for row in simulator.world["dashboards"]:
        mutate(simulator.world, "update", "dashboards", row["id"], {"description": "changed"})
    shared = next(row["id"] for row in simulator.world["folders"] if row["is_shared_root"])
    counts = []
    for number in range(2):
        for one in range(10):
            body = {"name": f"new {number} {one}", "parent_id": shared}
            looker.post("people", "/folders", json.dumps(body).encode())
        counts.append(decoded_by(run_of(Selection.bulk("folders"), exact=True).plan))
    assert counts[1] - counts[0] <= 10 * 7  # one of them the answer whether a Studio report lies in it


def test_the_report_names_what_stays_although_the_restore_is_exact(run_of, simulator, looker):
    user = mutate(simulator.world, "create", "users", ordinary(simulator, "users"))
    report = restore(run_of(Selection.bulk("users"), exact=True))
    assert [line for line in report.warnings if f"users {user} " in line and "it stays" in line]


def test_an_undo_tells_what_lies_in_the_trash_from_what_went_with_its_folder(run_of, simulator, backed_up, looker):
    world = simulator.world
    shared = {row["id"] for row in world["folders"] if row["parent_id"] and not row["is_personal"]}
    folder = next(row["folder_id"] for row in world["dashboards"] if row["folder_id"] in shared and not row["deleted"])
    looker.delete("people", f"/folders/{folder}")
    report = restore(run_of(Selection.folder(folder)))
    made = {one.destination_id for one in report.new_ids if one.key.content_type == "dashboards"}
    assert made
    taken = undo(backed_up, looker, report.session_id)
    in_trash = {one.destination_id for one in taken.trashed if one.key.content_type == "dashboards"}
    assert in_trash == {one for one in made if one in world["dashboards"]}
    assert [line for line in taken.warnings if "for good" in line] == []
