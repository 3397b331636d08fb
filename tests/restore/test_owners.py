"""A plan or an alert sends what its owner may see: without its owner it does not come back, for the API user is an admin."""

from __future__ import annotations

import re

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, retry
from lookervault_core.vault.restoring import dead_letters
from tests.simulated import client

OWNERS = {"scheduled_plans": "user_id", "alerts": "owner_id"}


@pytest.fixture(params=OWNERS)
def orphaned(request, simulator, backed_up):
    """A plan or an alert that went with its owner; what it hangs on is there. Returned as it was, with the owner's name."""
    world, name, field = simulator.world, request.param, OWNERS[request.param]
    row = dict(next(row for row in world[name] if row[field] != world.admin_user_id and hangs_on_live(world, row)))
    owner = world["users"].get(row[field])
    trashed = {one["id"] for one in world["dashboards"] if one["deleted"]}
    mutate(world, "delete", "users", owner["id"])
    for one in (one for one in list(world["dashboards"]) if one["deleted"] and one["id"] not in trashed):
        mutate(world, "undelete", "dashboards", one["id"])
    if row["id"] in world[name]:
        mutate(world, "delete", name, row["id"])
    return ContentKey(name, row["id"]), row, owner["last_name"]


def hangs_on_live(world, row):
    tile = world["dashboard_elements"].get(row.get("dashboard_element_id") or "")
    dashboard = world["dashboards"].get(tile["dashboard_id"] if tile else row.get("dashboard_id") or "")
    return dashboard is not None and not dashboard["deleted"]


def test_without_its_owner_it_is_blocked_and_the_plan_says_what_to_do(run_of, simulator, orphaned):
    key, row, _ = orphaned
    count = len(simulator.world[key.content_type])
    run = run_of(Selection.single(key.content_type, key.id))
    (step,) = run.plan().steps
    assert step.action == "blocked"
    assert re.search(rf"needs user \S+@\S+ \({row[OWNERS[key.content_type]]}\), which is not there", step.reason)
    assert "--with-dependencies" in step.reason
    report = restore(run)
    assert (report.status, report.writes, len(simulator.world[key.content_type])) == ("partial", 0, count)


@pytest.mark.parametrize("how", ["with dependencies", "everything"])
def test_it_comes_back_with_its_owner_and_as_live_as_it_was(how, run_of, simulator, orphaned):
    key, row, name = orphaned
    everything = how == "everything"
    report = restore(
        run_of(
            Selection.everything() if everything else Selection.single(key.content_type, key.id),
            with_dependencies=not everything,
        )
    )
    assert (report.status, report.dead_letters) == ("completed", 0)
    made = list(simulator.world[key.content_type])[-1]
    assert simulator.world["users"].get(made[OWNERS[key.content_type]])["last_name"] == name
    switch = "enabled" if key.content_type == "scheduled_plans" else "is_disabled"
    assert made[switch] == row[switch]


def test_an_owner_that_cannot_be_made_leaves_a_dead_letter_and_no_plan(run_of, simulator, backed_up, looker, orphaned):
    key, _, name = orphaned
    count = len(simulator.world[key.content_type])
    simulator.faults.add("422", operation="create_user")
    report = restore(run_of(Selection.single(key.content_type, key.id), with_dependencies=True))
    assert (report.status, len(simulator.world[key.content_type])) == ("partial", count)
    simulator.faults.clear()
    reports = retry(backed_up, looker, dead_letters.listing(backed_up), RestoreOptions())
    assert [one.status for one in reports] == ["completed"]
    made = list(simulator.world[key.content_type])[-1]
    assert simulator.world["users"].get(made[OWNERS[key.content_type]])["last_name"] == name


@pytest.mark.parametrize("name", OWNERS)
def test_on_another_instance_nothing_is_sent_in_the_name_of_the_api_user(name, simulator, backed_up):
    with Simulator(SimulatorOptions(scale="tiny", seed=7)) as other, client(other) as looker:
        for user in [row["id"] for row in other.world["users"] if row["id"] != other.world.admin_user_id]:
            mutate(other.world, "delete", "users", user)
        before = {row["id"] for row in other.world[name]}
        selection = Selection.bulk("folders", "dashboards", "looks", name)
        restore(
            RestoreRun(
                backed_up,
                looker,
                selection,
                RestoreOptions(target="staging", deliveries="as-backed-up"),
                sleep=lambda _: None,
            )
        )
        made = [row for row in other.world[name] if row["id"] not in before]
        own = [row for row in simulator.world[name] if row[OWNERS[name]] == simulator.world.admin_user_id]
        assert len(made) <= len(own) < len(simulator.world[name])


@pytest.fixture(params=[0, 5000])
def elsewhere(request, backed_up):
    """An equal instance, on which the owner of an alert was deleted for good: Looker leaves the alert. Returned with its id."""
    options = SimulatorOptions(scale="tiny", id_offset=request.param, bends=("alerts_survive_owner",))
    with Simulator(options) as other, client(other) as looker:
        row = next(row for row in other.world["alerts"] if row["owner_id"] != other.world.admin_user_id)
        looker.delete("x", f"/users/{row['owner_id']}")
        yield other, looker, row["id"]


def onto(vault, looker, selection=None):
    return RestoreRun(
        vault,
        looker,
        selection or Selection.everything(),
        RestoreOptions(target="t", deliveries="as-backed-up"),
        sleep=lambda _: None,
    )


def what_fires(world):
    return sorted((row["dashboard_element_id"], str(row["field"]), row["is_disabled"]) for row in world["alerts"])


@pytest.mark.parametrize("owner", ["made with it", "made before"])
def test_an_alert_that_lost_its_owner_on_another_instance_gets_the_owner_and_no_twin(owner, elsewhere, backed_up):
    other, looker, alert = elsewhere
    before, gone = what_fires(other.world), other.world["alerts"].get(alert)["owner_id"]
    if owner == "made before":
        restore(onto(backed_up, looker, Selection.bulk("users")))
    report = restore(onto(backed_up, looker))
    assert (report.status, what_fires(other.world)) == ("completed", before)
    new = other.world["alerts"].get(alert)["owner_id"]
    assert (new != gone, other.world["users"].get(new) is not None) == (True, True)
    assert restore(onto(backed_up, looker)).writes == 0


def test_an_alert_on_a_tile_that_is_not_there_is_not_the_one_on_the_tile_of_that_number(backed_up):
    options = SimulatorOptions(scale="tiny", bends=("alerts_survive_owner",))
    with Simulator(options) as other, client(other) as looker:
        theirs = {row["id"]: dict(row) for row in other.world["alerts"]}
        for one in list(other.world["dashboards"]):
            other.world["dashboards"].change(one["id"], title=f"theirs {one['id']}", slug=f"theirs{one['id']}")
        for row in theirs.values():
            if row["owner_id"] != other.world.admin_user_id:
                looker.delete("x", f"/users/{row['owner_id']}")
        restore(onto(backed_up, looker, Selection.bulk("users", "alerts")))
        assert {one: other.world["alerts"].get(one) for one in theirs} == theirs
