"""The access metadata and lists of folders and boards, as the backup has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup


def metadata_key(metadata_id: object) -> ContentKey:
    """Return the key of the access metadata that a payload names."""
    return ContentKey("content_metadata", str(metadata_id))


def access_of(backup: Backup, ids: Iterable[str], content_type: str = "folders") -> Iterator[ContentKey]:
    """Yield the keys of the access metadata and access lists of the folders (or boards) *ids* in the backup."""
    for item_id in ids:
        metadata_id = str((backup.readable(content_type, item_id) or {}).get("content_metadata_id") or "")
        for name in ("content_metadata", "content_metadata_accesses"):
            if backup.has(name, metadata_id):
                yield ContentKey(name, metadata_id)
