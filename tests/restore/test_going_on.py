"""What was interrupted is finished: an undo, a restore of older words, a write whose answer was lost, a dead letter."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, mutate, oracle
from lookervault_core.errors import BudgetSpent, NotFound
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, retry, undo, undoing
from lookervault_core.restore.undoing.undo import kept_states
from lookervault_core.vault.restoring import dead_letters, restorations
from tests.restore.test_taking_back import group_with_members, living, post, strangers
from tests.simulated import capture


@pytest.fixture
def half_undone(run_of, simulator, backed_up, connect) -> str:
    """A restore that made boards and changed looks, and an undo of it that ended early. Return the restore's session."""
    for row in list(simulator.world["boards"]):
        mutate(simulator.world, "delete", "boards", row["id"])
    for row in living(simulator, "looks"):
        mutate(simulator.world, "update", "looks", row["id"], {"title": f"Wrecked {row['id']}"})
    wrecked = oracle.dump(simulator.world)
    report = restore(run_of(Selection.bulk("boards", "looks")))
    with connect(simulator) as looker, undoing(backed_up, looker, report.session_id) as run:
        run.planner.look_again(run.plan())
        spent = looker.requests
    with connect(simulator, max_calls=spent + 4) as looker:
        assert undo(backed_up, looker, report.session_id, 1).status == "failed"
    simulator.wrecked = wrecked
    return report.session_id


def test_a_resume_finishes_an_undo_that_was_interrupted(half_undone, simulator, backed_up, looker):
    report = restore(resumed(backed_up, looker))
    assert (report.status, report.removed) == ("completed", 2)
    assert oracle.differences(simulator.wrecked, oracle.dump(simulator.world)) == []


def test_the_same_undo_again_goes_on_with_the_one_that_was_interrupted(half_undone, simulator, backed_up, looker):
    count = len(restorations.newest_first(backed_up))
    assert undo(backed_up, looker, half_undone).status == "completed"
    assert oracle.differences(simulator.wrecked, oracle.dump(simulator.world)) == []
    assert len(restorations.newest_first(backed_up)) == count
    assert {one.status for one in restorations.newest_first(backed_up)} == {"completed"}


def test_a_dead_letter_of_an_undo_can_be_tried_again(run_of, simulator, backed_up, looker):
    board = next(iter(simulator.world["boards"]))["id"]
    count = len(simulator.world["boards"])
    mutate(simulator.world, "delete", "boards", board)
    report = restore(run_of(Selection.bulk("boards")))
    simulator.faults.add("422", operation="delete_board", first=1)
    assert undo(backed_up, looker, report.session_id).status == "partial"
    (again,) = retry(backed_up, looker, dead_letters.listing(backed_up), RestoreOptions())
    assert (again.status, dead_letters.listing(backed_up)) == ("completed", [])
    assert len(simulator.world["boards"]) == count - 1


def test_an_undo_that_ends_before_it_began_leaves_nothing_to_resume(run_of, simulator, backed_up, connect):
    mutate(simulator.world, "update", "looks", living(simulator, "looks")[0]["id"], {"title": "Wrecked"})
    report = restore(run_of(Selection.bulk("looks")))
    with connect(simulator, max_calls=1) as looker, pytest.raises(BudgetSpent):
        undo(backed_up, looker, report.session_id)
    assert len(restorations.newest_first(backed_up)) == 1


# Snapshots -------------------------------------------------------------------------------------------------------------------


def test_a_retry_of_dead_letters_goes_by_the_snapshot_of_their_restore(run_of, simulator, backed_up, looker):
    before = {row["id"]: row["title"] for row in living(simulator, "looks")}
    for one in before:
        mutate(simulator.world, "update", "looks", one, {"title": f"Wrecked {one}"})
    simulator.faults.add("422", operation="update_look", first=3)
    assert restore(run_of(Selection.bulk("looks"))).status == "partial"
    capture(backed_up, looker)  # the nightly backup of the wreck
    (report,) = retry(backed_up, looker, dead_letters.listing(backed_up), RestoreOptions())
    assert report.status == "completed"
    assert {row["id"]: row["title"] for row in living(simulator, "looks")} == before


def test_a_restore_of_before_that_named_no_snapshots_can_still_be_resumed(backed_up, simulator, connect, looker):
    for row in living(simulator, "looks"):
        mutate(simulator.world, "update", "looks", row["id"], {"title": f"Wrecked {row['id']}"})
    with connect(simulator, max_calls=14) as short:
        assert restore(RestoreRun(backed_up, short, Selection.bulk("looks")), 1).status == "failed"
    with backed_up.write() as db:
        db.execute("UPDATE restoration_sessions SET options = json_remove(options, '$.snapshots', '$.there_before')")
    assert restore(resumed(backed_up, looker)).status == "completed"
    assert not [row for row in living(simulator, "looks") if "Wrecked" in row["title"]]


# Repeats and letters ---------------------------------------------------------------------------------------------------------


def without_login(simulator: Simulator, looker) -> Selection:
    me = simulator.world.admin_user_id
    user = next(row["user_id"] for row in simulator.world["credentials_email"] if row["user_id"] != me)
    looker.delete("wreck", f"/users/{user}/credentials_email")
    return Selection.single("users", user)


