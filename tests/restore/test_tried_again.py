"""Batches that are cut short and tried again, as Prefect does it, and what the report, the dead letters and the undo make of it."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Callable, Iterator

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.errors import NotConnected
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import dead_letters, restorations
from tests.restore.test_taking_back import living
from tests.simulated import client


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """An instance that can be closed and opened again on the same port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Simulator(SimulatorOptions(scale="tiny", port=port)) as running:
        yield running


def restored_through_an_outage(
    vault: Vault, looker: Looker, simulator: Simulator, selection: Selection, out_at: int
) -> Report:
    """Restore *selection*; when *out_at* steps are done nobody answers until their batch has ended, and is tried again."""
    steps = itertools.count()

    def done(*_: object) -> None:
        if next(steps) == out_at:
            simulator.__exit__(None, None, None)

    run = RestoreRun(vault, looker, selection, RestoreOptions(workers=1), on_step=done, sleep=lambda _: None)
    execution = run.begin()
    execution.free_names()
    done()
    for name in run.plan().types():
        for span in [span for wave in execution.waves(name) for span in wave]:
            try:
                execution.apply(name, span.start, span.stop)
            except NotConnected:
                simulator.__enter__()
                execution.apply(name, span.start, span.stop)
    execution.second_pass()
    execution.remove_deletions()
    return execution.finish(execution.verify())


def changed(simulator: Simulator, count: int) -> Selection:
    """Rename some dashboards and return them."""
    ids = [row["id"] for row in living(simulator, "dashboards")][:count]
    for one in ids:
        mutate(simulator.world, "update", "dashboards", one, {"title": f"Wrecked {one}"})
    return Selection(keys=tuple(ContentKey("dashboards", one) for one in ids))


def test_what_an_outage_left_in_the_trash_comes_out_of_it_when_the_batch_is_tried_again(backed_up, looker, simulator):
    dashboard = living(simulator, "dashboards")[0]["id"]
    mutate(simulator.world, "trash", "dashboards", dashboard)
    report = restored_through_an_outage(backed_up, looker, simulator, Selection.single("dashboards", dashboard), 0)
    assert (report.status, report.summary.undeleted_count) == ("completed", 1)
    assert not simulator.world["dashboards"].get(dashboard)["deleted"]


def test_what_failed_before_the_outage_and_is_written_after_it_has_not_failed(backed_up, looker, simulator):
    selection = changed(simulator, 2)
    simulator.faults.add("422", operation="update_dashboard", first=1)
    report = restored_through_an_outage(backed_up, looker, simulator, selection, 1)
    assert (report.status, report.summary.updated_count, report.summary.error_count) == ("completed", 2, 0)
    assert (report.dead_letters, dead_letters.listing(backed_up)) == (0, [])
    (progress,) = restorations.progress(backed_up, report.session_id)
    assert (progress.total, progress.success, progress.errors, progress.done) == (2, 2, 0, True)


def test_the_access_lists_of_boards_wait_also_when_their_batch_is_tried_again(run_of, simulator, backed_up):
    for row in living(simulator, "boards"):
        mutate(simulator.world, "delete", "boards", row["id"])
    run = run_of(Selection.bulk("boards"), workers=1)
    execution = run.begin()
    for name in ("content_metadata_accesses", *run.plan().types()):
        for span in [span for wave in execution.waves(name) for span in wave]:
            execution.apply(name, span.start, span.stop)
    execution.second_pass()
    report = execution.finish(execution.verify())
    assert (report.status, report.dead_letters, dead_letters.listing(backed_up)) == ("completed", 0, [])
    assert report.types["content_metadata_accesses"].error_count == 0
    assert report.summary.success_count == len(run.plan().steps) - report.summary.skipped_count


# Counts ----------------------------------------------------------------------------------------------------------------------


def test_what_was_written_before_the_calls_were_spent_is_counted(backed_up, simulator, connect):
    selection = changed(simulator, 5)
    options = RestoreOptions(workers=1)
    with connect(simulator) as looker:
        run = RestoreRun(backed_up, looker, selection, options)
        run.planner.look_again(run.plan())
        spent = looker.requests
    with connect(simulator, max_calls=spent + 3) as looker:
        report = restore(RestoreRun(backed_up, looker, selection, options), 1)
    written = sum(not row["title"].startswith("Wrecked") for row in living(simulator, "dashboards")[:5])
    assert (report.status, report.summary.updated_count) == ("failed", written)
    assert [one.success for one in restorations.progress(backed_up, report.session_id)] == [written]
    assert 0 < written < 5


def test_what_fails_in_the_second_pass_counts_as_failed(run_of, simulator, backed_up):
    plan = next(row for row in simulator.world["scheduled_plans"] if row["enabled"])["id"]
    mutate(simulator.world, "delete", "scheduled_plans", plan)
    simulator.faults.add("422", operation="update_scheduled_plan")
    report = restore(run_of(Selection.single("scheduled_plans", plan)))
    assert (report.summary.created_count, report.summary.error_count, report.dead_letters) == (0, 1, 1)
    assert [(one.success, one.errors) for one in restorations.progress(backed_up, report.session_id)] == [(0, 1)]


