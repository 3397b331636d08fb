"""A field that Looker refused by name is not sent again at every run, and is named at each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture, client

THEN, NOW = {"title_color": "#111111", "description": "then"}, {"title_color": "#222222", "description": "now"}
NOTES = ({"note_text": "then", "subtitle_text": "then"}, {"note_text": "now", "subtitle_text": "now"})
REFUSED = {"title_color", "note_text"}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny")) as running:
        yield running


def run(vault: Vault, simulator: Simulator, dashboard: str, **options: Any) -> tuple[Any, set[str], list[str]]:
    """Restore a dashboard; return the report, the fields named as refused, and which parts were written."""
    simulator.calls.reset()
    with client(simulator) as looker:
        one = RestoreRun(
            vault, looker, Selection.single("dashboards", dashboard), RestoreOptions(**options), sleep=lambda _: None
        )
        report = restore(one)
    lost = {path.rpartition(".")[2] for item in report.proof.items for path, why in item.lost if "refuses it" in why}
    return report, lost, sorted(name for name in simulator.calls.by_operation if name.startswith(("update", "create")))


@pytest.mark.parametrize("made_anew", [False, True], ids=["changed", "made anew"])
def test_it_is_sent_once_and_named_each_time(made_anew: bool, vault: Vault, simulator: Simulator) -> None:
    world = simulator.world
    tile = next(one for one in world["dashboard_elements"] if one["query_id"] and one["title"])
    dashboard = tile["dashboard_id"]
    mutate(world, "update", "dashboards", dashboard, THEN)
    mutate(world, "update", "dashboard_elements", tile["id"], NOTES[0])
    with client(simulator) as looker:
        capture(vault, looker)
    if made_anew:
        mutate(world, "delete", "dashboards", dashboard)
    else:
        mutate(world, "update", "dashboards", dashboard, NOW)
        mutate(world, "update", "dashboard_elements", tile["id"], NOTES[1])
    simulator.bends.on("refused_fields", "Dashboard.title_color+DashboardElement.note_text")
    report, lost, _ = run(vault, simulator, dashboard)
    assert (report.status, lost) == ("completed", REFUSED)
    for _ in range(2):
        report, lost, written = run(vault, simulator, dashboard)
        assert (report.status, lost, written) == ("completed", REFUSED, [])
    (proof,) = (one for one in report.proof.items if one.key == ContentKey("dashboards", dashboard))
    live = proof.destination_id or dashboard
    mutate(world, "update", "dashboards", live, {"description": "now"})
    report, lost, written = run(vault, simulator, dashboard)
    assert (lost, written, world["dashboards"].rows[live]["description"]) == (REFUSED, ["update_dashboard"], "then")
    simulator.bends.off("refused_fields")
    world.become("26.13")
    report, lost, written = run(vault, simulator, dashboard)
    assert (lost, written) == (set(), ["update_dashboard", "update_dashboard_element"])
    assert world["dashboards"].rows[live]["title_color"] == "#111111"


def test_another_value_is_sent(vault: Vault, simulator: Simulator) -> None:
    world = simulator.world
    dashboard = next(row["id"] for row in world["dashboards"] if not row["deleted"])
    mutate(world, "update", "dashboards", dashboard, THEN)
    with client(simulator) as looker:
        capture(vault, looker)
    mutate(world, "update", "dashboards", dashboard, NOW)
    simulator.bends.on("refused_fields", "Dashboard.title_color")
    assert run(vault, simulator, dashboard)[1] == {"title_color"}
    simulator.bends.off("refused_fields")
    mutate(world, "update", "dashboards", dashboard, {"title_color": "#333333", "description": "then"})
    with client(simulator) as looker:
        capture(vault, looker)
    mutate(world, "update", "dashboards", dashboard, {"title_color": "#444444"})
    report, lost, written = run(vault, simulator, dashboard)
    assert (report.status, lost, written) == ("completed", set(), ["update_dashboard"])
