"""Dashboards in full. The dashboard's own call ignores what is nested in it: filters, tabs, tiles and their places have calls
of their own, and Looker itself makes one tab with a dashboard and one place with a tile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import msgspec

from lookervault_core.catalog import WRITES, Call
from lookervault_core.diff.difference import NEW, Difference
from lookervault_core.diff.document import decode, document, encode
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import alike
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.diff.wording.describe import path_of
from lookervault_core.errors import Conflict, Invalid
from lookervault_core.families.dashboards.filter_names import FILTERS, room_for
from lookervault_core.families.dashboards.shape import DRAWN, PLACE, TILE, TILE_SOURCES
from lookervault_core.families.queries.applying import merge_query_id, query_id
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import (
    Context,
    StandingIds,
    alter,
    certify,
    make,
    sendable,
    standing_ids,
    without_nulls,
    write_object,
)
from lookervault_core.restore.applying.failures import Part, Refusals
from lookervault_core.restore.identity.by_natural_key import is_like_new, sent
from lookervault_core.values import is_blank

_LAYOUTS = Call("dashboard_dashboard_layouts", "/dashboards/{id}/dashboard_layouts")
# What stands on a tab goes before the tab.
NOT_DRAWN = "Looker does not take how a tile of hand-written SQL is drawn: set it in the tile again"
_REMOVAL_ORDER = ("dashboard_elements", "dashboard_filters", "dashboard_layouts")


def apply_dashboard(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create, undelete or change one dashboard with everything in it; what is equal keeps its id and is not written.

    Raises PartsRefused once everything that Looker takes is written.
    """
    refusals = Refusals()
    if found is None:
        found = _create(ctx, wanted)
        difference = ctx.compare(wanted, found)
    else:
        difference = ctx.compare(wanted, found)
        with nullcontext() if found.trashed else refusals.of():
            write_object(ctx, wanted, difference, found)
    with refusals.of():
        certify(ctx, wanted.key, difference, found.id)
    if difference.children or difference.extras:
        _write_parts(ctx, wanted, found, difference, refusals)
    refusals.tell(wanted.key)
    return found.id


def _write_parts(ctx: Context, wanted: Wanted, found: Found, difference: Difference, refusals: Refusals) -> None:
    known = standing_ids(ctx, difference)
    _make_room(ctx, wanted, difference)
    for child in (*difference.of("dashboard_filters"), *_active_first(difference.of("dashboard_layouts"))):
        with refusals.of(child.content_type, child.source):
            _write_child(ctx, part_of(wanted, child), child, found.id, {}, known)
    difference = _with_known_children(ctx, wanted, found, difference)
    placed_anew = False
    for tile in difference.of("dashboard_elements"):
        with refusals.of(tile.content_type, tile.source):
            placed_anew |= _write_tile(ctx, part_of(wanted, tile), tile, found.id, known)
    if placed_anew:
        found = _reread(ctx, wanted, found)
        difference = ctx.compare(wanted, found)
    for tab in difference.of("dashboard_layouts"):
        for place in tab.of(PLACE):
            with refusals.of(PLACE, place.source):
                _write_place(ctx, part_of(wanted, tab, place), place)
    for kind, doc in sorted(difference.extras, key=lambda extra: _REMOVAL_ORDER.index(extra[0])):
        with refusals.of(kind, doc):
            _remove(ctx, wanted, kind, doc)


def _active_first(tabs: list[Difference]) -> list[Difference]:
    """Return the tab that becomes active before the others: Looker makes those inactive by itself, and does not take
    `active: false` for the one that is active (422)."""
    return sorted(tabs, key=lambda tab: tab.changed.get("active") is not True)


def _make_room(ctx: Context, wanted: Wanted, difference: Difference) -> None:
    """Free the names of filters that others are to get, which cannot have them before."""
    room, call = room_for(difference), WRITES[FILTERS].update
    for kind, doc in room.extras:
        _remove(ctx, wanted, kind, doc)
    difference.extras = [extra for extra in difference.extras if extra not in room.extras]
    for child in difference.of(FILTERS):
        if child.live is not None and child.live.id in room.names and call is not None:
            ctx.writer.change(call, ContentKey(FILTERS, child.source.id), child.live.id, room.names[child.live.id])


