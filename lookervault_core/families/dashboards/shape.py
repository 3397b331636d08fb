"""Which fields of a dashboard and of its tiles are compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.diff.documents.doc import Doc, text_of
from lookervault_core.families.folders.content import RENAMED, certification, in_folder
from lookervault_core.families.queries.structure import query_ids, query_structure
from lookervault_core.families.shape import Reading, Shape

TAB, TILE, PLACE = "dashboard_layouts", "dashboard_elements", "dashboard_layout_components"
# What a tile can show, and where it says so; a SQL query stands in its result maker only.
TILE_SOURCES = {"look": "look_id", "merge query": "merge_result_id", "query": "query_id"}
_SHOWN = ("look_id", "query", "merge_query", "sql_query_id")
# How a tile is drawn, as its result maker says it: what it shows says it too, but for a query of hand-written SQL.
DRAWN = ("vis_config", "dynamic_fields", "sorts", "total")
# What a tile shows: one for all.
SOURCES = frozenset({*_SHOWN, "sources"})


def shows_nothing(tile: Doc) -> bool:
    """Return whether a tile for data has none, as where its look was deleted. Looker takes no such tile (422 `type: invalid`)."""
    return tile.fields.get("type") == "vis" and not any(tile.fields.get(field) for field in _SHOWN)


def with_sources(live: Doc) -> Mapping[str, Any]:
    """Return the fields of a live tile with the ids of its query and merge query; a tile with a look has no query of its own."""
    query_id, merge_id = ("", "") if live.fields.get("look_id") else (live.query_id, live.merge_id)
    return {"query_id": query_id or None, "merge_result_id": merge_id or None} | live.fields


def _dashboard(dashboard: Mapping[str, Any], _reading: Reading) -> dict[str, Any]:
    return in_folder(dashboard)


def _tile(tile: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """A tile shows exactly one of look, query, merge query and SQL query; the others are not looked at."""
    maker = tile.get("result_maker") or {}
    shaped = {**tile, "query": None, "merge_query": None, "sql_query_id": None}
    shaped["certification_metadata"] = certification(tile)
    query_id, merge_id = query_ids(tile)
    if tile.get("look_id"):
        pass
    elif merge_id:
        shaped["merge_query"] = reading.merge or {"id": merge_id}
    elif query_id:
        shaped["query"] = query_structure(tile.get("query") or maker.get("query")) or {"id": query_id}
    else:
        shaped["sql_query_id"] = maker.get("sql_query_id")
        shaped |= {field: maker.get(field) for field in DRAWN} if maker.get("sql_query_id") else {}
    shaped["sources"] = [name for name, field in TILE_SOURCES.items() if tile.get(field)] or [
        name for name, named in (("merge query", merge_id), ("query", query_id)) if named
    ][:1]  # its result maker alone may name it
    shaped["filterables"] = [_filterable(filterable) for filterable in maker.get("filterables") or ()]
    return shaped


def _filterable(filterable: Mapping[str, Any]) -> dict[str, Any]:
    listen = [{k: entry.get(k) for k in ("dashboard_filter_name", "field")} for entry in filterable.get("listen") or ()]
    return {**{k: filterable.get(k) for k in ("model", "view", "name")}, "listen": listen}


def is_group(place: Doc) -> bool:
    """Return whether a place is a group of tiles: it has no tile itself, and the places of tiles name it."""
    return not place.fields.get("dashboard_element_id")


def _drop_places_without_tile(dashboard: Doc) -> None:
    """A tab may still have the place of a tile that is gone."""
    tiles = dashboard.children["dashboard_elements"]
    for tab in dashboard.children["dashboard_layouts"].values():
        places = tab.children["dashboard_layout_components"]
        there = {
            key: place
            for key, place in places.items()
            if is_group(place) or text_of(place.fields["dashboard_element_id"]) in tiles
        }
        tab.children["dashboard_layout_components"] = there


def _written(names: set[str]) -> set[str]:
    return names | SOURCES if names & {"query_id", "merge_result_id", "look_id", "sql_query_id"} else names


SHAPES = {
    "dashboards": Shape(shaped=_dashboard, renamed=RENAMED, settle=_drop_places_without_tile),
    "dashboard_elements": Shape(shaped=_tile, renamed=frozenset({"result_maker"}), written=_written),
}
