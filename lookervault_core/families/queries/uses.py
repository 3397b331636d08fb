"""Which fields of which explores an object asks for, and where in it: tiles, filters, looks, alerts, merge queries. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.families.queries.structure import query_ids

# Gives the payload of a query, or what a merge query asks with its queries, by its id; None for what nobody knows.
Known = Callable[[str], Any]
# A custom field names others by what it is based on, and in its expression.
_NAMED = re.compile(r"\$\{([\w.]+)\}|\"based_on\"\s*:\s*\"([\w.]+)\"")


class Use(msgspec.Struct, frozen=True):
    """One field that is asked for: in which part of an object, which is called so and has an id of its own where it has one."""

    model: str
    explore: str
    field: str
    place: str
    part: str = ""
    part_id: str = ""


class Tile(msgspec.Struct, frozen=True):
    """One tile of a dashboard and what it asks, as far as that is one query."""

    id: str
    title: str
    type: str
    model: str
    explore: str
    query_id: str


def tiles(payload: Any, query: Known) -> Iterator[Tile]:
    """Yield the tiles of a payload that has any."""
    for tile in _rows(payload, "dashboard_elements"):
        query_id, _ = query_ids(tile)
        asked = _asked(tile, query)
        title = str(tile.get("title") or tile.get("title_text") or "")
        model, explore = str(asked.get("model") or ""), str(asked.get("view") or "")
        yield Tile(str(tile.get("id")), title, str(tile.get("type") or ""), model, explore, query_id)


def uses(payload: Any, query: Known, merge: Known) -> Iterator[Use]:
    """Yield what an object asks for: of its own query, of its tiles and filters, or of what it watches."""
    if not isinstance(payload, Mapping):
        return
    yield from _of_query(_asked(payload, query), "query", str(payload.get("title") or ""))
    for tile in _rows(payload, "dashboard_elements"):
        title, tile_id = str(tile.get("title") or tile.get("title_text") or ""), str(tile.get("id"))
        if not tile.get("look_id"):
            yield from _of_query(_asked(tile, query), "tile", title, tile_id)
        merge_id = query_ids(tile)[1]
        for source in _rows(merge(merge_id) if merge_id else None, "source_queries"):
            yield from _of_query(source.get("query") or {}, "merge query", title, tile_id)
    for row in _rows(payload, "dashboard_filters"):
        if row.get("dimension"):
            names = (str(row.get(key) or "") for key in ("model", "explore", "dimension"))
            yield Use(*names, "filter", str(row.get("title") or row.get("name") or ""), str(row.get("id")))


def _rows(payload: Any, field: str) -> list[Mapping[str, Any]]:
    rows = payload.get(field) if isinstance(payload, Mapping) else None
    return [row for row in rows or () if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _asked(payload: Mapping[str, Any], query: Known) -> Mapping[str, Any]:
    """Return the query of a look, a tile or a plan, which may only be named by its id."""
    maker = payload.get("result_maker")
    asked = payload.get("query") or (maker.get("query") if isinstance(maker, Mapping) else None)
    query_id = query_ids(payload)[0] if not asked else ""
    found = asked or (query(query_id) if query_id else None)
    return found if isinstance(found, Mapping) else {}


def _of_query(query: Mapping[str, Any], place: str, part: str, part_id: str = "") -> Iterator[Use]:
    model, explore = str(query.get("model") or ""), str(query.get("view") or "")
    lists = [query.get(key) for key in ("fields", "pivots", "fill_fields", "subtotals")]
    names = [name for rows in lists if isinstance(rows, list) for name in rows]
    names += [*(query.get("filters") or ())] if isinstance(query.get("filters"), Mapping) else []
    names += [str(sort).split(" ")[0] for sort in query.get("sorts") or ()]
    names += [one or other for one, other in _NAMED.findall(str(query.get("dynamic_fields") or ""))]
    yield from (Use(model, explore, str(name), place, part, part_id) for name in dict.fromkeys(names) if model)
