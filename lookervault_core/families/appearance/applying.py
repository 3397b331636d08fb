"""Models, themes and colour collections: plain objects, but for the palettes of a collection, which get new ids."""

from __future__ import annotations

from lookervault_core.catalog import WRITES
from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.appearance.palettes import palettes
from lookervault_core.families.appearance.shape import PALETTES
from lookervault_core.restore.applying.context import Context, write_object


def apply_colors(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one colour collection and note which palette is which."""
    difference = ctx.compare(wanted, found)
    kinds = [kind for kind in PALETTES if kind in difference.changed]
    same = ctx.rules.same_instance and found is not None and found.id == wanted.key.id
    # Palettes that are there and named keep their ids, in which content is drawn.
    more = {kind: wanted.decoded[kind] for kind in kinds} if same else {}
    collection_id = write_object(ctx, wanted, difference, found, more=more)
    if kinds or not same:
        raw = ctx.live.read("color_collections", collection_id, again=True)
        if raw is not None:
            ctx.writer.note(list(palettes(wanted.decoded, decode(raw)).items()))
    return collection_id


def apply_default_colors(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Choose the colour collection that new visualisations are drawn in."""
    chosen = ctx.compare(wanted, found).changed.get("color_collection_id")
    if chosen:
        _choose(ctx, wanted, str(chosen))
    return wanted.key.id


def apply_default_theme(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Choose the theme that dashboards wear, or those of one type do; Looker takes its name."""
    chosen = ctx.compare(wanted, found).changed.get("theme_id")
    theme = ctx.live.read("themes", str(chosen), again=True) if chosen else None
    if theme is not None:
        _choose(ctx, wanted, str(decode(theme)["name"]))
    return wanted.key.id


def _choose(ctx: Context, wanted: Wanted, one: str) -> None:
    call = WRITES[wanted.key.content_type].update
    if call is not None:
        ctx.writer.change(call, wanted.key, one, other=wanted.key.id)
