"""The few columns that the vault indexes, read from a payload in one pass without decoding the rest of it."""

from __future__ import annotations

from typing import Any

import msgspec

from lookervault_core.catalog import STRUCTURES, ContentType
from lookervault_core.codec import NOT_JSON
from lookervault_core.errors import CodecError
from lookervault_core.model import ContentKey, Item


class Columns(msgspec.Struct, frozen=True):
    """The indexed columns of one payload. `links` are the objects that complete it and are read by id only.

    `thin` means that the payload is an abbreviated one: a key that every whole payload has is missing, or a tile or look
    names a query that is not with it.
    """

    id: str
    name: str = ""
    folder_id: str | None = None
    owner_id: str | None = None
    updated_at: str | None = None
    thin: bool = False
    links: tuple[ContentKey, ...] = ()


class _Plain(msgspec.Struct):
    id: Any = None
    name: Any = None
    client_guid: Any = None
    ssh_server_id: Any = None
    tunnel_id: Any = None
    ssh_server_name: Any = None
    database_host: Any = None
    title: Any = None
    label: Any = None
    display_name: Any = None
    email: Any = None
    custom_title: Any = None
    description: Any = None
    parent_id: Any = None
    folder_id: Any = None
    user_id: Any = None
    owner_id: Any = None
    updated_at: Any = None
    parent_group_ids: msgspec.Raw = msgspec.Raw()
    role_ids: msgspec.Raw = msgspec.Raw()
    board_sections: msgspec.Raw = msgspec.Raw()


class _Folder(msgspec.Struct):
    id: Any = None


class _Tile(msgspec.Struct):
    query_id: Any = None
    merge_result_id: Any = None
    query: msgspec.Raw = msgspec.Raw()
    images: Any = None


class _Plan(msgspec.Struct):
    query_id: Any = None


class _Dashboard(msgspec.Struct):
    id: Any = None
    title: Any = None
    folder_id: Any = None
    folder: _Folder | None = None
    user_id: Any = None
    updated_at: Any = None
    dashboard_elements: list[_Tile] | None = None
    dashboard_filters: msgspec.Raw = msgspec.Raw()
    dashboard_layouts: msgspec.Raw = msgspec.Raw()


class _Look(msgspec.Struct):
    id: Any = None
    title: Any = None
    folder_id: Any = None
    user_id: Any = None
    updated_at: Any = None
    query_id: Any = None
    query: msgspec.Raw = msgspec.Raw()


class _Source(msgspec.Struct):
    query_id: Any = None
    query_slug: Any = None


class _MergeQuery(msgspec.Struct):
    id: Any = None
    source_queries: list[_Source] | None = None


_ABSENT = (b"", b"null")
_plain = msgspec.json.Decoder(_Plain)
_dashboard = msgspec.json.Decoder(_Dashboard)
_look = msgspec.json.Decoder(_Look)
_plan = msgspec.json.Decoder(_Plan)
_merge_query = msgspec.json.Decoder(_MergeQuery)


def columns(row: ContentType, payload: bytes | msgspec.Raw) -> Columns:
    """Return the columns of one payload of *row*'s type; CodecError if it is not an object or has no id."""
    try:
        found = _read(row, payload)
    except NOT_JSON as exc:
        raise CodecError(f"{row.singular}: the payload is not one JSON object ({exc})") from exc
    if not found.id:
        raise CodecError(f"{row.singular}: the payload has no {row.id_field}")
    require_id(found.id)
    return found


def require_id(text: str) -> None:
    """Raise CodecError for an id with a NUL in it: SQLite would cut it short there."""
    if "\0" in text:
        raise CodecError(f"the id {text!r} has a NUL in it, which no Looker gives")


def item_of(row: ContentType, found: Columns, payload: bytes) -> Item:
    """Return *payload* as an item with the columns *found*, which `columns` read from it."""
    return Item(
        row.name,
        found.id,
        payload,
        name=found.name,
        folder_id=found.folder_id,
        owner_id=found.owner_id,
        updated_at=found.updated_at,
        links=found.links,
    )


def _read(row: ContentType, payload: bytes | msgspec.Raw) -> Columns:
    try:
        return _READERS[row.shape](row, payload)
    except msgspec.ValidationError:
        return _read_plain(row, payload)


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, (dict, list)) else str(value)


