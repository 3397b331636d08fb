"""Which tiles of a dashboard listen to which of its filters. Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any

from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import alike
from lookervault_core.families.dashboards.filter_names import FILTERS
from lookervault_core.families.dashboards.shape import TILE
from lookervault_core.model import ContentKey

# The field that says it.
WIRED = "filterables"


def relied_on(
    live: Doc, before: Doc, made: Container[ContentKey], wired: Callable[[ContentKey], Iterable[Any]]
) -> Iterator[ContentKey]:
    """Yield the filters *made* by a restore to which people have since connected a tile of the dashboard.

    That is a tile that did not listen to the filter *before* and that the restore neither made nor *wired* so; *wired* returns the
    values that the restore sent for a tile's listening."""
    named = {doc.fields.get("name"): ContentKey(FILTERS, key) for key, doc in live.children.get(FILTERS, {}).items()}
    heard = set(_heard(before))
    for tile, name in _heard(live):
        at, now = named.get(name), live.children[TILE][tile.id].fields[WIRED]
        if at is None or at not in made or tile in made or (tile, name) in heard:
            continue
        if not any(alike(TILE, WIRED, one, now) for one in wired(tile)):
            yield at


def _heard(dashboard: Doc) -> Iterator[tuple[ContentKey, str]]:
    """Yield the tiles of a dashboard with the names of what they listen to, whether that is there or not."""
    for key, tile in dashboard.children.get(TILE, {}).items():
        entries = (entry for one in tile.fields.get(WIRED) or () for entry in one["listen"])
        yield from ((ContentKey(TILE, key), str(entry["dashboard_filter_name"])) for entry in entries)
