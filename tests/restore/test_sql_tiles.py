"""How a tile of hand-written SQL is drawn stands in its result maker alone: it is compared, comes back, or is named."""

from __future__ import annotations

import json

import pytest

from lookervault_core.families.dashboards.applying import NOT_DRAWN
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_edits_since import lost_of, patch
from tests.restore.test_sql_elsewhere import sql_tiles

PIE = {"type": "looker_pie", "show_view_names": True}


@pytest.fixture
def tile(simulator, looker):
    (row,) = sql_tiles(simulator)
    patch(looker, f"/dashboard_elements/{row['id']}", result_maker={"vis_config": PIE, "total": True})
    return dict(row)


def edit(looker, tile: dict) -> None:
    patch(looker, f"/dashboard_elements/{tile['id']}", result_maker={"vis_config": {"type": "table"}})


def delete(looker, tile: dict) -> None:
    looker.delete("people", f"/dashboard_elements/{tile['id']}")


def drawn(simulator) -> list[tuple]:
    return [(row["result_maker"]["vis_config"], row["result_maker"]["total"]) for row in sql_tiles(simulator)]


@pytest.mark.parametrize("wreck", [edit, delete])
def test_it_comes_back_as_it_was_drawn(wreck, tile, simulator, looker, backed_up, run_of):
    wreck(looker, tile)
    wrecked = drawn(simulator)
    report = restore(run_of(Selection.single("dashboards", tile["dashboard_id"])))
    assert report.status == "completed"
    assert drawn(simulator) == [(PIE, True)]
    assert restore(run_of(Selection.single("dashboards", tile["dashboard_id"]))).writes == 0
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert drawn(simulator) == wrecked


@pytest.mark.parametrize("wreck", [edit, delete])
def test_where_looker_does_not_take_it_the_report_names_it(wreck, tile, simulator, looker, run_of, backed_up):
    wreck(looker, tile)
    simulator.world.bends.on("sql_tiles_are_drawn_plain", "")
    report = restore(run_of(Selection.single("dashboards", tile["dashboard_id"])))
    assert report.status == "completed", json.dumps([str(one) for one in report.proof.items])
    lost = lost_of(report, ContentKey("dashboards", tile["dashboard_id"]))
    assert [field for field, why in lost.items() if why == NOT_DRAWN and field.endswith("vis_config")]
    assert restore(run_of(Selection.single("dashboards", tile["dashboard_id"]))).writes == 0
