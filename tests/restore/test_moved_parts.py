"""A tile that somebody put on another tab, or an item of a board in another section, comes back in one restore, the same one."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.looker.client import Looker
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo


def tabs(simulator: Simulator, dashboard_id: str) -> list[str]:
    return [row["id"] for row in simulator.world.parts("dashboard_layouts", dashboard_id)]


def places(simulator: Simulator, tab: str) -> list[dict]:
    """Return the places of a tab, but for those of tiles in the trash."""
    rows = simulator.world["dashboard_layout_components"].where("dashboard_layout_id", tab)
    return [row for row in rows if not row["deleted"]]


def of_tabs(simulator: Simulator, *, several: bool) -> str:
    """Return a dashboard of one tab or of several, with some tiles on the first."""
    for row in simulator.world["dashboards"]:
        its = tabs(simulator, row["id"])
        if not row["deleted"] and (len(its) > 1) is several and len(places(simulator, its[0])) > 1:
            return row["id"]
    raise AssertionError("the simulator has no such dashboard")


def make_a_tab(looker: Looker, dashboard: str) -> str:
    """Make the tab of a dashboard that is active from now on, with nothing on it, and return its id."""
    body = {"dashboard_id": dashboard, "type": "newspaper", "active": True, "label": "New"}
    return json.loads(looker.post("wreck", "/dashboard_layouts", json.dumps(body).encode()).body)["id"]


def move_to_a_new_tab(simulator: Simulator, looker: Looker, dashboard: str) -> None:
    tile = places(simulator, tabs(simulator, dashboard)[0])[0]["dashboard_element_id"]
    tab = make_a_tab(looker, dashboard)
    looker.patch("wreck", f"/dashboard_elements/{tile}", json.dumps({"dashboard_layout_id": tab}).encode())


def differing(before: object, simulator: Simulator) -> list[str]:
    """Return what is not as before. That a tile now says on which tab it is, where there is one only, changes nothing."""
    lines = oracle.differences(before, oracle.dump(simulator.world))
    return [line for line in lines if "(trash)" not in line and "› tab: null → " not in line]


@pytest.mark.parametrize("exact", [True, False])
def test_a_tile_of_a_dashboard_without_tabs_comes_back_from_a_new_one(exact, run_of, simulator, looker):
    dashboard = of_tabs(simulator, several=False)
    before = oracle.dump(simulator.world)
    move_to_a_new_tab(simulator, looker, dashboard)
    report = restore(run_of(Selection.single("dashboards", dashboard), exact=exact))
    assert report.status == "completed"
    assert restore(run_of(Selection.single("dashboards", dashboard), exact=exact)).writes == 0
    if exact:
        assert differing(before, simulator) == []


@pytest.mark.parametrize("offset", [0, 5000])
def test_so_it_does_on_another_instance(offset, backed_up, connect):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=offset)) as other, connect(other) as there:
        move_to_a_new_tab(other, there, of_tabs(other, several=False))
        options = RestoreOptions(target="other")
        assert restore(RestoreRun(backed_up, there, Selection.everything(), options)).status == "completed"
        assert restore(RestoreRun(backed_up, there, Selection.everything(), options)).writes == 0


def test_a_tile_that_does_not_name_its_tab_is_made_on_it_where_another_one_is_active(vault, simulator, looker, back_up):
    dashboard = of_tabs(simulator, several=False)
    tile = places(simulator, tabs(simulator, dashboard)[0])[0]["dashboard_element_id"]
    make_a_tab(looker, dashboard)
    before = oracle.dump(simulator.world)
    back_up(vault, looker)
    for kind, gone in (("dashboard_elements", tile), ("dashboards", dashboard)):
        mutate(simulator.world, "delete", kind, gone)
        run, again = (RestoreRun(vault, looker, Selection.single("dashboards", dashboard)) for _ in range(2))
        assert (restore(run).status, differing(before, simulator)) == ("completed", [])
        assert not again.plan().changes_anything


def test_a_tile_of_a_dashboard_with_tabs_comes_back_to_its_place_at_once(run_of, simulator, looker):
    dashboard = of_tabs(simulator, several=True)
    before = oracle.dump(simulator.world)
    first, second = tabs(simulator, dashboard)[:2]
    place = places(simulator, first)[-1]
    body = json.dumps({"dashboard_layout_id": second}).encode()
    looker.patch("wreck", f"/dashboard_elements/{place['dashboard_element_id']}", body)
    (moved,) = [
        one for one in places(simulator, second) if one["dashboard_element_id"] == place["dashboard_element_id"]
    ]
    looker.patch("wreck", f"/dashboard_layout_components/{moved['id']}", b'{"row":40,"column":3}')
    assert restore(run_of(Selection.single("dashboards", dashboard))).status == "completed"
    assert differing(before, simulator) == []


@pytest.mark.parametrize("exact", [True, False])
def test_an_item_of_a_board_comes_back_from_another_section_and_an_undo_puts_it_there_again(
    exact, run_of, simulator, backed_up, looker
):
    world = simulator.world
    before = oracle.dump(world)
    item, section = next(
        (item["id"], other["id"])
        for item in world["board_items"]
        for other in world["board_sections"]
        if other["id"] != item["board_section_id"]
        and other["board_id"] == world["board_sections"].get(item["board_section_id"])["board_id"]
    )
    looker.patch("wreck", f"/board_items/{item}", json.dumps({"board_section_id": section}).encode())
    wrecked, count = oracle.dump(world), len(world["board_items"])
    report = restore(run_of(Selection.bulk("boards"), exact=exact))
    assert report.status == "completed"
    assert (len(world["board_items"]), differing(before, simulator)) == (count, [])
    assert restore(run_of(Selection.bulk("boards"), exact=exact)).writes == 0
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert (len(world["board_items"]), differing(wrecked, simulator)) == (count, [])
