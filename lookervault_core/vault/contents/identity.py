"""Check that a payload belongs to its item. A hash only says that the bytes are intact: in a damaged file an item may lead to the
intact payload of another item.

Facts that the file has twice are compared: a version's item and blob, in the table and in its index, and the id in the payload.
Payloads that are the whole answer of a call, as parts are, have no id in them."""

from __future__ import annotations

from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.codec import NOT_JSON
from lookervault_core.errors import BlobDamaged
from lookervault_core.model import ContentKey

# Of a version `v` that an item `i` leads to. Only the index is read for the second one.
IS_OF_ITEM = """(v.item_id = i.item_id AND EXISTS (SELECT 1 FROM content_versions x INDEXED BY versions_of_blob
    WHERE x.blob_id = v.blob_id AND x.version_id = v.version_id))"""

OF_OTHERS = (
    """SELECT count(*) FROM item_spans s JOIN content_versions v USING (version_id) WHERE v.item_id <> s.item_id"""
)


class _Own(msgspec.Struct):
    id: Any = None
    name: Any = None
    client_guid: Any = None
    ssh_server_id: Any = None
    tunnel_id: Any = None


_own = msgspec.json.Decoder(_Own)


def require_own(key: ContentKey, payload: bytes, *, is_of_item: bool) -> None:
    """Raise BlobDamaged if *payload* belongs to another object than *key*; *is_of_item* is the result of the SQL in
    `IS_OF_ITEM`."""
    found = own_id(key.content_type, payload)
    if found is not None and found != key.id:
        raise BlobDamaged(f"the vault leads to the payload of {ContentKey(key.content_type, found)}: it is damaged")
    if not is_of_item:
        raise BlobDamaged("the vault leads to the payload of another object: it is damaged")


def own_id(content_type: str, payload: bytes) -> str | None:
    """Return the id in *payload*, or None if payloads of its type have none."""
    row = CATALOG.get(content_type)
    if row is None or row.is_answer:
        return None
    try:
        value = getattr(_own.decode(payload), row.id_field)
    except NOT_JSON:
        return None
    return str(value) if isinstance(value, (str, int)) else None
