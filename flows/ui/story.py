"""How an object differs between two versions, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from lookervault_core.diff.difference import Rules
from lookervault_core.diff.known import FromIds
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.diff.planning.step import PlanOptions, difference_of
from lookervault_core.diff.wording.describe import FieldChange, describe
from lookervault_core.diff.wording.words import plain
from lookervault_core.drawing.fitting import ELLIPSIS
from lookervault_core.drawing.model import Drawing
from lookervault_core.families.dashboards.marks import place_of, tile_of
from lookervault_core.model import ContentKey

LONG = 600  # characters of a value


class Edit(msgspec.Struct, frozen=True):
    """One field that differs between two versions. `tile` is the id of its tile, "" if it is of none; `path` is the path inside
    the tile, "" if the whole tile was added or removed. `whole` is the path with that of the tile."""

    path: str
    old: str
    new: str
    whole: str
    tile: str = ""


def edits(key: ContentKey, before: bytes, after: bytes, drawings: Iterable[Drawing] = ()) -> list[Edit]:
    """Return the fields in which *after* differs from *before*; *drawings* of both say to which tile a place belongs."""
    rules = Rules(exact=True, same_instance=True)
    wanted, found = Wanted(key, after), Found(key.id, before)
    answers = FromIds(lambda _, item_id: item_id, lambda *_: None, lambda _: False)
    difference = difference_of(wanted, found, answers, rules, PlanOptions())
    return as_edits(describe(difference), drawings)


def as_edits(changes: Iterable[FieldChange], drawings: Iterable[Drawing] = ()) -> list[Edit]:
    """Return the field changes of a plan's step as edits for a page; changes of a tile's place are those of the tile."""
    tiles = {tile.place_id: tile.id for drawing in drawings for tile in drawing.tiles().values()}
    return [_edit(change, tiles) for change in changes]


def _edit(change: FieldChange, tiles: Mapping[str, str]) -> Edit:
    tile, field = tile_of(change.path)
    place, of_place = place_of(change.path)
    if place and place in tiles:
        tile, field = tiles[place], of_place or "place"
    return Edit(field, _short(change.old), _short(change.new), change.path, tile)


def grouped(found: list[Edit]) -> list[tuple[str, list[Edit]]]:
    """Return the edits of each tile together, those of the object itself first."""
    order = dict.fromkeys(["", *(one.tile for one in found)])
    groups = [(tile, [one for one in found if one.tile == tile]) for tile in order]
    return [(tile, edits) for tile, edits in groups if edits]


def titles(*drawings: Drawing) -> dict[str, str]:
    """Return what each tile is called, by the last drawing that has it."""
    known = {key: tile for drawing in drawings for key, tile in drawing.tiles().items()}
    return {key: tile.title or " ".join(tile.lines[:1]) or tile.called for key, tile in known.items()}


def _short(value: object) -> str:
    told = "" if value is None else plain(value)
    return told if len(told) <= LONG else told[:LONG] + ELLIPSIS
