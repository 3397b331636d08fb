"""Access lists in their tree. A row removed from a folder's list disappears from the lists below too, and Looker removes none as
long as the list above lets the same group or user edit. So lists are written from the top down, and those below are read
again."""

from __future__ import annotations

from collections.abc import Container, Iterator

from lookervault_core.diff.difference import Difference
from lookervault_core.families.access_lists.shape import who
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup

LIST = "content_metadata_accesses"
FALLS = "Looker takes out of it what is taken out of the folder above"
HELD = "Looker takes nobody out of it who may edit the folder above, or what it is in"


def takes_out(difference: Difference) -> bool:
    """Return whether writing a difference removes rows from an access list."""
    new = difference.changed.get("accesses")
    if difference.content_type != LIST or difference.live is None or new is None:
        return False
    return not {who(row) for row in difference.live.fields.get("accesses") or ()} <= {who(row) for row in new}


def lists_above(backup: Backup, metadata_id: str) -> Iterator[str]:
    """Yield the metadata ids of all folders above the folder of *metadata_id* in the backup, the nearest first."""
    folder_id = str((backup.readable("content_metadata", metadata_id) or {}).get("folder_id") or "")
    folders, seen = backup.rows("folders"), {folder_id}
    while folder_id in folders:
        folder_id = folders[folder_id].folder_id or ""
        if folder_id in seen:
            return
        seen.add(folder_id)
        above = (backup.readable("folders", folder_id) or {}).get("content_metadata_id")
        if above:
            yield str(above)


def falls(backup: Backup, key: ContentKey, losing: Container[str]) -> bool:
    """Return whether the access list *key* is of a folder below one whose list is *losing* rows."""
    return key.content_type == LIST and any(one in losing for one in lists_above(backup, key.id))


def fallen(backup: Backup, losing: Container[str], asked: Container[ContentKey]) -> list[str]:
    """Return at most one line: the access lists below one that is *losing* rows, which lose them too though not *asked* for."""
    keys = [ContentKey(LIST, row) for row in backup.rows(LIST)]
    left = [key.id for key in keys if key not in asked and falls(backup, key, losing)]
    if not left:
        return []
    ids = ", ".join(left)
    text = f"access lists {ids} stand below one that loses rows, which Looker may take out of them too; they are no part of this"
    return [f"{text}: restore their folders after it"]