# Dead letters, and the way back ----------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(backed_up: Vault) -> Iterator[tuple[Simulator, Callable[[Selection], RestoreRun]]]:
    options = RestoreOptions(target="staging", with_dependencies=True)
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, client(other) as there:
        yield other, lambda selection: RestoreRun(backed_up, there, selection, options, sleep=lambda _: None)


def test_a_dead_letter_is_of_one_destination(run_of, simulator, backed_up, elsewhere):
    other, onto = elsewhere
    selection = changed(simulator, 1)
    for row in list(other.world["dashboards"]):
        mutate(other.world, "delete", "dashboards", row["id"])
    other.faults.add("422", operation="create_dashboard")
    there = restore(onto(selection)).session_id
    assert restore(run_of(selection)).status == "completed"
    assert [one.session_id for one in dead_letters.listing(backed_up)] == [there]
    changed(simulator, 1)
    simulator.faults.add("422", operation="update_dashboard", first=1)
    here = restore(run_of(selection)).session_id
    assert [one.session_id for one in dead_letters.listing(backed_up)] == [here, there]
    assert restore(run_of(selection)).status == "completed"
    other.faults.clear()
    assert restore(onto(selection)).status == "completed"
    assert dead_letters.listing(backed_up) == []


def test_an_undo_takes_back_a_change_that_arrived_though_its_answer_never_came(run_of, simulator, backed_up, looker):
    selection = changed(simulator, 1)
    simulator.faults.add("reset_after", operation="update_dashboard")
    report = restore(run_of(selection))
    simulator.faults.clear()
    (key,) = selection.keys
    assert report.dead_letters == 1
    assert not simulator.world["dashboards"].get(key.id)["title"].startswith("Wrecked")
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert simulator.world["dashboards"].get(key.id)["title"] == f"Wrecked {key.id}"


def test_an_undo_takes_a_member_out_whose_joining_was_never_answered(run_of, simulator, backed_up, looker: Looker):
    groups = simulator.world["groups"]
    edge = next(
        row
        for row in simulator.world["group_users"]
        if not groups.get(row["group_id"]).get("include_by_default")
        and not groups.get(row["group_id"]).get("externally_managed")
    )
    group, user = edge["group_id"], edge["user_id"]

    def is_in() -> bool:
        members = json.loads(looker.get("members", f"/groups/{group}/users", {"fields": "id"}).body)
        return user in {str(one["id"]) for one in members}

    looker.delete("wreck", f"/groups/{group}/users/{user}")
    simulator.faults.add("reset_after", operation="add_group_user")
    report = restore(run_of(Selection.single("groups", group)))
    simulator.faults.clear()
    assert is_in()
    undo(backed_up, looker, report.session_id)
    assert not is_in()


# One object is in nobody's way -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["500", "403"])
def test_an_object_that_cannot_let_go_of_its_name_ends_nothing_but_itself(status, vault, looker, simulator, back_up):
    one, other, third = living(simulator, "dashboards")[:3]
    mutate(simulator.world, "update", "dashboards", other["id"], {"folder_id": one["folder_id"]})
    titles = one["title"], other["title"]
    back_up(vault, looker)
    for dashboard, title in ((one, "for a moment"), (other, titles[0]), (one, titles[1]), (third, "Wrecked")):
        mutate(simulator.world, "update", "dashboards", dashboard["id"], {"title": title})
    run = RestoreRun(vault, looker, Selection.bulk("dashboards"), sleep=lambda _: None)
    holder = next(step.id for step in run.plan().steps if step.renamed_aside)
    simulator.faults.add(status, operation="update_dashboard", id=holder)
    report = restore(run)
    assert report.status == "partial"
    assert simulator.world["dashboards"].get(third["id"])["title"] != "Wrecked"
    simulator.faults.clear()
    assert restore(RestoreRun(vault, looker, Selection.bulk("dashboards"))).status == "completed"
    assert (one["title"], other["title"]) == titles


def test_a_list_that_cannot_be_read_ends_nothing_but_itself(run_of, simulator):
    role = living(simulator, "roles")[-1]["id"]
    changed(simulator, 1)
    simulator.faults.add("500", operation="role_users", id=role)
    run = run_of()
    blocked = {step.key for step in run.plan().steps if step.action == "blocked"}
    report = restore(run)
    assert (blocked, report.status) == ({ContentKey("role_users", role)}, "partial")
    assert not any(row["title"].startswith("Wrecked") for row in living(simulator, "dashboards"))


def test_an_object_that_cannot_be_read_back_is_not_proven_and_the_others_are(run_of, simulator):
    selection = changed(simulator, 2)
    run = run_of(selection)
    execution = run.begin()
    for span in [span for wave in execution.waves("dashboards") for span in wave]:
        execution.apply("dashboards", span.start, span.stop)
    execution.second_pass()
    simulator.faults.add("500", operation="dashboard", id=selection.keys[1].id)
    report = execution.finish(execution.verify())
    verdicts = {one.key: one.verdict for one in report.proof.items}
    assert report.status == "partial"
    assert [verdicts[key] for key in selection.keys] == ["identical", "different"]
    assert ["it cannot be read back" in one.lost[0][1] for one in report.proof.items if one.lost] == [True]
