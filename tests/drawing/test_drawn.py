"""What is on a dashboard is in its drawing, each tile where its layout component says."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.drawing.fitting import shortened, width_of, wrapped
from lookervault_core.drawing.plain import lines_of
from lookervault_core.drawing.svg import MARGIN, Marked, Scale, document
from lookervault_core.families.drawn import drawing_of
from tests.drawing.made import HOSTILE, dashboard, real
from tests.simulated import client

PLACE = {"row": 2, "column": 8, "width": 8, "height": 6}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(payload: dict[str, Any], marked: Marked | None = None) -> ET.Element:
    """Return the drawing, read as XML: it always can be."""
    return ET.fromstring(document(drawing_of("dashboards", json.dumps(payload).encode()), marked))


def tiles(svg: ET.Element) -> dict[str, ET.Element]:
    return {str(one.get("data-element-id")): one for one in svg.iter() if one.get("data-element-id") is not None}


def box(tile: ET.Element) -> list[float]:
    cell = tile.find(f".//{SVG}rect[@class='cell']")
    assert cell is not None
    return [float(cell.get(name, "nan")) for name in ("x", "y", "width", "height")]


def words(element: ET.Element) -> str:
    return " ".join(one.text or "" for one in element.iter(f"{SVG}text"))


def test_a_tile_says_its_place_and_its_box_is_there() -> None:
    svg = drawn(dashboard([{"title": "A"}, {"title": "B"}], [{"row": 0, "column": 0, "width": 24, "height": 2}, PLACE]))
    first, second = tiles(svg).values()
    assert [second.get(f"data-{name}") for name in PLACE] == ["2", "8", "8", "6"]
    scale = Scale()
    assert box(second) == [MARGIN + 8 * scale.column, box(first)[1] + 2 * scale.row, 8 * scale.column, 6 * scale.row]


@pytest.mark.parametrize("times", [2, 4])
def test_a_tile_of_the_fine_grid_is_where_that_says(times: int) -> None:
    coarse = {"row": 0, "column": 0, "width": 24, "height": 2}
    fine = {f"granular_{name}": value * times for name, value in PLACE.items()}
    other = {f"granular_{name}": value * times for name, value in coarse.items()}
    scale = Scale()
    for places in ([coarse | other, PLACE | fine], [other, fine]):
        first, second = tiles(drawn(dashboard([{}, {}], places))).values()
        assert second.get("data-granular-column") == str(8 * times)
        assert box(second) == [
            MARGIN + 8 * scale.column,
            box(first)[1] + 2 * scale.row,
            8 * scale.column,
            6 * scale.row,
        ]


def test_half_a_row_of_the_fine_grid_is_half_a_row() -> None:
    whole = {"row": 0, "column": 0, "width": 24, "height": 2}
    fine = [{"granular_row": 0, "granular_column": 0, "granular_width": 48, "granular_height": 4},
            {"granular_row": 5, "granular_column": 1, "granular_width": 7, "granular_height": 3}]  # fmt: skip
    first, second = tiles(drawn(dashboard([{}, {}], [whole | fine[0], {"row": 2, "column": 0} | fine[1]]))).values()
    scale = Scale()
    assert box(second)[0] == MARGIN + scale.column / 2
    assert box(second)[1] == box(first)[1] + 2.5 * scale.row
    assert box(second)[2:] == [3.5 * scale.column, 1.5 * scale.row]


def test_every_tab_is_drawn_in_its_order_and_of_old_layouts_the_active_one() -> None:
    payload = dashboard([{"title": "A"}, {"title": "B"}], [PLACE])
    (layout,) = payload["dashboard_layouts"]
    other = {"id": "2", "dashboard_layout_components": [PLACE | {"dashboard_element_id": "2"}]}
    tabs = [other | {"label": "Second", "order": 1, "active": False}, layout | {"label": "First", "order": 0}]
    svg = drawn(payload | {"dashboard_layouts": tabs})
    assert [one.get("data-layout-id") for one in svg.iter() if one.get("class") == "tab"] == ["1", "2"]
    assert "First" in words(svg)
    assert set(tiles(svg)) == {"1", "2"}
    svg = drawn(payload | {"dashboard_layouts": [other | {"active": False}, layout]})
    assert [one.get("data-layout-id") for one in svg.iter() if one.get("class") == "tab"] == ["1"]
    assert tiles(svg)["2"].get("data-row") is None


@pytest.mark.parametrize(
    "place", [{}, {"row": None}, {"row": 10**9}, {"width": 0}, {"column": -1}, {"row": "2"}, {"height": True}]
)
def test_a_tile_without_a_place_that_can_be_drawn_is_there_all_the_same(place: dict[str, Any]) -> None:
    svg = drawn(dashboard([{"title": "Lost"}], [PLACE | place if place else {}]))
    assert "Lost" in words(tiles(svg)["1"])
    assert float(svg.get("height", "0")) < 2_000


def test_each_kind_of_tile_shows_what_it_is() -> None:
    made = [
        {"title": "Revenue", "query": {"vis_config": {"type": "looker_column"}}},
        {
            "title": "Own",
            "result_maker": {"vis_config": {"type": "looker_pie"}},
            "query": {"vis_config": {"type": "table"}},
        },
        {"type": "text", "title_text": "Head", "subtitle_text": "Below", "body_text": "<p>Some <b>bold</b> words</p>"},
        {"type": "text", "body_text": '[{"type":"h2","children":[{"text":"From "},{"text":"an editor"}]}]'},
        {"type": "button", "rich_content_json": '{"text": "Open it"}'},
        {"title": "Other", "query": {"vis_config": {"type": "marketplace_viz_radial_gauge::radial_gauge-marketplace"}}},
        {"title": "Hidden", "title_hidden": True, "look": {"query": {"vis_config": {"type": "looker_line"}}}},
        {"type": "extension", "extension_id": "a::b"},
        {"type": "button", "rich_content_json": "{" * 2_000},
    ]
    places = [{"row": 6 * n, "column": 0, "width": 8, "height": 6} for n in range(len(made))]
    found = tiles(drawn(dashboard(made, places)))
    kinds = ["column", "pie", "text", "text", "button", "gauge", "line", "unknown", "button"]
    assert [one.get("data-kind") for one in found.values()] == kinds
    shown = [words(one) for one in found.values()]
    assert shown[0] == "Revenue column chart"
    assert shown[2:6] == ["Head Below Some bold words", "From an editor", "Open it", "Other radial gauge"]
    assert "Hidden" not in shown[6]


def test_filters_stand_above_with_what_they_start_with() -> None:
    row = {"id": "3", "name": "Region", "title": "Region", "default_value": "EMEA", "row": 0}
    svg = drawn(dashboard([], [], dashboard_filters=[row]))
    (chip,) = [one for one in svg.iter() if one.get("data-filter-id") == "3"]
    assert words(chip) == "Region EMEA"


def test_marks_say_in_a_word_what_became_of_a_tile_and_lead_to_it() -> None:
    svg = drawn(dashboard([{"title": "A"}], [PLACE]), Marked({"1": "moved"}, {"1": "#tile-1"}))
    tile = tiles(svg)["1"]
    assert (tile.tag, tile.get("href"), tile.get("data-mark")) == (f"{SVG}a", "#tile-1", "moved")
    assert "moved" in words(tile)


@pytest.mark.parametrize("title", HOSTILE)
def test_a_title_is_data_whatever_it_says(title: str) -> None:
    payload = dashboard(
        [{"title": title}, {"type": "text", "body_text": title, "title_text": title}], [PLACE, PLACE], title=title
    )
    svg = drawn(payload | {"dashboard_filters": [{"id": title, "title": title, "default_value": title}]})
    assert {one.tag.removeprefix(SVG) for one in svg.iter()} <= {
        "svg",
        "title",
        "style",
        "g",
        "rect",
        "text",
        "path",
        "circle",
    }
    assert not any(name.startswith("on") for one in svg.iter() for name in one.attrib)
    assert "\u202e" not in ET.tostring(svg, encoding="unicode")
    assert len(document(drawing_of("dashboards", json.dumps(payload).encode()))) < 20_000


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
                        ["id", "title", "type", "row", "query", "vis_config", "dashboard_element_id", "dashboard_elements",
                         "dashboard_layouts", "dashboard_layout_components", "rich_content_json", "body_text", "label"]),
                        inner, max_size=4), max_leaves=12))  # fmt: skip
def test_nothing_odd_in_a_payload_keeps_it_from_being_drawn(value: Any) -> None:
    odd = {"dashboard_elements": [value, {"id": 1, "title": value, "query": value}], "dashboard_layouts": value}
    drawn(odd if not isinstance(value, dict) else odd | value)


@given(st.text(max_size=60), st.floats(0, 300), st.booleans())
def test_a_shortened_text_fits_by_the_estimate(text: str, room: float, bold: bool) -> None:
    assert width_of(shortened(text, room, 13, bold=bold), 13, bold=bold) <= room + 1e-6
    assert all(width_of(line, 12) <= room + 1e-6 for line in wrapped(text, room, 12, 3))


@given(st.text(max_size=200))
def test_the_words_of_any_text_can_be_taken(text: str) -> None:
    assert all(line.strip() for line in lines_of(text))


def require_whole(payload: dict[str, Any]) -> None:
    """Fail unless each tile of *payload* is drawn, each with a place where its component says."""
    found = tiles(drawn(payload))
    assert set(found) == {row["id"] for row in payload["dashboard_elements"] if not row.get("deleted")}
    for layout in payload["dashboard_layouts"]:
        for row in layout["dashboard_layout_components"]:
            tile = found.get(row["dashboard_element_id"])
            if tile is not None and not row.get("deleted"):
                assert [tile.get(f"data-{name}") for name in PLACE] == [
                    None if row[name] is None else str(row[name]) for name in PLACE
                ]


@pytest.mark.skipif(not real(), reason="the real dashboards are not at hand")
def test_every_real_dashboard_is_drawn_whole() -> None:
    for payload in real():
        require_whole(payload)


@pytest.mark.parametrize("scale", ["tiny", "small"])
def test_every_dashboard_of_an_instance_is_drawn_whole(scale: str) -> None:
    with Simulator(SimulatorOptions(scale=scale)) as simulator, client(simulator) as looker:
        found = looker.get("search_dashboards", "/dashboards/search", {"limit": 500})
        for payload in json.loads(found.body):
            require_whole(payload)
