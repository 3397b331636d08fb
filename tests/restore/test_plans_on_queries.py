"""A scheduled plan may deliver a bare query, and an alert name one; another instance knows it under another id, or not yet."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture

BARE = {"look_id": None, "dashboard_id": None, "lookml_dashboard_id": None}
QUERY = {"model": "model_0", "view": "orders", "fields": ["orders.count", "orders.id"], "limit": "17"}


def on_a_query(simulator: Simulator, looker: Looker, *before: str) -> tuple[str, str]:
    """Let the first plan deliver a query that nothing else shows; return both. Queries with the limits *before* are made first."""
    bodies = [QUERY | {"limit": limit} for limit in before] + [QUERY]
    made = [json.loads(looker.post("query", "/queries", json.dumps(body).encode()).body)["id"] for body in bodies]
    plan = next(iter(simulator.world["scheduled_plans"]))["id"]
    mutate(simulator.world, "update", "scheduled_plans", plan, BARE | {"query_id": str(made[-1])})
    return plan, str(made[-1])


@pytest.fixture
def plan(vault: Vault, simulator: Simulator, looker: Looker) -> str:
    plan, query = on_a_query(simulator, looker)
    capture(vault, looker)
    assert vault.item(ContentKey("queries", query))
    return plan


def onto(vault: Vault, looker: Looker) -> RestoreRun:
    selection, options = Selection.bulk("scheduled_plans"), RestoreOptions(target="other")
    return RestoreRun(vault, looker, selection, options, sleep=lambda _: None)


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("offset", [0, 5000])
def test_it_is_made_with_its_query(offset, vault, connect):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=offset)) as other, connect(other) as there:
        mutate(other.world, "delete", "scheduled_plans", next(iter(other.world["scheduled_plans"]))["id"])
        assert restore(onto(vault, there)).status == "completed"
        (made,) = [row for row in other.world["scheduled_plans"] if row["query_id"]]
        query = other.world["queries"].rows[made["query_id"]]
        assert {field: query[field] for field in QUERY} == QUERY
        assert restore(onto(vault, there)).writes == 0


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("offset", [0, 5000])
def test_it_is_known_by_its_query_where_it_is_there_already(offset, vault, connect):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=offset)) as other, connect(other) as there:
        on_a_query(other, there, "1", "2")
        count = len(other.world["scheduled_plans"])
        report = restore(onto(vault, there))
        assert (report.status, report.writes) == ("completed", 0)
        assert len(other.world["scheduled_plans"]) == count


def test_on_its_own_instance_it_is_made_anew_with_the_query_that_is_there(plan, vault, simulator, looker):
    query = simulator.world["scheduled_plans"].rows[plan]["query_id"]
    mutate(simulator.world, "delete", "scheduled_plans", plan)
    run = RestoreRun(vault, looker, Selection.single("scheduled_plans", plan), RestoreOptions())
    assert restore(run).status == "completed"
    assert [row["query_id"] for row in simulator.world["scheduled_plans"] if row["query_id"]] == [query]


@pytest.mark.parametrize("there_already", [False, True])
def test_an_alert_that_names_a_query_of_its_own_names_that_one_elsewhere(
    there_already, vault, simulator, looker, connect
):
    own = _asked(looker)
    alert = next(iter(simulator.world["alerts"]))["id"]
    mutate(simulator.world, "update", "alerts", alert, {"query_id": own})
    capture(vault, looker)
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, connect(other) as there:
        if there_already:
            mutate(
                other.world, "update", "alerts", next(iter(other.world["alerts"]))["id"], {"query_id": _asked(there)}
            )
        selection, options = Selection.single("alerts", alert), RestoreOptions(target="other", with_dependencies=True)
        report = restore(RestoreRun(vault, there, selection, options, sleep=lambda _: None))
        (made,) = [row for row in other.world["alerts"] if row["query_id"]]
        query = other.world["queries"].rows[made["query_id"]]
        assert (report.status, {field: query[field] for field in QUERY}) == ("completed", QUERY), report.not_tried
        assert bool(report.writes) is not there_already
        assert restore(RestoreRun(vault, there, selection, options, sleep=lambda _: None)).writes == 0


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_query_made_on_another_instance_keeps_its_short_address_if_that_is_free(is_taken, backed_up, connect):
    look = ContentKey("looks", "1")
    query = json.loads(backed_up.payload(look))["query"]
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, connect(other) as there:
        if is_taken:
            there.post("query", "/queries", json.dumps(QUERY | {"client_id": query["client_id"]}).encode())
        options = RestoreOptions(target="other", with_dependencies=True)
        report = restore(RestoreRun(backed_up, there, Selection.single("looks", look.id), options))
        made = other.world["looks"].rows[next(one.destination_id for one in report.new_ids if one.key == look)]
        address = other.world["queries"].rows[made["query_id"]]["client_id"]
        assert (report.status, address == query["client_id"]) == ("completed", not is_taken)


def _asked(looker: Looker) -> str:
    return str(json.loads(looker.post("query", "/queries", json.dumps(QUERY).encode()).body)["id"])