def _read_plain(row: ContentType, payload: bytes | msgspec.Raw) -> Columns:
    try:
        one = _plain.decode(payload)
    except msgspec.ValidationError as exc:
        raise CodecError(f"{row.singular}: the payload is not an object ({exc})") from exc
    known = {"parent_group_ids": one.parent_group_ids, "role_ids": one.role_ids, "board_sections": one.board_sections}
    return Columns(
        id=_text(getattr(one, row.id_field)) or "",
        name=next((t for f in row.name_fields if (t := _text(getattr(one, f)))), ""),
        folder_id=_text(one.folder_id) or _text(one.parent_id),
        owner_id=_text(one.user_id) or _text(one.owner_id),
        updated_at=_text(one.updated_at),
        thin=any(bytes(known[key]) == b"" for key in row.full_keys if key in known),
    )


def _read_plan(row: ContentType, payload: bytes | msgspec.Raw) -> Columns:
    """A plan that delivers a bare query is nothing without it; an alert names the query that it runs."""
    named = _text(_plan.decode(payload).query_id)
    return msgspec.structs.replace(_read_plain(row, payload), links=_keys(STRUCTURES["query"], [named]))


def _read_dashboard(_row: ContentType, payload: bytes | msgspec.Raw) -> Columns:
    one = _dashboard.decode(payload)
    tiles = one.dashboard_elements or []
    shell = one.dashboard_elements is None or not bytes(one.dashboard_filters) or not bytes(one.dashboard_layouts)
    bare = [_text(t.query_id) for t in tiles if t.query_id and bytes(t.query) in _ABSENT]
    merged = [_text(t.merge_result_id) for t in tiles if t.merge_result_id]
    return Columns(
        id=_text(one.id) or "",
        name=_text(one.title) or "",
        folder_id=_text(one.folder_id) or (_text(one.folder.id) if one.folder else None),
        owner_id=_text(one.user_id),
        updated_at=_text(one.updated_at),
        thin=shell or bool(bare),
        links=_keys(STRUCTURES["merge_query"], merged)
        + _keys(STRUCTURES["query"], bare)
        + _images(_text(one.id) or "", tiles),
    )


def _images(dashboard_id: str, tiles: list[_Tile]) -> tuple[ContentKey, ...]:
    """Return the pictures on tiles: each is asked for by the last part of its address, or by its id where it shows none."""
    shown = [one for tile in tiles if isinstance(tile.images, list) for one in tile.images if isinstance(one, dict)]
    slugs = [_text(one.get("url")) or _text(one.get("id")) or "" for one in shown]
    named = [slug.partition("?")[0].rstrip("/").rpartition("/")[2] for slug in slugs]
    return _keys("dashboard_images", [f"{dashboard_id}::{slug}" for slug in named if slug])


def _read_look(_row: ContentType, payload: bytes | msgspec.Raw) -> Columns:
    one = _look.decode(payload)
    thin = bytes(one.query) == b"" or bool(one.query_id and bytes(one.query) in _ABSENT)
    return Columns(
        id=_text(one.id) or "",
        name=_text(one.title) or "",
        folder_id=_text(one.folder_id),
        owner_id=_text(one.user_id),
        updated_at=_text(one.updated_at),
        thin=thin,
        links=_keys(STRUCTURES["query"], [_text(one.query_id)] if thin and one.query_id else []),
    )


def _read_merge_query(_row: ContentType, payload: bytes | msgspec.Raw) -> Columns:
    one = _merge_query.decode(payload)
    sources = one.source_queries or []
    named = [_text(s.query_id) or (f"slug/{s.query_slug}" if s.query_slug else None) for s in sources]
    return Columns(id=_text(one.id) or "", links=_keys(STRUCTURES["query"], named))


def _keys(content_type: str, ids: list[str | None]) -> tuple[ContentKey, ...]:
    return tuple(ContentKey(content_type, one) for one in dict.fromkeys(ids) if one)


_READERS = {
    "plain": _read_plain,
    "dashboard": _read_dashboard,
    "look": _read_look,
    "merge_query": _read_merge_query,
    "plan": _read_plan,
}