def _create(ctx: Context, wanted: Wanted) -> Found:
    difference = ctx.compare(wanted, None)
    body = without_nulls(sendable(difference))
    try:
        made = make(ctx, Part(wanted.key), difference, body, ctx.search(wanted))
    except (Conflict, Invalid) as exc:
        if "slug" not in body or not _about_slug(exc):
            raise
        # The slug is held by another dashboard, maybe one in the trash: the address changes, the content need not.
        ctx.accept(wanted.key, "slug", f"{body.pop('slug')} is the address of another dashboard")
        made = make(ctx, Part(wanted.key), difference, body, ctx.search(wanted))
    ctx.live.came_along("dashboard_layouts", [str(tab["id"]) for tab in made.get("dashboard_layouts") or ()])
    return Found(str(made["id"]), encode(made))


def _about_slug(error: Conflict | Invalid) -> bool:
    """True if the slug may be what was refused: a 422 names its fields, a 409 does not; without the slug it is tried once."""
    return isinstance(error, Conflict) or any("slug" in field for field, _, _ in error.details)


def _with_known_children(ctx: Context, wanted: Wanted, found: Found, before: Difference) -> Difference:
    """Compare again if filters or tabs were made, so that tiles name them by their new ids."""
    fresh = [c for kind in ("dashboard_filters", "dashboard_layouts") for c in before.of(kind) if c.live is None]
    for child in before.of("dashboard_layouts"):
        if child.live is not None and child.live.id != child.source.id:
            ctx.destination.remember(ContentKey(child.content_type, child.source.id), child.live.id, lasting=False)
    if not fresh:
        return before
    payload = dict(decode(found.payload) if found.payload else wanted.decoded)
    for child in fresh:
        new_id = ctx.destination.renamed(child.content_type, child.source.id)
        if new_id is not None:  # else it was refused
            there = payload.get(child.content_type) or ()
            payload[child.content_type] = [*there, {**child.source.fields, "id": new_id}]
    found.body = encode(payload)
    again = ctx.compare(wanted, found)
    again.extras = before.extras
    return again


def part_of(wanted: Wanted, *parts: Difference) -> Part:
    """Return the item with the path to a nested object in it, as losses name it; *parts* are the objects on the way to it."""
    return Part(wanted.key, "".join(f"{path_of(part.content_type, part.source)}." for part in parts))


def _write_child(
    ctx: Context, part: Part, child: Difference, dashboard_id: str, more: dict[str, Any], known: StandingIds
) -> bool:
    """Create or change one nested object; True if it was made."""
    # What stands for a part that was refused names nothing.
    body = {field: value for field, value in (sendable(child) | more).items() if value != NEW}
    if child.live is not None:
        alter(ctx, part, child, child.live.id, body)
        return False
    body = without_nulls(body) | {"dashboard_id": dashboard_id}
    if WRITES[child.content_type].create is None:
        return False
    params = {"apply_filters": False} if child.content_type == "dashboard_elements" else None
    search = _search_for(ctx, child, body, dashboard_id, known)
    make(ctx, part, child, body, search, params=params)
    return True


def _write_tile(ctx: Context, part: Part, tile: Difference, dashboard_id: str, known: StandingIds) -> bool:
    """A tile shows one of query, merge query, look and SQL query, and listens to filters through its result maker. Return whether
    Looker has given it a place: it was made, or went to another tab."""
    more: dict[str, Any] = {}
    changed = tile.changed
    if tile.live is not None and "sources" in changed:  # what it shows now must go, or Looker goes on showing that
        changed = {**ctx.values(tile.content_type, tile.source), **changed}
        more = {**dict.fromkeys(TILE_SOURCES.values()), "look_id": changed.get("look_id")}
    if changed.get("query"):
        more["query_id"] = query_id(ctx, changed["query"], tile.source.query_id, tile.source.address)
    if changed.get("merge_query"):
        more["merge_result_id"] = merge_query_id(ctx, changed["merge_query"], tile.source.merge_id)
    maker: dict[str, Any] = {}
    if "filterables" in tile.changed:
        maker["filterables"] = tile.changed["filterables"]
    if "sql_query_id" in tile.changed:
        maker["sql_query_id"] = tile.changed["sql_query_id"]
    maker |= {field: changed[field] for field in DRAWN if field in changed}
    if maker:
        more["result_maker"] = maker
    is_new = _write_child(ctx, part, tile, dashboard_id, more, known)
    _name_what_is_not_drawn(ctx, part, tile, maker)
    return is_new or "dashboard_layout_id" in tile.changed


