"""What is damaged in the vault is named, and stands in nobody's way but its own."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.report import references
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_taking_back import living


def damage(vault, content_type: str, item_id: str) -> None:
    row = next(row for row in vault.items(content_type) if row.id == item_id)
    with vault.write() as db:
        db.execute("UPDATE blobs SET data = zeroblob(9) WHERE sha256 = ?", (bytes.fromhex(row.sha256),))


@pytest.mark.parametrize("content_type", ["scheduled_plans", "alerts", "dashboards"])
def test_a_folder_is_restored_although_something_of_it_or_of_another_one_is_damaged(
    content_type, run_of, simulator, backed_up
):
    with_dashboards = {row["folder_id"] for row in living(simulator, "dashboards")}
    look = next(row for row in living(simulator, "looks") if row["folder_id"] in with_dashboards)
    mutate(simulator.world, "update", "looks", look["id"], {"title": "Wrecked"})
    one = next(row.id for row in backed_up.items(content_type) if row.folder_id in (None, look["folder_id"]))
    damage(backed_up, content_type, one)
    report = restore(run_of(Selection.folder(look["folder_id"])))
    assert simulator.world["looks"].get(look["id"])["title"] == look["title"]
    (blocked,) = [step for step in report.not_tried if step.action == "blocked"]
    assert (blocked.content_type, blocked.id, report.status) == (content_type, one, "partial")


def test_onto_another_instance_a_damaged_user_blocks_nothing_but_what_needs_him(backed_up, connect):
    """Whose a personal folder is stands with the users; content that lies elsewhere needs none of them."""
    damage(backed_up, "users", list(backed_up.items("users"))[-1].id)
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, connect(other) as there:
        selection, options = Selection.bulk("users", "folders", "dashboards"), RestoreOptions(target="staging")
        plan = RestoreRun(backed_up, there, selection, options, sleep=lambda _: None).plan()
    blocked = [step for step in plan.steps if step.action == "blocked"]
    (user,) = [step for step in blocked if step.content_type == "users"]
    assert [step.name for step in blocked if step.content_type == "folders"] == [user.name, "drafts"]  # the user's own
    needs_the_user = {"content_metadata", "content_metadata_accesses", "dashboards", "folders", "user_attribute_values"}
    assert {step.content_type for step in blocked} == {"users", *needs_the_user}
    assert all("which is not there" in step.reason for step in blocked if step.content_type == "dashboards")


def test_a_damaged_merge_query_of_a_dashboard_that_is_as_in_the_backup_is_in_nobodys_way(run_of, simulator, backed_up):
    """Links in its tiles may lead to what the restore makes, so that they are looked for."""
    merge = next(row["merge_result_id"] for row in simulator.world["dashboard_elements"] if row["merge_result_id"])
    (shows, *_), other = (
        [row for row in living(simulator, "dashboards") if (merge in _merges(simulator, row["id"])) is shown]
        for shown in (True, False)
    )
    mutate(simulator.world, "delete", "dashboards", other[-1]["id"])
    damage(backed_up, "merge_queries", merge)
    steps = {
        step.id: step.action for step in run_of(Selection.bulk("dashboards")).plan().of("dashboards", writing=False)
    }
    assert (steps[shows["id"]], steps[other[-1]["id"]]) == ("skip", "create")


def _merges(simulator, dashboard_id: str) -> set[str]:
    tiles = (row for row in simulator.world["dashboard_elements"] if row["dashboard_id"] == dashboard_id)
    return {row["merge_result_id"] for row in tiles}


def test_an_undo_goes_through_although_one_of_the_states_that_it_puts_back_is_damaged(
    run_of, simulator, backed_up, looker
):
    one, other = living(simulator, "dashboards")[:2]
    for row in (one, other):
        mutate(simulator.world, "update", "dashboards", row["id"], {"title": f"Wrecked {row['id']}"})
    report = restore(run_of(Selection.bulk("dashboards")))
    kept = backed_up.items("dashboards", report.undo_snapshot_id)
    sha256 = next(row.sha256 for row in kept if row.id == one["id"])
    with backed_up.write() as db:
        db.execute("UPDATE blobs SET data = zeroblob(9) WHERE sha256 = ?", (bytes.fromhex(sha256),))
    undone = undo(backed_up, looker, report.session_id)
    assert [step.id for step in undone.not_tried] == [one["id"]]
    assert simulator.world["dashboards"].get(other["id"])["title"] == f"Wrecked {other['id']}"


def test_an_alert_needs_the_dashboard_that_has_its_tile_and_no_other_one(run_of, simulator, backed_up):
    tiles = simulator.world["dashboard_elements"]
    alert = max(simulator.world["alerts"], key=lambda row: tiles.get(row["dashboard_element_id"])["dashboard_id"])
    tile = tiles.get(alert["dashboard_element_id"])
    mutate(simulator.world, "delete", "alerts", alert["id"])
    mutate(simulator.world, "delete", "dashboards", tile["dashboard_id"])
    for row in list(backed_up.items("dashboards")):
        if row.id != tile["dashboard_id"]:
            damage(backed_up, "dashboards", row.id)
    steps = run_of(Selection.single("alerts", alert["id"]), with_dependencies=True).plan().steps
    assert {(step.content_type, step.id) for step in steps if step.action == "create"} == {
        ("dashboards", tile["dashboard_id"]),
        ("alerts", alert["id"]),
    }


def test_what_an_item_refers_to_is_told_although_one_of_its_lists_is_damaged(run_of, simulator, backed_up):
    group = next(
        row for row in simulator.world["groups"] if not row["include_by_default"] and not row["externally_managed"]
    )
    mutate(simulator.world, "update", "groups", group["id"], {"name": "Wrecked"})
    damage(backed_up, "group_users", group["id"])
    run = run_of(Selection.single("groups", group["id"]))
    assert restore(run).status == "partial"
    assert references(run) == []
