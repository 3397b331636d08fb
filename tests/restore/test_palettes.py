"""Palettes of a colour collection that is put back on its own instance: what is drawn in one stays drawn in it.

Looker numbers the palettes of a collection by their places when it makes them (its documentation, "Color collections").
"""

from __future__ import annotations

import json

import pytest

from lookervault_core.restore.runs import restore
from tests.restore.test_colors import corporate, ids_of, palette
from tests.simulated import capture

NIGHT, DAY, DUSK = palette("Night", "#111111"), palette("Day", "#eeeeee"), palette("Dusk", "#777777")


def change(looker, collection, *palettes):
    looker.patch("people", f"/color_collections/{collection}", json.dumps({"categoricalPalettes": palettes}).encode())


def living(world, name):
    """Return the first look, or tile, with a query of its own that is not in the trash."""
    trashed = {row["id"] for row in world["dashboards"] if row["deleted"]}
    rows = (row for row in world[name] if row["query_id"] and not (row.get("deleted") or row.get("_deleted")))
    return next(row for row in rows if row.get("dashboard_id") not in trashed)


def drawn_in(world, collection):
    """Return the labels of the palettes that a look and a tile are drawn in."""
    labels = {one["id"]: one["label"] for one in world["color_collections"].get(collection)["categoricalPalettes"]}
    queries = [world["queries"].get(living(world, name)["query_id"]) for name in ("looks", "dashboard_elements")]
    return [labels.get(query["vis_config"]["color_application"]["palette_id"]) for query in queries]


@pytest.fixture
def drawn(simulator, looker, vault):
    """A collection, and a look and a tile in its palette Day: the second one, or the only one that is *alone* left."""

    def back_up(*, alone):
        ours = corporate(looker, NIGHT, DAY)
        day = next(one for one in ours["categoricalPalettes"] if one["label"] == "Day")
        if alone:
            change(looker, ours["id"], day)
        colors = {"color_application": {"collection_id": ours["id"], "palette_id": day["id"]}}
        for name in ("looks", "dashboard_elements"):
            row = living(simulator.world, name)
            query = simulator.world["queries"].get(row["query_id"])
            body = {field: query[field] for field in ("model", "view", "fields")} | {"vis_config": colors}
            made = json.loads(looker.post("people", "/queries", json.dumps(body).encode()).body)["id"]
            looker.patch("people", f"/{name}/{row['id']}", json.dumps({"query_id": made}).encode())
        capture(vault, looker)
        return ours["id"], day

    return back_up


CHANGES = {
    "its colours": lambda day: [{**day, "colors": ["#123456"]}],
    "its place": lambda day: [day, DUSK],
    "another one instead": lambda _: [DUSK],
    "another one before it": lambda day: [DUSK, day],
}


@pytest.mark.parametrize("alone", [True, False], ids=["the only one left", "the second"])
@pytest.mark.parametrize("how", CHANGES)
def test_what_is_drawn_in_a_palette_stays_so_when_its_collection_is_put_back(
    how, alone, simulator, looker, vault, drawn, run_of
):
    collection, day = drawn(alone=alone)
    change(looker, collection, *CHANGES[how](day))
    report = restore(run_of())
    assert report.status == "completed"
    labels = ["Day"] if alone else ["Night", "Day"]
    assert list(ids_of(simulator.world["color_collections"].get(collection))) == labels
    assert drawn_in(simulator.world, collection) == ["Day", "Day"]
    assert restore(run_of()).writes == 0
