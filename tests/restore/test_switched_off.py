"""Plans that are switched off and in no listing: none is made twice, none is taken for gone, none is removed for it."""

from __future__ import annotations

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.planning.deletions import UNLISTED, UNTOLD
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, resumed
from tests.simulated import capture, client

HIDES = "plans_list_hides_disabled"


def on_content(simulator: Simulator, *, enabled: bool) -> dict:
    plans = simulator.world["scheduled_plans"]
    shown = {row["id"] for row in simulator.world["dashboards"] if not row["deleted"]}
    return next(row for row in plans if row["enabled"] == enabled and row["dashboard_id"] in shown)


def test_a_plan_that_somebody_switched_off_is_switched_on_and_not_made_again(backed_up, run_of, simulator) -> None:
    plans = simulator.world["scheduled_plans"]
    plan, before = on_content(simulator, enabled=True), len(plans)
    plans.change(plan["id"], enabled=False)
    simulator.bends.on(HIDES)
    report = restore(run_of(Selection.bulk("scheduled_plans")), 4)
    assert (report.status, len(plans), plans.get(plan["id"])["enabled"]) == ("completed", before, True)


def test_a_plan_whose_answer_was_lost_is_not_made_twice(backed_up, run_of, vault, looker, simulator) -> None:
    simulator.bends.on(HIDES)
    plans = simulator.world["scheduled_plans"]
    plan, before = dict(on_content(simulator, enabled=True)), len(plans)
    mutate(simulator.world, "delete", "scheduled_plans", plan["id"])
    simulator.faults.add("reset_after", operation="create_scheduled_plan", first=1)
    run = run_of(Selection.single("scheduled_plans", plan["id"]))
    report = restore(run, 1)
    if report.status != "completed":
        report = restore(resumed(vault, looker, run.session_id), 1)
    assert (report.status, len(plans)) == ("completed", before)


def test_an_exact_restore_keeps_a_plan_that_was_merely_not_listed(vault, looker, run_of, simulator) -> None:
    simulator.bends.on(HIDES)
    capture(vault, looker)
    plan = on_content(simulator, enabled=True)
    with vault.write() as db:  # as a release that asked nobody else left it
        db.execute(
            "DELETE FROM item_spans WHERE item_id ="
            " (SELECT item_id FROM content_items WHERE content_type = 'scheduled_plans' AND id = ?)",
            (plan["id"],),
        )
    (step,) = [
        step for step in run_of(Selection.bulk("scheduled_plans"), exact=True).plan().steps if step.id == plan["id"]
    ]
    assert (step.action, step.reason.endswith(UNLISTED)) == ("skip", True)


def test_an_exact_restore_removes_a_plan_that_was_made_since(backed_up, run_of, simulator) -> None:
    made = mutate(simulator.world, "create", "scheduled_plans", on_content(simulator, enabled=True)["id"])
    simulator.world["scheduled_plans"].change(made, created_at=simulator.world.now())
    assert restore(run_of(Selection.bulk("scheduled_plans"), exact=True), 4).status == "completed"
    assert simulator.world["scheduled_plans"].get(made) is None


def test_a_restore_passes_on_what_the_listing_of_its_snapshot_could_not_tell(vault, looker, run_of, simulator) -> None:
    simulator.bends.on(HIDES)
    snapshot_id = capture(vault, looker)
    (note,) = [one for one in vault.notes(snapshot_id) if one.kind == "unlisted"]
    run = run_of(Selection.bulk("scheduled_plans"))
    run.plan()
    assert [one for one in run.planner.warnings if note.detail in one] == [
        f"scheduled_plans: snapshot {snapshot_id}: {note.detail}"
    ]
    other = run_of(Selection.bulk("themes"))
    other.plan()
    assert [one for one in other.planner.warnings if note.detail in one] == []


def test_an_exact_restore_keeps_a_plan_of_which_nothing_tells_whether_it_was_there(
    vault, looker, run_of, simulator
) -> None:
    simulator.bends.on(HIDES)
    capture(vault, looker)
    plans = simulator.world["scheduled_plans"]
    made = mutate(simulator.world, "create", "scheduled_plans", on_content(simulator, enabled=True)["id"])
    plans.change(made, created_at=None, enabled=True)
    (step,) = [one for one in run_of(Selection.bulk("scheduled_plans"), exact=True).plan().steps if one.id == made]
    assert (step.action, step.reason.endswith(UNTOLD)) == ("skip", True)
    simulator.bends.off(HIDES)
    capture(vault, looker)
    plans.remove(made)
    made = mutate(simulator.world, "create", "scheduled_plans", on_content(simulator, enabled=True)["id"])
    plans.change(made, created_at=None, enabled=True)
    (step,) = [one for one in run_of(Selection.bulk("scheduled_plans"), exact=True).plan().steps if one.id == made]
    assert step.action == "remove"


def test_a_plan_that_is_off_on_another_instance_and_in_no_listing_is_not_made_twice(backed_up) -> None:
    options = SimulatorOptions(scale="tiny", id_offset=3, bends=(HIDES,))
    with Simulator(options) as other, client(other) as elsewhere:
        plans = other.world["scheduled_plans"]
        off, before = on_content(other, enabled=True), len(plans)
        plans.change(off["id"], enabled=False)
        for _ in range(2):
            options = RestoreOptions(target="other", deliveries="as-backed-up")
            run = RestoreRun(backed_up, elsewhere, Selection.everything(), options, sleep=lambda _: None)
            restore(run, 4)
            assert len(plans) == before
        assert [row["enabled"] for row in plans if row["id"] == off["id"]] == [True]
