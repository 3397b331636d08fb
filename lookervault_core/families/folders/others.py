"""The live objects that a restore does not remove, those in the trash too: Looker deletes that part of the trash with a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lookervault_core.diff.document import decode
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live


class Others:
    """Knows which live objects stay. With *made* it is an undo, which removes those objects. *written* has the item that matches
    each live object that the restore writes: one that it moves back to its own folder does not keep a folder from going."""

    def __init__(
        self,
        live: Live,
        backup: Backup,
        destination: Destination,
        made: frozenset[ContentKey] | None,
        written: Mapping[ContentKey, ContentKey],
    ) -> None:
        self.live, self.backup, self.destination, self.made = live, backup, destination, made
        self._written = written

    def not_made(self, names: Iterable[str]) -> Iterator[tuple[ContentKey, bytes]]:
        """Yield the live objects of the types *names* with their payloads, trashed ones too, except those that an undo removes."""
        for name in names:
            for rows in (self.live.rows(name), self.live.trash(name)):
                for item_id, body in rows.items():
                    key = ContentKey(name, item_id)
                    if body and (self.made is None or key not in self.made):
                        yield key, body

    def staying(self, names: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """Yield the payloads of live content, trashed too, except what an undo removes and what the restore moves to another
        folder."""
        for key, body in self.not_made(names):
            content = decode(body)
            if self.made is None:
                goes = self.goes_home(key, "folder_id", str(content.get("folder_id")))
            else:
                goes = self.backup.has(key.content_type, key.id)
            if not goes:
                yield content

    def goes_home(self, key: ContentKey, place: str, folder_id: str) -> bool:
        """Return whether the restore moves a live object out of *folder_id*, into its folder in the backup; *place* is the
        field."""
        item = self._written.get(key)
        before = self.backup.readable(item.content_type, item.id) if item is not None else None
        home = str((before or {}).get(place) or "")
        return bool(home) and (self.destination.renamed("folders", home) or home) != folder_id
