"""What became of an object from one version to another: its edits, and how each of its tiles is marked."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from lookervault_core.diff.describe import describe
from lookervault_core.diff.difference import Rules
from lookervault_core.diff.plan import Found, PlanOptions, Wanted, difference_of
from lookervault_core.diff.words import plain
from lookervault_core.drawing.fitting import ELLIPSIS
from lookervault_core.drawing.model import Drawing, Mark
from lookervault_core.model import ContentKey

LONG = 600  # characters of a value
_TILE = re.compile(r'tiles\[(?P<id>[^\s\]]+)(?: ".*")?\]\.?(?P<field>.*)', re.DOTALL)


class Edit(msgspec.Struct, frozen=True):
    """One field that differs between two versions. `tile` is the id of the tile that it belongs to, if it does; an empty
    `path` is all of the tile, which came or went."""

    path: str
    old: str
    new: str
    text: str
    tile: str = ""


def edits(key: ContentKey, before: bytes, after: bytes) -> list[Edit]:
    """Return how *after* differs from *before*, field by field."""
    rules = Rules(exact=True, same_instance=True)
    wanted, found = Wanted(key, after), Found(key.id, before)
    difference = difference_of(wanted, found, lambda _, item_id: item_id, rules, PlanOptions())
    return [_edit(one.path, one.old, one.new, str(one)) for one in describe(difference)]


def _edit(path: str, old: object, new: object, text: str) -> Edit:
    tile = _TILE.fullmatch(path)
    if tile is None:
        return Edit(path, _short(old), _short(new), text)
    return Edit(tile["field"], _short(old), _short(new), text, tile["id"])


def _short(value: object) -> str:
    told = "" if value is None else plain(value)
    return told if len(told) <= LONG else told[:LONG] + ELLIPSIS


def marks(before: Drawing, after: Drawing, edited: Sequence[Edit]) -> dict[str, Mark]:
    """Return by tile what became of it: it came, it went, it is elsewhere, something in it is different."""
    old, new = _spots(before), _spots(after)
    found: dict[str, Mark] = dict.fromkeys(
        (one.tile for one in edited if one.tile in old and one.tile in new), "changed"
    )
    found |= dict.fromkeys(new.keys() - old.keys(), "added")
    found |= dict.fromkeys(old.keys() - new.keys(), "removed")
    moved = [key for key in old.keys() & new.keys() if old[key] != new[key]]
    return found | {key: "moved" for key in moved if key not in found}


def _spots(drawing: Drawing) -> dict[str, object]:
    """Return by tile where it is: on which page, and where on it."""
    placed = {tile.id: (page.id, tile.place) for page in drawing.pages for tile in page.tiles}
    return {tile.id: None for tile in drawing.unplaced} | placed


def titles(before: Drawing, after: Drawing) -> dict[str, str]:
    """Return what each tile is called, by the later of the two."""
    known = before.tiles() | after.tiles()
    return {key: tile.title or " ".join(tile.lines[:1]) or tile.called for key, tile in known.items()}
