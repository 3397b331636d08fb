"""Access metadata, which is known by the object that has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lookervault_core.catalog import CATALOG
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode, encode
from lookervault_core.diff.plan import Found
from lookervault_core.diff.references import Resolve
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.by_owner import body_of
from lookervault_core.restore.live import Live

_OWNERS = (
    ("folder_id", "folders"),
    ("dashboard_id", "dashboards"),
    ("look_id", "looks"),
    ("homepage_id", "boards"),
)


class Metadata:
    """Finds the access metadata of what is on one restore's destination; *resolve* gives the ids of what has it."""

    def __init__(self, live: Live, backup: Backup, resolve: Resolve) -> None:
        self._live, self._backup, self._resolve = live, backup, resolve

    def find(self, payload: Any) -> Found | None:
        """Return the access metadata of the object that has it."""
        for field, content_type in _OWNERS:
            if payload.get(field):
                return self._of(content_type, str(payload[field]))
        return None

    def _of(self, content_type: str, item_id: str) -> Found | None:
        owner = self._resolve(content_type, item_id)
        if owner is None:
            return None
        if owner == NEW:
            return Found(NEW, encode({"inherits": True}))
        body = body_of(self._live, self._backup, content_type, owner)
        metadata_id = str((decode(body) if body else {}).get("content_metadata_id") or "")
        if metadata_id and self._live.is_fresh(content_type, owner):
            self._live.came_along("content_metadata", [metadata_id])
        metadata = self._live.read("content_metadata", metadata_id) if metadata_id else None
        return Found(metadata_id, metadata) if metadata is not None else None


MOVES_WITH = ("content_metadata", "content_metadata_accesses")


def made_along(
    made: Iterable[ContentKey], before: Backup, after: Backup, resolve: Callable[[str, str], str]
) -> dict[str, str]:
    """Return by the id of *before* the id of *after* of the access metadata of what was made anew; *resolve* gives the ids of what
    has it."""
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
