"""What Looker fills in when it makes an object is taken away where the backup has nothing, or named where Looker refuses that."""

from __future__ import annotations

from looker_simulator import mutate
from lookervault_core.restore.applying.context import ITS_OWN
from lookervault_core.restore.report import losses
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture


def made_anew(vault, looker, simulator, *, refuses: bool = False):
    dashboard_id = next(iter(simulator.world["dashboards"].rows))
    mutate(simulator.world, "update", "dashboards", dashboard_id, {"show_title": None, "preferred_viewer": None})
    capture(vault, looker)
    mutate(simulator.world, "delete", "dashboards", dashboard_id)
    if refuses:
        simulator.faults.add("422", operation="update_dashboard")
    selection = Selection.single("dashboards", dashboard_id)
    return restore(RestoreRun(vault, looker, selection, sleep=lambda _: None))


def test_a_default_of_a_new_dashboard_is_taken_away_where_the_backup_has_nothing(vault, looker, simulator):
    report = made_anew(vault, looker, simulator)
    row = simulator.world["dashboards"].rows[report.new_ids[0].destination_id]
    assert (report.status, row["show_title"], row["preferred_viewer"]) == ("completed", None, None)


def test_a_default_that_looker_does_not_let_go_of_is_named(vault, looker, simulator):
    report = made_anew(vault, looker, simulator, refuses=True)
    named = [(one["field"], one["reason"]) for one in losses(report.proof) if one["reason"] == ITS_OWN]
    assert (report.status, sorted(named)) == ("completed", [("preferred_viewer", ITS_OWN), ("show_title", ITS_OWN)])
