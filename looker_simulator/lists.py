"""The rules that all list and search calls share: criteria, order, pages."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from looker_simulator.calls import Call, Refused, Reply
from looker_simulator.shapes import Shape, pieces
from looker_simulator.short_lists import shown_fields, shown_rows
from looker_simulator.table import Row

_ALIASES = {"space_id": "folder_id"}
_MAX_ORDERS = 64


class Listing(msgspec.Struct, frozen=True):
    """What a list call understands.

    ``search`` maps a parameter to how it matches: ``ids`` (comma list), ``text`` (LIKE) or ``bool``, optionally with
    the column after a colon. ``sorts`` are the sortable columns, ``("*",)`` any of the shape's own, ``()`` none at all.
    """

    shape: Shape
    paged: bool = False
    sorts: tuple[str, ...] = ()
    search: dict[str, str] = {}


def answer(call: Call, rows: list[Row] | Callable[[], list[Row]], listing: Listing) -> Reply:
    """Return the page of *rows* that the caller asks for. Raises Refused (400) for malformed parameters.

    A function is asked for the rows only when their order is not known from the page before.

    Without ``sorts`` the order differs from call to call, as a database without ORDER BY is free to do.
    """
    ordered, stable = _ordered(call, rows, listing)
    ordered, stable = _as_listed(call, ordered, stable)
    offset, limit, asked = _window(call, listing)
    page = ordered[offset:] if limit is None else ordered[offset : offset + limit]
    reply = Reply(_join(call, listing.shape, page, shown_fields(call)), ids=shown_ids(call, page), stable=stable)
    if asked is not None and call.options.totals_headers and listing.paged:
        reply.headers += _totals(call, offset, asked, len(ordered))
    return reply


def _as_listed(call: Call, rows: list[Row], stable: bool) -> tuple[list[Row], bool]:
    """Return *rows* without those that a bend leaves out of listings; such an answer is not given again."""
    unlisted, table = call.world.unlisted, call.operation.table
    if not (unlisted.in_force and table):
        return rows, stable
    return unlisted.without(table, call.world[table].key, rows), False


def shown_ids(call: Call, rows: list[Row]) -> tuple[str, ...]:
    """Return the ids of the rows that an answer shows, for faults that are aimed at one object."""
    key = call.world[call.operation.table].key if call.operation.table else "id"
    return tuple([row.get(key) or "" for row in rows])


def ids_of(text: str) -> list[str]:
    """Return the ids of a list parameter: ``1,2`` or ``["1","2"]``."""
    if text.startswith("["):
        return [str(item) for item in json.loads(text)]
    return [item.strip() for item in text.split(",") if item.strip()]


def like(pattern: str) -> re.Pattern[str]:
    """Return a matcher for SQL LIKE as Looker uses it: whole value, any case, ``%`` and ``_`` are wildcards."""
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(char) or re.escape(char) for char in pattern), re.IGNORECASE | re.DOTALL)


_like = cache(like)


def _join(call: Call, shape: Shape, page: list[Row], wanted: Any) -> bytes:
    text = [b"["]
    for row in page:
        text += pieces(call.world, shape, row, wanted)
        text.append(b",")
    text[-1] = b"]" if page else b"[]"
    return b"".join(text)


def _ordered(call: Call, source: Any, listing: Listing) -> tuple[list[Row], bool]:
    columns = _sort_columns(call, listing)
    stable = any(column == "id" for column, _ in columns)
    kept = sorted(
        (name, value)
        for name, value in call.params.items()
        if name not in ("limit", "offset", "page", "per_page", "fields")
    )
    key = (call.operation.id, call.url.partition("?")[0], call.actor.user_id, tuple(kept))
    if stable and key in call.orders:
        return call.orders[key], True
    rows = _matching(call, shown_rows(call, source() if callable(source) else source), listing)
    rows = _shuffled(call, rows)
    for column, descending in reversed(columns):
        rows = sorted(rows, key=lambda row: _sort_key(row.get(column), column), reverse=descending)
    if stable and len(call.orders) < _MAX_ORDERS:
        call.orders[key] = rows
    return rows, stable


def _sort_columns(call: Call, listing: Listing) -> list[tuple[str, bool]]:
    text = call.params.get("sorts", "") if listing.sorts else ""
    columns = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        name, _, direction = word.partition(" ")
        allowed = listing.shape.keys if listing.sorts == ("*",) else listing.sorts
        if name not in allowed or direction.strip().lower() not in ("", "asc", "desc"):
            raise Refused(400, f"Cannot sort by {word!r}")
        columns.append((_ALIASES.get(name, name), direction.strip().lower() == "desc"))
    return columns


def _sort_key(value: Any, column: str) -> tuple[int, Any]:
    if value is None:
        return (0, 0)
    if isinstance(value, (int, float)):
        return (1, value)
    if column.endswith("id") and str(value).isdigit():
        return (1, int(value))
    return (2, str(value).casefold())


def _shuffled(call: Call, rows: list[Row]) -> list[Row]:
    if len(rows) < 2:
        return rows
    cut = call.world.disorder.randrange(1, len(rows))
    rows = rows[cut:] + rows[:cut]
    return rows[::-1] if call.world.disorder.random() < 0.5 else rows


def _matching(call: Call, rows: list[Row], listing: Listing) -> list[Row]:
    tests = [
        _test(how, name, call.params[name]) for name, how in listing.search.items() if call.params.get(name, "") != ""
    ]
    if not tests:
        return rows
    together = any if call.flag("filter_or") else all
    return [row for row in rows if together(test(row) for test in tests)]


def _test(how: str, name: str, value: str) -> Any:
    kind, _, column = how.partition(":")
    column = column or name
    if value.upper() in ("IS NULL", "NOT NULL"):
        return lambda row: (row.get(column) is None) == (value.upper() == "IS NULL")
    if kind == "bool":
        if value.lower() not in ("true", "false"):
            raise Refused(400, f"Invalid boolean for parameter {name!r}")
        return lambda row: bool(row.get(column)) == (value.lower() == "true")
    if kind == "ids":
        wanted = set(ids_of(value))
        return lambda row: str(row.get(column)) in wanted
    pattern = _like(value)
    return lambda row: row.get(column) is not None and pattern.fullmatch(str(row[column])) is not None


def _window(call: Call, listing: Listing) -> tuple[int, int | None, int | None]:
    """Return offset, how many rows to show at most, and the page size that was asked for."""
    if not listing.paged:
        return 0, None, None
    asked, offset = call.number("limit"), call.number("offset") or 0
    if asked is None and call.number("per_page") is not None:
        asked = call.number("per_page") or 0
        offset = asked * (max(1, call.number("page") or 1) - 1)
    if call.world.bends.value("offset_is_ignored") == call.operation.id:
        offset = 0
    cap = call.options.page_cap
    limit = asked if not cap else min(cap, asked if asked is not None else cap)
    return offset, limit, asked


def _totals(call: Call, offset: int, limit: int, total: int) -> list[tuple[bytes, bytes]]:
    """Return Link and X-Total-Count (sdk-codegen docs/paging.md: only when a page size was asked for)."""
    last = max(0, (total - 1) // limit * limit) if limit else 0
    targets = {"first": 0, "last": last}
    if offset > 0:
        targets["prev"] = max(0, offset - limit)
    if offset + limit < total:
        targets["next"] = offset + limit
    base = call.url.partition("?")[0]
    rest = "&".join(f"{name}={value}" for name, value in call.params.items() if name not in ("limit", "offset"))
    links = [
        f'<{base}?limit={limit}&offset={at}{"&" + rest if rest else ""}>; rel="{rel}"' for rel, at in targets.items()
    ]
    return [(b"link", ", ".join(links).encode("latin-1", "replace")), (b"x-total-count", str(total).encode())]
