"""Which other objects an object names: by id, in links, by its colours. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache

import msgspec

from lookervault_core.catalog import LEADS_TO, WRITES, Ref, owner_of
from lookervault_core.diff.difference import SIBLINGS
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import find, rewrite
from lookervault_core.diff.wording.describe import path_of
from lookervault_core.looker.instance import Site
from lookervault_core.model import ContentKey

_NEEDING = ("id", "colors")
# More ids than these are looked for by the words of a payload instead of one by one.
_FEW = 60
_WORD = re.compile(rb"[\w-]+")
_NUMBER = re.compile(rb"\d+")


class Mention(msgspec.Struct, frozen=True, order=True):
    """One place of an object that names another one: `tiles[12 "Revenue"].look_id`, which tile 12 holds, names look 42."""

    path: str
    key: ContentKey
    holder: ContentKey


def mentions(content_type: str, doc: Doc, site: Site | None = None, prefix: str = "") -> Iterator[Mention]:
    """Yield each place at which a document, or a document nested in it, names another object. With *site*, links to other
    instances do not count."""
    for ref in WRITES[content_type].references:
        if ref.kind == "name" or _is_of_the_same(ref, content_type):
            continue
        found: dict[ContentKey, None] = {}

        def note(kind: str, item_id: str, found: dict[ContentKey, None] = found) -> None:
            found[ContentKey(kind, item_id)] = None

        rewrite(doc.fields, (ref,), note, site)
        yield from (Mention(prefix + ref.path, key, ContentKey(content_type, doc.id)) for key in found)
    for kind, children in doc.children.items():
        for child in children.values():
            yield from mentions(kind, child, site, f"{prefix}{path_of(kind, child)}.")


@cache
def kinds_named(content_type: str) -> frozenset[str]:
    """Return the types of other objects that an object of a type, or a nested one in it, can name."""
    refs = [ref for ref in _all_refs(content_type) if not _is_of_the_same(ref, content_type)]
    return frozenset(kind for ref in refs for kind in LEADS_TO.get(ref.kind, (ref.to,)))


def may_name(payload: bytes, ids: Collection[str]) -> bool:
    """Return whether *payload* contains one of *ids* as a text, so that it may name one: a cheap check without decoding."""
    if len(ids) <= _FEW:
        return any(item_id.encode() in payload for item_id in ids)
    words = {*_WORD.findall(payload), *_NUMBER.findall(payload)}
    return any(item_id.encode() in words for item_id in ids)


def _all_refs(content_type: str) -> tuple[Ref, ...]:
    own = WRITES[content_type].references
    return own + tuple(ref for child in WRITES[content_type].children for ref in _all_refs(child.content_type))


def _is_of_the_same(ref: Ref, content_type: str) -> bool:
    """Return whether a reference leads to another part of the same object."""
    return ref.to in SIBLINGS and owner_of(ref.to) == owner_of(content_type)


@cache
def kinds_needed(content_type: str) -> frozenset[str]:
    """Return the types of other objects that an object of a type names by id or by colour; links, which may lead nowhere, do
    not count."""
    refs = [ref for ref in _all_refs(content_type) if ref.kind in _NEEDING and not _is_of_the_same(ref, content_type)]
    return frozenset(kind for ref in refs for kind in LEADS_TO.get(ref.kind, (ref.to,)))


def needed(content_type: str, doc: Doc) -> Iterator[ContentKey]:
    """Yield the other objects that a document, or one nested in it, names by id or by colour."""
    refs = [ref for ref in WRITES[content_type].references if ref.kind in _NEEDING]
    refs = [ref for ref in refs if not _is_of_the_same(ref, content_type)]
    yield from (ContentKey(one.content_type, one.id) for one in find(doc.fields, refs))
    for kind, children in doc.children.items():
        for child in children.values():
            yield from needed(kind, child)


def may_need(payload: bytes, ids: Collection[str]) -> bool:
    """Return whether a JSON *payload* may have one of *ids* as a value."""
    if len(ids) > _FEW:
        return may_name(payload, ids)
    return any(b'"%b"' % item_id.encode() in payload or b":%b" % item_id.encode() in payload for item_id in ids)
