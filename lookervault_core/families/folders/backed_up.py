"""The folders of a backup as a tree, and whose the personal ones are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lookervault_core.catalog import CONTENT
from lookervault_core.errors import NotFound
from lookervault_core.families.access_lists.owned import access_of
from lookervault_core.families.delivery.hanging import deliveries_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup


def below(backup: Backup, folder_ids: Iterable[str]) -> set[str]:
    """Return *folder_ids* and every folder below them."""
    found = set(folder_ids)
    rows = backup.rows("folders").values()
    while more := {row.id for row in rows if row.folder_id in found} - found:
        found |= more
    return found


def owner_of_personal(backup: Backup, folder_id: str) -> str | None:
    """Return the user whose personal folder this is."""
    return backup.having("users", "personal_folder_id", folder_id)


def owners_of_personal(backup: Backup, keys: Iterable[ContentKey]) -> Iterator[ContentKey]:
    """Yield the users whose personal folders are among *keys*: Looker makes such a folder with its user."""
    folders = (key.id for key in keys if key.content_type == "folders")
    owners = {owner_of_personal(backup, folder_id) for folder_id in folders}
    yield from (ContentKey("users", owner) for owner in owners if owner is not None)


def in_folders(backup: Backup, folder_ids: Iterable[str]) -> Iterator[ContentKey]:
    """Yield the keys of folders and everything below them: folders, access lists, content, and the plans and alerts on it.

    Raises NotFound for a folder that the backup does not have."""
    for folder_id in folder_ids:
        if not backup.has("folders", folder_id):
            raise NotFound(
                f"folders {folder_id}: the backup does not have it; `lookervault list folders` shows what it has"
            )
    folders = below(backup, folder_ids)
    yield from (ContentKey("folders", folder_id) for folder_id in folders)
    yield from access_of(backup, folders)
    content = {name: {item.id for item in backup.rows(name).values() if item.folder_id in folders} for name in CONTENT}
    for name, ids in content.items():
        yield from (ContentKey(name, item_id) for item_id in ids)
    yield from deliveries_of(backup, content, damaged=True)
