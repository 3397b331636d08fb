"""A drawing as a real browser lays it out: boxes are where the layout says, and no word leaves its tile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lookervault_core.drawing.svg import Scale, document
from lookervault_core.families.drawn import drawing_of
from tests.browser import Tab, browser, needs_browser
from tests.drawing.made import HOSTILE, dashboard, real

pytestmark = needs_browser

MEASURE = """[...document.querySelectorAll('[data-element-id]')].map(tile => {
  const tab = (tile.closest('.tab') || tile).getBoundingClientRect(), box = tile.getBoundingClientRect()
  const words = [...tile.querySelectorAll('text')].map(one => one.getBoundingClientRect())
  const beyond = w => w.left < box.left - .5 || w.right > box.right + .5 || w.top < box.top - .5
    || w.bottom > box.bottom + .5
  const out = words.some(beyond)
  return {id: tile.dataset.elementId, box: [box.left - tab.left, box.top - tab.top, box.width, box.height], out}
})"""


@pytest.fixture(scope="module")
def tab() -> Iterator[Tab]:
    with browser() as one:
        one.look(width=1280, height=900)
        yield one


def many() -> list[dict[str, Any]]:
    """Return dashboards with every title there is in tiles of every size."""
    kinds = [
        {"query": {"vis_config": {"type": name}}}
        for name in ("looker_line", "single_value", "looker_grid", "looker_pie")
    ]
    plain = [{"type": "text", "title_text": "T"}, {"type": "button"}, {"type": "vis"}]
    made = []
    for title in (*HOSTILE, "Revenue by region and quarter", "الإيرادات", "🎉🎉🎉 party", "iiiiiiii", "WWWWWW"):
        tiles, places, row = [], [], 0
        for n, (width, height) in enumerate(((1, 1), (2, 2), (3, 1), (6, 3), (8, 6), (24, 9), (5, 4))):
            for kind in (kinds[n % len(kinds)], plain[n % len(plain)]):
                words = {"title_text": title, "body_text": title, "rich_content_json": json.dumps({"text": title})}
                tiles.append(kind | {"title": title} | words)
                places.append({"row": row, "column": 0, "width": width, "height": height})
                row += height
        made.append(dashboard(tiles, places, title=title))
    return made


def require_in_place(tab: Tab, payload: dict[str, Any], path: Path) -> None:
    path.write_text(document(drawing_of("dashboards", json.dumps(payload).encode())), encoding="utf-8")
    tab.open(path.as_uri())
    found = {one["id"]: one for one in tab.run(MEASURE)}
    assert [one["id"] for one in found.values() if one["out"]] == []
    scale = Scale()
    (layout,) = payload["dashboard_layouts"]
    for row in layout["dashboard_layout_components"]:
        if row["row"] is not None:
            place = (
                row["column"] * scale.column,
                row["row"] * scale.row,
                row["width"] * scale.column,
                row["height"] * scale.row,
            )
            assert found[row["dashboard_element_id"]]["box"] == pytest.approx(place, abs=0.6), payload["title"][:60]
    assert [url for url in tab.fetched() if not url.startswith("file:")] == []
    assert tab.complaints() == []


def test_every_tile_is_where_its_component_says_and_keeps_its_words_to_itself(tab: Tab, tmp_path: Path) -> None:
    for n, payload in enumerate([*many(), *real()]):
        require_in_place(tab, payload, tmp_path / f"{n}.svg")


def test_a_drawing_follows_the_colour_scheme(tab: Tab, tmp_path: Path) -> None:
    path = tmp_path / "one.svg"
    path.write_text(document(drawing_of("dashboards", json.dumps(dashboard([], [])).encode())))
    colour = "getComputedStyle(document.querySelector('.paper')).fill"
    seen = []
    for dark in (False, True):
        tab.look(dark=dark)
        tab.open(path.as_uri())
        seen.append(tab.run(colour))
    assert len(set(seen)) == 2
