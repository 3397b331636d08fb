"""Which theme is the default one, and which colour collections are the same on every Looker."""

from __future__ import annotations

from lookervault_core.catalog import SINGLE, Call
from lookervault_core.diff.document import decode
from lookervault_core.restore.live import Live

_STANDARD = Call("color_collections_standard", "/color_collections/standard", {"fields": "id"})


def standard_colors(live: Live) -> frozenset[str]:
    """Return the ids of the colour collections that are the same on every Looker; nothing in their payloads says so."""
    return live.ids_of(_STANDARD, "color_collections")


def default_theme(live: Live) -> str | None:
    """Return the id of the default theme. Looker chooses it by name, so of two themes with one name this is the one to match."""
    body = live.read("default_theme", SINGLE)
    return str(decode(body)["id"]) if body else None
