"""Match the palettes of a colour collection: content names palettes by ids, and Looker gives a recreated palette a new id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.diff.planning.sides import Wanted
from lookervault_core.families.appearance.shape import PALETTES
from lookervault_core.model import ContentKey


def palette_keys(collection: Mapping[str, Any]) -> set[ContentKey]:
    """Return the keys of the palettes in a colour collection."""
    rows = (row for kind in PALETTES for row in collection.get(kind) or ())
    return {ContentKey("color_palettes", str(row["id"])) for row in rows if row.get("id")}


def palettes_gone(wanted: Wanted, live: Mapping[str, Any]) -> set[ContentKey]:
    """Return the palettes of the backup's collection that the live one lacks and that come back under another id.

    Looker makes a palette's id from its place, as its documentation of colour collections says: a palette that had such an id
    gets the same one again, and is not returned."""
    gone: set[ContentKey] = set()
    for kind in PALETTES:
        there = {str(one.get("id")) for one in live.get(kind) or ()}
        by_place = f"{wanted.key.id}-{kind.removesuffix('Palettes')}-"
        ids = {
            str(one["id"]): f"{by_place}{n}" for n, one in enumerate(wanted.decoded.get(kind) or ()) if one.get("id")
        }
        gone |= {ContentKey("color_palettes", one) for one, again in ids.items() if one not in there and one != again}
    return gone


def palettes(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[ContentKey, str]:
    """Return the live id of each palette of collection *ours* that has another id in *theirs*.

    Palettes are paired within their kind: by label, else in order."""
    pairs: dict[ContentKey, str] = {}
    for kind in PALETTES:
        wanted, left = ([one for one in side.get(kind) or () if one.get("id")] for side in (ours, theirs))
        for one in sorted(wanted, key=lambda one: not _labelled(one, left)):
            other = next(iter(_labelled(one, left) or left), None)
            if other is not None:
                left.remove(other)
                pairs[ContentKey("color_palettes", str(one["id"]))] = str(other["id"])
    return {key: live_id for key, live_id in pairs.items() if key.id != live_id}


def _labelled(one: Mapping[str, Any], palettes: list[Any]) -> list[Any]:
    return [other for other in palettes if other.get("label") == one.get("label")]
