"""Find what is known by the object that it belongs to: personal folders and roots, access metadata, lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode, encode
from lookervault_core.diff.plan import Found
from lookervault_core.diff.references import Resolve
from lookervault_core.errors import BlobDamaged
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live

_ROOTS = ("is_shared_root", "is_users_root", "is_embed_shared_root", "is_embed_users_root")
_METADATA_OWNERS = (
    ("folder_id", "folders"),
    ("dashboard_id", "dashboards"),
    ("look_id", "looks"),
    ("homepage_id", "boards"),
)
# Lists that belong to another object and have no identity of their own.
PARTS = frozenset(
    name for name, row in CATALOG.items() if name in WRITES and row.is_part and not (row.many or row.single)
)


def who(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return whom a row of an access list lets in: a group or a user."""
    return str(row.get("group_id") or ""), str(row.get("user_id") or "")


class Belonging:
    """What belongs to the objects of one restore's destination; *resolve* gives their ids."""

    def __init__(self, live: Live, backup: Backup, resolve: Resolve) -> None:
        self._live = live
        self._backup = backup
        self._resolve = resolve

    def special_folder(self, folder_id: str, payload: Any) -> str | None:
        """Roots are known by their flag and the LookML folder by its name; a personal folder comes with its user."""
        if folder_id == "lookml":
            return "lookml"
        flag = next((flag for flag in _ROOTS if payload.get(flag)), None)
        if flag is not None:
            rows = ((one, decode(body)) for one, body in self._live.rows("folders").items() if body)
            return next((one for one, body in rows if body.get(flag)), None)
        if payload.get("is_personal"):
            return self.personal_folder(folder_id)
        return None

    def personal_folder(self, folder_id: str) -> str | None:
        """Return the live id of the personal folder of a user in the backup; that need not have the folder itself."""
        owner = self._backup.owner_of_personal_folder(folder_id)
        user_id = self._resolve("users", owner) if owner else None
        if user_id is None or user_id == NEW:
            return user_id
        body = body_of(self._live, self._backup, "users", user_id)
        folder = decode(body).get("personal_folder_id") if body else None
        if folder and self._live.is_fresh("users", user_id):
            self._live.came_along("folders", [str(folder)])
        return str(folder) if folder else None

    def part(self, key: ContentKey) -> Found | None:
        """Return a list by what it belongs to, empty where that is still to be made."""
        owner_type = CATALOG[key.content_type].targets_from or ""
        owner = self._resolve(owner_type, key.id)
        if owner is None:
            return None
        if owner == NEW:
            return Found(NEW, b"[]")
        payload = self._live.read(key.content_type, owner)
        return Found(owner, payload if payload is not None else b"[]")

    def metadata(self, payload: Any) -> Found | None:
        """Return the access metadata of the object that has it."""
        for field, content_type in _METADATA_OWNERS:
            if payload.get(field):
                return self._metadata_of(content_type, str(payload[field]))
        return None

    def _metadata_of(self, content_type: str, item_id: str) -> Found | None:
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


def body_of(live: Live, backup: Backup, content_type: str, live_id: str) -> bytes | None:
    """Return a live object's payload; where it equals the backup's the vault has it, unless that is damaged there."""
    body = live.get(content_type, live_id)
    if body == b"":
        try:
            return backup.payload(content_type, live_id)
        except BlobDamaged:
            return live.read(content_type, live_id)
    return body
