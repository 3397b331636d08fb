"""Find in a payload the LookML fields that its queries, filters and tiles use, and the texts that people wrote. Pure.

A payload is read into the few keys that count; all else of it is passed over without being made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from lookervault_core.diff.documents.doc import text_of

# Gives the payload of a query, or what a merge query asks with its queries, by its id; None for what nobody knows.
Structures = Callable[[str], Any]
# Gives a look by its id; None for one that nobody has: what a tile says of it counts then.
Looks = Callable[[str], "Asking | None"]
# A custom field names others by what it is based on, and in its expression.
_NAMED = re.compile(r"\$\{([\w.]+)\}|\"based_on\"\s*:\s*\"([\w.]+)\"")
_STRANGE = (TypeError, ValueError, AttributeError, msgspec.DecodeError)


class Query(msgspec.Struct):
    """The parts of a query that name fields."""

    id: Any = None
    model: Any = None
    view: Any = None
    fields: Any = None
    pivots: Any = None
    fill_fields: Any = None
    subtotals: Any = None
    filters: Any = None
    sorts: Any = None
    dynamic_fields: Any = None


class _Maker(msgspec.Struct):
    query: Query | None = None
    query_id: Any = None
    merge_result_id: Any = None


class _Asking(msgspec.Struct):
    query: Query | None = None
    query_id: Any = None
    merge_result_id: Any = None
    result_maker: _Maker | None = None


class _Element(_Asking):
    id: Any = None
    title: Any = None
    title_text: Any = None
    type: Any = None
    look_id: Any = None
    subtitle_text: Any = None
    body_text: Any = None
    note_text: Any = None
    rich_content_json: Any = None


class _Filter(msgspec.Struct):
    id: Any = None
    title: Any = None
    name: Any = None
    model: Any = None
    explore: Any = None
    dimension: Any = None


class _Part(msgspec.Struct):
    title: Any = None
    description: Any = None
    label: Any = None
    custom_title: Any = None
    custom_description: Any = None
    board_items: list[_Part] | None = None


class _Destination(msgspec.Struct):
    address: Any = None
    email_address: Any = None
    message: Any = None


class Asking(_Asking):
    """An object that asks for fields, or holds texts that people search for."""

    id: Any = None
    title: Any = None
    slug: Any = None
    description: Any = None
    email: Any = None
    message: Any = None
    dashboard_elements: list[_Element] | None = None
    dashboard_filters: list[_Filter] | None = None
    dashboard_layouts: list[_Part] | None = None
    board_sections: list[_Part] | None = None
    scheduled_plan_destination: list[_Destination] | None = None
    destinations: list[_Destination] | None = None


class Use(msgspec.Struct, frozen=True):
    """One LookML field that an object uses. `place` says how (tile, filter, …), `part` is the title and `part_id` the id of the
    tile or filter, "" if there is none; `look_id` is the look that the tile shows, and that asks for the field."""

    model: str
    explore: str
    field: str
    place: str
    part: str = ""
    part_id: str = ""
    look_id: str = ""


class Tile(msgspec.Struct, frozen=True):
    """One tile of a dashboard, with model, explore and id of its query; "" if it has none, or several."""

    id: str
    title: str
    type: str
    model: str
    explore: str
    query_id: str


_asking = msgspec.json.Decoder(Asking)


def asking(payload: bytes) -> Asking:
    """Return the fields, filters, tiles and texts in a payload; raises msgspec.DecodeError for one of another shape."""
    return _asking.decode(payload)


def tiles(one: Asking, query: Structures) -> Iterator[Tile]:
    """Yield the tiles of an object that has any."""
    for tile in one.dashboard_elements or ():
        asked = _asked(tile, query)
        model, explore = (text_of(asked.model), text_of(asked.view)) if asked else ("", "")
        yield Tile(text_of(tile.id), _title(tile), text_of(tile.type), model, explore, _query_id(tile))


def uses(one: Asking, query: Structures, merge: Structures, look: Looks) -> Iterator[Use]:
    """Yield each LookML field that an object uses: in its query, its tiles, the looks that they show and its filters, or in what
    an alert watches."""
    for asked, *where in (*_queries(one, query, merge), *_of_looks(one, query, look)):
        model, explore = text_of(asked.model), text_of(asked.view)
        yield from (Use(model, explore, name, *where) for name in dict.fromkeys(_fields(asked)))
    for row in one.dashboard_filters or ():
        if row.dimension:
            names = (text_of(value) for value in (row.model, row.explore, row.dimension))
            yield Use(*names, "filter", text_of(row.title or row.name), text_of(row.id))


def asked_for(one: Asking, query: Structures, merge: Structures) -> set[tuple[str, str, str]]:
    """Return model, explore and field of each field that an object asks for itself."""
    found: set[tuple[str, str, str]] = set()
    for asked, *_ in _queries(one, query, merge):
        model, explore = text_of(asked.model), text_of(asked.view)
        found.update((model, explore, name) for name in _fields(asked))
    for row in one.dashboard_filters or ():
        if row.dimension:
            found.add((text_of(row.model), text_of(row.explore), text_of(row.dimension)))
    return found


def looks_shown(one: Asking) -> set[str]:
    """Return the ids of the looks that the tiles of an object show."""
    return {text_of(tile.look_id) for tile in one.dashboard_elements or () if tile.look_id}


def texts(one: Asking) -> str:
    """Return the texts that people wrote in an object, without its name, one a line: descriptions, titles of parts, texts,
    addresses."""
    return "\n".join(each_text(one))


def each_text(one: Asking) -> dict[str, None]:
    """Return the texts that people wrote in an object, each once, in order, as the keys of a dict."""
    found = [one.description, one.email, one.message]
    for tile in one.dashboard_elements or ():
        found += (
            tile.title,
            tile.title_text,
            tile.subtitle_text,
            tile.body_text,
            tile.note_text,
            tile.rich_content_json,
        )
    found += [name for row in one.dashboard_filters or () for name in (row.title, row.name)]
    for part in (*(one.dashboard_layouts or ()), *(one.board_sections or ())):
        found += (part.label, part.title, part.description)
        found += [text for item in part.board_items or () for text in (item.custom_title, item.custom_description)]
    for sent in (*(one.scheduled_plan_destination or ()), *(one.destinations or ())):
        found += (sent.address, sent.email_address, sent.message)
    return dict.fromkeys(text for text in found if text and isinstance(text, str))


def _queries(one: Asking, query: Structures, merge: Structures) -> Iterator[tuple[Query, str, str, str]]:
    """Yield each query with the place that it stands in, and what the part of the object is called, with its id."""
    own = _asked(one, query)
    if own and own.model:
        yield own, "query", text_of(one.title), ""
    for tile in one.dashboard_elements or ():
        asked = None if tile.look_id else _asked(tile, query)
        if asked and asked.model:
            yield asked, "tile", _title(tile), text_of(tile.id)
        merge_id = _merge_id(tile)
        for source in (merge(merge_id) or {}).get("source_queries") or () if merge_id else ():
            asked = _query(source.get("query"))
            if asked and asked.model:
                yield asked, "merge query", _title(tile), text_of(tile.id)


def _of_looks(one: Asking, query: Structures, look: Looks) -> Iterator[tuple[Query, str, str, str, str]]:
    """Yield what the looks ask that tiles show, as `_queries` does, with the id of the look."""
    for tile in one.dashboard_elements or ():
        look_id = text_of(tile.look_id) if tile.look_id else ""
        asked = _asked(look(look_id) or tile, query) if look_id else None
        if asked and asked.model:
            yield asked, "tile", _title(tile), text_of(tile.id), look_id


def _asked(one: _Asking, query: Structures) -> Query | None:
    """Return the query of a look, a tile or a plan, which may only be named by its id."""
    asked = one.query or (one.result_maker.query if one.result_maker else None)
    if asked is not None:
        return asked
    query_id = _query_id(one)
    return _query(query(query_id)) if query_id else None


def _query(found: Any) -> Query | None:
    try:
        return msgspec.convert(found, Query) if found else None
    except _STRANGE:
        return None


def _query_id(one: _Asking) -> str:
    maker = one.result_maker
    asked = one.query or (maker.query if maker else None)
    return text_of(one.query_id or (asked.id if asked else None) or (maker.query_id if maker else None))


def _merge_id(one: _Asking) -> str:
    return text_of(one.merge_result_id or (one.result_maker.merge_result_id if one.result_maker else None))


def _title(tile: _Element) -> str:
    return text_of(tile.title or tile.title_text)


def _fields(query: Query) -> list[str]:
    found: list[Any] = []
    for rows in (query.fields, query.pivots, query.fill_fields, query.subtotals):
        if rows and isinstance(rows, list):
            found += rows
    if query.filters and isinstance(query.filters, dict):
        found += query.filters
    if query.sorts:
        found += [str(sort).split(" ", 1)[0] for sort in query.sorts]
    if query.dynamic_fields:
        found += [one or other for one, other in _NAMED.findall(str(query.dynamic_fields))]
    return [str(name) for name in found]
