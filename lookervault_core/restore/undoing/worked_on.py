"""Which of the objects that a restore made stay when it is taken back: what people have worked on since, and what that needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from lookervault_core.catalog import CATALOG, WRITES, Ref
from lookervault_core.diff.difference import Row
from lookervault_core.diff.doc import Doc
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.references import find
from lookervault_core.diff.rows import KEPT, row_key
from lookervault_core.families.delivery.hanging import hung_on
from lookervault_core.families.groups.nesting import fills_itself, nested_into
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.by_owner import PARTS, body_of
from lookervault_core.restore.live import Live
from lookervault_core.restore.undoing.created import Made
from lookervault_core.restore.undoing.edited_since import EditedSince
from lookervault_core.restore.undoing.made_from import nested

NEEDED = "what people have worked on since needs it"
# Looker fills these lists by itself, from the folder above.
_LISTS = [name for name in PARTS if not WRITES[name].filled]


def staying(
    edited: EditedSince, live: Live, before: Backup, made: Made, found: Mapping[ContentKey, bytes]
) -> dict[ContentKey, str]:
    """Return why which of the objects *found* that a restore made are to stay. *before* is the state before that restore."""
    ours = {key: body for key, body in found.items() if key in made.objects}
    docs = {key: document(key.content_type, decode(body), key.id) for key, body in ours.items()}
    inside = {part: key for key, doc in docs.items() for part, _ in nested(doc)}
    given = {key for key, row in _given(live, before, docs) if edited.has_added((row,))}
    theirs = given | hung_on(live, before, made.objects, {key: key for key in docs} | inside)
    kept = {key for key in ours if key in theirs or edited.has_edited(key, ours[key]) or _has_more(edited, live, key)}
    reasons, new = dict.fromkeys(kept, KEPT), kept
    while new:
        needs = {inside.get(one, one) for key in new for one in _named_in(key, docs[key])}
        new = {key for key in needs if key in ours and key not in reasons}
        reasons |= dict.fromkeys(new, NEEDED)
    return reasons


def _has_more(edited: EditedSince, live: Live, key: ContentKey) -> bool:
    return edited.has_added(_rows_of(live, key)) or edited.has_added(nested_into(live, key))


def _rows_of(live: Live, key: ContentKey) -> Iterator[Row]:
    """Yield the rows of all lists of an object."""
    for part in sorted(_LISTS):
        fields = _fields(live, part, key.id) if CATALOG[part].targets_from == key.content_type else {}
        for collection in WRITES[part].collections if fields else ():
            yield from ((part, key.id, *row_key(collection, row)) for row in fields.get(collection.field) or ())


def _given(live: Live, before: Backup, keys: Collection[ContentKey]) -> Iterator[tuple[ContentKey, Row]]:
    """Yield which of *keys* stands in a row of a list that belongs to something else, with that row: a group that has a role, an
    attribute of which a user has a value. Lists that Looker keeps by itself, as that of all users, say nothing."""
    kinds = {key.content_type for key in keys}
    for part in _LISTS:
        refs = [ref for ref in WRITES[part].references if ref.kind == "id" and ref.to in kinds]
        owners = _open_owners(live, before, CATALOG[part].targets_from or "") if refs else []
        live.prefetch(part, owners)
        for owner in owners:
            rows = _named_by_rows(refs, part, _fields(live, part, owner))
            yield from ((named, (part, owner, *row)) for named, row in rows if named in keys)


def _open_owners(live: Live, before: Backup, content_type: str) -> list[str]:
    """Return the objects of a type whose lists people fill."""
    bodies = ((one, body_of(live, before, content_type, one)) for one in live.rows(content_type))
    return [one for one, body in bodies if body and not fills_itself(content_type, decode(body))]


def _named_by_rows(
    refs: Iterable[Ref], part: str, fields: Mapping[str, Any]
) -> Iterator[tuple[ContentKey, tuple[str, ...]]]:
    """Yield what each row of a list names, with what tells the row from the others."""
    collections = {one.field: one for one in WRITES[part].collections}
    for ref in refs:
        for row in fields.get(ref.field) or () if ref.field in collections else ():
            for named in find({ref.field: [row]}, (ref,)):
                yield ContentKey(named.content_type, named.id), row_key(collections[ref.field], row)


def _fields(live: Live, part: str, owner: str) -> Mapping[str, Any]:
    body = live.read(part, owner)
    return document(part, decode(body), owner).fields if body else {}


def _named_in(key: ContentKey, doc: Doc) -> Iterator[ContentKey]:
    for part, one in ((key, doc), *nested(doc)):
        refs = [ref for ref in WRITES[part.content_type].references if ref.kind != "links"]
        yield from (ContentKey(named.content_type, named.id) for named in find(one.fields, refs))