def without_access(simulator: Simulator, looker) -> Selection:
    looker.delete("wreck", f"/content_metadata_access/{next(iter(simulator.world['content_metadata_access']))['id']}")
    return Selection.bulk("folders", "boards")


def with_a_member_more(simulator: Simulator, looker) -> Selection:
    group = group_with_members(simulator)
    post(looker, f"/groups/{group}/users", user_id=strangers(simulator, group)[0])
    return Selection.single("groups", group)


def with_a_tile_more(simulator: Simulator, _looker) -> Selection:
    dashboard = living(simulator, "dashboards")[0]["id"]
    tile = simulator.world.parts("dashboard_elements", dashboard)[0]["id"]
    mutate(simulator.world, "create", "dashboard_elements", tile, {"title": "made since"})
    return Selection.single("dashboards", dashboard)


REPEATS = {
    "create_user_credentials_email": without_login,
    "create_content_metadata_access": without_access,
    "delete_group_user": with_a_member_more,
    "delete_dashboard_element": with_a_tile_more,
}


@pytest.mark.parametrize("operation", REPEATS)
def test_a_write_that_had_arrived_although_its_answer_was_lost_is_done(operation, run_of, simulator, looker):
    selection = REPEATS[operation](simulator, looker)
    rule = simulator.faults.add("reset_after", operation=operation, first=1)
    report = restore(run_of(selection, exact=operation.startswith("delete")))
    assert rule.fired == 1
    assert (report.status, report.dead_letters) == ("completed", 0)


def test_a_dead_letter_whose_object_was_mended_by_hand_leaves_the_queue(run_of, simulator, backed_up, looker):
    look = living(simulator, "looks")[0]
    title = look["title"]
    mutate(simulator.world, "update", "looks", look["id"], {"title": "Wrecked"})
    simulator.faults.add("422", operation="update_look", first=1)
    restore(run_of(Selection.bulk("looks")))
    mutate(simulator.world, "update", "looks", look["id"], {"title": title})
    retry(backed_up, looker, dead_letters.listing(backed_up), RestoreOptions())
    assert dead_letters.listing(backed_up) == []


def test_an_undo_does_not_settle_the_dead_letters_of_its_restore(run_of, simulator, backed_up, looker):
    one, other = living(simulator, "looks")[:2]
    for row in (one, other):
        mutate(simulator.world, "update", "looks", row["id"], {"title": f"Wrecked {row['id']}"})
    simulator.faults.add("422", operation="update_look", first=1)
    report = restore(run_of(Selection.bulk("looks"), workers=1), 1)
    undo(backed_up, looker, report.session_id)
    assert [letter.session_id for letter in dead_letters.listing(backed_up)] == [report.session_id]


def test_a_group_gets_its_parent_back_although_the_parent_is_the_younger_one(vault, simulator, looker):
    inner, outer = "inner", "outer"
    ids = {name: str(post(looker, "/groups", name=name)["id"]) for name in (inner, outer)}
    post(looker, f"/groups/{ids[outer]}/groups", group_id=ids[inner])
    capture(vault, looker)
    before = oracle.dump(simulator.world)
    mutate(simulator.world, "delete", "groups", ids[outer])
    assert restore(RestoreRun(vault, looker, Selection.bulk("groups"))).status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_boards_are_found_again_although_their_ids_changed_twice(run_of, simulator, backed_up, looker):
    for _ in range(2):
        mutate(simulator.world, "delete", "boards", list(simulator.world["boards"])[-1]["id"])
        restore(run_of(Selection.bulk("boards")))
        capture(backed_up, looker)
    count = len(simulator.world["boards"])
    report = restore(RestoreRun(backed_up, looker, Selection.bulk("boards"), snapshot_id=1))
    assert (report.writes, len(simulator.world["boards"])) == (0, count)


def test_an_undo_whose_state_is_gone_is_refused_and_changes_nothing(run_of, simulator, backed_up, looker):
    one, other = living(simulator, "looks")[:2]
    mutate(simulator.world, "delete", "looks", one["id"])
    mutate(simulator.world, "update", "looks", other["id"], {"title": "Wrecked"})
    report = restore(run_of(Selection.bulk("looks")))
    restored = oracle.dump(simulator.world)
    backed_up.delete_snapshot(report.undo_snapshot_id)
    with pytest.raises(NotFound, match=f"cannot be taken back.*snapshot {report.undo_snapshot_id}"):
        undo(backed_up, looker, report.session_id)
    assert oracle.differences(restored, oracle.dump(simulator.world)) == []


def test_an_undo_of_a_resumed_restore_needs_every_state(run_of, simulator, backed_up, connect, looker):
    for row in living(simulator, "looks"):
        mutate(simulator.world, "update", "looks", row["id"], {"title": f"Wrecked {row['id']}"})
    with connect(simulator, max_calls=14) as short:
        assert restore(RestoreRun(backed_up, short, Selection.bulk("looks")), 1).status == "failed"
    report = restore(resumed(backed_up, looker))
    first = min(one for one, session in kept_states(backed_up).items() if session == report.session_id)
    assert first != report.undo_snapshot_id
    backed_up.delete_snapshot(first)
    with pytest.raises(NotFound, match=f"snapshot {first}"):
        undo(backed_up, looker, report.session_id)
