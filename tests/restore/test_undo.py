"""An undo takes back what a restore did, and nothing else; a restore that goes on later restores what it began with."""

from __future__ import annotations

from looker_simulator import mutate, oracle
from lookervault_core.looker.client import Looker
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed, undo
from tests.simulated import capture


def first(simulator, table, **having):
    rows = (row for row in simulator.world[table] if not row.get("deleted"))
    return next(row for row in rows if all(row.get(key) == value for key, value in having.items()))


def test_the_undo_of_a_login_leaves_the_user(run_of, simulator, backed_up, looker: Looker):
    user = next(
        row["user_id"]
        for row in simulator.world["credentials_email"]
        if row["user_id"] != simulator.world.admin_user_id
    )
    looker.delete("wreck", f"/users/{user}/credentials_email")
    report = restore(run_of(Selection.single("users", user)))
    assert user in simulator.world["credentials_email"]
    undo(backed_up, looker, report.session_id)
    assert user in simulator.world["users"]
    assert user not in simulator.world["credentials_email"]


def test_the_undo_of_a_nesting_leaves_the_group_above(run_of, simulator, backed_up, looker):
    inner = next(row for row in looker_groups(looker) if row["parent_group_ids"])
    parent = inner["parent_group_ids"][0]
    looker.delete("wreck", f"/groups/{parent}/groups/{inner['id']}")
    report = restore(run_of(Selection.single("groups", inner["id"])))
    assert report.writes == 1
    undo(backed_up, looker, report.session_id)
    assert parent in simulator.world["groups"]


def looker_groups(looker: Looker) -> list[dict]:
    import json

    return json.loads(looker.get("groups", "/groups/search/with_hierarchy").body)


def test_what_people_added_since_stays_when_a_restore_is_taken_back(run_of, simulator, backed_up, looker):
    dashboard = first(simulator, "dashboards")
    mutate(simulator.world, "update", "dashboards", dashboard["id"], {"title": "Wrecked"})
    report = restore(run_of(Selection.single("dashboards", dashboard["id"])))
    tile = simulator.world.parts("dashboard_elements", dashboard["id"])[0]["id"]
    added = mutate(simulator.world, "create", "dashboard_elements", tile, {"title": "by Ann"})
    undo(backed_up, looker, report.session_id)
    assert simulator.world["dashboards"].get(dashboard["id"])["title"] == "Wrecked"
    assert simulator.world["dashboard_elements"].get(added) is not None


def test_a_resumed_restore_goes_by_the_snapshot_that_it_began_with(backed_up, simulator, connect):
    before = {row["id"]: row["title"] for row in simulator.world["looks"] if not row["deleted"]}
    for one in before:
        mutate(simulator.world, "update", "looks", one, {"title": f"Wrecked {one}"})
    with connect(simulator, max_calls=14) as looker:
        assert restore(RestoreRun(backed_up, looker, Selection.bulk("looks")), 1).status == "failed"
    with connect(simulator) as looker:
        capture(backed_up, looker)  # the nightly backup of the wreck
        assert restore(resumed(backed_up, looker, sleep=lambda _: None)).status == "completed"
    assert {row["id"]: row["title"] for row in simulator.world["looks"] if not row["deleted"]} == before


def test_what_was_made_anew_twice_is_not_made_a_third_time(run_of, simulator, backed_up, looker):
    for _ in range(2):
        mutate(simulator.world, "delete", "scheduled_plans", next(iter(simulator.world["scheduled_plans"]))["id"])
        restore(run_of(Selection.bulk("scheduled_plans")))
    count = len(list(simulator.world["scheduled_plans"]))
    report = restore(RestoreRun(backed_up, looker, Selection.bulk("scheduled_plans"), snapshot_id=1))
    assert (report.writes, len(list(simulator.world["scheduled_plans"]))) == (0, count)


def test_an_undo_leaves_what_named_an_object_that_was_gone_and_says_so(run_of, simulator, backed_up, looker):
    world = simulator.world
    item = next(row for row in world["board_items"] if row["look_id"])["id"]
    gone = world["board_items"].get(item)["look_id"]
    mutate(world, "delete", "looks", gone)
    world["dashboard_elements"].change(next(iter(world["dashboard_elements"]))["id"], note_text="wrecked")
    report = restore(run_of())
    made = world["board_items"].get(item)["look_id"]
    assert (report.status, made == gone) == ("completed", False)
    for _ in range(2):
        taken = undo(backed_up, looker, report.session_id)
        lost = [loss for one in taken.proof.items for loss in one.lost]
        assert taken.status == "completed"
        reasons = [reason for field, reason in lost if field.endswith("look_id")]
        assert [reason.endswith(f" ({gone}) is not there") for reason in reasons] == [True], reasons
    assert world["looks"].get(made)["deleted"]
    assert next(iter(world["dashboard_elements"]))["note_text"] == "wrecked"


def test_a_board_that_lay_in_the_trash_lies_there_again_as_it_was(run_of, simulator, backed_up, looker):
    board = first(simulator, "boards", deleted_at=None)["id"]
    mutate(simulator.world, "update", "boards", board, {"title": "Renamed, then trashed"})
    looker.patch("wreck", f"/boards/{board}", b'{"deleted_at": "2026-07-01T00:00:00.000+00:00"}')
    wrecked = oracle.dump(simulator.world)
    report = restore(run_of(Selection.single("boards", board)))
    assert not simulator.world["boards"].get(board)["deleted_at"]
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(wrecked, oracle.dump(simulator.world)) == []


def test_an_undo_puts_fields_back_into_the_trash_also_where_it_makes_something_anew(
    run_of, simulator, backed_up, looker
):
    board, theme = first(simulator, "boards"), first(simulator, "themes")
    trashed = {"title": "Renamed", "deleted_at": simulator.world.now()}
    mutate(simulator.world, "update", "boards", board["id"], trashed)
    mutate(simulator.world, "create", "themes", theme["id"], {"name": "made_since"})
    before = oracle.dump(simulator.world)
    report = restore(run_of(exact=True))
    assert (board["deleted_at"], board["title"] == "Renamed") == (None, False)
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []
