"""Which tiles of a dashboard were added, removed, changed or moved between two versions. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from lookervault_core.drawing.model import Drawing, Mark, Tile

_TILE = re.compile(r'tiles\[(?P<id>[^\s\]]+)(?: ".*")?\](?P<field>.*)', re.DOTALL)

_PLACE = re.compile(r'tabs\[.*\]\.places\[(?P<id>[^\s\]]+)(?: ".*")?\](?P<field>.*)', re.DOTALL)


def place_of(path: str) -> tuple[str, str]:
    """Return the id of the place (layout component) in the path of a field, and the field in it; ("", "") if it names no place."""
    found = _PLACE.fullmatch(path)
    return (found["id"], found["field"].lstrip(".")) if found else ("", "")


def tile_of(path: str) -> tuple[str, str]:
    """Return the id of the tile that the path of a field names, and the field in it: `tiles[12 "Revenue"].title` → `12`, `title`.
    The id is "" if the path names no tile; the field is "" if the whole tile was added or removed."""
    found = _TILE.fullmatch(path)
    return (found["id"], found["field"].lstrip(".")) if found else ("", path)


def marks(before: Drawing, after: Drawing, paths: Iterable[str]) -> dict[str, Mark]:
    """Return for each tile id that differs: `added`, `removed`, `changed` (a field in *paths*) or `moved`."""
    old, new = _spots(before), _spots(after)
    edited = {tile_of(path)[0] for path in paths}
    found: dict[str, Mark] = dict.fromkeys(new.keys() - old.keys(), "added")
    found |= dict.fromkeys(old.keys() - new.keys(), "removed")
    for key in old.keys() & new.keys():
        if key in edited:
            found[key] = "changed"
        elif old[key] != new[key]:
            found[key] = "moved"
    return found


def with_kept(after: Drawing, before: Drawing, paths: Iterable[str]) -> Drawing:
    """Return *after* with those tiles of *before* added that it lacks and that *paths* do not name as removed: they stay."""
    gone = {tile_of(path)[0] for path in paths if not tile_of(path)[1]}
    kept = before.tiles().keys() - after.tiles().keys() - gone

    def staying(tiles: Iterable[Tile]) -> tuple[Tile, ...]:
        return tuple(tile for tile in tiles if tile.id in kept)

    extra = {page.id: staying(page.tiles) for page in before.pages}
    pages = tuple(msgspec.structs.replace(page, tiles=(*page.tiles, *extra.pop(page.id, ()))) for page in after.pages)
    loose = (*after.unplaced, *staying(before.unplaced), *(tile for tiles in extra.values() for tile in tiles))
    return msgspec.structs.replace(after, pages=pages, unplaced=loose)


def _spots(drawing: Drawing) -> dict[str, object]:
    """Return by tile where it is: on which tab, and where on it."""
    placed = {tile.id: (page.id, tile.place) for page in drawing.pages for tile in page.tiles}
    return {tile.id: None for tile in drawing.unplaced} | placed
