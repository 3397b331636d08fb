"""What Looker refuses of a dashboard or board is named, and everything else of it is written all the same."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate, oracle
from looker_simulator.world import World
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from lookervault_core.vault.restoring import dead_letters


def with_tabs(world: World) -> tuple[str, str, str]:
    """Return a dashboard with its first tab, which is not active, and the one that is."""
    for row in world["dashboards"]:
        world.unpack(row["id"])
        tabs = world.parts("dashboard_layouts", row["id"])
        if not row["deleted"] and len(tabs) > 1:
            for tab in tabs:
                world["dashboard_layouts"].change(tab["id"], active=tab is tabs[-1])
            return row["id"], tabs[0]["id"], tabs[-1]["id"]
    raise AssertionError("the simulator has no such dashboard")


def differing(before: object, world: World) -> list[str]:
    return [line for line in oracle.differences(before, oracle.dump(world)) if "(trash)" not in line]


@pytest.fixture
def tabbed(simulator, vault, looker, back_up):
    """A backup with a dashboard of which the last tab is active, which the first is since."""
    dashboard, first, last = with_tabs(simulator.world)
    back_up(vault, looker)
    before = oracle.dump(simulator.world)
    looker.patch("people", f"/dashboard_layouts/{first}", b'{"active":true}')
    return dashboard, first, last, before


def test_looker_does_not_take_that_the_active_tab_is_not_active(tabbed, looker):
    _, first, _, _ = tabbed
    with pytest.raises(Exception, match="active"):
        looker.patch("people", f"/dashboard_layouts/{first}", b'{"active":false}')


def test_another_tab_that_was_active_is_active_again(tabbed, vault, looker, simulator):
    dashboard, _, _, before = tabbed
    tile = next(one for one in simulator.world.parts("dashboard_elements", dashboard) if not one.get("_deleted"))
    mutate(simulator.world, "update", "dashboard_elements", tile["id"], {"note_text": "changed"})
    report = restore(RestoreRun(vault, looker, Selection.single("dashboards", dashboard)))
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert differing(before, simulator.world) == []


def test_an_undo_makes_the_tab_active_that_was_so_before(tabbed, vault, looker, simulator):
    dashboard, _, _, _ = tabbed
    now = oracle.dump(simulator.world)
    report = restore(RestoreRun(vault, looker, Selection.single("dashboards", dashboard)))
    assert undo(vault, looker, report.session_id).status == "completed"
    assert differing(now, simulator.world) == []


def test_an_active_tab_that_was_deleted_is_made_and_active_again(tabbed, vault, looker, simulator):
    dashboard, _, last, before = tabbed
    looker.delete("people", f"/dashboard_layouts/{last}")
    report = restore(RestoreRun(vault, looker, Selection.single("dashboards", dashboard)))
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert differing(before, simulator.world) == []


PARTS = {
    "dashboard_elements": ("update_dashboard_element", {"note_text": "changed"}, "tiles["),
    "dashboard_filters": ("update_dashboard_filter", {"ui_config": {"type": "changed"}}, "filters["),
    "dashboard_layouts": ("update_dashboard_layout", {"label": "changed"}, "tabs["),
    "dashboard_layout_components": ("update_dashboard_layout_component", {"row": 77}, "places["),
}


@pytest.mark.parametrize("refused", PARTS)
def test_one_refused_part_of_a_dashboard_is_named_and_all_else_is_written(refused, vault, looker, simulator, back_up):
    world = simulator.world
    dashboard, _, _ = with_tabs(world)
    if not world.parts("dashboard_filters", dashboard):
        body = {"dashboard_id": dashboard, "name": "Region", "title": "Region", "type": "string_filter"}
        looker.post("people", "/dashboard_filters", json.dumps(body).encode())
    back_up(vault, looker)
    before = oracle.dump(world)
    changed = {table: world.parts(table, dashboard)[0]["id"] for table in list(PARTS)[:3]}
    tab = world.parts("dashboard_layouts", dashboard)[0]["id"]
    places = world["dashboard_layout_components"].where("dashboard_layout_id", tab)
    changed["dashboard_layout_components"] = places[0]["id"]
    for table, row_id in changed.items():
        mutate(world, "update", table, row_id, PARTS[table][1])
    mutate(world, "update", "dashboards", dashboard, {"title": "changed"})
    damaged = {table: dict(world[table].get(row_id)) for table, row_id in changed.items()}
    operation, _, words = PARTS[refused]
    simulator.faults.add("422", operation=operation)

    report = restore(RestoreRun(vault, looker, Selection.single("dashboards", dashboard)))

    assert (report.status, report.dead_letters) == ("partial", 1)
    (letter,) = dead_letters.listing(vault)
    assert (letter.key.content_type, letter.key.id) == ("dashboards", dashboard)
    assert f"{words}{changed[refused]}" in letter.message
    assert letter.status == 422
    now = {table: world[table].get(row_id) for table, row_id in changed.items()}
    for table, (_, fields, _) in PARTS.items():
        still = all(now[table][name] == damaged[table][name] for name in fields)
        assert still is (table == refused), table
    simulator.faults.clear()
    assert restore(RestoreRun(vault, looker, Selection.single("dashboards", dashboard))).status == "completed"
    assert differing(before, world) == []


def test_a_refused_field_of_the_dashboard_itself_does_not_hold_up_its_tiles(vault, looker, simulator, back_up):
    world = simulator.world
    dashboard, _, _ = with_tabs(world)
    back_up(vault, looker)
    tile = world.parts("dashboard_elements", dashboard)[0]
    mutate(world, "update", "dashboards", dashboard, {"title": "changed"})
    mutate(world, "update", "dashboard_elements", tile["id"], {"note_text": "changed"})
    simulator.faults.add("422", operation="update_dashboard")
    report = restore(RestoreRun(vault, looker, Selection.single("dashboards", dashboard)))
    assert report.status == "partial"
    assert world["dashboard_elements"].get(tile["id"])["note_text"] == tile["note_text"]
    assert "its own fields" in dead_letters.listing(vault)[0].message


def test_tiles_of_a_tab_that_is_refused_come_back_all_the_same(vault, looker, simulator, back_up):
    world = simulator.world
    dashboard, first, _ = with_tabs(world)
    back_up(vault, looker)
    tiles = len(world.parts("dashboard_elements", dashboard))
    looker.delete("people", f"/dashboard_layouts/{first}")
    assert len(world.parts("dashboard_elements", dashboard)) < tiles
    simulator.faults.add("422", operation="create_dashboard_layout")
    report = restore(RestoreRun(vault, looker, Selection.single("dashboards", dashboard)))
    assert (report.status, report.dead_letters) == ("partial", 1)
    assert len(world.parts("dashboard_elements", dashboard)) == tiles


def test_one_refused_item_of_a_board_is_named_and_all_else_is_written(backed_up, looker, simulator):
    world = simulator.world
    sections = {row["id"]: row for row in world["board_sections"]}
    items = [row for row in world["board_items"] if row["dashboard_id"] and row["board_section_id"] in sections]
    board = sections[items[0]["board_section_id"]]["board_id"]
    ours = [row["id"] for row in items if sections[row["board_section_id"]]["board_id"] == board][:2]
    for one in ours:
        mutate(world, "update", "board_items", one, {"custom_title": "changed", "use_custom_title": True})
    simulator.faults.add("422", operation="update_board_item", id=ours[0])
    report = restore(RestoreRun(backed_up, looker, Selection.single("boards", board)))
    assert (report.status, report.dead_letters) == ("partial", 1)
    assert f"items[{ours[0]}" in dead_letters.listing(backed_up)[0].message
    titles = [world["board_items"].get(one)["custom_title"] for one in ours]
    assert titles[0] == "changed"
    assert len(ours) < 2 or titles[1] != "changed"
