"""Sets have no order: nothing is written, and no plan is outdated, because Looker lists them in another one."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.mutations import mutate
from looker_simulator.wreck import wreck
from lookervault_core.diff.planning.plan import Settled
from lookervault_core.model import ContentKey
from lookervault_core.restore.report import digest, losses
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture


def run(vault, looker, **options) -> RestoreRun:
    return RestoreRun(vault, looker, Selection.everything(), sleep=lambda _: None, **options)


@pytest.fixture
def shuffling(simulator):
    simulator.bends.on("unordered_lists")
    return simulator


def test_an_instance_that_shuffles_its_sets_is_as_in_the_backup(shuffling, vault, looker):
    capture(vault, looker)
    assert run(vault, looker).plan().changes_anything is False
    second = capture(vault, looker)
    changed = [
        (name, item.id)
        for name in vault.snapshot(second).types
        for item in vault.items(name, second)
        if len(vault.history(item.key)) > 1
    ]
    assert changed == []


def test_a_plan_is_the_one_that_was_shown_in_whatever_order_its_lists_come(shuffling, vault, looker):
    capture(vault, looker)
    wreck(shuffling.world, seed=3)
    plan = run(vault, looker).plan()
    shown = digest(plan)
    assert any(isinstance(field.old, list) for step in plan.steps for field in step.fields)
    for _ in range(4):
        assert digest(run(vault, looker).plan()) == shown
    calm = next(one for one in plan.steps if one.content_type == "model_sets" and one.settled is Settled.EQUAL)
    mutate(shuffling.world, "update", "model_sets", calm.id, {"name": "hers"})
    assert digest(run(vault, looker).plan()) != shown


def with_two(simulator) -> dict:
    """A plan with one destination by SFTP and one by e-mail."""
    plan = next(iter(simulator.world["scheduled_plans"]))
    by_mail = plan["scheduled_plan_destination"][0] | {"type": "email", "address": "a@example.com"}
    by_sftp = by_mail | {"id": "77", "type": "sftp", "address": "sftp://host/x", "parameters": '{"username":"u"}'}
    mutate(simulator.world, "update", "scheduled_plans", plan["id"], {"scheduled_plan_destination": [by_mail, by_sftp]})
    return plan


def test_destinations_in_another_order_are_not_written_and_keep_their_secrets(simulator, vault, looker):
    plan = with_two(simulator)
    capture(vault, looker)
    turned = plan["scheduled_plan_destination"][::-1]
    mutate(simulator.world, "update", "scheduled_plans", plan["id"], {"scheduled_plan_destination": turned})
    assert run(vault, looker).plan().changes_anything is False


def test_destinations_that_differ_are_written_and_the_secret_that_goes_is_named(simulator, vault, looker):
    plan = with_two(simulator)
    capture(vault, looker)
    one = [plan["scheduled_plan_destination"][1], plan["scheduled_plan_destination"][0] | {"address": "b@example.com"}]
    mutate(simulator.world, "update", "scheduled_plans", plan["id"], {"scheduled_plan_destination": one})
    report = restore(run(vault, looker))
    assert report.status == "completed"
    assert {row["address"] for row in plan["scheduled_plan_destination"]} == {"a@example.com", "sftp://host/x"}
    assert [row["field"] for row in losses(report.proof)] == ["scheduled_plan_destination[1].secret_parameters"]


def test_two_equal_destinations_are_not_one(simulator, vault, looker):
    plan = with_two(simulator)
    twice = [plan["scheduled_plan_destination"][0]] * 2
    mutate(simulator.world, "update", "scheduled_plans", plan["id"], {"scheduled_plan_destination": twice})
    capture(vault, looker)
    mutate(simulator.world, "update", "scheduled_plans", plan["id"], {"scheduled_plan_destination": twice[:1]})
    assert restore(run(vault, looker)).status == "completed"
    assert len(plan["scheduled_plan_destination"]) == 2


def test_connections_of_a_model_that_may_use_every_one_are_lookers_business(simulator, vault, looker):
    simulator.bends.on("computed_connection_names")
    world = simulator.world
    name = next(iter(world["lookml_models"].rows))
    world["lookml_models"].change(name, unlimited_db_connections=True)
    capture(vault, looker)
    mutate(world, "create", "connections", values={"name": "made_since"})
    assert run(vault, looker).plan().changes_anything is False
    world["lookml_models"].change(name, unlimited_db_connections=False, allowed_db_connection_names=[])
    report = restore(run(vault, looker))
    assert (report.status, report.proof.count("identical")) == ("completed", 1)
    assert world["lookml_models"].rows[name]["unlimited_db_connections"] is True


def test_the_connections_that_a_model_was_limited_to_come_back(simulator, vault, looker):
    simulator.bends.on("computed_connection_names")
    world = simulator.world
    name, row = next(
        (name, row) for name, row in world["lookml_models"].rows.items() if row["allowed_db_connection_names"]
    )
    before = row["allowed_db_connection_names"]
    world["lookml_models"].change(name, unlimited_db_connections=False)
    capture(vault, looker)
    world["lookml_models"].change(name, unlimited_db_connections=True, allowed_db_connection_names=[])
    assert restore(run(vault, looker)).status == "completed"
    assert (row["unlimited_db_connections"], row["allowed_db_connection_names"]) == (False, before)


def test_a_target_without_the_connections_that_looker_worked_out_is_not_warned_of_them(
    simulator, vault, looker, connect
):
    simulator.bends.on("computed_connection_names")
    world = simulator.world
    for name in list(world["lookml_models"].rows):
        world["lookml_models"].change(name, unlimited_db_connections=True)
    mutate(world, "create", "connections", values={"name": "only_here"})
    capture(vault, looker)
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=500)) as other, connect(other) as target:
        planner = run(vault, target, options=RestoreOptions(target="other")).planner
        planner.plan()
        assert [line for line in planner.warnings if "only_here" in line] == []


def test_a_number_that_looker_writes_otherwise_is_no_difference_though_its_query_is_made_anew(simulator, vault, looker):
    """The colours of a chart move to another collection, so that its query is written with the number in it."""
    world = simulator.world
    collection = next(row for row in world["color_collections"] if "-" in row["id"])
    assert collection["id"] != world.default_color_collection_id
    settings = {"numbers": [1.5, 2**70], "color_application": {"collection_id": collection["id"]}}
    body = json.dumps({"model": "m", "view": "v", "vis_config": settings}).replace("1.5", "1.50, 2.0, 1.10e1")
    look_id = next(iter(world["looks"].rows))
    query = json.loads(looker.post("queries", "/queries", body.encode()).body)["id"]
    mutate(world, "update", "looks", look_id, {"query_id": query})
    capture(vault, looker)
    simulator.bends.on("plain_numbers")
    mutate(world, "delete", "color_collections", collection["id"])
    report = restore(run(vault, looker))
    assert report.status == "completed"
    verdicts = {one.key: one.verdict for one in report.proof.items}
    assert verdicts[ContentKey("looks", look_id)] == "identical"
    assert run(vault, looker).plan().changes_anything is False


def test_mappings_of_an_identity_provider_in_another_order_are_the_same(simulator, vault, looker):
    world = simulator.world
    roles = sorted(world["roles"].rows)[:2]
    attributes = sorted(world["user_attributes"].rows)[:2]
    groups = [{"id": "1", "name": "eng", "role_ids": roles}, {"id": "2", "name": "ops", "role_ids": roles[:1]}]
    mapped = [{"name": "mail", "required": True, "user_attribute_ids": attributes}]
    saml = {"groups_with_role_ids": groups, "user_attributes_with_ids": mapped, "default_new_user_role_ids": roles}
    world["instance_settings"].change("saml_config", **saml)
    capture(vault, looker)
    turned = [groups[1], groups[0] | {"role_ids": roles[::-1]}]
    attributes_turned = [mapped[0] | {"user_attribute_ids": attributes[::-1]}]
    world["instance_settings"].change(
        "saml_config",
        groups_with_role_ids=turned,
        user_attributes_with_ids=attributes_turned,
        default_new_user_role_ids=roles[::-1],
    )
    assert run(vault, looker, options=RestoreOptions(include_login_settings=True)).plan().changes_anything is False
    second = capture(vault, looker)
    assert len(vault.history(ContentKey("instance_settings", "saml_config"))) == 1
    world["instance_settings"].change(
        "saml_config", groups_with_role_ids=[turned[0], turned[1] | {"role_ids": roles[:1]}]
    )
    plan = run(vault, looker, options=RestoreOptions(include_login_settings=True), snapshot_id=second).plan()
    assert [field.path for step in plan.steps if step.writes for field in step.fields] == ["groups_with_role_ids"]
