"""Match the tabs, tiles and places of a dashboard, and find what of them cannot be as in the backup. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import WRITES
from lookervault_core.diff.comparing.pairing import match
from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.families.comparison import Comparison, Docs, Found, Kept
from lookervault_core.families.dashboards.filter_names import leave_taken, room_for
from lookervault_core.families.dashboards.shape import PLACE, TAB, TILE, is_group, shows_nothing
from lookervault_core.families.dashboards.since import leave_order_of_tabs
from lookervault_core.families.dashboards.tile_groups import NOT_MADE, by_members, name_too_many

SHOWED_NOTHING = "it showed nothing any more, and Looker takes no such tile"
UNREADABLE_SQL = "its hand-written SQL cannot be read through the API"
SQL_STAYS = f"{UNREADABLE_SQL}: the tile that is there keeps the one that it has"


def _paired(dashboard: Difference, rules: Rules) -> None:
    for tab in dashboard.of(TAB):
        name_too_many(tab, rules)
    _hide_what_had_no_place(dashboard)
    if dashboard.live is not None:
        _name_their_tabs(dashboard, dashboard.live)


def _hide_what_had_no_place(dashboard: Difference) -> None:
    """Looker gives every tile that it makes a place; a tile that the backup has without one, beside others that have
    theirs, is not shown."""
    tabs = dashboard.source.children[TAB].values()
    placed = {place.fields["dashboard_element_id"] for tab in tabs for place in _places_on(tab) if not is_group(place)}
    tiles = [tile for tile in dashboard.of(TILE) if tile.source.id not in placed]
    hidden = {tile.live.id for tile in tiles if tile.live is not None}
    for tab in dashboard.of(TAB) if hidden and placed else ():
        for place in _places_on(tab.live) if tab.live is not None else ():
            if place.fields.get("dashboard_element_id") in hidden and not place.trashed:
                tab.children.append(Difference(PLACE, Doc(place.id, place.name, {"deleted": True}), place))


def _name_their_tabs(dashboard: Difference, live: Doc) -> None:
    """A tile need not say on which tab it is: its place does. Where that of the backup does not, it says so from here on if the
    live one does or is on another tab, or if it is to be made and there are several: Looker makes it on the active one."""
    tabs, now = _tabs_of_tiles(dashboard.source), _tabs_of_tiles(live)
    pairs = {tab.source.id: tab.live.id if tab.live is not None else None for tab in dashboard.of(TAB)}
    several = max(len(side.children[TAB]) for side in (dashboard.source, live)) > 1
    for tile in dashboard.of(TILE):
        tab, there = tabs.get(tile.source.id), tile.live
        if tab not in pairs or tile.source.fields.get("dashboard_layout_id"):
            continue
        is_elsewhere = there is not None and there.id in now and now[there.id] != pairs[tab]
        if is_elsewhere or (several if there is None else there.fields.get("dashboard_layout_id")):
            fields = tile.source.fields | {"dashboard_layout_id": tab}
            tile.source = msgspec.structs.replace(tile.source, fields=fields)


def _tabs_of_tiles(dashboard: Doc) -> dict[str, str]:
    tabs = dashboard.children[TAB].values()
    return {str(place.fields.get("dashboard_element_id")): tab.id for tab in tabs for place in _places_on(tab)}


def _places_on(tab: Doc) -> Iterable[Doc]:
    return tab.children[PLACE].values()


def _kept_sql(wanted: Docs, there: Docs, resolve: Resolve, rules: Rules) -> Mapping[str, Kept]:
    """Return, by id in the backup, the live tiles of hand-written SQL that stand for those whose own SQL is not known here."""
    unknown = {key: doc for key, doc in wanted.items() if _impossible_tile(doc, {}, resolve) is not None}
    theirs = {key: doc for key, doc in there.items() if doc.fields.get("sql_query_id") and not doc.trashed}
    pairs = match(TILE, unknown, theirs, resolve, rules) if unknown else {}
    return {
        key: Kept(live_id, _with_sql_of(there[live_id], wanted[key]), {"sql_query_id": SQL_STAYS})
        for key, live_id in pairs.items()
    }


def _with_sql_of(live: Doc, tile: Doc) -> Doc:
    return msgspec.structs.replace(tile, fields={**tile.fields, "sql_query_id": live.fields["sql_query_id"]})


def _impossible_tile(tile: Doc, _found: Found, resolve: Resolve) -> str | None:
    """A tile of hand-written SQL can only name its query, which is no use elsewhere."""
    query_id = tile.fields.get("sql_query_id")
    unknown = query_id and resolve("sql_queries", str(query_id)) is None
    return f"{UNREADABLE_SQL}, and is not on this instance" if unknown else None


def _impossible_place(place: Doc, found: Found, _resolve: Resolve) -> str | None:
    """No tile means no place for it."""
    return None if is_group(place) or (TILE, str(place.fields.get("dashboard_element_id"))) in found else ""


def _unmade_tile(_dashboard: Difference, tile: Doc, _rules: Rules) -> str:
    return SHOWED_NOTHING if shows_nothing(tile) else ""


def _unmade_place(tab: Difference, place: Doc, rules: Rules) -> str:
    """No call makes a group. A tile can be put on any one tab only by naming that, which older releases do not take."""
    if is_group(place):
        return NOT_MADE
    taken = rules.learned.takes(TILE)
    is_possible = taken is None or "dashboard_layout_id" in taken or bool(tab.source.fields.get("active"))
    return "" if is_possible else "this release of Looker puts every tile on the tab that is active"


def _place_goes(place: Doc, dashboard: Doc, rules: Rules) -> bool | None:
    """The tiles of the backup get the places back that they had, where a restore is undone."""
    if rules.made is None:
        return None
    tile = str(place.fields.get("dashboard_element_id"))
    return place.trashed or is_group(place) or tile in dashboard.children.get(TILE, {}) or rules.removes(TILE, tile)


def _tabs_by_tiles(dashboard: Difference, _found: Found) -> Iterator[tuple[str, str]]:
    """Yield which tab may be which live one, by how many tiles of the same names are on both, most first.

    That is for tabs that no label tells: the active one need not be the same tab, for somebody may have added one since."""
    if dashboard.live is None:
        return
    ours, theirs = (
        {key: doc.fields for key, doc in one.children[TAB].items()} for one in (dashboard.source, dashboard.live)
    )
    labels = {tab.get("label") for tab in ours.values()} & {tab.get("label") for tab in theirs.values()} - {None, ""}
    untold = [
        key for key, tab in ours.items() if not tab.get("label") or (tab.get("active") and tab["label"] not in labels)
    ]
    free = [key for key, tab in theirs.items() if tab.get("label") not in labels]
    names, live_names = _names_on_tabs(dashboard.source), _names_on_tabs(dashboard.live)
    shared = {(key, other): (names[key] & live_names[other]).total() for key in untold for other in free}
    yield from sorted((pair for pair in shared if shared[pair]), key=lambda pair: -shared[pair])


def _names_on_tabs(dashboard: Doc) -> dict[str, Counter[tuple[Any, ...]]]:
    """Return what the tiles on each tab of a dashboard are called."""
    tiles = dashboard.children[TILE]
    keys = WRITES[TILE].natural[0].fields
    return {
        tab.id: Counter(
            tuple(tile.fields.get(key) for key in keys)
            for place in _places_on(tab)
            if (tile := tiles.get(str(place.fields.get("dashboard_element_id")))) is not None
        )
        for tab in dashboard.children[TAB].values()
    }


def _compared_tile(tile: Difference, resolve: Resolve, _rules: Rules) -> None:
    _leave_what_it_shows(tile)
    _leave_what_a_gone_look_heard(tile, resolve)


def _leave_what_it_shows(tile: Difference) -> None:
    """A tile that showed nothing any more, and shows something by now, goes on with that."""
    fields = tile.changed.keys() & {"type", "look_id", "query", "merge_query", "sql_query_id", "sources", "filterables"}
    if tile.live is None or not fields or not shows_nothing(tile.source) or shows_nothing(tile.live):
        return
    tile.changed = {field: value for field, value in tile.changed.items() if field not in fields}
    tile.lost["sources"] = SHOWED_NOTHING


def _leave_what_a_gone_look_heard(tile: Difference, resolve: Resolve) -> None:
    """A tile that still names its look, which is gone, listens to nothing: Looker keeps no filters for it."""
    look = tile.source.fields.get("look_id")
    if tile.live is None or not look or tile.live.fields.get("look_id") != look or "filterables" not in tile.changed:
        return
    if not tile.live.fields.get("filterables") and resolve("looks", str(look)) is None:
        del tile.changed["filterables"]
        tile.lost["filterables"] = f"looks {look}, which it shows, is not there"


def _compared(dashboard: Difference, _rules: Rules) -> None:
    leave_taken(dashboard)
    leave_order_of_tabs(dashboard)


def _more_calls(dashboard: Difference) -> int:
    """Filters give up names that others get; where tiles are made, what came with them is read."""
    tiles_made = any(tile.live is None for tile in dashboard.of(TILE))
    return len(room_for(dashboard).names) + (1 if tiles_made else 0)


COMPARISONS = {
    "dashboards": Comparison(paired=_paired, compared=_compared, more_calls=_more_calls),
    TAB: Comparison(likely=_tabs_by_tiles),
    TILE: Comparison(kept=_kept_sql, impossible=_impossible_tile, unmade=_unmade_tile, fields=_compared_tile),
    PLACE: Comparison(likely=by_members, impossible=_impossible_place, unmade=_unmade_place, goes=_place_goes),
}
