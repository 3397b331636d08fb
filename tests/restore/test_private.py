"""What few people could see is seen by no others after a restore, however it was asked for."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, retry, undo
from lookervault_core.vault.restoring import dead_letters
from tests.simulated import capture, capture_all


@pytest.fixture
def simulator():
    with Simulator(SimulatorOptions(scale="small")) as running:
        yield running


def rows_of(simulator, metadata_id) -> set[tuple]:
    rows = simulator.world["content_metadata_access"]
    return {
        (r["group_id"], r["user_id"], r["permission_type"]) for r in rows if r["content_metadata_id"] == metadata_id
    }


@pytest.fixture
def private(simulator):
    """A folder with an access list of its own, a look in it, and the list."""
    world = simulator.world
    for folder in world["folders"]:
        roots = ("is_personal", "is_shared_root", "is_users_root", "is_embed_shared_root", "is_embed_users_root")
        metadata = world["content_metadata"].get(folder["content_metadata_id"])
        if metadata is None or metadata["inherits"] or any(folder.get(flag) for flag in roots):
            continue
        for look in world["looks"]:
            if look["folder_id"] == folder["id"] and not look["deleted"]:
                return dict(folder), look["id"], rows_of(simulator, metadata["id"])
    raise AssertionError("the simulator has no such folder")


def now(simulator, folder) -> tuple[bool, set[tuple]]:
    again = next(row for row in simulator.world["folders"] if row["name"] == folder["name"])
    metadata = simulator.world["content_metadata"].get(again["content_metadata_id"])
    return metadata["inherits"], rows_of(simulator, metadata["id"])


def test_a_private_folder_that_comes_as_a_dependency_is_private(run_of, simulator, private):
    folder, look, rows = private
    mutate(simulator.world, "delete", "folders", folder["id"])
    report = restore(run_of(Selection.single("looks", look), with_dependencies=True))
    assert report.status == "completed"
    assert now(simulator, folder) == (False, rows)


def test_a_folder_that_was_opened_is_closed_to_whom_the_folder_above_lets_in(run_of, simulator, looker, private):
    folder, _, rows = private
    looker.patch("open", f"/content_metadata/{folder['content_metadata_id']}", b'{"inherits": true}')
    report = restore(run_of(Selection.single("folders", folder["id"])))
    assert report.status == "completed"
    assert now(simulator, folder) == (False, rows)


@pytest.mark.parametrize("how", ["single", "bulk"])
def test_a_board_comes_back_with_who_may_see_it(run_of, simulator, how):
    before = oracle.dump(simulator.world)["boards"]
    board = next(iter(simulator.world["boards"]))["id"]
    mutate(simulator.world, "delete", "boards", board)
    restore(run_of(Selection.single("boards", board) if how == "single" else Selection.bulk("boards")))
    assert oracle.dump(simulator.world)["boards"] == before


def opened(simulator, looker, folder):
    looker.patch("open", f"/content_metadata/{folder['content_metadata_id']}", b'{"inherits": true}')


def deleted(simulator, looker, folder):
    mutate(simulator.world, "delete", "folders", folder["id"])


@pytest.fixture(params=[opened, deleted], ids=["opened", "deleted"])
def stopped(request, run_of, simulator, looker, private):
    """A private folder whose restore could not take out the rows that Looker copied into its list."""
    folder, _, rows = private
    request.param(simulator, looker, folder)
    simulator.faults.add("422", operation="delete_content_metadata_access")
    report = restore(run_of(Selection.folder(folder["id"])))
    assert report.status == "partial"
    assert now(simulator, folder)[1] > rows
    simulator.faults.clear()
    return folder, rows


@pytest.mark.parametrize("how", ["the same again", "everything", "resume", "retry"])
def test_a_folder_that_was_left_open_half_way_is_closed_by_whatever_comes_next(
    how, stopped, run_of, simulator, backed_up, looker
):
    folder, rows = stopped
    if how == "retry":
        reports = retry(backed_up, looker, dead_letters.listing(backed_up), RestoreOptions())
    elif how == "resume":
        reports = [restore(resumed(backed_up, looker))]
    else:
        again = Selection.folder(folder["id"]) if how == "the same again" else Selection.everything()
        reports = [restore(run_of(again))]
    assert [report.status for report in reports] == ["completed"]
    assert now(simulator, folder) == (False, rows)


def test_a_restore_that_is_killed_right_after_it_made_a_folder_private_is_finished_by_the_same_again(
    run_of, simulator, looker, private, connect, backed_up
):
    folder, _, rows = private
    opened(simulator, looker, folder)
    selection = Selection.single("folders", folder["id"])
    planned = RestoreRun(backed_up, looker, selection)
    execution = planned.begin()
    execution.apply("content_metadata", 0, 1)
    assert now(simulator, folder)[1] - rows
    report = restore(run_of(selection))
    assert report.status == "completed"
    assert now(simulator, folder) == (False, rows)


def test_it_is_closed_with_skip_if_modified_too_for_nobody_has_opened_it(stopped, run_of, simulator):
    folder, rows = stopped
    report = restore(run_of(Selection.folder(folder["id"]), skip_if_modified=True))
    assert report.status == "completed"
    assert now(simulator, folder) == (False, rows)


def test_who_was_let_in_once_the_folder_was_closed_stays(stopped, run_of, simulator, looker):
    folder, rows = stopped
    restore(run_of(Selection.folder(folder["id"])))
    again = next(row for row in simulator.world["folders"] if row["name"] == folder["name"])
    let_in(looker, again["content_metadata_id"], "1")
    report = restore(run_of(Selection.folder(folder["id"])))
    assert (report.status, report.writes) == ("completed", 0)
    assert now(simulator, folder) == (False, rows | {("1", None, "view")})


def let_in(looker, metadata_id, group):
    row = {"content_metadata_id": metadata_id, "permission_type": "view", "group_id": group}
    looker.post("let in", "/content_metadata_access", json.dumps(row).encode())


@pytest.fixture
def unseen(vault, simulator, looker, private):
    """A folder whose list has no rows, so that only admins see it; in a backup."""
    folder, *_ = private
    for row in list(simulator.world["content_metadata_access"]):
        if row["content_metadata_id"] == folder["content_metadata_id"]:
            looker.delete("close", f"/content_metadata_access/{row['id']}")
    capture_all(vault, looker, simulator)
    return folder


@pytest.mark.parametrize("change", [opened, deleted])
@pytest.mark.parametrize("how", ["single", "folder", "everything"])
def test_a_folder_that_nobody_could_see_is_closed_to_all_again(how, change, unseen, vault, simulator, looker):
    change(simulator, looker, unseen)
    selection = {
        "single": Selection.single("folders", unseen["id"]),
        "folder": Selection.folder(unseen["id"]),
        "everything": Selection.everything(),
    }[how]
    run = RestoreRun(vault, looker, selection)
    (step,) = run.plan().of("content_metadata_accesses")
    report = restore(run)
    assert (step.id, report.status) == (unseen["content_metadata_id"], "completed")
    assert step.key in {one.key for one in report.proof.items if one.verdict == "identical"}
    assert now(simulator, unseen) == (False, set())


def test_it_is_closed_before_anything_is_put_into_it(unseen, vault, simulator, looker):
    deleted(simulator, looker, unseen)
    run = RestoreRun(vault, looker, Selection.folder(unseen["id"]))
    execution = run.begin()
    for name in ("folders", "content_metadata", "content_metadata_accesses"):
        execution.apply(name, 0, 9)
    assert now(simulator, unseen) == (False, set())


def test_a_folder_of_a_group_that_is_gone_is_not_opened_to_others(run_of, simulator, looker, private):
    folder, _, rows = private
    deleted(simulator, looker, folder)
    for group in {group for group, *_ in rows if group}:
        mutate(simulator.world, "delete", "groups", group)
    report = restore(run_of(Selection.folder(folder["id"])))
    assert (report.status, report.proof.count("accepted_losses") > 0) == ("completed", True)
    assert now(simulator, folder) == (False, {row for row in rows if row[0] is None})


def test_a_board_that_nobody_could_see_is_closed_to_all_again(vault, simulator, looker):
    board = dict(next(row for row in simulator.world["boards"] if not row["deleted_at"]))
    for row in list(simulator.world["content_metadata_access"]):
        if row["content_metadata_id"] == board["content_metadata_id"]:
            looker.delete("close", f"/content_metadata_access/{row['id']}")
    capture(vault, looker)
    mutate(simulator.world, "delete", "boards", board["id"])
    report = restore(RestoreRun(vault, looker, Selection.single("boards", board["id"])))
    again = next(row for row in simulator.world["boards"] if row["title"] == board["title"])
    assert (report.status, rows_of(simulator, again["content_metadata_id"])) == ("completed", set())


def test_the_rows_that_looker_copied_are_not_taken_for_what_was_there_before(run_of, simulator, looker, private):
    folder, *_ = private
    opened(simulator, looker, folder)
    run = run_of(Selection.single("folders", folder["id"]))
    report = restore(run)
    report = undo(run.vault, looker, report.session_id)
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert now(simulator, folder) == (True, set())


@pytest.fixture
def closed_since(run_of, simulator, looker):
    """A folder that inherited its list when it was backed up and has one of its own since, and that list."""
    private_flags = ("is_personal", "is_personal_descendant", "is_shared_root", "is_users_root", "is_embed")
    inherits = {row["id"] for row in simulator.world["content_metadata"] if row["inherits"]}
    folders = (row for row in simulator.world["folders"] if row["parent_id"] and row["content_metadata_id"] in inherits)
    folder = dict(next(row for row in folders if not any(row.get(flag) for flag in private_flags)))
    metadata_id = folder["content_metadata_id"]
    run_of()
    looker.patch("close", f"/content_metadata/{metadata_id}", b'{"inherits": false}')
    for row in list(simulator.world["content_metadata_access"]):
        if row["content_metadata_id"] == metadata_id:
            looker.delete("close", f"/content_metadata_access/{row['id']}")
    let_in(looker, metadata_id, "5")
    return folder, {("5", None, "view")}


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("how", ["folder", "bulk", "everything"])
def test_the_list_that_went_when_a_folder_inherits_again_comes_back_with_an_undo(
    how, exact, closed_since, run_of, simulator, looker, backed_up
):
    folder, rows = closed_since
    selection = {
        "folder": Selection.folder(folder["id"]),
        "bulk": Selection.bulk("folders"),
        "everything": Selection.everything(),
    }[how]
    report = restore(run_of(selection, exact=exact))
    assert (report.status, now(simulator, folder)) == ("completed", (True, set()))
    report = undo(backed_up, looker, report.session_id)
    assert (report.status, now(simulator, folder)) == ("completed", (False, rows))


def test_so_does_who_was_let_in_while_the_restore_ran(closed_since, run_of, simulator, looker, backed_up):
    folder, rows = closed_since
    run = run_of(Selection.folder(folder["id"]))
    execution = run.begin()
    let_in(looker, folder["content_metadata_id"], "1")
    report = finished(execution)
    assert (report.status, now(simulator, folder)) == ("completed", (True, set()))
    undo(backed_up, looker, execution.session_id)
    assert now(simulator, folder) == (False, rows | {("1", None, "view")})


def finished(execution):
    for name in execution.plan.types():
        for wave in execution.waves(name):
            for span in wave:
                execution.apply(span.content_type, span.start, span.stop)
    execution.second_pass()
    return execution.finish(execution.verify())


@pytest.mark.parametrize("operation", ["update_content_metadata", "delete_content_metadata_access"])
def test_nothing_is_put_into_a_folder_that_could_not_be_made_private(
    operation, run_of, simulator, looker, private, backed_up
):
    folder, _, rows = private
    before = contents(simulator, folder)
    deleted(simulator, looker, folder)
    simulator.faults.add("422", operation=operation)
    report = restore(run_of(Selection.folder(folder["id"])))
    again = next(row for row in simulator.world["folders"] if row["name"] == folder["name"])
    assert report.status == "partial"
    assert contents(simulator, again) == set()
    assert any("not private yet" in one.message for one in dead_letters.listing(backed_up))
    simulator.faults.clear()
    reports = retry(backed_up, looker, dead_letters.listing(backed_up), RestoreOptions())
    assert [one.status for one in reports] == ["completed"]
    assert now(simulator, folder) == (False, rows)
    assert contents(simulator, again) == before


def contents(simulator, folder):
    looks = (row for row in simulator.world["looks"] if not row["deleted"])
    return {row["title"] for row in looks if row["folder_id"] == folder["id"]}


def test_nor_into_a_folder_below_it(vault, simulator, looker, private):
    folder, look, _ = private
    body = json.dumps({"name": "below", "parent_id": folder["id"]}).encode()
    below = json.loads(looker.post("setup", "/folders", body).body)
    looker.patch("setup", f"/looks/{look}", json.dumps({"folder_id": below["id"]}).encode())
    capture(vault, looker)
    deleted(simulator, looker, folder)
    simulator.faults.add("422", operation="update_content_metadata")
    report = restore(RestoreRun(vault, looker, Selection.folder(folder["id"])))
    again = next(row for row in simulator.world["folders"] if row["name"] == "below")
    assert (report.status, contents(simulator, again)) == ("partial", set())


def test_what_lies_in_a_folder_that_could_not_be_closed_is_written_all_the_same(run_of, simulator, looker, private):
    folder, look, _ = private
    title = simulator.world["looks"].get(look)["title"]
    run_of()
    opened(simulator, looker, folder)
    mutate(simulator.world, "update", "looks", look, {"title": "Wrecked"})
    simulator.faults.add("422", operation="update_content_metadata")
    report = restore(run_of(Selection.folder(folder["id"])))
    assert (report.status, simulator.world["looks"].get(look)["title"]) == ("partial", title)


def test_a_folder_that_people_made_private_when_a_restore_could_not_keeps_their_rows(
    run_of, simulator, looker, private
):
    folder, _, rows = private
    metadata = f"/content_metadata/{folder['content_metadata_id']}"
    looker.patch("wreck", metadata, b'{"inherits": true}')
    simulator.faults.add("422", operation="update_content_metadata", first=1)
    assert restore(run_of(Selection.folder(folder["id"]))).dead_letters
    looker.patch("people", metadata, b'{"inherits": false}')
    known = {group for group, _, _ in rows | now(simulator, folder)[1]}
    added = next(row["id"] for row in simulator.world["groups"] if row["id"] not in known)
    row = {"content_metadata_id": folder["content_metadata_id"], "group_id": added, "permission_type": "view"}
    looker.post("people", "/content_metadata_access", json.dumps(row).encode())
    assert restore(run_of(Selection.folder(folder["id"]))).status == "completed"
    assert (added, None, "view") in now(simulator, folder)[1]


@pytest.mark.parametrize("target", [None, "other"])
def test_the_plan_names_the_rows_that_go_when_a_folder_inherits_again(target, closed_since, run_of):
    folder, _ = closed_since
    (step,) = [
        step for step in run_of(target=target).plan().of("content_metadata") if step.id == folder["content_metadata_id"]
    ]
    told = {change.path: str(change) for change in step.fields}
    assert told.keys() == {"inherits", "accesses"}
    assert "(5) may view" in told["accesses"]
    assert told["accesses"].endswith("no longer")
