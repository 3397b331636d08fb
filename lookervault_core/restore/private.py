"""What Looker itself does to an access list: it fills one that a restore makes private, and drops one that inherits again."""

from __future__ import annotations

from collections.abc import Container, Iterator

from lookervault_core.documents import decode
from lookervault_core.model import ContentKey
from lookervault_core.plan import Found
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live

METADATA, LIST = "content_metadata", "content_metadata_accesses"
COPIED = "Looker copies into it who sees the folder above: those rows go"


def is_private(backup: Backup, metadata_id: str) -> bool:
    """Return whether a folder or board has an access list of its own in the backup."""
    return not (backup.decoded(METADATA, metadata_id) or {}).get("inherits", True)


def gets_copies(backup: Backup, key: ContentKey, writing: Container[ContentKey]) -> bool:
    """Return whether *key* is a list that Looker fills, for what it belongs to stops inheriting one; nothing shows it yet."""
    return key.content_type == LIST and ContentKey(METADATA, key.id) in writing and is_private(backup, key.id)


def dropped_with(live: Live, key: ContentKey, found: Found | None) -> Iterator[tuple[ContentKey, Found]]:
    """Yield the list that Looker drops as soon as the metadata *found* inherits one again: an undo needs it."""
    if (
        key.content_type == METADATA
        and found is not None
        and found.payload
        and not decode(found.payload).get("inherits", True)
    ):
        yield ContentKey(LIST, key.id), Found(found.id, live.read(LIST, found.id) or b"[]")
