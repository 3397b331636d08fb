"""Plans and alerts that go through an action hub, on another instance: a hub is known by its address, never by its number."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, schema
from lookervault_core.catalog import CATALOG
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture, client

ADDRESS = "https://actions.looker.com"


@pytest.fixture
def alert(simulator):
    """An alert that goes to an action as well as by mail."""
    row = next(row for row in simulator.world["alerts"] if row["owner_id"] != simulator.world.admin_user_id)
    (hub,) = simulator.world["integration_hubs"].rows
    action = schema.new("AlertDestination", destination_type="ACTION_HUB", action_hub_integration_id=f"{hub}::slack")
    simulator.world["alerts"].change(row["id"], destinations=[*row["destinations"], action])
    return dict(row)


@pytest.fixture(params=[0, 5000])
def other(request):
    """An instance without plans and alerts, where the number of the hub is that of another one."""
    with Simulator(SimulatorOptions(scale="tiny", id_offset=request.param)) as running:
        world = running.world
        for name in ("scheduled_plans", "alerts"):
            for row in list(world[name]):
                mutate(world, "delete", name, row["id"])
        hubs = world["integration_hubs"]
        for row in [hubs.remove(one) for one in list(hubs.rows)]:
            hubs.add({**row, "id": "1", "url": "https://hub.example.com", "label": "Theirs"})
            hubs.add({**row, "id": "77", "url": f"{ADDRESS}/"})
        actions = world["integrations"]
        for row in [actions.remove(one) for one in list(actions.rows)]:
            for hub in ("1", "77"):
                actions.add({**row, "id": f"{hub}::{row['id'].partition('::')[2]}", "integration_hub_id": hub})
        yield running


def lose_hub(world):
    """The hub with the address of the backup's is not there, nor what it offers."""
    world["integration_hubs"].remove("77")
    for one in list(world["integrations"].rows):
        world["integrations"].remove(one)


@pytest.fixture
def onto(other, vault):
    with client(other) as there:

        def make():
            options = RestoreOptions(target="other", workers=4, deliveries="as-backed-up")
            return RestoreRun(vault, there, Selection.everything(), options, sleep=lambda _: None)

        yield make


def through_hubs(world):
    """Return, by name, the plans that go through a hub, with what they go to and whether they are on."""
    kinds = {
        row["name"]: [one["type"] for one in row["scheduled_plan_destination"]] for row in world["scheduled_plans"]
    }
    enabled = {row["name"]: row["enabled"] for row in world["scheduled_plans"]}
    hubbed = {name: [one for one in ones if "::" in one] for name, ones in kinds.items()}
    return {name: (ones, enabled[name]) for name, ones in hubbed.items() if ones}


def losses(report):
    return [(field, reason) for item in report.proof.items for field, reason in item.lost if "hub" in reason]


def test_plans_and_alerts_go_through_the_hub_of_the_same_address(alert, simulator, other, onto, vault, looker):
    capture(vault, looker)
    report = restore(onto())
    assert (report.status, losses(report)) == ("completed", [])
    wanted = through_hubs(simulator.world)
    assert any(enabled for _, enabled in wanted.values())
    assert through_hubs(other.world) == {
        name: (["looker-integration://77::slack"] * len(ones), enabled) for name, (ones, enabled) in wanted.items()
    }
    (made,) = [row for row in other.world["alerts"] if len(row["destinations"]) > 1]
    assert made["destinations"][-1]["action_hub_integration_id"] == "77::slack"
    assert made["is_disabled"] == alert["is_disabled"]
    again = onto()
    assert not again.plan().changes_anything
    assert not [line for line in again.planner.warnings if "hub" in line]


def test_an_action_is_set_as_it_was_behind_the_hub_of_the_same_address_alone(other, onto, vault, looker):
    actions = other.world["integrations"].rows
    for row in list(actions.values()):
        other.world["integrations"].change(row["id"], enabled=False)
    capture(vault, looker)
    report = restore(onto())
    assert (report.status, losses(report)) == ("completed", [])
    assert {one: row["enabled"] for one, row in actions.items()} == {"1::slack": False, "77::slack": True}
    assert not onto().plan().of("integrations")


def test_where_no_hub_has_the_address_the_plan_says_so_and_nothing_is_switched_on(
    alert, simulator, other, onto, vault, looker
):
    capture(vault, looker)
    lose_hub(other.world)
    run = onto()
    run.plan()
    (said,) = [line for line in run.planner.warnings if "hub" in line]
    assert f"the action hub {ADDRESS} is not there: {len(through_hubs(simulator.world)) + 1} of" in said
    report = restore(run)
    assert {field.rpartition(".")[2] for field, _ in losses(report)} >= {"type", "enabled"}
    assert not any(enabled for _, enabled in through_hubs(other.world).values())
    assert not [row for row in other.world["alerts"] if len(row["destinations"]) > 1]
    assert not onto().plan().changes_anything


def test_an_alert_that_goes_to_nothing_but_an_unknown_hub_is_blocked(simulator, other, onto, vault, looker, alert):
    simulator.world["alerts"].change(alert["id"], destinations=alert["destinations"][-1:])
    capture(vault, looker)
    lose_hub(other.world)
    (step,) = [step for step in onto().plan().steps if (step.content_type, step.id) == ("alerts", alert["id"])]
    assert step.action == "blocked"
    assert step.reason == "needs integration Slack (1::slack), which is not there; it comes with its action hub"
    report = restore(onto())
    assert (report.status, report.dead_letters) == ("partial", 0)
    assert [one.key for one in report.not_tried] == [step.key]


def test_a_vault_of_before_hubs_were_kept_keeps_what_is_chosen_there(simulator, other, onto, vault, looker):
    capture(vault, looker, ExtractOptions(workers=4, exclude=("integration_hubs",)))
    report = restore(onto())
    assert {reason for field, reason in losses(report) if field.endswith("type")} == {
        "its action hub is not known here: choose the action again"
    }
    for row in list(other.world["scheduled_plans"]):
        rows = [{**one, "type": one["type"].replace("://1::", "://77::")} for one in row["scheduled_plan_destination"]]
        other.world["scheduled_plans"].change(row["id"], scheduled_plan_destination=rows)
    assert not onto().plan().changes_anything


def test_hubs_are_backed_up_without_their_tokens(vault, looker):
    capture(vault, looker)
    (hub,) = vault.items("integration_hubs")
    payload = json.loads(vault.payload(hub.key))
    assert (payload["url"], "authorization_token" in payload) == (ADDRESS, False)
    assert not CATALOG["integration_hubs"].restorable
