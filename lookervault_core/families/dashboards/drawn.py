"""What is on a dashboard, as a drawing: its tabs, its tiles and their places, its filters. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lookervault_core.drawing.model import Chip, Drawing, Page, Place, Tile
from lookervault_core.drawing.plain import lines_of, words_of
from lookervault_core.families.dashboards.places import Grid, stated

Payload = Mapping[str, Any]

# What Looker calls its charts, and what is drawn for each; anything else is one that a marketplace or a developer made.
_KINDS = {
    "single_value": ("number", "single value"),
    "looker_column": ("column", "column chart"),
    "looker_histogram": ("column", "histogram"),
    "looker_bar": ("bar", "bar chart"),
    "looker_line": ("line", "line chart"),
    "looker_area": ("area", "area chart"),
    "looker_scatter": ("scatter", "scatter plot"),
    "looker_pie": ("pie", "pie chart"),
    "looker_donut_multiples": ("donut", "donut multiples"),
    "looker_grid": ("table", "table"),
    "looker_legacy_table": ("table", "table (legacy)"),
    "table": ("table", "table"),
    "looker_single_record": ("record", "single record"),
    "looker_map": ("map", "map"),
    "looker_google_map": ("map", "Google map"),
    "looker_geo_choropleth": ("map", "static map (regions)"),
    "looker_geo_coordinates": ("map", "static map (points)"),
    "looker_funnel": ("funnel", "funnel"),
    "looker_waterfall": ("waterfall", "waterfall"),
    "looker_boxplot": ("boxplot", "boxplot"),
    "looker_timeline": ("timeline", "timeline"),
    "looker_wordcloud": ("cloud", "word cloud"),
}
_LIKE = {
    "table": "table",
    "gauge": "gauge",
    "map": "map",
    "funnel": "funnel",
    "pie": "pie",
    "word": "cloud",
    "bar": "bar",
}
_PLAIN = {"text": "text", "button": "button", "filter": "filter"}


def drawing_of(payload: Payload) -> Drawing:
    """Return the drawing of a dashboard from its *payload*. It never fails: values that make no sense are left out."""
    tiles = {_id(row): row for row in _rows(payload, "dashboard_elements") if not row.get("deleted")}
    shown = _shown([row for row in _rows(payload, "dashboard_layouts") if not row.get("deleted")])
    pages = tuple(_page(layout, tiles) for layout in shown)
    placed = {tile.id for page in pages for tile in page.tiles}
    given = {_text(row.get("dashboard_element_id")): row for layout in shown for row in _components(layout)}
    unplaced = tuple(_tile(row, None, given.get(key, {})) for key, row in tiles.items() if key not in placed)
    return Drawing(_text(payload.get("id")), _text(payload.get("title")), pages, _chips(payload), unplaced)


def _shown(layouts: list[Payload]) -> list[Payload]:
    """Return the tabs in their order; of layouts that are no tabs, the active one: the others are how it was once."""
    tabs = [row for row in layouts if row.get("label") or row.get("order") is not None]
    active = [row for row in layouts if row.get("active")] or layouts[:1]
    known = [row for row in layouts if row in tabs or row in active]
    return sorted(known, key=lambda row: (_number(row.get("order")) is None, _number(row.get("order")) or 0))


def _page(layout: Payload, tiles: Mapping[str, Payload]) -> Page:
    components = _components(layout)
    grid = Grid.of(components)
    made = []
    for row in components:
        tile, place = tiles.get(_text(row.get("dashboard_element_id"))), grid.place(row)
        if tile is not None and place is not None:
            made.append(_tile(tile, place, row))
    return Page(_id(layout), _text(layout.get("label")), tuple(made), grid.columns)


def _components(layout: Payload) -> list[Payload]:
    return [row for row in _rows(layout, "dashboard_layout_components") if not row.get("deleted")]


def _tile(row: Payload, place: Place | None, component: Payload) -> Tile:
    kind, called = _kind(row, component)
    is_text = kind == "text"
    title = _text(row.get("title_text") if is_text else row.get("title")) or _text(row.get("title"))
    lines = lines_of(_text(row.get("body_text"))) if is_text else _button_words(row) if kind == "button" else ()
    return Tile(
        id=_id(row),
        kind=kind,
        called=called,
        title=words_of(title) if is_text else "" if row.get("title_hidden") else title,
        subtitle=" ".join(lines_of(_text(row.get("subtitle_text")))),
        lines=lines,
        note=_text(row.get("note_text")),
        place=place,
        stated=stated(component),
        place_id=_id(component),
    )


def _kind(row: Payload, component: Payload) -> tuple[str, str]:
    """Return what is drawn for a tile, and what it is called."""
    kind = _text(row.get("type"))
    if row.get("filter_id"):
        return "filter", "filter"
    if kind in _PLAIN:
        return _PLAIN[kind], f"{kind} tile" if kind == "text" else kind
    if kind == "extension":
        return "unknown", f"extension {_text(row.get('extension_id'))}".strip()
    return _chart(_vis_type(row) or _text(component.get("vis_type")))


def _chart(name: str) -> tuple[str, str]:
    if not name:
        return "unknown", "chart"
    if name in _KINDS:
        return _KINDS[name]
    short = name.rpartition("::")[2].removesuffix("-marketplace").replace("_", " ")
    like = next((kind for word, kind in _LIKE.items() if word in short), "unknown")
    return like, short


def _vis_type(row: Payload) -> str:
    """Return the type of the chart: that of the tile's own settings before that of the query or look which it shows."""
    maker, look = _dict(row.get("result_maker")), _dict(row.get("look"))
    merged = _dict(row.get("merge_result"))
    for holder in (maker, _dict(row.get("query")), merged, _dict(maker.get("query")), _dict(look.get("query"))):
        if found := _text(_dict(holder.get("vis_config")).get("type")):
            return found
    return ""


def _button_words(row: Payload) -> tuple[str, ...]:
    try:
        rich = msgspec.json.decode(_text(row.get("rich_content_json")) or "{}")
    except (msgspec.DecodeError, RecursionError):
        return ()
    words = _text(_dict(rich).get("text"))
    return (words,) if words else ()


def _chips(payload: Payload) -> tuple[Chip, ...]:
    rows = sorted(_rows(payload, "dashboard_filters"), key=lambda row: _number(row.get("row")) or 0)
    return tuple(
        Chip(_id(row), _text(row.get("title")) or _text(row.get("name")), _text(row.get("default_value")))
        for row in rows
    )


def _rows(payload: Payload, field: str) -> Iterable[Payload]:
    found = payload.get(field)
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def _dict(value: Any) -> Payload:
    return value if isinstance(value, Mapping) else {}


def _id(row: Payload) -> str:
    return _text(row.get("id"))


def _text(value: Any) -> str:
    if isinstance(value, msgspec.Raw):
        value = bytes(value).decode(errors="replace")
    return value if isinstance(value, str) else "" if value is None else re.sub(r"\s+", " ", str(value))


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
