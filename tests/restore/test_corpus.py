"""Dashboards that real teams published survive being deleted for good: all that a user can tell of them is the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, mutate, oracle
from lookervault_core.diff.document import decode, encode
from lookervault_core.errors import Invalid
from lookervault_core.looker.client import Looker
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "dashboards.jsonl"
OWN = ("title", "description", "preferred_viewer", "refresh_interval", "crossfilter_enabled", "filters_bar_collapsed")
PLACE = ("row", "column", "width", "height")

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the real dashboards are not part of the repository")


class Loader:
    """Makes the dashboards of the corpus through the API, as a person with a script would."""

    def __init__(self, looker: Looker, folder_id: str) -> None:
        self._looker = looker
        self._folder_id = folder_id
        self.tiles = 0
        self.refused: list[str] = []
        self.refused_filters: list[str] = []

    def load(self, number: int, one: dict[str, Any]) -> str:
        body = {name: one[name] for name in (*OWN, "filters_location_top") if one[name] is not None}
        body |= {"folder_id": self._folder_id, "title": f"{one['title']} ({number})"}
        made = self._post("dashboard", "/dashboards", body)
        for each in one["dashboard_filters"]:
            self._filter(without_nulls(each) | {"dashboard_id": made["id"]})
        places = [self._tile(made["id"], tile) for tile in one["dashboard_elements"]]
        self._lay_out(made["id"], dict(place for place in places if place))
        return made["id"]

    def _filter(self, body: dict[str, Any]) -> None:
        try:
            self._post("dashboard_filter", "/dashboard_filters", body)
        except Invalid as exc:
            self.refused_filters.append(str(exc))

    def _tile(self, dashboard_id: str, tile: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
        plain = ("title", "note_text", "note_state", "note_display", "type", "title_text", "subtitle_text", "body_text")
        body = without_nulls({name: tile.get(name) for name in plain}) | {"dashboard_id": dashboard_id}
        try:
            if tile.get("query"):
                body["query_id"] = self._post("query", "/queries", without_nulls(tile["query"]))["id"]
            if tile.get("merge_result"):
                body["merge_result_id"] = self._merged(tile["merge_result"])
            if tile.get("result_maker"):
                body["result_maker"] = {"filterables": tile["result_maker"].get("filterables") or []}
            made = self._post("dashboard_element", "/dashboard_elements", body)
        except Invalid as exc:
            self.refused.append(str(exc))
            return None
        self.tiles += 1
        return str(made["id"]), {name: tile["layout"].get(name) for name in PLACE}

    def _merged(self, merged: dict[str, Any]) -> str:
        sources = [
            {"name": one.get("name"), "merge_fields": one.get("merge_fields") or []}
            | {"query_id": self._post("query", "/queries", without_nulls(one["query"]))["id"]}
            for one in merged["source_queries"]
        ]
        body = {"source_queries": sources, "vis_config": merged.get("vis_config")}
        return str(self._post("merge_query", "/merge_queries", without_nulls(body))["id"])

    def _lay_out(self, dashboard_id: str, places: dict[str, dict[str, Any]]) -> None:
        made = decode(self._looker.get("dashboard", f"/dashboards/{dashboard_id}").body)
        for place in made["dashboard_layouts"][0]["dashboard_layout_components"]:
            path = f"/dashboard_layout_components/{place['id']}"
            body = encode(places[str(place["dashboard_element_id"])])
            self._looker.patch("update_dashboard_layout_component", path, body)

    def _post(self, kind: str, path: str, body: dict[str, Any]) -> Any:
        return decode(self._looker.post(f"create_{kind}", path, encode(body)).body)


def without_nulls(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def test_real_dashboards_survive_being_deleted_for_good(simulator: Simulator, looker: Looker, vault: Vault) -> None:
    folder = next(row["folder_id"] for row in simulator.world["looks"] if not row["deleted"])
    loader = Loader(looker, folder)
    corpus = [json.loads(line) for line in CORPUS.read_text().splitlines()]
    made = [loader.load(number, one) for number, one in enumerate(corpus)]
    assert (len(made), loader.tiles + len(loader.refused)) == (44, 248)
    refused = loader.refused + loader.refused_filters
    assert all("missing_field" in text for text in refused), "LookML does with less than the API"
    assert len(refused) < 25
    capture(vault, looker)
    before = oracle.dump(simulator.world)
    for one in made:
        mutate(simulator.world, "delete", "dashboards", one)
    assert len(oracle.differences(before, oracle.dump(simulator.world))) >= 44
    report = restore(RestoreRun(vault, looker, Selection.bulk("dashboards"), RestoreOptions(workers=4)), 4)
    assert report.summary.created_count == 44
    assert [(str(one.key), one.verdict) for one in report.proof.items if one.verdict != "identical"] == []
    assert report.status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []
