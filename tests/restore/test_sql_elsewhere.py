"""A tile of hand-written SQL cannot be made on another instance: one that is there already stands for it, and keeps its SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.families.dashboards.comparison import SQL_STAYS
from lookervault_core.looker.client import Looker
from lookervault_core.restore.report import losses
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault


@pytest.fixture
def source(vault: Vault, connect, back_up) -> Iterator[Simulator]:
    """An instance, backed up."""
    with Simulator(SimulatorOptions(scale="tiny", seed=1)) as running, connect(running) as looker:
        back_up(vault, looker)
        yield running


@pytest.fixture
def target() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny", seed=1, id_offset=1000)) as running:
        yield running


@pytest.fixture
def theirs(target: Simulator, connect) -> Iterator[Looker]:
    with connect(target) as looker:
        yield looker


def sql_tiles(simulator: Simulator) -> list[dict]:
    tiles = simulator.world["dashboard_elements"]
    return [tile for tile in tiles if (tile["result_maker"] or {}).get("sql_query_id") and not tile.get("_deleted")]


def run_onto(vault: Vault, theirs: Looker, dashboard_id: str, *, exact: bool = True) -> RestoreRun:
    selection = Selection.single("dashboards", dashboard_id)
    return RestoreRun(vault, theirs, selection, RestoreOptions(target="o", exact=exact), sleep=lambda _: None)


@pytest.mark.parametrize("exact", [True, False])
def test_a_tile_that_the_backup_has_too_stays_and_the_report_says_whose_sql_it_shows(
    exact, source, target, theirs, vault
):
    (tile,) = sql_tiles(target)
    before = json.dumps(tile, sort_keys=True)
    (ours,) = sql_tiles(source)
    report = restore(run_onto(vault, theirs, ours["dashboard_id"], exact=exact))
    assert [json.dumps(one, sort_keys=True) for one in sql_tiles(target)] == [before]
    assert report.status == "completed"
    assert [row["reason"] for row in losses(report.proof)].count(SQL_STAYS) == 1


def test_all_but_its_sql_is_as_in_the_backup(source, target, theirs, vault):
    (tile,), (ours,) = sql_tiles(target), sql_tiles(source)
    theirs.patch("change", f"/dashboard_elements/{tile['id']}", b'{"note_text": "changed", "note_display": "hover"}')
    place = next(
        row for row in target.world["dashboard_layout_components"] if row["dashboard_element_id"] == tile["id"]
    )
    theirs.patch("move", f"/dashboard_layout_components/{place['id']}", b'{"row": 70}')
    report = restore(run_onto(vault, theirs, ours["dashboard_id"]))
    (now,) = sql_tiles(target)
    assert (now["id"], now["note_text"], now["result_maker"]) == (tile["id"], ours["note_text"], tile["result_maker"])
    assert target.world["dashboard_layout_components"].rows[place["id"]]["row"] != 70
    assert report.status == "completed"


def test_a_tile_of_hand_written_sql_that_the_backup_does_not_have_goes_with_exact(source, target, theirs, vault):
    (tile,), (ours,) = sql_tiles(target), sql_tiles(source)
    maker = {"sql_query_id": tile["result_maker"]["sql_query_id"]}
    body = {"dashboard_id": tile["dashboard_id"], "type": "vis", "title": "only here", "result_maker": maker}
    theirs.post("tile", "/dashboard_elements", json.dumps(body).encode())
    assert len(sql_tiles(target)) == 2
    assert restore(run_onto(vault, theirs, ours["dashboard_id"])).status == "completed"
    assert [one["id"] for one in sql_tiles(target)] == [tile["id"]]


def test_beside_a_tile_of_the_same_title_that_shows_a_query_each_stands_for_its_own_kind(
    source, target, theirs, vault, connect, back_up
):
    (tile,), (ours,) = sql_tiles(target), sql_tiles(source)
    query = next(iter(source.world["queries"]))["id"]
    body = {"dashboard_id": ours["dashboard_id"], "type": "vis", "title": ours["title"], "query_id": query}
    with connect(source) as looker:
        looker.post("tile", "/dashboard_elements", json.dumps(body).encode())
        back_up(vault, looker)
    restore(run_onto(vault, theirs, ours["dashboard_id"]))
    assert [one["id"] for one in sql_tiles(target)] == [tile["id"]]
    alike = [row for row in target.world["dashboard_elements"] if row["title"] == ours["title"]]
    assert sorted(bool(row["query_id"]) for row in alike) == [False, True]
