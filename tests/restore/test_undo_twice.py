"""A restore that is taken back once more leaves what people have done since it was taken back the first time, and names it."""

from __future__ import annotations

import pytest

from looker_simulator import mutate
from lookervault_core.diff.rows import ADDED
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo, undoing
from lookervault_core.restore.undoing.by_journal import SINCE
from tests.restore.test_added_since import CASES, told
from tests.restore.test_edits_since import lost_of, patch
from tests.restore.test_interruptions import full_dashboard


@pytest.mark.parametrize("what", ["tile", "item"])
@pytest.mark.parametrize("of_undo", [False, True])
def test_what_people_added_since_is_named(what, of_undo, simulator, looker, run_of, backed_up):
    case = CASES[what](simulator, looker)
    case.wreck()
    report = restore(run_of(case.selection))
    first = undo(backed_up, looker, report.session_id)
    new = case.add()
    session_id = first.session_id if of_undo else report.session_id
    with undoing(backed_up, looker, session_id) as run:
        planned = [step for step in run.plan().steps if step.key == case.key]
    taken = undo(backed_up, looker, session_id)
    items = [one for one in taken.proof.items if one.key == case.key]
    assert told(items[0].lost) == told(planned[0].lost)
    assert [why for _, why in items[0].lost if new in why and ADDED in why]


def test_what_people_edited_since_stays_and_is_named(run_of, simulator, backed_up, looker):
    dashboard = full_dashboard(simulator)
    tile = simulator.world.parts("dashboard_elements", dashboard)[0]["id"]
    mutate(simulator.world, "update", "dashboards", dashboard, {"title": "Wrecked"})
    mutate(simulator.world, "update", "dashboard_elements", tile, {"title": "Wrecked"})
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    assert undo(backed_up, looker, report.session_id).writes == 2
    patch(looker, f"/dashboards/{dashboard}", title="by Ann")
    patch(looker, f"/dashboard_elements/{tile}", title="by Ann")
    taken = undo(backed_up, looker, report.session_id)
    assert (taken.status, taken.writes) == ("completed", 0)
    assert simulator.world["dashboards"].get(dashboard)["title"] == "by Ann"
    assert simulator.world["dashboard_elements"].get(tile)["title"] == "by Ann"
    lost = lost_of(taken, ContentKey("dashboards", dashboard))
    assert (set(lost.values()), sorted(field.rpartition("].")[2] for field in lost)) == ({SINCE}, ["title", "title"])
