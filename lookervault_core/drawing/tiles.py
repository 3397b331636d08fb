"""One tile as elements: its card, its words, the sketch of its chart, and what marks it as changed."""

from __future__ import annotations

from collections.abc import Callable

from lookervault_core.drawing.elements import Box, element, rect
from lookervault_core.drawing.fitting import shortened, width_of, wrapped
from lookervault_core.drawing.model import Mark, Tile
from lookervault_core.drawing.sketches import sketch

GAP, PAD, LINE = 4.0, 10.0, 16.0
SURE = 0.7  # of the room: a text that is estimated to fill more is made to fit, whatever font the reader has


def tile_elements(tile: Tile, cell: Box, mark: Mark | None) -> list[str]:
    """Return what is drawn of *tile* in its *cell*; nothing reaches beyond it."""
    x, y, width, height = cell
    card = (x + GAP, y + GAP, width - 2 * GAP, height - 2 * GAP)
    pad = max(0.0, min(PAD, (card[3] - LINE) / 2))
    inner = (card[0] + PAD, card[1] + pad, card[2] - 2 * PAD, card[3] - 2 * pad)
    draw = _PLAIN.get(tile.kind, _chart)
    return [rect(cell, "cell"), rect(card, "card", 6), *draw(tile, inner), *_badge(mark, card)]


def text(words: str, box: Box, size: float, cls: str, *, bold: bool = False, anchor: str = "start") -> list[str]:
    """Return one line of *words* at the top of *box*, cut to its width; none where it is too low for the line."""
    x, y, width, height = box
    shown = shortened(words, width, size, bold=bold) if height >= size else ""
    if not shown:
        return []
    wide = width_of(shown, size, bold=bold)
    held = (
        {"text_length": round(min(wide, width), 1), "length_adjust": "spacingAndGlyphs"} if wide > SURE * width else {}
    )
    at = x if anchor == "start" else x + width / 2
    given = {"text_anchor": None if anchor == "start" else anchor} | held
    return [element("text", shown, x=at, y=y + size * 0.86, cls=cls, **given)]


def _chart(tile: Tile, box: Box) -> list[str]:
    x, y, width, height = box
    made = text(tile.title, (x, y, width, height), 13, "title", bold=True)
    top = LINE + 6 if made else 0.0
    base = LINE if height - top > 58 else 0.0
    kind = text(tile.called, (x, y + height - 11, width, 11), 11, "kind") if base else []
    return [*made, *sketch(tile.kind, (x, y + top, width, height - top - base - (6 if base else 0))), *kind]


def _words(tile: Tile, box: Box) -> list[str]:
    x, y, width, height = box
    if (
        not tile.title
        and not tile.subtitle
        and len(tile.lines) == 1
        and width_of(tile.lines[0], 16, bold=True) <= width
    ):
        return text(tile.lines[0], box, 16 if height > 18 else 12, "text-title" if height > 18 else "words", bold=True)
    made = text(tile.title, box, 16, "text-title", bold=True)
    top = 24.0 if made else 0.0
    for words, cls in [(tile.subtitle, "subtitle"), *((one, "words") for one in tile.lines)]:
        left = int((height - top) // LINE)
        for line in wrapped(words, width, 12, left) if left > 0 else []:
            made += text(line, (x, y + top, width, LINE), 12, cls)
            top += LINE
    return made


def _button(tile: Tile, box: Box) -> list[str]:
    return _pill(" ".join(tile.lines) or tile.title or tile.called, box, "pill", "button-text")


def _filter(tile: Tile, box: Box) -> list[str]:
    return _pill(tile.title or tile.called, box, "chip", "chip-title")


def _pill(words: str, box: Box, cls: str, text_cls: str) -> list[str]:
    x, y, width, height = box
    tall = min(36.0, height)
    wide = min(width, width_of(words, 13, bold=True) + 32)
    left, top = x + (width - wide) / 2, y + (height - tall) / 2
    inner = (left + 6, top + (tall - 13) / 2, wide - 12, 13.0 if tall >= 15 else 0.0)
    return [rect((left, top, wide, tall), cls, 8), *text(words, inner, 13, text_cls, bold=True, anchor="middle")]


def _badge(mark: Mark | None, card: Box) -> list[str]:
    """Return the word that says what became of the tile, in its lower right corner."""
    if mark is None:
        return []
    x, y, width, height = card
    wide, tall = min(width, width_of(mark, 11, bold=True) + 14), min(18.0, height)
    left, top = x + width - wide, y + height - tall
    inner = (left + 6, top + (tall - 11) / 2, wide - 12, 11.0 if tall >= 12 else 0.0)
    return [rect((left, top, wide, tall), f"badge-{mark}", 5), *text(mark, inner, 11, "badge-text", bold=True)]


_PLAIN: dict[str, Callable[[Tile, Box], list[str]]] = {"text": _words, "button": _button, "filter": _filter}
