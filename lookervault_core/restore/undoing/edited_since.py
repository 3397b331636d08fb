"""Which of the fields that a restore wrote people have edited since: those that show by now what the restore never sent.

Who sets a field to the very value that the restore had given it cannot be told from the restore.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from lookervault_core.catalog import WORK, WRITES
from lookervault_core.diff.difference import Difference, Row
from lookervault_core.diff.doc import Doc
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.fields import alike
from lookervault_core.families.dashboards.shape import SOURCES
from lookervault_core.model import ContentKey
from lookervault_core.restore.undoing.changed import written_to
from lookervault_core.restore.undoing.created import is_create
from lookervault_core.vault import journal

_Sent = Mapping[str, list[Any]]


class EditedSince:
    """Says it of each live object as an undo found it before its first write: what the undo itself changes is nobody's edit.

    *sent* has by live object all that the restore sent of each field. Of an object that is *unsure* nothing is said: the restore
    could not prove it, so that Looker may have taken something else, or an earlier undo has written to it.
    """

    def __init__(
        self, sent: Mapping[ContentKey, _Sent] | None = None, unsure: Container[ContentKey] | None = None
    ) -> None:
        self._sent = sent or {}
        self._unsure = unsure
        self._edited: dict[ContentKey, frozenset[str]] = {}
        self._settled = False

    def settle(self) -> None:
        """Hold fast to what was said so far: the undo begins to write."""
        self._settled = True

    def fields(self, tree: Difference) -> Mapping[ContentKey, frozenset[str]]:
        """Return by live object, for an item and all that is nested in it, the fields that people have edited."""
        if not self._settled:
            parts = {ContentKey(one.content_type, one.live.id): one for one in tree.walk() if one.live is not None}
            unsure = self._unsure is None or any(key in self._unsure for key in parts)
            for key, part in parts.items():
                self._edited[key] = frozenset() if unsure else frozenset(self._of(key, part.live))
        return self._edited

    def has_edited(self, key: ContentKey, payload: bytes, made: Container[Row]) -> bool:
        """Return whether people have edited an object that the restore made, or added a tile or a filter to it: what is nested in
        it and not *made* by the restore is theirs. Tabs come with a dashboard."""
        live = document(key.content_type, decode(payload), key.id)
        parts = [(kind, one) for kind in WORK for one in live.children.get(kind, {})]
        return any(part not in made for part in parts) or any(self._of(key, live))

    def _of(self, key: ContentKey, live: Doc | None) -> Iterator[str]:
        rows = {collection.field for collection in WRITES[key.content_type].collections}  # these are told row by row
        for field, sent in self._sent.get(key, {}).items():
            if live is None or field in rows or field not in (shown := _shown(live)):
                continue
            if not any(alike(key.content_type, field, one, shown[field]) for one in sent):
                yield from SOURCES if field in SOURCES | _BY_ID else (field,)


_BY_ID = frozenset({"query_id", "merge_result_id"})


def _shown(live: Doc) -> Mapping[str, Any]:
    """Return the fields of a live object, and the ids of what it shows."""
    return {"query_id": live.query_id or None, "merge_result_id": live.merge_id or None} | live.fields


def sent_by(entries: Iterable[journal.Entry]) -> dict[ContentKey, dict[str, list[Any]]]:
    """Return by live object all values of each field that the writes of a journal sent, but for those that were refused."""
    found: dict[ContentKey, dict[str, list[Any]]] = {}
    for entry in entries:
        body = decode(entry.intent.encode()) if entry.intent and not entry.was_refused else None
        if isinstance(body, dict) and (entry.destination_id or not is_create(entry)):
            of_object = found.setdefault(written_to(entry), {})
            for field, value in {**body, **(body.get("result_maker") or {})}.items():
                of_object.setdefault(field, []).append(value)
    return found
