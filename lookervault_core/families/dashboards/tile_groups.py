"""Groups of tiles (SDK 26.18): places without a tile, which the places of tiles name. No call makes or removes a group. Pure.

No documentation says whether a Looker has such places, or a special tile for each group; a special tile is handled like any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.families.dashboards.shape import PLACE, TILE, is_group

NOT_MADE = "no call makes a group of tiles: group them again in Looker"
NOT_REMOVED = "no call removes a group of tiles: take it off in Looker"


def by_members(tab: Difference, found: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of a tile group of the backup and a live one that share tiles, by id, those that share most first.

    *found* has the live id of each tile."""
    if tab.live is None:
        return
    ours, theirs = (one.children[PLACE] for one in (tab.source, tab.live))
    members = {key: {found.get((TILE, one)) for one in _tiles_in(key, ours)} for key in ours if is_group(ours[key])}
    live = {key: set(_tiles_in(key, theirs)) for key in theirs if is_group(theirs[key])}
    shared = {(key, other): len(members[key] & live[other]) for key in members for other in live}
    yield from sorted((pair for pair in shared if shared[pair]), key=lambda pair: -shared[pair])


def name_too_many(tab: Difference, rules: Rules) -> None:
    """Note in the difference of a tab the live tile groups that the backup lacks: they stay, also in an exact restore."""
    known = {place.live.id for place in tab.of(PLACE) if place.live is not None}
    places = tab.live.children[PLACE].values() if tab.live is not None else ()
    rest = [(PLACE, doc) for doc in places if is_group(doc) and doc.id not in known and not doc.trashed]
    if rules.exact and rules.made is None:
        tab.lost |= {f"{PLACE}[{doc.id}]": NOT_REMOVED for _, doc in rest}
    elif rules.made is None:
        tab.beyond += rest


def _tiles_in(group: str, places: Mapping[str, Doc]) -> Iterator[str]:
    inside = (doc for doc in places.values() if str(doc.fields.get("group_id")) == group)
    return (str(doc.fields["dashboard_element_id"]) for doc in inside if not is_group(doc))
