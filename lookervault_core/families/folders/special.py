"""Folders that are matched by their purpose: the roots, the LookML folder, and personal folders of users."""

from __future__ import annotations

from typing import Any

from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.families.folders.backed_up import owner_of_personal
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.live import Live

_ROOTS = ("is_shared_root", "is_users_root", "is_embed_shared_root", "is_embed_users_root")


def is_personal(payload: Any) -> bool:
    """Return whether a folder is the personal folder of a user, by its flag: its name may be that of a namesake's folder."""
    return bool(payload.get("is_personal"))


def special_folder(live: Live, backup: Backup, resolve: Resolve, folder_id: str, payload: Any) -> str | None:
    """Return the live id of a special folder, None for any other: a root is found by its flag, the LookML folder by its name, a
    personal folder by its user, whose id *resolve* gives."""
    if folder_id == "lookml":
        return "lookml"
    flag = next((flag for flag in _ROOTS if payload.get(flag)), None)
    if flag is not None:
        rows = ((row_id, decode(body)) for row_id, body in live.rows("folders").items() if body)
        return next((row_id for row_id, row in rows if row.get(flag)), None)
    return personal_folder(live, backup, resolve, folder_id) if is_personal(payload) else None


def personal_folder(live: Live, backup: Backup, resolve: Resolve, folder_id: str) -> str | None:
    """Return the live id of a personal folder of the backup, found by its user; the backup need not have the folder as an item."""
    owner = owner_of_personal(backup, folder_id)
    user_id = resolve("users", owner) if owner else None
    if user_id is None or user_id == NEW:
        return user_id
    body = body_of(live, backup, "users", user_id)
    folder = decode(body).get("personal_folder_id") if body else None
    if folder and live.is_fresh("users", user_id):
        live.came_along("folders", [str(folder)])
    return str(folder) if folder else None
