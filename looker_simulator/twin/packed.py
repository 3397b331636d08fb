"""Dashboards of a twin whose parts are kept as the bytes that were told, until somebody looks at one of them (see ``packing.py``).

That is only for those whose parts show nothing that lies elsewhere: no looks, merge queries, pictures, alerts or SQL.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from looker_simulator import jsontext
from looker_simulator import shapes_content as shape
from looker_simulator.shapes import CHILDREN
from looker_simulator.table import Row
from looker_simulator.twin.rows import Rows
from looker_simulator.world import World

_PARTS = {"dashboard_filters": shape.FILTER, "dashboard_layouts": shape.LAYOUT}
_ELSEWHERE = ("look_id", "merge_result_id", "images", "alert_count", "image_id")
_raws = msgspec.json.Decoder(dict[str, msgspec.Raw])


class _Part(msgspec.Struct):
    id: str


class _Maker(msgspec.Struct):
    query: _Part | None = None
    sql_query_id: Any = None


class _Tile(msgspec.Struct):
    id: str
    query: _Part | None = None
    result_maker: _Maker | None = None
    look_id: Any = None
    merge_result_id: Any = None
    images: Any = None
    image_id: Any = None
    alert_count: Any = None


class _Place(msgspec.Struct):
    id: str
    dashboard_element_id: str | None = None


class _Layout(msgspec.Struct):
    id: str
    dashboard_layout_components: list[_Place]


class _Body(msgspec.Struct):
    dashboard_elements: list[_Tile]
    dashboard_filters: list[_Part]
    dashboard_layouts: list[_Layout]


_body = msgspec.json.Decoder(_Body)


def pack(world: World, raw: bytes) -> bytes | None:
    """Keep the parts of a dashboard as they are, and return the dashboard without them; None if its parts are no such ones."""
    try:
        body = _body.decode(raw)
    except msgspec.ValidationError:
        return None
    tiles = {tile.id for tile in body.dashboard_elements}
    if not all(map(_is_plain, body.dashboard_elements)) or not all(place in tiles for place in _placed(body)):
        return None
    told = _raws.decode(raw)
    keys = list(told)
    if any(key.startswith("x_") for key in keys[keys.index(CHILDREN[-1]) :]):  # shown behind the parts
        return None
    dashboard_id = str(msgspec.json.decode(told["id"]))
    world.packed[dashboard_id] = b",".join(b'"%s":%s' % (key.encode(), bytes(told.pop(key))) for key in CHILDREN)
    for table, row_id in _homes(body):
        world.homes.setdefault(table, {})[row_id] = dashboard_id
    return msgspec.json.encode(told)


def _is_plain(tile: _Tile) -> bool:
    return not any(getattr(tile, name) for name in _ELSEWHERE) and not (
        tile.result_maker is not None and tile.result_maker.sql_query_id
    )


def _placed(body: _Body) -> Iterator[str]:
    for layout in body.dashboard_layouts:
        yield from (place.dashboard_element_id or "" for place in layout.dashboard_layout_components)


def _homes(body: _Body) -> Iterator[tuple[str, str]]:
    for tile in body.dashboard_elements:
        yield "dashboard_elements", tile.id
        for query in (tile.query, tile.result_maker.query if tile.result_maker else None):
            if query is not None:
                yield "queries", query.id
    yield from (("dashboard_filters", one.id) for one in body.dashboard_filters)
    for layout in body.dashboard_layouts:
        yield "dashboard_layouts", layout.id
        yield from (("dashboard_layout_components", place.id) for place in layout.dashboard_layout_components)


def unpacked(rows: Rows, raw: bytes) -> Iterator[tuple[str, Row]]:
    """Yield (table, row) for every part and query in *raw*; a layout comes before its components."""
    told = jsontext.loads(b"{" + raw + b"}")
    for tile in told["dashboard_elements"]:
        maker = tile.get("result_maker")
        for query in (tile.get("query"), (maker or {}).get("query")):
            if query:
                yield "queries", rows.row(shape.QUERY, query)
        plain = {key: value for key, value in maker.items() if key != "query"} if maker else None
        yield "dashboard_elements", rows.row(shape.ELEMENT, tile, result_maker=plain)
    for table, of in _PARTS.items():
        for part in told[table]:
            yield table, rows.row(of, part)
            for place in part.get("dashboard_layout_components") or ():
                yield "dashboard_layout_components", rows.row(shape.COMPONENT, place)
