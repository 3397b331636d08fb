"""Packed dashboards: parts kept as the bytes that are served, until somebody looks at one of them.

A packed value is the inside of a JSON object: ``"dashboard_elements":[…],"dashboard_filters":[…],"dashboard_layouts":[…]``.
Ten thousand dashboards of 40 KB are made and served in seconds this way.
"""

from collections.abc import Iterator

from looker_simulator import jsontext
from looker_simulator.table import Row

# Properties that are worked out from other rows when a part is shown, hence not stored in its own row.
_NOT_STORED = {
    "can",
    "images",
    "look",
    "query",
    "alert_count",
    "dashboard_title",
    "dashboard_layout_components",
    "element_title",
}


def unpacked(raw: bytes) -> Iterator[tuple[str, Row]]:
    """Yield (table, row) for every part and query in *raw*; a layout comes before its components."""
    doc = jsontext.loads(b"{" + raw + b"}")
    for tile in doc["dashboard_elements"]:
        if tile["query"] is not None:
            yield "queries", _stored(tile["query"])
        maker = tile["result_maker"]
        if maker is not None:
            tile["result_maker"] = {name: value for name, value in maker.items() if name != "query"}
        yield "dashboard_elements", _stored(tile)
    for row in doc["dashboard_filters"]:
        yield "dashboard_filters", _stored(row)
    for layout in doc["dashboard_layouts"]:
        yield "dashboard_layouts", _stored(layout)
        for component in layout["dashboard_layout_components"]:
            yield "dashboard_layout_components", _stored(component)


def _stored(part: Row) -> Row:
    return {name: value for name, value in part.items() if name not in _NOT_STORED}
