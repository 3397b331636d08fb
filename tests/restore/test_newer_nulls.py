"""A null counts in fields that nobody has heard of: as a value, and under a key of an object whose keys nobody describes."""

from __future__ import annotations

from typing import Any

import pytest

from looker_simulator import Simulator, mutate
from looker_simulator.schema import Property
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture, client


def field(kind: str) -> Property:
    return Property("fledro", kind, writable=True, write_only=False, required=False, nullable=True)


def restored(vault: Vault, simulator: Simulator, name: str) -> Any:
    with client(simulator) as looker:
        run = RestoreRun(vault, looker, Selection.bulk(name), RestoreOptions(), sleep=lambda _: None)
        return restore(run, 4)


@pytest.mark.parametrize(
    ("kind", "then", "now"),
    [
        ("o", {"a": None, "size": 1}, {"b": None, "size": 1}),
        ("{s}", {"a": None}, {}),
        ("[o]", [{"a": None, "size": 1}], [{"size": 1}]),
        ("s", None, "now"),
    ],
)
def test_it_comes_back_in_a_dashboard_and_in_an_agent(kind: str, then: Any, now: Any, vault, simulator) -> None:
    world, ids = simulator.world, {}
    for table, shape in (("dashboards", "Dashboard"), ("agents", "Agent"), ("golden_queries", "GoldenQuery")):
        world.api.change(shape, "fledro", field(kind))
        ids[table] = next(row["id"] for row in world[table] if not row.get("deleted"))
        world[table].change(ids[table], fledro=then)
    with client(simulator) as looker:
        capture(vault, looker)
    for table, row_id in ids.items():
        world[table].change(row_id, fledro=now)
    for name in ("dashboards", "agents"):
        report = restored(vault, simulator, name)
        assert (report.status, report.writes > 0) == ("completed", True)
        assert restored(vault, simulator, name).writes == 0
    assert {table: world[table].rows[row_id]["fledro"] for table, row_id in ids.items()} == dict.fromkeys(ids, then)


def test_it_comes_back_in_a_golden_query_that_no_agent_names_any_more(vault, simulator) -> None:
    world = simulator.world
    world.api.change("GoldenQuery", "fledro", field("s"))
    agent = next(row for row in world["agents"] if not row["deleted"])
    with client(simulator) as looker:
        capture(vault, looker)
    for one in agent["golden_query_ids"]:
        world["golden_queries"].change(str(one), fledro="now")
    mutate(world, "delete", "agents", agent["id"])
    for row in list(world["agents"]):
        world["agents"].change(row["id"], golden_query_ids=[])
    assert restored(vault, simulator, "agents").status == "completed"
    assert {row.get("fledro") for row in world["golden_queries"]} == {None}
