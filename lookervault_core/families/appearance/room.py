"""The rooms of themes and colour collections."""

from __future__ import annotations

from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.appearance.applying import apply_colors, apply_default_colors, apply_default_theme
from lookervault_core.families.appearance.identity import standard_colors
from lookervault_core.families.appearance.palettes import palettes, palettes_gone
from lookervault_core.families.roles.guard import Caller
from lookervault_core.families.room import Room
from lookervault_core.restore.identity.resolver import Destination

OWN = "one of Looker's own collections"


def _is_lookers_own(wanted: Wanted, destination: Destination) -> str:
    return OWN if wanted.key.id in standard_colors(destination.live) else ""


def _stays(_caller: Caller, destination: Destination, collection_id: str) -> str:
    return OWN if collection_id in standard_colors(destination.live) else ""


def _note_palettes(destination: Destination, wanted: Wanted, found: Found, writes: bool) -> None:
    """Record palettes whose ids changed on the live collection, or are to change. On its own instance those alone that it has no
    more."""
    if not found.payload:
        return
    live = decode(found.payload)
    pairs = palettes(wanted.decoded, live)
    ours = destination.rules.same_instance and found.id == wanted.key.id
    gone = palettes_gone(wanted, live) if ours else pairs.keys()
    if ours and writes:
        destination.pending.update(gone)
        return
    for palette in gone & pairs.keys():
        destination.remember(palette, pairs[palette], lasting=False)


ROOMS = {
    "color_collections": Room(apply=apply_colors, skips=_is_lookers_own, met=_note_palettes, stays=_stays),
    "default_color_collection": Room(apply=apply_default_colors),
    "default_theme": Room(apply=apply_default_theme),
    "default_themes": Room(apply=apply_default_theme),
}
