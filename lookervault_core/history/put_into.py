"""What people have added to an object since a snapshot: rows of its lists, groups, content, and plans and alerts on it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lookervault_core.catalog import PARTS, WRITES
from lookervault_core.catalog.looking_up import HOLDER, parts_of
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.families.delivery.hanging import hanging
from lookervault_core.families.folders.holding import lying_in, reports_in
from lookervault_core.families.groups.attached import attached
from lookervault_core.families.groups.nesting import PARENTS, nested_into
from lookervault_core.history.log import Teller
from lookervault_core.history.wording import FieldEdit
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live
from lookervault_core.restore.undoing.by_journal import nested

# Looker fills these lists by itself, from the folder above.
_LISTS = [name for name in sorted(PARTS) if not WRITES[name].filled]


def put_into(teller: Teller, live: Live, then: Backup, key: ContentKey, now: bytes) -> Iterator[FieldEdit]:
    """Yield what was added to an object since the snapshot *then* and would be deleted with it; *now* is the object's payload."""
    for name in parts_of(key.content_type):
        if name in _LISTS and (body := live.read(name, key.id)):
            yield from _rows(teller, then, ContentKey(name, key.id), body)
    yield from _named_by_lists(teller, live, then, key)
    doc = document(key.content_type, decode(now), key.id)
    content = {key, *(part for part, _ in nested(doc))}
    groups = {ContentKey(kind, one) for kind, one, _ in nested_into(live, key)}
    new = {
        group for group in groups if key.id not in (then.readable(group.content_type, group.id) or {}).get(PARENTS, ())
    }
    new |= {one for one, _ in hanging(live, content) if not then.has(one.content_type, one.id)}
    yield from (_came(teller, one) for one in sorted(new))


def lying_in_since(teller: Teller, live: Live, then: Backup, key: ContentKey) -> Iterator[FieldEdit]:
    """Yield the folders, content and Studio reports that were put into a folder since *then*; Looker would delete them for good
    with the folder."""
    for one in sorted(lying_in(live, key.id)) if key.content_type == HOLDER else ():
        row = then.rows(one.content_type).get(one.id)
        if row is None or row.folder_id != key.id:
            yield _came(teller, one)
    reports = reports_in(live, key.id) if key.content_type == HOLDER else {}
    yield from (FieldEdit("reports", title, None, one, f"{title} added") for one, title in reports.items())


def _rows(teller: Teller, then: Backup, key: ContentKey, body: bytes) -> Iterator[FieldEdit]:
    """Yield the rows of a list that came or say something else; one that is gone is no reason to keep anything."""
    stood = then.readable(key.content_type, key.id)
    was = Doc(key.id, "", {}) if stood is None else teller.documents.of(key, stood)
    yield from (
        edit for edit in teller.differ(key, was, teller.documents.of(key, decode(body))) if edit.new is not None
    )


def _named_by_lists(teller: Teller, live: Live, then: Backup, key: ContentKey) -> Iterator[FieldEdit]:
    """Yield the rows of the lists of others that name an object now: Looker takes them along with it."""
    for one, found in attached(live, then, {key}):
        rows = _rows(teller, then, one, found.payload) if one.content_type in PARTS and found.payload else ()
        for edit in rows:
            if edit.path.endswith(f"[{key.id}]"):
                called = teller.names(one.content_type, one.id) or one.id
                yield msgspec.structs.replace(edit, path=f"{one.content_type}[{one.id}].{edit.path}", part=called)


def _came(teller: Teller, one: ContentKey) -> FieldEdit:
    """Return that an object came to another one."""
    called = teller.names(one.content_type, one.id) or one.id
    return FieldEdit(one.content_type, called, None, one.id, f"{called} added")
