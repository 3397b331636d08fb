"""A tile shows a query, a merge query, a look, hand-written SQL or a text; made into another kind, it comes back as it was."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_wreckage import is_known_loss
from tests.simulated import capture, client

SOURCES = ("query_id", "merge_result_id", "look_id")
KINDS = ("query", "merge query", "look", "text", "SQL")


def kind_of(tile: dict) -> str:
    shown = next((field for field in SOURCES if tile[field]), None)
    if shown is None and (tile["result_maker"] or {}).get("sql_query_id"):
        return "SQL"
    return {"query_id": "query", "merge_result_id": "merge query", "look_id": "look", None: tile["type"]}[shown]


def tile_of(simulator: Simulator, kind: str) -> dict:
    alive = {row["id"] for row in simulator.world["dashboards"] if not row["deleted"]}
    rows = (row for row in simulator.world["dashboard_elements"] if row["dashboard_id"] in alive)
    return dict(next(row for row in rows if kind_of(row) == kind and not row.get("_deleted")))


def source_of(simulator: Simulator, kind: str) -> dict:
    """Return what a tile of *kind* is told to show."""
    world = simulator.world
    return {
        "query": lambda: {"query_id": next(iter(world["queries"]))["id"], "type": "vis"},
        "merge query": lambda: {"merge_result_id": next(iter(world["merge_queries"]))["id"], "type": "vis"},
        "look": lambda: {"look_id": next(row["id"] for row in world["looks"] if not row["deleted"]), "type": "vis"},
        "text": lambda: {"type": "text", "body_text": "what is it?"},
        "SQL": lambda: {"type": "vis", "result_maker": {"sql_query_id": next(iter(world["sql_queries"]))["_id"]}},
    }[kind]()


def comes_back(run_of, simulator, before, dashboard_id: str) -> None:
    selection = Selection.single("dashboards", dashboard_id)
    report = restore(run_of(selection))
    assert (report.status, {one.verdict for one in report.proof.items} - {"identical"}) == ("completed", set())
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if not is_known_loss(line)] == []
    assert [step.action for step in run_of(selection).plan().steps] == ["skip"]


@pytest.mark.parametrize("left_over", [False, True], ids=["alone", "beside the old source"])
@pytest.mark.parametrize("was", KINDS)
def test_a_tile_whose_kind_changed_comes_back_exactly(was, left_over, run_of, simulator, looker):
    before, tile = oracle.dump(simulator.world), tile_of(simulator, was)
    nothing = dict.fromkeys(SOURCES) | ({"result_maker": {"sql_query_id": None}} if was == "SQL" else {})
    for became in (kind for kind in KINDS if kind != was):
        body = source_of(simulator, became) if left_over else nothing | source_of(simulator, became)
        looker.patch("change", f"/dashboard_elements/{tile['id']}", json.dumps(body).encode())
        comes_back(run_of, simulator, before, tile["dashboard_id"])


def test_a_tile_that_was_replaced_by_a_look_saved_from_it_comes_back(run_of, simulator, looker):
    tile = tile_of(simulator, "query")
    folder = next(iter(simulator.world["looks"]))["folder_id"]
    body = {"title": "saved from a tile", "folder_id": folder, "query_id": tile["query_id"]}
    look = json.loads(looker.post("save", "/looks", json.dumps(body).encode()).body)
    before = oracle.dump(simulator.world)
    change = {"look_id": look["id"], "query_id": None}
    looker.patch("change", f"/dashboard_elements/{tile['id']}", json.dumps(change).encode())
    comes_back(run_of, simulator, before, tile["dashboard_id"])


def look_on_a_tile(simulator: Simulator) -> tuple[str, list[dict]]:
    """Return a look that tiles show, and those tiles."""
    look = tile_of(simulator, "look")["look_id"]
    return look, [tile for tile in simulator.world["dashboard_elements"] if tile["look_id"] == look]


def test_an_undo_of_a_look_that_came_back_leaves_its_tiles_and_says_so(run_of, simulator, backed_up, looker):
    look, tiles = look_on_a_tile(simulator)
    looker.delete("people", f"/looks/{look}")
    report = restore(run_of())
    assert all(tile["look_id"] for tile in tiles)
    for _ in range(2):
        taken = undo(backed_up, looker, report.session_id)
        assert (taken.status, taken.dead_letters, taken.proof.holds) == ("completed", 0, True)
        assert [(tile["query_id"], bool(tile["look_id"])) for tile in tiles] == [(None, True)] * len(tiles)
    ours = [one for one in taken.proof.items if one.key.content_type == "dashboards"]
    lost = [where for one in ours for where, _ in one.lost if where.endswith("sources")]
    assert len(lost) == len(tiles)


@pytest.mark.parametrize("exact", [False, True])
def test_a_tile_that_showed_nothing_is_not_made_anew_and_is_named(exact, run_of, simulator, vault, looker):
    look, tiles = look_on_a_tile(simulator)
    looker.delete("people", f"/looks/{look}")
    capture(vault, looker)
    tile, count = tiles[0], len(simulator.world["dashboard_elements"].where("dashboard_id", tiles[0]["dashboard_id"]))
    selection = Selection.single("dashboards", tile["dashboard_id"])
    assert not run_of(selection, exact=exact).plan().changes_anything
    looker.delete("people", f"/dashboards/{tile['dashboard_id']}")
    report = restore(run_of(selection, exact=exact))
    assert (report.status, report.dead_letters) == ("completed", 0)
    (made,) = (one for one in report.proof.items if one.key.content_type == "dashboards")
    lost = [where for where, _ in made.lost if where.startswith("dashboard_elements[")]
    new = simulator.world["dashboard_elements"].where("dashboard_id", made.destination_id)
    assert lost
    assert len(new) == count - len(lost)
    assert not run_of(selection, exact=exact).plan().changes_anything


def test_a_tile_that_names_its_query_in_its_result_maker_only_comes_back(run_of, simulator, vault, looker):
    tile = tile_of(simulator, "query")
    simulator.world["dashboard_elements"].change(tile["id"], query_id=None)
    capture(vault, looker)
    looker.delete("people", f"/dashboard_elements/{tile['id']}")
    selection = Selection.single("dashboards", tile["dashboard_id"])
    assert restore(run_of(selection)).status == "completed"
    assert not run_of(selection).plan().changes_anything


def tile_without_a_place(simulator: Simulator) -> dict:
    world, tile = simulator.world, tile_of(simulator, "query")
    for place in world["dashboard_layout_components"].where("dashboard_element_id", tile["id"]):
        world["dashboard_layout_components"].remove(place["id"])
    return tile


def shown(simulator: Simulator, dashboard_id: str) -> tuple[int, int]:
    """Return how many tiles a dashboard has, and how many of them are shown."""
    world = simulator.world
    tiles = {row["id"] for row in world.parts("dashboard_elements", dashboard_id)}
    places = [row for row in world["dashboard_layout_components"] if row["dashboard_element_id"] in tiles]
    return len(tiles), sum(not row["deleted"] for row in places)


@pytest.mark.parametrize("release", ["26.12", "26.6"])
def test_a_tile_that_was_not_shown_is_hidden_again_or_named(release, vault):
    with Simulator(SimulatorOptions(scale="tiny", release=release)) as simulator, client(simulator) as looker:
        dashboard = tile_without_a_place(simulator)["dashboard_id"]
        before = shown(simulator, dashboard)
        capture(vault, looker)
        mutate(simulator.world, "delete", "dashboards", dashboard)
        selection = Selection.single("dashboards", dashboard)
        report = restore(RestoreRun(vault, looker, selection))
        new_id = str(next(one.destination_id for one in report.proof.items))
        if release == "26.12":
            assert shown(simulator, new_id) == before
            lost = {path for one in report.proof.items for path, _ in one.lost}
            assert (lost, report.proof.count("different")) == ({"x_unknown_to_the_spec"}, 0), "nobody describes it"
        else:
            assert any(path.endswith("deleted") for one in report.proof.items for path, _ in one.lost)
        again = restore(RestoreRun(vault, looker, selection))
        assert (again.status, again.writes) == ("completed", 0)
