"""Versions of objects as documents, the form in which they are compared; queries stand in it by their structure."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from lookervault_core import codec
from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.catalog.looking_up import MERGE_QUERY, QUERY, origin_of
from lookervault_core.diff.document import decode, document, known_shape
from lookervault_core.diff.documents.compared import is_compared
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.queries.structure import merge_structure, query_structure
from lookervault_core.model import ContentKey
from lookervault_core.vault.contents.identity import IS_OF_ITEM, require_own

Structure = dict[str, Any] | None


class Documents:
    """Reads versions. A damaged one raises BlobDamaged, one of a strange shape CodecError; a query that cannot be read is told
    by its id."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._queries: dict[tuple[str, str], Any] = {}

    def payload(self, version_id: int) -> tuple[ContentKey, bytes]:
        """Return the key of a version's object and its payload, the hash checked."""
        row = self._db.execute(
            f"SELECT i.content_type, i.id, b.data, b.sha256, b.size, {IS_OF_ITEM} FROM content_versions v"
            " JOIN content_items i USING (item_id) JOIN blobs b USING (blob_id) WHERE v.version_id = ?",
            (version_id,),
        ).fetchone()
        if row is None:
            raise BlobDamaged(f"version {version_id} is not in the vault any more")
        key = ContentKey(row[0], row[1])
        body = codec.unseal(*row[2:5])
        require_own(key, body, is_of_item=bool(row[5]))
        return key, body

    def key(self, version_id: int) -> ContentKey:
        """Return the key of a version's object."""
        row = self._db.execute(
            "SELECT content_type, id FROM content_versions JOIN content_items USING (item_id) WHERE version_id = ?",
            (version_id,),
        ).fetchone()
        if row is None:
            raise BlobDamaged(f"version {version_id} is not in the vault any more")
        return ContentKey(*row)

    def version(self, version_id: int) -> Doc:
        """Return the document of a version."""
        key, body = self.payload(version_id)
        return self.of(key, decoded(body))

    def of(self, key: ContentKey, payload: Any) -> Doc:
        """Return the document of a payload."""
        kind = origin_of(key.content_type)
        with known_shape(key):
            if kind not in WRITES:
                return _archived(kind, key.id, payload)
            doc = document(kind, payload, key.id, self.merge)
            self._fill(doc)
        return doc

    def query(self, query_id: str) -> Any:
        """Return the payload of a query by its id, None if the vault lacks it; any version will do, for a query never changes."""
        return self._immutable(QUERY, query_id)

    def merge(self, merge_id: str) -> Structure:
        """Return the structure of a merge query, or None if the vault lacks a part of it."""
        return merge_structure(self._immutable(MERGE_QUERY, merge_id), self.query)

    def _immutable(self, kind: str, item_id: str) -> Any:
        if (kind, item_id) not in self._queries:
            self._queries[kind, item_id] = self._newest(kind, item_id)
        return self._queries[kind, item_id]

    def _newest(self, kind: str, item_id: str) -> Any:
        row = self._db.execute(
            "SELECT max(version_id) FROM content_items i JOIN content_versions v USING (item_id)"
            " WHERE i.content_type = ? AND i.id = ?",
            (kind, item_id),
        ).fetchone()
        if row is None or row[0] is None:
            return None
        try:
            return decoded(self.payload(row[0])[1])
        except (BlobDamaged, CodecError):
            return None

    def _fill(self, doc: Doc) -> None:
        """Put what a query asks where only its id is named."""
        asked = doc.fields.get("query")
        if doc.query_id and isinstance(asked, Mapping) and set(asked) == {"id"}:
            doc.fields["query"] = query_structure(self.query(doc.query_id)) or asked
        for docs in doc.children.values():
            for child in docs.values():
                self._fill(child)


def decoded(body: bytes) -> Any:
    """Return a payload decoded; CodecError for what is no JSON, such as a picture."""
    try:
        return decode(body)
    except codec.NOT_JSON as exc:
        raise CodecError(f"the payload is no JSON: {exc}") from exc


def _archived(kind: str, item_id: str, payload: Any) -> Doc:
    """Return the document of what nothing restores: its fields less those that the tables leave out."""
    if not isinstance(payload, Mapping):
        return Doc(item_id, "", {"rows": payload})
    known = kind in CATALOG
    return Doc(item_id, "", {field: value for field, value in payload.items() if not known or is_archived(kind, field)})


def is_archived(kind: str, field: str) -> bool:
    """Return whether a field of a type that is only archived, and never written, is part of its document."""
    return not CATALOG[kind].payload or is_compared(kind, field)
