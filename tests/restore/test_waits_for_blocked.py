"""What waits for something that is blocked in the same run is blocked too, and says what it waits for."""

from __future__ import annotations

import pytest

from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore


@pytest.fixture
def dashboard(simulator, backed_up, looker) -> str:
    """A dashboard with an alert and a plan that went with its folder."""
    world = simulator.world
    tiles = {row["dashboard_element_id"] for row in world["alerts"]}
    alerted = {row["dashboard_id"] for row in world["dashboard_elements"] if row["id"] in tiles}
    sent = {row["dashboard_id"] for row in world["scheduled_plans"]}
    rows = (row for row in world["dashboards"] if row["id"] in alerted & sent and not row["deleted"])
    found = next(rows)
    looker.delete("people", f"/folders/{found['folder_id']}")
    return found["id"]


def test_nothing_is_planned_on_a_tile_of_a_dashboard_that_is_blocked(dashboard, run_of):
    run = run_of(Selection.bulk("dashboards", "alerts", "scheduled_plans"))
    blocked = {step.content_type: step for step in run.plan().steps if step.action == "blocked"}
    assert blocked.keys() == {"dashboards", "alerts", "scheduled_plans"}
    assert "folder" in blocked["dashboards"].reason
    assert "the vault has it: restore it too" in blocked["dashboards"].reason
    for name in ("alerts", "scheduled_plans"):
        assert "is blocked itself" in blocked[name].reason
        assert "restore it too" not in blocked[name].reason
    report = restore(run)
    assert (report.status, report.dead_letters) == ("partial", 0)


def test_with_dependencies_all_of_it_comes_back(dashboard, run_of):
    selection = Selection.bulk("dashboards", "alerts", "scheduled_plans")
    report = restore(run_of(selection, with_dependencies=True))
    assert (report.status, report.not_tried) == ("completed", ())
