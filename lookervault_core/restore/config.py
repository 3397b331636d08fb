"""Models, themes and colour collections: plain objects, but for the palettes of a collection, which get new ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog_writes import WRITES
from lookervault_core.documents import decode
from lookervault_core.model import ContentKey
from lookervault_core.plan import Found, Wanted
from lookervault_core.restore.context import Context, write_object

_PALETTES = ("categoricalPalettes", "sequentialPalettes", "divergingPalettes")


def apply_colors(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one colour collection and note which palette is which."""
    difference = ctx.compare(wanted, found)
    collection_id = write_object(ctx, wanted, difference, found)
    if collection_id != wanted.key.id:
        raw = ctx.live.read("color_collections", collection_id, again=True)
        if raw is not None:
            ctx.writer.note(palette_pairs(wanted.decoded, decode(raw)))
    return collection_id


def apply_default_colors(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Choose the colour collection that new visualisations are drawn in."""
    chosen = ctx.compare(wanted, found).changed.get("color_collection_id")
    if chosen:
        _choose(ctx, wanted, str(chosen))
    return wanted.key.id


def apply_default_theme(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Choose the theme that dashboards wear; Looker takes its name."""
    chosen = ctx.compare(wanted, found).changed.get("theme_id")
    theme = ctx.live.read("themes", str(chosen), again=True) if chosen else None
    if theme is not None:
        _choose(ctx, wanted, str(decode(theme)["name"]))
    return wanted.key.id


def _choose(ctx: Context, wanted: Wanted, one: str) -> None:
    call = WRITES[wanted.key.content_type].update
    if call is not None:
        ctx.writer.change(call, wanted.key, one)


def palettes_in(wanted: Wanted, found: Found) -> list[tuple[ContentKey, str]]:
    """Return which palettes are which where *wanted* is a collection that is there; its own may have ids of their own there."""
    if wanted.key.content_type != "color_collections" or not found.payload:
        return []
    return palette_pairs(wanted.decoded, decode(found.payload))


def palette_pairs(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[tuple[ContentKey, str]]:
    """Return, for each palette of a collection that stands for one under another id, which it is: of the same kind, the one of
    the same label, else the next."""
    pairs: list[tuple[ContentKey, str]] = []
    for kind in _PALETTES:
        wanted, left = ([one for one in side.get(kind) or () if one.get("id")] for side in (ours, theirs))
        for one in sorted(wanted, key=lambda one: not _labelled(one, left)):
            other = next(iter(_labelled(one, left) or left), None)
            if other is not None:
                left.remove(other)
                pairs.append((ContentKey("color_palettes", str(one["id"])), str(other["id"])))
    return [(key, live_id) for key, live_id in pairs if key.id != live_id]


def _labelled(one: Mapping[str, Any], palettes: list[Any]) -> list[Any]:
    return [other for other in palettes if other.get("label") == one.get("label")]
