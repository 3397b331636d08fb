"""An alert comes back without the entries of its dashboard filters that Looker shows and does not take, and they are named."""

from __future__ import annotations

import pytest

from looker_simulator import mutate
from lookervault_core.families.delivery.applied_filters import UNTITLED
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore

APPLIED = [
    {"filter_title": "", "field_name": "orders.region", "filter_value": "EMEA", "filter_description": None},
    {"filter_title": "Status", "field_name": "orders.status", "filter_value": "open", "filter_description": None},
]


@pytest.fixture
def alert(simulator, vault, looker, back_up):
    """A backup with an alert of which one applied filter has no title."""
    simulator.bends.on("blank_alert_filter_refused")
    tiles = simulator.world["dashboard_elements"]
    row = next(one for one in simulator.world["alerts"] if not tiles.get(one["dashboard_element_id"]).get("_deleted"))
    mutate(simulator.world, "update", "alerts", row["id"], {"applied_dashboard_filters": APPLIED})
    back_up(vault, looker)
    return row["id"]


def test_an_alert_that_was_deleted_comes_back_without_an_untitled_filter_which_is_named(
    alert, vault, looker, simulator
):
    mutate(simulator.world, "delete", "alerts", alert)
    run = RestoreRun(vault, looker, Selection.single("alerts", alert))
    (step,) = run.plan().steps
    assert ("applied_dashboard_filters[0]", UNTITLED) in step.lost
    report = restore(run)
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert [one.verdict for one in report.proof.items] == ["accepted_losses"]
    made = simulator.world["alerts"].get(run.destination.renamed("alerts", alert))
    assert [one["filter_title"] for one in made["applied_dashboard_filters"]] == ["Status"]
    (again,) = RestoreRun(vault, looker, Selection.single("alerts", alert)).plan().steps
    assert (again.action, again.lost) == ("skip", (("applied_dashboard_filters[0]", UNTITLED),))


def test_an_alert_that_is_there_keeps_its_untitled_filter(alert, vault, looker, simulator):
    mutate(simulator.world, "update", "alerts", alert, {"threshold": 77})
    report = restore(RestoreRun(vault, looker, Selection.single("alerts", alert)))
    assert [one.verdict for one in report.proof.items] == ["identical"]
    assert [one["filter_title"] for one in simulator.world["alerts"].get(alert)["applied_dashboard_filters"]] == [
        "",
        "Status",
    ]
