"""Phrases for changed fields in the words of each family: what a tile shows, where it is, who joins a group. Pure.

`told` returns a sentence without its subject for one changed field, or "" if the family has no words of its own for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lookervault_core.diff.documents.doc import Doc
from lookervault_core.values import readable

Told = Callable[[tuple[str, ...], Any, Any], str]
_TEXT_AND_SO_ON = 3


def told(kind: str, keys: tuple[str, ...], old: Any, new: Any) -> str:
    """Return a phrase for a changed field of a type, *keys* being the path to it; "" if the family has no words of its own."""
    tell = _TELLING.get(kind)
    return tell(keys, old, new) if tell else ""


def comes_or_goes(kind: str, who: str, row: Any, *, comes: bool) -> str:
    """Return a phrase for a row added to a list of people or rights, or removed from it; "" for a list of another kind."""
    if kind not in _ROWS:
        return ""
    may = row.get("permission_type") if isinstance(row, Mapping) else ""
    return _ROWS[kind][0 if comes else 1].format(who, may)


def show(value: Any) -> str:
    """Return a value as people read it: a text as it is, a short list as its values."""
    if isinstance(value, str):
        return value if value else "blank"
    if value is None or value == [] or value == {}:
        return "nothing"
    if isinstance(value, list) and len(value) <= _TEXT_AND_SO_ON and all(isinstance(row, str) for row in value):
        return ", ".join(value)
    return readable(value)


def listed(old: Sequence[Any] | None, new: Sequence[Any] | None, verb: str, noun: str) -> str:
    """Return a phrase for the values added to a list and removed from it; for the same values, that their order differs."""
    was, becomes = ([show(row) for row in rows or ()] for rows in (old, new))
    more, less = [row for row in becomes if row not in was], [row for row in was if row not in becomes]
    if more and less:
        return f"now {verb} {', '.join(more)} (was {', '.join(less)})"
    if more:
        return f"now {'also ' if was else ''}{verb} {', '.join(more)}"
    if less:
        return f"no longer {verb} {', '.join(less)}"
    return f"{noun} in another order: {', '.join(becomes)}"


def _query(keys: tuple[str, ...], old: Any, new: Any) -> str:
    """Tell what is asked otherwise: fields, filters, sorts, the kind of chart."""
    field, below = keys[0], keys[1:]
    if field in ("fields", "pivots", "sorts") and isinstance(old or new, list):
        verb = {"fields": "shows", "pivots": "pivots by", "sorts": "sorts by"}[field]
        return listed(old, new, verb, field)
    if field in ("filters", "filter_config") and below:
        name = ".".join(below)
        if old is None:
            return f"now filters {name} by {show(new)}"
        return f"no longer filters {name}" if new is None else f"filters {name} by {show(new)} (was {show(old)})"
    if (field, *below) == ("vis_config", "type"):
        return f"is now drawn as {show(new)} (was {show(old)})"
    if field in ("model", "view"):
        return f"now asks {field} {show(new)} (was {show(old)})"
    return ""


def _tile(keys: tuple[str, ...], old: Any, new: Any) -> str:
    if keys[0] == "query" and keys[1:]:
        return _query(keys[1:], old, new)
    if keys[0] == "query":
        return "now shows a query of its own" if new else "no longer shows a query of its own"
    if keys[0] == "merge_query" and not keys[1:]:
        return (
            "now shows another merge query" if old and new else f"{'now' if new else 'no longer'} shows a merge query"
        )
    if keys[0] == "filterables":
        return "listens to filters otherwise"
    if keys[0] in ("title", "title_text") and old and new:
        return f"was called {show(old)}"
    return ""


def _content(keys: tuple[str, ...], old: Any, new: Any) -> str:
    if keys[0] == "query" and keys[1:]:
        return _query(keys[1:], old, new)
    if keys == ("title",):
        return f"is now called {show(new)} (was {show(old)})"
    return ""


def _filter(keys: tuple[str, ...], old: Any, new: Any) -> str:
    if keys == ("default_value",):
        return f"is now {show(new)} (was {show(old)})"
    return ""


def _metadata(keys: tuple[str, ...], _old: Any, new: Any) -> str:
    """Tell whether it has a list of its own."""
    return ("inherits it from above" if new else "no longer inherits it from above") if keys == ("inherits",) else ""


# What a list says of what it belongs to.
ABOUT = {"content_metadata": "who may see ", "content_metadata_accesses": "who may see "}
_ROWS = {
    "group_users": ("{0} joined", "{0} left"),
    "role_users": ("{0} got it", "{0} lost it"),
    "role_groups": ("group {0} got it", "group {0} lost it"),
    "content_metadata_accesses": ("gave {0} {1}", "took {1} from {0}"),
}
_TELLING: Mapping[str, Told] = {
    "dashboards": _content,
    "looks": _content,
    "dashboard_elements": _tile,
    "dashboard_filters": _filter,
    "content_metadata": _metadata,
}
# What says where a tile is, so that who tells of the tile tells of it.
PLACED = "dashboard_layout_components"
_TAB, _TILE = "dashboard_layouts", "dashboard_elements"
TOLD_AS = _TILE
_AT, _SIZE = ("row", "column"), ("width", "height")


class Placed(msgspec.Struct, frozen=True):
    """A part, by type and id, that moved: where it was, where it is, and that in words."""

    kind: str
    id: str
    path: str
    title: str
    old: dict[str, Any]
    new: dict[str, Any]
    text: str


def placed(old: Doc, new: Doc) -> Iterator[Placed]:
    """Yield the tiles that are in both versions of a dashboard and have moved or changed their size."""
    before, after = _places(old), _places(new)
    for tile, (path, tab, now) in after.items():
        _, was_tab, was = before.get(tile, (path, tab, now))
        text = _moved(was, now) if was_tab == tab else f"moved from tab '{was_tab}' to tab '{tab}'"
        if text:
            title = new.children[_TILE][tile].name or tile
            yield Placed(_TILE, tile, path, title, _shown(was_tab, was, tab), _shown(tab, now, was_tab), text)


def _places(doc: Doc) -> dict[str, tuple[str, str, Mapping[str, Any]]]:
    """Return by tile the path of its place, its tab, and the place; a tile on several tabs counts where it is first."""
    tiles, found = doc.children.get(_TILE, {}), dict[str, tuple[str, str, Mapping[str, Any]]]()
    for tab in doc.children.get(_TAB, {}).values():
        for key, place in tab.children.get(PLACED, {}).items():
            tile = str(place.fields.get("dashboard_element_id"))
            if tile in tiles and tile not in found and not (place.trashed or tab.trashed or tiles[tile].trashed):
                found[tile] = (f"{_TAB}[{tab.id}].{PLACED}[{key}]", tab.name or tab.id, place.fields)
    return found


def _shown(tab: str, place: Mapping[str, Any], other: str) -> dict[str, Any]:
    fields = {field: place.get(field) for field in (*_AT, *_SIZE)}
    return fields if tab == other else {"tab": tab, **fields}


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Return how a tile moved on its tab, and how its size changed; "" where neither did."""
    at = [", ".join(f"{field} {show(one.get(field))}" for field in _AT) for one in (old, new)]
    size = ["×".join(show(one.get(field)) for field in _SIZE) for one in (old, new)]
    told = [f"moved from {at[0]} to {at[1]}"] if at[0] != at[1] else []
    return " and ".join([*told, *([f"resized from {size[0]} to {size[1]}"] if size[0] != size[1] else [])])
