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
    palettes = {
        kind: [{k: v for k, v in palette.items() if k != "id"} for palette in collection.get(kind) or ()]
        for kind in PALETTES
    }
    return {**collection, **palettes}


def _chosen(field: str) -> Callable[[Any, Reading], dict[str, Any]]:
    """A default is the object that was chosen; what counts is which one."""
    return lambda chosen, _: {field: text_of(chosen.get("id")) or None}


SHAPES = {
    "color_collections": Shape(shaped=_collection),
    "default_color_collection": Shape(shaped=_chosen("color_collection_id")),
    "default_theme": Shape(shaped=_chosen("theme_id")),
    "default_themes": Shape(shaped=_chosen("theme_id")),
}
