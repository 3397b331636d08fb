"""Which nested objects hold others: sections their items, tabs their tiles. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from lookervault_core.diff.documents.doc import Doc
from lookervault_core.families.dashboards.shape import PLACE, TILE, is_group
from lookervault_core.model import ContentKey


def held_in(doc: Doc) -> Iterator[tuple[ContentKey, ContentKey]]:
    """Yield pairs of a nested object and one that it holds: a section and an item, a tab and a tile with its place there.

    Objects in the trash are left out."""
    for kind, parts in doc.children.items():
        for part in parts.values():
            for name, inside in () if part.trashed else part.children.items():
                held = (_at(name, one) for one in inside.values() if not one.trashed)
                yield from ((ContentKey(kind, part.id), key) for key in held if key is not None)


def _at(kind: str, part: Doc) -> ContentKey | None:
    """Return a part, or the tile whose place it is; None for the place of a group of tiles."""
    if kind != PLACE:
        return ContentKey(kind, part.id)
    return None if is_group(part) else ContentKey(TILE, str(part.fields["dashboard_element_id"]))
