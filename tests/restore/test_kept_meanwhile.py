"""What people give to something, or change of it, between the plan of an undo and its removal stays with it, and is named."""

from __future__ import annotations

import json
from functools import partial

import pytest

from looker_simulator import mutate
from lookervault_core.diff.rows import KEPT
from lookervault_core.model import ContentKey
from lookervault_core.restore.runs import carried_out, restore, undo, undoing
from tests.restore.test_access_given_since import private_folder
from tests.restore.test_edits_since import patch
from tests.restore.test_taking_back import living, post

KINDS = ("user_attributes", "groups", "roles", "scheduled_plans", "dashboards")


@pytest.fixture
def restored(run_of, simulator):
    """A restore that made one of each of `KINDS` anew, and the ids of these."""
    world = simulator.world
    gone = {
        "user_attributes": next(row["id"] for row in world["user_attributes"] if not row["is_system"]),
        "groups": next(row["id"] for row in world["groups"] if not row["include_by_default"]),
        "roles": next(row["id"] for row in world["roles"] if not row["internal"] and row["name"] != "Admin"),
        "scheduled_plans": living(simulator, "scheduled_plans")[0]["id"],
        "dashboards": living(simulator, "dashboards")[0]["id"],
    }
    for kind, one in gone.items():
        mutate(world, "delete", kind, one)
    report = restore(run_of())
    made = {one.key: one.destination_id for one in report.new_ids}
    ids = {kind: made[ContentKey(kind, one)] for kind, one in gone.items()}
    return report, ids


def give_a_value(world, looker, one: str) -> None:
    user = [row["id"] for row in world["users"] if not row["is_disabled"]][-1]
    patch(looker, f"/users/{user}/attribute_values/{one}", value="77")


def give_a_group_a_value(world, looker, one: str) -> None:
    held = {row["group_id"] for row in world["user_attribute_group_values"] if row["user_attribute_id"] == one}
    group = next(row["id"] for row in world["groups"] if row["id"] not in held)
    patch(looker, f"/groups/{group}/attribute_values/{one}", value="77")


def give_a_role(world, looker, one: str) -> None:
    held = {row["role_id"] for row in world["role_groups"] if row["group_id"] == one}
    role = next(row["id"] for row in world["roles"] if row["id"] not in held)
    there = [row["group_id"] for row in world["role_groups"] if row["role_id"] == role]
    looker.put("people", f"/roles/{role}/groups", json.dumps([*there, one]).encode())


def put_somebody_in(world, looker, one: str) -> None:
    there = {row["user_id"] for row in world["group_users"] if row["group_id"] == one}
    post(looker, f"/groups/{one}/users", user_id=next(row["id"] for row in world["users"] if row["id"] not in there))


def put_a_group_in(world, looker, one: str) -> None:
    other = next(row for row in reversed(list(world["groups"])) if row["id"] != one and not row["include_by_default"])
    post(looker, f"/groups/{one}/groups", group_id=other["id"])


def let_in(world, looker, one: str) -> None:
    metadata = world["folders"].get(private_folder(world))["content_metadata_id"]
    there = [row for row in world["content_metadata_access"] if row["content_metadata_id"] == metadata]
    assert all(row["group_id"] != one for row in there)
    post(looker, "/content_metadata_access", content_metadata_id=metadata, group_id=one, permission_type="view")


def give_it_to_somebody(world, looker, one: str) -> None:
    there = {row["user_id"] for row in world["role_users"] if row["role_id"] == one}
    new = next(row["id"] for row in world["users"] if row["id"] not in there)
    looker.put("people", f"/roles/{one}/users", json.dumps([*there, new]).encode())


def rename(kind: str):
    return lambda _world, looker, one: patch(looker, f"/{kind}/{one}", name="by Ann")


def edit_a_tile(world, looker, one: str) -> None:
    patch(looker, f"/dashboard_elements/{world.parts('dashboard_elements', one)[0]['id']}", title="by Ann")


def write(execution, name: str) -> None:
    for wave in execution.waves(name):
        for span in wave:
            execution.apply(span.content_type, span.start, span.stop)


ROUNDS = {
    "at first": {
        "user_attributes": give_a_value,
        "groups": give_a_role,
        "roles": give_it_to_somebody,
        "scheduled_plans": rename("scheduled_plans"),
    },
    "then": {"user_attributes": give_a_group_a_value, "groups": put_somebody_in, "roles": rename("roles")},
    "at last": {"groups": put_a_group_in, "dashboards": edit_a_tile},
    "and": {"groups": let_in},
}


@pytest.mark.parametrize(("works", "moment"), zip(ROUNDS, ("plan", "begin", "plan", "begin"), strict=True))
def test_what_is_worked_on_between_the_plan_of_an_undo_and_its_removal_stays(
    works, moment, restored, simulator, backed_up, looker
):
    world, (report, ids) = simulator.world, restored
    with undoing(backed_up, looker, report.session_id) as run:
        steps = {step.key: step for step in run.plan().steps}
        assert {steps[ContentKey(*one)].action for one in ids.items()} == {"remove"}
        execution = run.begin() if moment == "begin" else None
        for kind, do in ROUNDS[works].items():
            do(world, looker, ids[kind])
        taken = carried_out(execution, partial(write, execution)) if execution else restore(run)
    rows = {kind: world[kind].get(one) for kind, one in ids.items()}
    there = {kind for kind, row in rows.items() if row is not None and not row.get("deleted")}
    needed = {"dashboards"} if "scheduled_plans" in ROUNDS[works] and rows["scheduled_plans"]["dashboard_id"] else set()
    assert ROUNDS[works].keys() <= there <= ROUNDS[works].keys() | needed
    for kind in ROUNDS[works]:
        assert [line for line in taken.warnings if line.startswith(f"{kind} {ids[kind]}: ") and KEPT in line]
    assert taken.status == "completed"
    assert undo(backed_up, looker, report.session_id).writes == 0
    assert all(world[kind].get(ids[kind]) is not None for kind in there)
