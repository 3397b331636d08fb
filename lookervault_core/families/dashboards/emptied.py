"""Tiles that show nothing because their look was deleted. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.wording.describe import path_of
from lookervault_core.diff.wording.naming import Mention
from lookervault_core.families.dashboards.shape import TILE, shows_nothing
from lookervault_core.model import ContentKey


def _emptied(backup: Doc, live: Doc, looks: Collection[str]) -> Iterator[tuple[Doc, Doc]]:
    """Yield the tiles of a live dashboard that show nothing, because the look of *looks* that they showed was deleted, or that
    listen to nothing any more; each with the tile of the backup."""
    there = live.children.get(TILE, {})
    for tile_id, ours in backup.children.get(TILE, {}).items():
        theirs = there.get(tile_id)
        if theirs is None or str(ours.fields.get("look_id") or "") not in looks:
            continue
        same = theirs.fields.get("look_id") == ours.fields["look_id"]
        silent = bool(ours.fields.get("filterables")) and not theirs.fields.get("filterables")
        if shows_nothing(theirs) or (same and silent):
            yield ours, theirs


def refilled(ours: Doc, theirs: Doc, backup: Doc, looks: Collection[str]) -> Iterator[Mention]:
    """Give tiles of *ours* that lost their look, because it was deleted, the look and their filters again; yield each tile's
    mention of its look."""
    for tile, live in _emptied(backup, theirs, looks):
        again = {field: tile.fields[field] for field in ("look_id", "sources", "filterables") if field in tile.fields}
        ours.children[TILE][live.id].fields |= again
        look = ContentKey("looks", str(tile.fields["look_id"]))
        yield Mention(f"{path_of(TILE, live)}.look_id", look, ContentKey(TILE, live.id))
