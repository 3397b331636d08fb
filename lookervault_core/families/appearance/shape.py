"""Which fields of colour collections and of the default choices are compared. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookervault_core.diff.documents.doc import text_of
from lookervault_core.families.shape import Reading, Shape

# The palettes of a colour collection, by their kinds.
PALETTES = ("categoricalPalettes", "sequentialPalettes", "divergingPalettes")


def _collection(collection: Mapping[str, Any], _reading: Reading) -> dict[str, Any]:
    """Palettes get their ids from Looker."""
    return {**collection, **{kind: _sent(kind, collection.get(kind)) for kind in PALETTES}}


def _sent(field: str, value: Any) -> Any:
    """Return what a field says: palettes without their ids, which Looker makes of their places."""
    return [{k: v for k, v in one.items() if k != "id"} for one in value or ()] if field in PALETTES else value


def _chosen(field: str) -> Callable[[Any, Reading], dict[str, Any]]:
    """A default is the object that was chosen; what counts is which one."""
    return lambda chosen, _: {field: text_of(chosen.get("id")) or None}


SHAPES = {
    "color_collections": Shape(shaped=_collection, sent=_sent),
    "default_color_collection": Shape(shaped=_chosen("color_collection_id")),
    "default_theme": Shape(shaped=_chosen("theme_id")),
    "default_themes": Shape(shaped=_chosen("theme_id")),
}
