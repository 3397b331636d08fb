"""A tile shows a query, a look, a merge query or text; one that shows something else since is put back whole."""

from __future__ import annotations

import json

import pytest

from lookervault_core.restore.drivers import restore
from lookervault_core.restore.selection import Selection
from lookervault_core.simulator import oracle

SOURCES = {"query": "query_id", "look": "look_id", "merge": "merge_result_id"}


def tiles(simulator, kind):
    for tile in simulator.world["dashboard_elements"]:
        dashboard = simulator.world["dashboards"].get(tile["dashboard_id"])
        if tile.get("_deleted") or not dashboard or dashboard["deleted"] or tile["type"] != "vis":
            continue
        shown = [name for name, field in SOURCES.items() if tile.get(field)]
        if shown == [kind]:
            yield dict(tile)


@pytest.mark.parametrize(("was", "became"), [(a, b) for a in SOURCES for b in (*SOURCES, "text") if a != b])
def test_a_tile_shows_again_what_it_showed(run_of, simulator, looker, was, became):
    tile = next(tiles(simulator, was), None)
    other = next(tiles(simulator, became), None)
    if tile is None or (other is None and became != "text"):
        pytest.skip("this instance has no such tile")
    before = oracle.dump(simulator.world)["dashboards"]
    body = dict.fromkeys(SOURCES.values())
    body |= (
        {"type": "text", "body_text": "wrecked"}
        if became == "text"
        else {SOURCES[became]: (other or {})[SOURCES[became]]}
    )
    looker.patch("wreck", f"/dashboard_elements/{tile['id']}", json.dumps(body).encode())
    report = restore(run_of(Selection.single("dashboards", tile["dashboard_id"])))
    assert report.status == "completed"
    assert oracle.dump(simulator.world)["dashboards"] == before
