"""Access metadata: which one matches is known by the object that it belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from lookervault_core.catalog import CATALOG, FOLDERS, SEEN, SEEN_AS
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode, encode
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.planning.sides import Found
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup, body_of

if TYPE_CHECKING:
    from lookervault_core.restore.live import Live

# What lies in no folder is listed by none.
_ALONE = tuple(field for field, content_type in SEEN_AS if content_type in SEEN and content_type != FOLDERS)


def owner_of(metadata: Any) -> ContentKey | None:
    """Return the object that access metadata belongs to; None if it names none."""
    named = ((content_type, metadata.get(field)) for field, content_type in SEEN_AS)
    return next((ContentKey(content_type, str(one)) for content_type, one in named if one), None)


def find_metadata(live: Live, backup: Backup, resolve: Resolve, payload: Any) -> Found | None:
    """Return the live access metadata that matches *payload*, by its owner; *resolve* gives the destination's id of the owner."""
    owner = owner_of(payload)
    return _of(live, backup, resolve, owner) if owner is not None else None


def _of(live: Live, backup: Backup, resolve: Resolve, key: ContentKey) -> Found | None:
    owner = resolve(key.content_type, key.id)
    if owner is None:
        return None
    if owner == NEW:
        return Found(NEW, encode({"inherits": True}))
    body = body_of(live, backup, key.content_type, owner)
    metadata_id = str((decode(body) if body else {}).get("content_metadata_id") or "")
    if metadata_id and live.is_fresh(key.content_type, owner):
        live.came_along("content_metadata", [metadata_id])
    metadata = live.read("content_metadata", metadata_id) if metadata_id else None
    return Found(metadata_id, metadata) if metadata is not None else None


def prefetch_metadata(live: Live, backup: Backup, ids: Iterable[str]) -> None:
    """Read at once the metadata of folders, with one call for each folder that has some in it, and that of boards and agents."""
    rows = {row_id: backup.readable("content_metadata", row_id) or {} for row_id in ids}
    parents = {str(row["parent_id"]) for row in rows.values() if row.get("parent_id") and row.get("folder_id")}
    live.prefetch_children("content_metadata", parents)
    live.prefetch("content_metadata", [row_id for row_id, row in rows.items() if any(map(row.get, _ALONE))])


MOVES_WITH = ("content_metadata", "content_metadata_accesses")


def made_along(
    made: Iterable[ContentKey], before: Backup, after: Backup, resolve: Callable[[str, str], str]
) -> dict[str, str]:
    """Return the ids of access metadata in *after* by those in *before*, for recreated objects *made*.

    *resolve* gives the new id of each of these objects."""
    found: dict[str, str] = {}
    for key in made:
        ours = _metadata_id(before, key.content_type, key.id)
        now = _metadata_id(after, key.content_type, resolve(key.content_type, key.id))
        if ours and now and ours != now:
            found[ours] = now
    return found


def _metadata_id(side: Backup, content_type: str, item_id: str) -> str:
    payload = side.readable(content_type, item_id) if content_type in CATALOG else None
    return str(payload.get("content_metadata_id") or "") if isinstance(payload, Mapping) else ""
