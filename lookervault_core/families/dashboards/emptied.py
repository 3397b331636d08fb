"""Tiles that lost what they showed because their look is gone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lookervault_core.diff.doc import Doc
from lookervault_core.families.dashboards.shape import shows_nothing


def emptied(backup: Doc, live: Doc, looks: Collection[str]) -> Iterator[tuple[Doc, Doc]]:
    """Yield the tiles of a live dashboard that show nothing, because the look of *looks* that they showed was deleted, or that
    listen to nothing any more; each with the tile of the backup."""
    there = live.children.get("dashboard_elements", {})
    for tile_id, ours in backup.children.get("dashboard_elements", {}).items():
        theirs = there.get(tile_id)
        if theirs is None or str(ours.fields.get("look_id") or "") not in looks:
            continue
        same = theirs.fields.get("look_id") == ours.fields["look_id"]
        silent = bool(ours.fields.get("filterables")) and not theirs.fields.get("filterables")
        if shows_nothing(theirs) or (same and silent):
            yield ours, theirs
