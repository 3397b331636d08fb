"""Dashboards to draw: real ones, where they are at hand, and made ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "dashboards.jsonl"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</text><script>alert(1)</script>",
    "a\u202eb\x1b[31m\x00\uffff",
    "W" * 10_000,
    "  ",
    "語" * 300,
)


def dashboard(tiles: list[dict[str, Any]], places: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """Return a dashboard of one tab; a tile is given its id by its position, its place the same."""
    elements = [{"id": str(n), "type": "vis"} | tile for n, tile in enumerate(tiles, 1)]
    components = [
        {"id": f"9{n}", "dashboard_element_id": str(n), "deleted": False} | place for n, place in enumerate(places, 1)
    ]
    layout = {"id": "1", "type": "newspaper", "active": True, "dashboard_layout_components": components}
    shown = {"id": "7", "title": "Made", "dashboard_elements": elements, "dashboard_layouts": [layout]}
    return shown | {"dashboard_filters": []} | fields


def real() -> list[dict[str, Any]]:
    """Return the real dashboards in the shape of the API."""
    if not CORPUS.exists():
        return []
    return [_as_api(json.loads(line)) for line in CORPUS.read_text().splitlines()]


def _as_api(one: dict[str, Any]) -> dict[str, Any]:
    tiles = [{key: value for key, value in tile.items() if key != "layout"} for tile in one["dashboard_elements"]]
    filters = [{"id": str(n)} | row for n, row in enumerate(one["dashboard_filters"])]
    places = [tile["layout"] for tile in one["dashboard_elements"]]
    return dashboard(tiles, places, title=one["title"], dashboard_filters=filters)