def _name_what_is_not_drawn(ctx: Context, part: Part, tile: Difference, given: Mapping[str, Any]) -> None:
    """Name what Looker has not taken of how a tile of hand-written SQL is to be drawn: it need not, and says so nowhere."""
    drawn = {field: value for field, value in given.items() if field in DRAWN and not is_blank(value)}
    live_id = ctx.destination.renamed(TILE, tile.source.id) or (tile.live.id if tile.live is not None else None)
    body = ctx.live.read(TILE, live_id, again=True) if drawn and live_id else None
    if body is None or live_id is None:
        return
    now = document(TILE, decode(body), live_id).fields
    refused = {field: NOT_DRAWN for field, value in drawn.items() if not alike(TILE, field, value, now.get(field))}
    ctx.keep_in_mind(TILE, live_id, drawn, refused)
    for field, why in refused.items():
        ctx.accept(part.item, f"{part.path}{field}", why)


def _write_place(ctx: Context, part: Part, place: Difference) -> None:
    if place.live is not None:  # else its tile has none: Looker makes them, nobody else can
        values = {
            field: value for field, value in sendable(place).items() if value != NEW
        }  # of a group that was refused
        alter(ctx, part, place, place.live.id, values)


def _reread(ctx: Context, wanted: Wanted, found: Found) -> Found:
    """Return the dashboard with the places that Looker made for its new tiles: one read of its tabs is enough."""
    payload = dict(decode(found.payload) if found.payload else wanted.decoded)
    payload["dashboard_layouts"] = tabs = decode(ctx.live.fetch_below(_LAYOUTS, "dashboards", found.id))
    places = [place for tab in tabs for place in tab.get("dashboard_layout_components") or ()]
    new = [one for one in places if ctx.live.is_fresh("dashboard_elements", str(one.get("dashboard_element_id")))]
    ctx.live.came_along("dashboard_layout_components", [str(one["id"]) for one in new])
    return msgspec.structs.replace(found, body=encode(_with_new_tiles(ctx, wanted, payload)))


def _with_new_tiles(ctx: Context, wanted: Wanted, payload: dict[str, Any]) -> dict[str, Any]:
    """Enter the tiles that were just made, as the backup has them, under their new ids."""
    there = {str(tile["id"]) for tile in payload.get("dashboard_elements") or ()}
    tiles: list[dict[str, Any]] = list(payload.get("dashboard_elements") or ())
    for tile in wanted.decoded.get("dashboard_elements") or ():
        new_id = ctx.destination.renamed("dashboard_elements", str(tile["id"]))
        if new_id is not None and new_id not in there:
            tiles.append({**tile, "id": new_id})
    return {**payload, "dashboard_elements": tiles}


def _remove(ctx: Context, wanted: Wanted, kind: str, doc: Doc) -> None:
    call = WRITES[kind].delete
    if call is None or (kind, doc.id) in ctx.writer.adopted:  # the latter was found to be ours since
        return
    try:
        ctx.writer.change(call, ContentKey(kind, doc.id), doc.id)
    except Invalid:
        if kind != "dashboard_layouts":
            raise
        ctx.accept(wanted.key, path_of(kind, doc), "Looker does not delete the tab that is active")


def _search_for(
    ctx: Context, child: Difference, body: dict[str, Any], dashboard_id: str, known: StandingIds
) -> Callable[[], dict[str, Any] | None]:
    """Return a search for a child that a lost create with *body* may have made: like it, and standing for no other one."""
    kind = child.content_type

    def look() -> dict[str, Any] | None:
        taken = ctx.destination.mapped_ids(kind) | known.get(kind, set())
        free = [row for row in _rows_now(ctx, kind, dashboard_id) if str(row["id"]) not in taken]
        return next((row for row in free if is_ours(row)), None)

    def is_ours(row: dict[str, Any]) -> bool:
        doc = document(kind, row, merges=ctx.live.merge)
        wanted = sent(child)
        for field, live_id, sent_id in (
            ("query", doc.query_id, body.get("query_id")),
            ("merge_query", doc.merge_id, body.get("merge_result_id")),
        ):
            if live_id and live_id == sent_id:  # an equal id is an equal query, however Looker writes it down
                wanted[field] = doc.fields.get(field)
        if doc.trashed:
            return False
        return is_like_new(kind, wanted, doc) and not (kind == "dashboard_layouts" and holds_tiles(doc.id))

    def holds_tiles(tab_id: str) -> bool:
        tiles = _rows_now(ctx, "dashboard_elements", dashboard_id)
        return any(str(tile.get("dashboard_layout_id")) == tab_id for tile in tiles)

    return look


def _rows_now(ctx: Context, kind: str, dashboard_id: str) -> list[dict[str, Any]]:
    call = Call(f"dashboard_{kind}", f"/dashboards/{{id}}/{kind}")
    return decode(ctx.live.fetch_below(call, "dashboards", dashboard_id))
