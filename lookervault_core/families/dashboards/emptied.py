"""Tiles that show nothing because their look was deleted."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping

from lookervault_core.diff.difference import Difference
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.planning.plan import Step
from lookervault_core.diff.planning.sides import Found
from lookervault_core.diff.wording.describe import path_of
from lookervault_core.diff.wording.naming import Mention
from lookervault_core.families.dashboards.shape import TILE, shows_nothing
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.live import Live

_SHOWN = ("look_id", "sources", "filterables")


def to_be_emptied(
    live: Live, backup: Backup, left: Iterable[Step], to_delete: Collection[ContentKey]
) -> Iterator[tuple[ContentKey, Found]]:
    """Yield, as they are now, the dashboards of the steps *left* that show a look *to_delete*: once that is gone for good, its
    tiles show nothing."""
    if not any(key.content_type == "looks" for key in to_delete):
        return
    for one in [step.destination_id or step.id for step in left if step.content_type == "dashboards"]:
        body = body_of(live, backup, "dashboards", one)
        tiles = document("dashboards", decode(body), one).children[TILE].values() if body else ()
        if any(ContentKey("looks", _look_of(tile)) in to_delete for tile in tiles):
            yield ContentKey("dashboards", one), Found(one, body)


def shown_in(live: Live, before: Backup, going: Mapping[ContentKey, bytes]) -> Iterator[tuple[ContentKey, ContentKey]]:
    """Yield the looks that go for good with their folders, all of them *going*, each with the tiles that show it in dashboards
    that stay. A folder names the dashboards in which its looks are shown."""
    folders = (decode(body) for key, body in going.items() if key.content_type == "folders")
    for look in (row for folder in folders for row in folder.get("looks") or ()):
        key = ContentKey("looks", str(look["id"]))
        shown = {str(one["id"]) for one in look.get("dashboards") or ()} if key in going else ()
        for one in shown:
            body = None if ContentKey("dashboards", one) in going else body_of(live, before, "dashboards", one)
            tiles = document("dashboards", decode(body), one).children[TILE].values() if body else ()
            yield from ((key, ContentKey(TILE, tile.id)) for tile in tiles if _look_of(tile) == key.id)


def emptied_with(tile: Difference, back: Container[ContentKey]) -> frozenset[str]:
    """Return the fields that a tile lost together with its look, if that is among what comes *back*."""
    if tile.content_type != TILE or tile.live is None or ContentKey("looks", _look_of(tile.source)) not in back:
        return frozenset()
    return frozenset(_SHOWN) if _is_emptied(tile.source, tile.live) else frozenset()


def _look_of(tile: Doc) -> str:
    return str(tile.fields.get("look_id") or "")


def _is_emptied(ours: Doc, theirs: Doc) -> bool:
    """Return whether a live tile shows nothing, or the same look and listens to nothing any more, where *ours* shows a look."""
    silent = bool(ours.fields.get("filterables")) and not theirs.fields.get("filterables")
    return bool(_look_of(ours)) and (shows_nothing(theirs) or (_look_of(ours) == _look_of(theirs) and silent))


def _emptied(backup: Doc, live: Doc, looks: Collection[str]) -> Iterator[tuple[Doc, Doc]]:
    """Yield the tiles of a live dashboard that show nothing, because the look of *looks* that they showed was deleted, or that
    listen to nothing any more; each with the tile of the backup."""
    there = live.children.get(TILE, {})
    for tile_id, ours in backup.children.get(TILE, {}).items():
        theirs = there.get(tile_id)
        if theirs is not None and _look_of(ours) in looks and _is_emptied(ours, theirs):
            yield ours, theirs


def refilled(ours: Doc, theirs: Doc, backup: Doc, looks: Collection[str]) -> Iterator[Mention]:
    """Give tiles of *ours* that lost their look, because it was deleted, the look and their filters again; yield each tile's
    mention of its look."""
    for tile, live in _emptied(backup, theirs, looks):
        again = {field: tile.fields[field] for field in _SHOWN if field in tile.fields}
        ours.children[TILE][live.id].fields |= again
        look = ContentKey("looks", str(tile.fields["look_id"]))
        yield Mention(f"{path_of(TILE, live)}.look_id", look, ContentKey(TILE, live.id))
