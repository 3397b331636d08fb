"""A row that slips from one page of a listing to the one before, because somebody removes another, is not taken for gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreOptions, RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault.restoring import id_map
from tests.restore.test_taking_back import living

LISTINGS = [
    ("dashboards", "search_dashboards", 20),
    ("looks", "search_looks", 20),
    ("users", "all_users", 5),
    ("groups", "search_groups_with_hierarchy", 3),
]


@pytest.fixture
def simulator(request) -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="small", page_cap=getattr(request, "param", 20))) as running:
        yield running


def remove_while_listed(simulator: Simulator, kind: str, operation: str, offset: int) -> str:
    """Let somebody remove the first object of *kind*, but for the API user, right before the second page of its listing."""
    rows = (row["id"] for row in sorted(living(simulator, kind), key=lambda row: int(row["id"])))
    victim = next(one for one in rows if (kind, one) != ("users", simulator.world.admin_user_id))

    def hook(world) -> None:
        mutate(world, "delete", kind, victim)

    simulator.faults.add(kind="churn", operation=operation, offset=offset, hook=hook, first=1)
    return victim


@pytest.mark.parametrize(
    ("simulator", "kind", "operation"),
    [(cap, kind, operation) for kind, operation, cap in LISTINGS],
    indirect=["simulator"],
)
def test_what_slips_through_the_paging_is_not_made_a_second_time(kind, operation, run_of, simulator):
    cap = simulator.options.page_cap
    wanted = {row["id"] for row in living(simulator, kind)}
    if kind in ("dashboards", "looks"):  # by its title nobody would know it again
        for row in living(simulator, kind):
            simulator.world[kind].change(row["id"], title=f"renamed {row['id']}")
    victim = remove_while_listed(simulator, kind, operation, cap)
    run = run_of(Selection.bulk(kind))
    plan = run.plan()
    assert victim not in {row["id"] for row in living(simulator, kind)}
    assert [step.key for step in plan.steps if step.action == "create" and step.id != victim] == []
    simulator.faults.clear()
    restore(run)
    restore(run_of(Selection.bulk(kind)))
    made = {row["id"] for row in living(simulator, kind)} - wanted
    assert len(made) <= 1  # the one that was removed
    assert len(living(simulator, kind)) <= len(wanted)


def test_only_what_is_not_listed_is_asked_for_by_id(run_of, simulator):
    simulator.world["dashboards"].remove(living(simulator, "dashboards")[-1]["id"])
    asked = simulator.calls.by_operation["dashboard"]
    assert run_of(Selection.bulk("dashboards")).plan().actions["create"] == 1
    assert simulator.calls.by_operation["dashboard"] == asked + 1


def test_an_object_that_is_there_itself_goes_before_the_id_map(backed_up, run_of, simulator):
    world = simulator.world
    mutate(world, "delete", "boards", living(simulator, "boards")[0]["id"])
    session = restore(run_of(Selection.bulk("boards"))).session_id
    look = next(row for row in living(simulator, "looks") if row["user_id"] not in (None, world.admin_user_id))
    double = world["users"].add({**world["users"].rows[look["user_id"]], "id": None})["id"]
    id_map.put(backed_up, simulator.base_url, session, [(ContentKey("users", look["user_id"]), double)])
    world["looks"].change(look["id"], title="renamed")
    assert restore(run_of(Selection.bulk("looks"))).status == "completed"
    assert world["looks"].rows[look["id"]]["user_id"] == look["user_id"]
    steps = run_of(Selection.bulk("users", "looks")).plan().steps
    assert [step.key for step in steps if step.writes] == []


@pytest.mark.parametrize("simulator", [3], indirect=True)
def test_what_a_server_leaves_out_of_a_listing_is_not_made_a_second_time(back_up, vault, looker, simulator):
    back_up(vault, looker)
    plan = RestoreRun(vault, looker, Selection.bulk("alerts", "lookml_models"), RestoreOptions()).plan()
    assert plan.actions["skip"] == len(plan.steps) > 3
