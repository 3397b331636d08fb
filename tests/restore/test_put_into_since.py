"""A tab or a section that a restore made stays when the restore is taken back, if people have put something into it since: it keeps
its place among the others, and the plan and the report name it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.diff.rows import KEPT
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, undo, undoing
from tests.restore.test_edits_since import patch
from tests.restore.test_moved_parts import of_tabs, places, tabs
from tests.restore.test_taking_back import post

Ids = dict[str, str]


def add_a_tile(world, looker: Looker, at: Ids) -> Ids:
    tile = post(looker, "/dashboard_elements", dashboard_id=at["whole"], type="text", dashboard_layout_id=at["made"])
    return at | {"theirs": str(tile["id"])}


def move_a_tile(world, looker: Looker, at: Ids) -> Ids:
    patch(looker, f"/dashboard_elements/{at['part']}", dashboard_layout_id=at["made"])
    return at | {"theirs": at["part"]}


@pytest.mark.parametrize("put", [add_a_tile, move_a_tile])
def test_a_tab_made_anew_stays_if_people_have_put_a_tile_onto_it_since(put, run_of, simulator, backed_up, looker):
    world, dashboard = simulator.world, of_tabs(simulator, several=True)
    idle = [row for row in world.parts("dashboard_layouts", dashboard) if not row["active"]]
    gone = next(row["id"] for row in idle if places(simulator, row["id"]))
    other = next(one for one in tabs(simulator, dashboard) if one != gone)
    looker.delete("people", f"/dashboard_layouts/{gone}")
    for place, one in enumerate(tabs(simulator, dashboard)):
        patch(looker, f"/dashboard_layouts/{one}", order=place)
    standing = set(tabs(simulator, dashboard))
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    (made,) = set(tabs(simulator, dashboard)) - standing
    at = put(
        world,
        looker,
        {"whole": dashboard, "made": made, "part": places(simulator, other)[0]["dashboard_element_id"]},
    )
    shown = orders_of_tabs(simulator, dashboard)
    assert named(backed_up, looker, report.session_id, ContentKey("dashboards", dashboard))["tabs"].startswith(made)
    assert made in tabs(simulator, dashboard)
    assert at["theirs"] in [one["dashboard_element_id"] for one in places(simulator, made)]
    assert orders_of_tabs(simulator, dashboard) == shown


def orders_of_tabs(simulator: Simulator, dashboard: str) -> dict[str, int]:
    return {row["id"]: row["order"] for row in simulator.world.parts("dashboard_layouts", dashboard)}


def add_an_item(world, looker: Looker, at: Ids) -> Ids:
    look = next(row["id"] for row in world["looks"] if not row["deleted"])
    return at | {"theirs": str(post(looker, "/board_items", board_section_id=at["made"], look_id=look)["id"])}


def move_an_item(world, looker: Looker, at: Ids) -> Ids:
    patch(looker, f"/board_items/{at['part']}", board_section_id=at["made"])
    return at | {"theirs": at["part"]}


def edit_an_item(world, looker: Looker, at: Ids) -> Ids:
    item = next(row["id"] for row in world["board_items"] if row["board_section_id"] == at["made"])
    patch(looker, f"/board_items/{item}", custom_title="by Ann")
    return at | {"theirs": item}


def move_an_item_of_another_board(world, looker: Looker, at: Ids) -> Ids:
    sections = {row["id"] for row in world["board_sections"] if row["board_id"] != at["whole"]}
    item = next(row["id"] for row in world["board_items"] if row["board_section_id"] in sections)
    patch(looker, f"/board_items/{item}", board_section_id=at["made"])
    return at | {"theirs": item}


@pytest.mark.parametrize("put", [add_an_item, move_an_item, edit_an_item, move_an_item_of_another_board])
def test_a_section_made_anew_stays_if_people_have_put_an_item_into_it_since(
    put: Callable, run_of, simulator, backed_up, looker
):
    world = simulator.world
    board = next(row["id"] for row in world["boards"] if len(row["section_order"]) > 1)
    first, second = world["boards"].get(board)["section_order"][:2]
    mutate(world, "delete", "board_sections", first)
    standing = set(world["board_sections"].rows)
    report = restore(run_of(Selection.single("boards", board)))
    (made,) = set(world["board_sections"].rows) - standing
    part = next(row["id"] for row in world["board_items"] if row["board_section_id"] == second)
    at = put(world, looker, {"whole": board, "made": made, "part": part})
    shown = world["boards"].get(board)["section_order"]
    assert shown.index(made) < shown.index(second)
    assert named(backed_up, looker, report.session_id, ContentKey("boards", board))["sections"].startswith(made)
    assert world["board_items"].get(at["theirs"])["board_section_id"] == made
    assert not world["board_sections"].get(made)["deleted_at"]
    assert world["boards"].get(board)["section_order"] == shown


def named(vault, looker: Looker, session_id: str, key: ContentKey) -> dict[str, str]:
    """Take a restore back and return what the report says is not as it was before, which its plan has said too."""
    with undoing(vault, looker, session_id) as run:
        planned = next(dict(step.lost) for step in run.plan().steps if step.key == key)
    taken = undo(vault, looker, session_id)
    assert taken.status == "completed", json.dumps([str(one) for one in taken.proof.items])
    lost = next(dict(one.lost) for one in taken.proof.items if one.key == key)
    kept = {field: why for field, why in lost.items() if KEPT in why}
    assert kept
    assert kept == {field: why for field, why in planned.items() if KEPT in why}
    assert undo(vault, looker, session_id).writes == 0
    return kept


@pytest.mark.parametrize("since", [True, False])
def test_a_filter_made_anew_stays_if_people_let_a_tile_listen_to_it_since(since, run_of, simulator, backed_up, looker):
    world, (dashboard, name) = simulator.world, listening_tile(simulator)
    gone = next(row["id"] for row in world.parts("dashboard_filters", dashboard) if row["name"] == name)
    looker.delete("people", f"/dashboard_filters/{gone}")
    standing = set(world["dashboard_filters"].rows)
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    (made,) = set(world["dashboard_filters"].rows) - standing
    heard = [{"model": "m", "view": "v", "name": None, "listen": [{"dashboard_filter_name": name, "field": "v.f"}]}]
    query = next(iter(world["queries"]))["id"]
    if since:
        post(
            looker,
            "/dashboard_elements",
            dashboard_id=dashboard,
            type="vis",
            query_id=query,
            result_maker={"filterables": heard},
        )
        kept = named(backed_up, looker, report.session_id, ContentKey("dashboards", dashboard))
        assert kept["filters"].startswith(made)
    else:
        taken = undo(backed_up, looker, report.session_id)
        assert taken.status == "completed", [str(one) for one in taken.proof.items if one.verdict == "different"]
    assert (made in [row["id"] for row in world.parts("dashboard_filters", dashboard)]) == since


def listening_tile(simulator: Simulator) -> tuple[str, str]:
    """Return a dashboard, and the name of a filter that a tile of it listens to."""
    for row in simulator.world["dashboard_elements"]:
        for one in (row["result_maker"] or {}).get("filterables", ()) if not row.get("_deleted") else ():
            if one["listen"] and not simulator.world["dashboards"].rows[row["dashboard_id"]]["deleted"]:
                return row["dashboard_id"], one["listen"][0]["dashboard_filter_name"]
    raise AssertionError("no tile listens")


def test_a_look_made_anew_stays_with_its_folder_if_people_have_put_it_onto_a_dashboard_since(
    run_of, simulator, backed_up, looker
):
    world, beside = simulator.world, {row["folder_id"] for row in simulator.world["dashboards"]}
    look = next(row for row in world["looks"] if row["folder_id"] not in beside)
    looker.delete("wreck", f"/folders/{look['folder_id']}")
    there = set(world["looks"].rows)
    report = restore(run_of(Selection(types=("folders", "looks"))))
    made = next(one for one in set(world["looks"].rows) - there if world["looks"].rows[one]["title"] == look["title"])
    tile = post(looker, "/dashboard_elements", dashboard_id="2", type="vis", look_id=made)
    taken = undo(backed_up, looker, report.session_id)
    assert world["dashboard_elements"].rows[tile["id"]]["look_id"] == made
    assert KEPT in next(one.lost[0][1] for one in taken.proof.items if one.key == ContentKey("looks", made))
