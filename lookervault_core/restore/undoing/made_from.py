"""What a restore made its objects from: the object of the backup behind each of them, with all that is nested in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lookervault_core.diff.doc import Doc
from lookervault_core.diff.document import document
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.undoing.created import is_create
from lookervault_core.vault import journal


class MadeFrom:
    """Gives documents of the backup *source* by the ids that the creates among *entries* were answered with."""

    def __init__(self, source: Backup | None, entries: Iterable[journal.Entry]) -> None:
        made = [entry for entry in entries if is_create(entry) and entry.destination_id]
        self._live = {entry.key: entry.destination_id or "" for entry in made}
        self._ours = {ContentKey(key.content_type, live_id): key.id for key, live_id in self._live.items()}
        self._source = source

    def docs(self, key: ContentKey) -> Mapping[ContentKey, Doc]:
        """Return the object that a live one was made from, and all that was nested in it, by their live keys."""
        item_id = self._ours.get(key, key.id)
        payload = self._source.readable(key.content_type, item_id) if self._source is not None else None
        if payload is None:
            return {}
        doc = document(key.content_type, payload, item_id)
        parts = {ContentKey(part.content_type, self._live.get(part, part.id)): one for part, one in nested(doc)}
        return {key: doc} | parts


def nested(doc: Doc) -> Iterator[tuple[ContentKey, Doc]]:
    """Yield all that is nested in a document, but for what lies in the trash."""
    for kind, children in doc.children.items():
        for child in children.values():
            if not child.trashed:
                yield ContentKey(kind, child.id), child
                yield from nested(child)
