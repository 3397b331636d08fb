"""Turn payloads into documents: what of an object can be written, in one form for the backup and for the live side.

A document holds the writable fields of one object and, by type and id, the documents of what is nested in it. Queries stand
in it by structure, not by id, because Looker keeps them by structure. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import msgspec

from lookervault_core.catalog import WRITES, Child
from lookervault_core.diff.documents.compared import is_compared
from lookervault_core.diff.documents.doc import Doc, text_of
from lookervault_core.errors import CodecError
from lookervault_core.families.queries.structure import address_of, query_ids
from lookervault_core.families.shape import Reading
from lookervault_core.families.shapes import shape_of
from lookervault_core.model import ContentKey


def decode(payload: bytes) -> Any:
    """Return *payload* decoded; numbers with a fraction stay the text that Looker sent."""
    return _decoder.decode(payload)


def encode(value: Any) -> bytes:
    """Return *value* as the JSON to send."""
    return _encoder.encode(value)


@contextmanager
def known_shape(key: ContentKey) -> Generator[None]:
    """Turn any error in the block from a payload of unexpected shape into CodecError: one item must not end the whole plan."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        text = f"{key}: its payload is not of the shape that Looker describes ({type(exc).__name__}: {exc})"
        raise CodecError(text) from exc


def document(
    content_type: str,
    payload: Any,
    item_id: str = "",
    merges: Callable[[str], Any] | None = None,
    groups: frozenset[str] = frozenset(),
) -> Doc:
    """Return the document of *payload*. `merges` gives the payload of a merge query by its id, queries included, or None; *groups*
    are the names of groups, in lower case, that may stand as the source of a value."""
    facts, shape = WRITES[content_type], shape_of(content_type)
    query_id, merge_id = query_ids(payload) if "query" in facts.forced else ("", "")
    merge = merges(merge_id) if merges is not None and merge_id and not payload.get("look_id") else None
    shaped = shape.shaped(payload, Reading(item_id, merge, groups))
    doc = Doc(
        id=item_id or text_of(payload.get("id") if isinstance(payload, Mapping) else ""),
        name=_name(payload),
        fields={key: value for key, value in shaped.items() if _counts(content_type, key)},
        children={
            child.content_type: _children(child.content_type, payload.get(child.field) or (), merges)
            for child in facts.children
        },
        query_id=query_id,
        merge_id=merge_id,
        address=address_of(payload) if query_id else "",
        trashed=isinstance(payload, Mapping) and bool(payload.get("deleted") or payload.get("deleted_at")),
    )
    for child in facts.children:
        _keep_order(doc, child)
    shape.settle(doc)
    return doc


def _keep_order(doc: Doc, child: Child) -> None:
    """An order may name what is long gone; only what is there can be ordered."""
    if doc.fields.get(child.order) is not None:
        there = doc.children[child.content_type]
        doc.fields[child.order] = [text_of(key) for key in doc.fields[child.order] if text_of(key) in there]


@cache
def _counts(content_type: str, field: str) -> bool:
    """Return whether a field of a shaped payload is compared: all that no table leaves out, whatever it is called."""
    facts = WRITES[content_type]
    if field in (*facts.writable, *facts.forced, *facts.unsent) or any(field == c.field for c in facts.collections):
        return True
    nested = any(field == child.field for child in facts.children)
    return not nested and field not in shape_of(content_type).renamed and is_compared(content_type, field)


def _children(content_type: str, payloads: Any, merges: Callable[[str], Any] | None) -> dict[str, Doc]:
    docs = (document(content_type, payload, merges=merges) for payload in payloads)
    return {doc.id: doc for doc in docs}


def _name(payload: Any) -> str:
    if not isinstance(payload, Mapping):
        return ""
    for key in ("title", "title_text", "name", "label", "display_name", "email", "custom_title"):
        if payload.get(key):
            return str(payload[key])
    return ""


_decoder = msgspec.json.Decoder(float_hook=lambda text: msgspec.Raw(text.encode()))
_encoder = msgspec.json.Encoder()


def keys_nested(doc: Doc) -> set[ContentKey]:
    """Return the keys of everything nested in a document."""
    docs, keys = [doc], set[ContentKey]()
    while docs:
        for kind, children in docs.pop().children.items():
            keys |= {ContentKey(kind, child) for child in children}
            docs += children.values()
    return keys
