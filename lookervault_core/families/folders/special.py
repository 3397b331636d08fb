"""Folders that are known by what they are for: roots, the one of LookML, and those of users."""

from __future__ import annotations

from typing import Any

from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode
from lookervault_core.diff.references import Resolve
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.by_owner import body_of
from lookervault_core.restore.live import Live

_ROOTS = ("is_shared_root", "is_users_root", "is_embed_shared_root", "is_embed_users_root")


class SpecialFolders:
    """Finds the folders of one restore's destination that no number and no name tells; *resolve* gives the ids of users."""

    def __init__(self, live: Live, backup: Backup, resolve: Resolve) -> None:
        self._live, self._backup, self._resolve = live, backup, resolve

    def find(self, folder_id: str, payload: Any) -> str | None:
        """Roots are known by their flag and the LookML folder by its name; a personal folder comes with its user."""
        if folder_id == "lookml":
            return "lookml"
        flag = next((flag for flag in _ROOTS if payload.get(flag)), None)
        if flag is not None:
            rows = ((one, decode(body)) for one, body in self._live.rows("folders").items() if body)
            return next((one for one, body in rows if body.get(flag)), None)
        if payload.get("is_personal"):
            return self.personal(folder_id)
        return None

    def personal(self, folder_id: str) -> str | None:
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
