"""A drawing as one SVG document: each tile is an element with its id and its place, in the box that the place says."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lookervault_core.drawing.elements import Box, element, rect
from lookervault_core.drawing.fitting import READ_AT_MOST, width_of
from lookervault_core.drawing.model import Chip, Drawing, Mark, Page, Tile
from lookervault_core.drawing.style import style
from lookervault_core.drawing.tiles import text, tile_elements

MARGIN, CHIP_TALL, MOST_CHIP, LOOSE_WIDE, LOOSE_TALL = 16.0, 30.0, 320.0, 240.0, 120.0


class Scale(msgspec.Struct, frozen=True):
    """How large a column and a row of the grid are drawn."""

    column: float = 50.0
    row: float = 36.0


class Marked(msgspec.Struct, frozen=True):
    """How tiles changed (added, moved, …), by tile id, and where a click on each leads."""

    marks: Mapping[str, Mark] = {}
    links: Mapping[str, str] = {}


def document(drawing: Drawing, marked: Marked | None = None, scale: Scale | None = None) -> str:
    """Return *drawing* as a file of its own, in the reader's colour scheme."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{picture(drawing, marked, scale, styled=True)}\n'


def picture(
    drawing: Drawing,
    marked: Marked | None = None,
    scale: Scale | None = None,
    *,
    styled: bool = False,
    headed: bool = True,
) -> str:
    """Return *drawing* as an `svg` element, for a page that has `style()` unless it is *styled*; *headed* shows its title."""
    scale, marked = scale or Scale(), marked or Marked()
    wide = max((page.columns for page in drawing.pages), default=24) * scale.column + 2 * MARGIN
    made, top = _head(drawing, wide, headed=headed)
    for page in drawing.pages:
        elements, top = _page(page, top, scale, marked)
        made += elements
    elements, top = _loose(drawing.unplaced, top, wide, marked)
    made += elements
    tall = top + MARGIN
    inside = [
        element("title", drawing.title[:READ_AT_MOST] or "Dashboard"),
        *([element("style", [style()])] if styled else []),
        rect((0, 0, wide, tall), "paper"),
        *made,
    ]
    return element(
        "svg",
        inside,
        xmlns="http://www.w3.org/2000/svg",
        cls="drawing",
        view_box=f"0 0 {wide:g} {tall:g}",
        width=f"{wide:g}",
        height=f"{tall:g}",
        role="group" if marked.links else "img",
        aria_label=f"Drawing of {(drawing.title or 'the dashboard')[:120]}",
    )


def _head(drawing: Drawing, wide: float, *, headed: bool) -> tuple[list[str], float]:
    room, top = wide - 2 * MARGIN, MARGIN
    made: list[str] = []
    if headed:
        made += text(drawing.title, (MARGIN, top, room, 24), 20, "heading", bold=True)
        top += 36
    elements, top = _chips(drawing.chips, top, room)
    return made + elements, top


def _chips(chips: tuple[Chip, ...], top: float, room: float) -> tuple[list[str], float]:
    if not chips:
        return [], top
    made, x = [], MARGIN
    for chip in chips:
        wide = min(room, MOST_CHIP, _chip_title(chip) + width_of(chip.value[:60], 12) + 38)
        if x > MARGIN and x + wide > MARGIN + room:
            x, top = MARGIN, top + CHIP_TALL + 6
        made.append(_chip(chip, (x, top, wide, CHIP_TALL)))
        x += wide + 8
    return [element("g", made, cls="filters", aria_label="Filters")], top + CHIP_TALL + 14


def _chip(chip: Chip, box: Box) -> str:
    x, y, wide, _ = box
    room = wide - 38
    title = min(_chip_title(chip), max(room * 0.6, room - width_of(chip.value[:60], 12)))
    inside = [
        element("title", f"{chip.title}: {chip.value}"[:300]),
        rect(box, "chip", 15),
        *text(chip.title, (x + 12, y + 9, title, 13), 12, "chip-title", bold=True),
        *text(chip.value, (x + 18 + title, y + 9, wide - title - 30, 13), 12, "chip-value"),
    ]
    return element("g", inside, cls="filter", data_filter_id=chip.id)


def _chip_title(chip: Chip) -> float:
    return width_of(chip.title[:60], 12, bold=True) + 1


def _page(page: Page, top: float, scale: Scale, marked: Marked) -> tuple[list[str], float]:
    """Return one tab and where it ends. Its first row is right below its label."""
    label: list[str] = []
    if page.label:
        label = text(page.label, (MARGIN, top + 4, page.columns * scale.column, 18), 14, "tab-label", bold=True)
        top += 30
    made = []
    placed = [(tile, tile.place) for tile in page.tiles if tile.place]
    for tile, place in placed:
        cell = (
            MARGIN + place.x * scale.column,
            top + place.y * scale.row,
            place.width * scale.column,
            place.height * scale.row,
        )
        made.append(_tile(tile, cell, marked))
    rows = max((place.y + place.height for _, place in placed), default=1)
    grid = rect((MARGIN, top, page.columns * scale.column, rows * scale.row), "cell")
    sheet = element("g", [grid, *made], cls="tab", data_layout_id=page.id, aria_label=page.label[:200] or None)
    return [*label, sheet], top + rows * scale.row + 10


def _loose(tiles: tuple[Tile, ...], top: float, wide: float, marked: Marked) -> tuple[list[str], float]:
    """Return the tiles that no place is known of, in rows below all others."""
    if not tiles:
        return [], top
    made = text("Without a place", (MARGIN, top + 6, wide, 18), 12, "quiet")
    top += 28
    across = max(1, int((wide - 2 * MARGIN) // LOOSE_WIDE))
    for n, tile in enumerate(tiles):
        cell = (MARGIN + n % across * LOOSE_WIDE, top + n // across * LOOSE_TALL, LOOSE_WIDE, LOOSE_TALL)
        made.append(_tile(tile, cell, marked))
    return [element("g", made, cls="unplaced")], top + -(-len(tiles) // across) * LOOSE_TALL


def _tile(tile: Tile, cell: Box, marked: Marked) -> str:
    mark, link = marked.marks.get(tile.id), marked.links.get(tile.id)
    told = ", ".join(part for part in (tile.title[:200] or "untitled", tile.called, mark, tile.note[:300]) if part)
    return element(
        "a" if link else "g",
        [element("title", told), *tile_elements(tile, cell, mark)],
        cls=f"tile kind-{tile.kind}" + (f" mark-{mark}" if mark else ""),
        data_element_id=tile.id,
        **{f"data_{name}": value for name, value in tile.stated.items()},
        data_kind=tile.kind,
        data_mark=mark,
        href=link,
    )
