"""What a drawing shows: pages of tiles on a grid, in the words of the grid and not of a content type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Mark = Literal["added", "removed", "moved", "changed"]


class Place(msgspec.Struct, frozen=True):
    """Where a tile is, in units of its page's grid."""

    x: float
    y: float
    width: float
    height: float


class Tile(msgspec.Struct, frozen=True):
    """One tile: `kind` says what is drawn in it (`column`, `text`, `button`, …) and `called` what a person calls that.

    `lines` are the words in it, `note` is shown beside it; `place` is None if the payload does not say where the tile is. `stated`
    has the payload's own numbers for the place by field, and `place_id` is the object with these numbers.
    """

    id: str
    kind: str
    called: str
    title: str = ""
    subtitle: str = ""
    lines: tuple[str, ...] = ()
    note: str = ""
    place: Place | None = None
    stated: Mapping[str, int] = {}
    place_id: str = ""


class Chip(msgspec.Struct, frozen=True):
    """One filter: its title and the value that it starts with."""

    id: str
    title: str
    value: str = ""


class Page(msgspec.Struct, frozen=True):
    """One tab: its tiles on a grid of so many columns. `label` is empty where there are no tabs."""

    id: str
    label: str
    tiles: tuple[Tile, ...]
    columns: int


class Drawing(msgspec.Struct, frozen=True):
    """A whole drawing. `unplaced` are the tiles that have a place on no page."""

    id: str
    title: str
    pages: tuple[Page, ...]
    chips: tuple[Chip, ...] = ()
    unplaced: tuple[Tile, ...] = ()

    def tiles(self) -> dict[str, Tile]:
        """Return every tile by its id."""
        return {tile.id: tile for page in self.pages for tile in page.tiles} | {tile.id: tile for tile in self.unplaced}
