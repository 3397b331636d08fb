"""Nothing is sent because of a restore unless that was asked for, and what sends is named first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.errors import UsageError
from lookervault_core.families.delivery.switching import LEFT_OFF, left_off, switched_on
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.report import planned_document
from lookervault_core.restore.request import RestoreOptions, RestoreRequest, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restoration, restore, resumed, undo
from lookervault_core.settings import load_settings
from tests.restore.test_taking_back import living
from tests.simulated import client

SENDING = {
    "scheduled_plans": lambda row: row["enabled"],
    "alerts": lambda row: not row["is_disabled"],
}


def live(simulator: Simulator) -> dict[str, int]:
    """Return how many plans and alerts send."""
    return {name: sum(map(sends, simulator.world[name])) for name, sends in SENDING.items()}


@pytest.fixture
def other() -> Iterator[Simulator]:
    options = SimulatorOptions(scale="tiny", seed=2, id_offset=5000, bends=("enabling_sends",))
    with Simulator(options) as running:
        for name in SENDING:
            for row in living(running, name):
                running.world[name].remove(row["id"])
        running.world.fired.clear()
        yield running


@pytest.fixture
def elsewhere(other: Simulator) -> Iterator[Looker]:
    with client(other) as one:
        yield one


def onto(backed_up, looker, selection=None, **options) -> RestoreRun:
    options = RestoreOptions(target="staging", workers=4, **options)
    return RestoreRun(backed_up, looker, selection or Selection.everything(), options, sleep=lambda _: None)


def test_onto_another_instance_nothing_is_switched_on_unless_asked_for(backed_up, other, elsewhere, simulator):
    run = onto(backed_up, elsewhere)
    plan, were_on = run.plan(), sum(live(simulator).values())
    assert (switched_on(plan, run.backup), len(left_off(plan))) == ([], were_on)
    assert any("stay switched off" in one and "as-backed-up" in one for one in run.planner.warnings)
    document = planned_document(run, plan)["deliveries"]
    assert (document["mode"], len(document["left_off"])) == ("off", were_on)
    report = restore(run)
    assert (other.world.fired, live(other)) == ([], dict.fromkeys(SENDING, 0))
    off = {one.key for one in report.proof.items if LEFT_OFF in dict(one.lost).values()}
    assert off == {step.key for step in left_off(plan)}
    assert {one.verdict for one in report.proof.items if one.key in off} == {"accepted_losses"}
    assert report.status == "completed"


def test_what_was_left_off_is_neither_identical_nor_different_the_next_time(backed_up, other, elsewhere):
    restore(onto(backed_up, elsewhere))
    run = onto(backed_up, elsewhere, Selection.bulk(*SENDING))
    assert [step for step in run.plan().steps if step.writes] == []
    report = restore(run)
    named = [one.verdict for one in report.proof.items if LEFT_OFF in dict(one.lost).values()]
    assert (set(named), report.proof.count("different")) == ({"accepted_losses"}, 0)


def test_it_is_switched_on_later_by_asking_for_that(backed_up, other, elsewhere):
    restore(onto(backed_up, elsewhere))
    run = onto(backed_up, elsewhere, Selection.bulk(*SENDING), deliveries="as-backed-up")
    on = switched_on(run.plan(), run.backup)
    assert len(on) > 3
    (told,) = [one for one in run.planner.warnings if "can send at once" in one]
    assert all(f" {step.id}" in told for step in on[:10])
    assert restore(run).status == "completed"
    assert sum(live(other).values()) == len(on)
    assert len(other.world.fired) == len(on)


@pytest.mark.parametrize("table", SENDING)
@pytest.mark.parametrize("gone", [True, False], ids=["made anew", "switched off since"])
@pytest.mark.parametrize("deliveries", [None, "off"])
def test_on_its_own_instance_they_go_on_unless_they_are_to_stay_off(table, gone, deliveries, run_of, simulator):
    simulator.bends.on("enabling_sends")
    row = next(row for row in simulator.world[table] if SENDING[table](row))
    before, off = live(simulator), {"enabled": False} if table == "scheduled_plans" else {"is_disabled": True}
    mutate(simulator.world, "delete" if gone else "update", table, row["id"], *([] if gone else [off]))
    simulator.world.fired.clear()
    run = run_of(Selection.single(table, row["id"]), deliveries=deliveries)
    assert len(switched_on(run.plan(), run.backup)) == (0 if deliveries else 1)
    assert len([one for one in run.planner.warnings if "switched" in one]) == 1
    report = restore(run)
    (proven,) = [one for one in report.proof.items if one.key.content_type == table]
    assert (live(simulator) == before, len(simulator.world.fired)) == ((False, 0) if deliveries else (True, 1))
    assert (LEFT_OFF in dict(proven.lost).values()) == bool(deliveries)
    assert proven.verdict in ("accepted_losses", "identical")


def test_a_plan_that_is_on_stays_on_whatever_is_written_to_it(run_of, simulator):
    rows = {name: next(row for row in simulator.world[name] if SENDING[name](row)) for name in SENDING}
    mutate(simulator.world, "update", "scheduled_plans", rows["scheduled_plans"]["id"], {"name": "renamed"})
    mutate(simulator.world, "update", "alerts", rows["alerts"]["id"], {"custom_title": "renamed"})
    before = live(simulator)
    report = restore(run_of(Selection.bulk(*SENDING), deliveries="off"))
    assert (live(simulator), report.proof.count("identical")) == (before, len(report.proof.items))


def test_a_resumed_restore_keeps_to_it_and_an_undo_puts_back_what_was(run_of, simulator, backed_up, looker):
    table = "scheduled_plans"
    row = next(row for row in simulator.world[table] if row["enabled"])
    mutate(simulator.world, "delete", table, row["id"])
    report = restore(run_of(Selection.bulk(table), deliveries="off"))
    assert resumed(backed_up, looker, report.session_id).options.delivers == "off"
    new = report.new_ids[0].destination_id
    simulator.world[table].change(new, enabled=True)
    again = restore(run_of(Selection.bulk("scheduled_plans")))
    assert again.status == "completed"
    taken = undo(backed_up, looker, report.session_id)
    assert taken.status == "completed"
    assert simulator.world[table].get(new)["enabled"], "somebody has switched it on since: it stays"
    assert [line for line in taken.warnings if f" {new}" in line or row["name"] in line]


# --owner me -----------------------------------------------------------------------------------------------------------


def test_all_belongs_to_the_api_user_and_no_people_are_made(backed_up, other, elsewhere):
    world = other.world
    people = {name: len(world[name]) for name in ("users", "groups", "group_users")}
    first = {name: world[name].next_id for name in ("dashboards", "looks", "boards", "alerts", "scheduled_plans")}
    run = onto(backed_up, elsewhere, owner="me")
    assert {step.content_type for step in run.plan().steps} & {
        "users",
        "groups",
        "group_users",
        "user_attribute_values",
    } == set()
    report = restore(run)
    assert {name: len(world[name]) for name in people} == people
    for name, number in first.items():
        owner = "owner_id" if name == "alerts" else "user_id"
        made = [row for row in world[name] if int(row["id"]) >= number]
        assert {row[owner] for row in made} <= {world.admin_user_id}, name
    lost = {(one.key.content_type, path) for one in report.proof.items for path, why in one.lost if "--owner me" in why}
    assert {("dashboards", "user_id"), ("alerts", "owner_id"), ("scheduled_plans", "user_id")} <= lost
    assert len([row for row in world["alerts"] if int(row["id"]) >= first["alerts"]]) > 0
    assert len([row for row in world["scheduled_plans"] if int(row["id"]) >= first["scheduled_plans"]]) > 0


def test_what_belongs_to_the_api_user_is_known_again(backed_up, other, elsewhere):
    restore(onto(backed_up, elsewhere, owner="me"))
    counts = {name: len(other.world[name]) for name in ("dashboards", "looks", "boards", "alerts", "scheduled_plans")}
    for more in ({}, {"skip_id_mapping": True}):
        plan = onto(backed_up, elsewhere, owner="me", **more).plan()
        assert [str(step.key) for step in plan.steps if step.content_type in counts and step.action == "create"] == []
    restore(onto(backed_up, elsewhere, owner="me"))
    assert {name: len(other.world[name]) for name in counts} == counts


def test_an_owner_is_for_another_instance(backed_up, simulator):
    known = {"client_id": "simulator", "client_secret": "simulator-secret", "db_path": str(backed_up.path)}
    request = RestoreRequest(Selection.bulk("looks"), RestoreOptions(owner="me"))
    settings = load_settings(None, base_url=simulator.base_url, **known)
    with pytest.raises(UsageError, match="--target"), restoration(settings, request, dry_run=True):
        pass


def test_of_one_alone_it_is_said_as_of_one(backed_up, elsewhere, simulator):
    alert = next(row for row in living(simulator, "alerts") if not row["is_disabled"])
    selection = Selection(
        keys=(ContentKey("dashboards", dashboard_of(simulator, alert)), ContentKey("alerts", alert["id"]))
    )
    run = onto(backed_up, elsewhere, selection)
    run.plan()
    (told,) = [one for one in run.planner.warnings if "switched off" in one]
    assert told.startswith("1 alert stays switched off: ")
    assert told.endswith("switches it on")


def dashboard_of(simulator, alert) -> str:
    return simulator.world["dashboard_elements"].get(alert["dashboard_element_id"])["dashboard_id"]
