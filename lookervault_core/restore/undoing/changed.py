"""What a restore wrote of objects that were there, as its journal tells: an undo puts back those fields and rows alone. What
differs elsewhere is somebody's edit since, and stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, CERTIFY, PARTS, WRITES
from lookervault_core.diff.difference import ORDERS, Difference
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.fields import alike, same
from lookervault_core.diff.rows import row_key
from lookervault_core.families.access_lists.shape import who
from lookervault_core.families.dashboards.shape import TAB
from lookervault_core.families.shapes import shape_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.undoing.created import is_create
from lookervault_core.vault import journal

SINCE = "changed since the restore: it stays"
ROWS_SINCE = f"of its rows, what was {SINCE}"

# The lists that are written row by row, or as a set that tells what it took out; the order of the other one counts.
LISTS = frozenset(name for name in PARTS if not WRITES[name].in_order)
# What a body alone does not tell of: it must be seen what was there before.
WHOLE = LISTS | {name for name, facts in WRITES.items() if facts.sent_whole}
WHOLE |= {name for name, row in CATALOG.items() if row.documents}
# The lists that Looker fills or empties by itself, by what they belong to.
_FILLED = {CATALOG[name].targets_from or "": name for name in PARTS if WRITES[name].filled}
_FIELD_OF_CALL = {
    **{call.operation: "certification" for call in CERTIFY.values()},
    "create_user_credentials_email": "email",
    "update_user_credentials_email": "email",
    "delete_user_credentials_email": "email",
    "add_support_access_allowlist_entries": "entries",
    "delete_support_access_allowlist_entry": "entries",
    "add_group_group": "parent_group_ids",
    "delete_group_from_group": "parent_group_ids",
}

_WHOLE_BODIES = frozenset({"update_alert", "update_whitelabel_configuration"})
_Row = tuple[Any, ...]


class Written(msgspec.Struct, frozen=True):
    """By live object the `fields` that a restore wrote, and by list the `rows` that it changed or took out.

    A list that `rows` does not name was written as a whole, or changed together with something else.
    """

    fields: Mapping[ContentKey, set[str]] = {}
    rows: Mapping[ContentKey, set[_Row]] = {}


def written_by(entries: Iterable[journal.Entry], kept: Mapping[ContentKey, Any]) -> Written:
    """Return what the writes of a journal changed; *kept* has the alerts and the lists, decoded, as they were before."""
    fields: dict[ContentKey, set[str]] = {}
    rows: dict[ContentKey, set[_Row]] = {}
    refilled = set[ContentKey]()
    accesses = {
        str(row["id"]): (key, who(row))
        for key, held in kept.items()
        if key.content_type in _FILLED.values()
        for row in held or ()
    }
    for entry in entries:
        if is_create(entry) or entry.was_refused:
            continue
        body = decode(entry.intent.encode()) if entry.intent else {}
        if entry.step == "create_content_metadata_access":
            rows.setdefault(
                ContentKey(_FILLED.get(entry.key.content_type, entry.key.content_type), entry.destination_id or ""),
                set(),
            )
        elif entry.key.content_type in _FILLED.values():
            if entry.destination_id in accesses:
                owner, row = accesses[entry.destination_id]
                rows.setdefault(owner, set()).add(row)
        elif entry.key.content_type in LISTS:
            owner = ContentKey(entry.key.content_type, entry.destination_id or "")
            rows.setdefault(owner, set()).update(_rows(owner, body, kept))
        elif entry.key.content_type not in PARTS:
            key = written_to(entry)
            fields.setdefault(key, set()).update(_fields(entry, body, kept.get(key)))
        if entry.key.content_type in _FILLED:
            refilled.add(ContentKey(_FILLED[entry.key.content_type], entry.destination_id or ""))
    return Written(fields, {key: some for key, some in rows.items() if key not in refilled})


def written_to(entry: journal.Entry) -> ContentKey:
    """Return the live object that a write changed; a call that nests a group names the outer group and changes the inner one."""
    kind = entry.key.content_type
    live_id = entry.destination_id or entry.key.id
    if _FIELD_OF_CALL.get(entry.step) == "parent_group_ids":
        body = decode(entry.intent.encode())
        live_id = str(body.get("group_id") or body.get("other"))
    elif kind in CATALOG and CATALOG[kind].single:
        live_id = entry.key.id
    return ContentKey(kind, live_id)


def has_arrived(entry: journal.Entry, key: ContentKey, payload: Any) -> bool:
    """Return whether a write arrived, or may have: where its answer is not known, an item as it was later shows other values than
    it was to get. *payload* is that item, decoded."""
    if entry.was_refused:
        return False
    if entry.came_of_it is journal.Outcome.DONE or is_create(entry) or not payload or not entry.intent:
        return True
    docs = [(key.content_type, document(key.content_type, payload, key.id))]
    body, written = decode(entry.intent.encode()), written_to(entry)
    while docs:
        kind, doc = docs.pop()
        docs += [(name, child) for name, children in doc.children.items() for child in children.values()]
        if ContentKey(kind, doc.id) == written and isinstance(body, dict):
            known = body.keys() & doc.fields.keys()
            return all(alike(kind, field, body[field], doc.fields[field]) for field in known)
    return True


def _rows(owner: ContentKey, body: Any, kept: Mapping[ContentKey, Any]) -> set[_Row]:
    if isinstance(body, list):  # the set as it became
        return {(str(row["id"]),) for row in kept.get(owner) or ()} - {(str(one),) for one in body}
    return {(str(body.get("other") or body.get("user_id") or ""),)}


def _fields(entry: journal.Entry, body: Any, kept: Any) -> set[str]:
    kind = entry.key.content_type
    if entry.step in _FIELD_OF_CALL:
        return {_FIELD_OF_CALL[entry.step]}
    if kind in CATALOG and CATALOG[kind].single:
        return set(WRITES[kind].forced)
    if entry.step in _WHOLE_BODIES and kept is not None:  # it takes all of it, whatever differs
        before = document(kind, kept, entry.key.id).fields
        return {one for one in {*before, *body} if not same(kind, one, body.get(one), before.get(one))}
    return shape_of(kind).written(set(body) | set(body.get("result_maker") or ()))


def leave_edits(
    written: Written, difference: Difference, edited: Mapping[ContentKey, frozenset[str]] | None = None
) -> None:
    """Take out of a difference what the restore did not write, or people have *edited* since, and name it as lost. What was made
    anew since comes back whole."""
    switched = _switches_tabs(written, difference)
    for one in difference.walk():
        if one.live is None or one.live.id != one.source.id:
            continue
        key = ContentKey(one.content_type, one.live.id)
        if key in written.rows:
            _leave_rows(one, written.rows[key])
        elif one.content_type not in PARTS:
            fields = written.fields.get(key, set()) | set(_orders_of_moved(written, one))
            fields = fields | {"active"} if switched and one.content_type == TAB else fields
            _leave_fields(one, fields - (edited or {}).get(key, frozenset()))
    _leave_the_last_active_tab(difference)


def _switches_tabs(written: Written, dashboard: Difference) -> bool:
    """Return whether the tab that is active is so by the restore: Looker made the others inactive then, which no write tells."""
    there = [tab.live for tab in dashboard.of(TAB) if tab.live is not None]
    active = next((tab.id for tab in there if tab.fields.get("active")), "")
    return "active" in written.fields.get(ContentKey(TAB, active), ())


def _leave_the_last_active_tab(dashboard: Difference) -> None:
    """Leave the active tab so where no other one becomes it: a tab that was active before is gone since, and one has to be."""
    tabs = dashboard.of(TAB)
    if any(tab.changed.get("active") for tab in tabs):
        return
    for tab in tabs:
        if tab.changed.pop("active", None) is not None:
            tab.lost["active"] = SINCE


def _orders_of_moved(written: Written, one: Difference) -> Iterator[str]:
    """Yield the order in which a board or a section had what the restore took out of it: its place is there."""
    for order, kind in ORDERS.items():
        for part in one.of(kind):
            moved = written.fields.get(ContentKey(kind, part.live.id), set()) if part.live is not None else set()
            if moved & part.changed.keys() & {"board_id", "board_section_id"}:
                yield order


def _leave_fields(one: Difference, fields: set[str]) -> None:
    others = [field for field in one.changed if field not in fields]
    for field in others:
        del one.changed[field]
        one.lost[field] = SINCE
    one.lacks = [lack for lack in one.lacks if lack.field in fields]
    one.absent = [lack for lack in one.absent if lack.field in fields]


def _leave_rows(one: Difference, rows: set[_Row]) -> None:
    """Leave out of a list what people took out of it since, and leave what they changed as it is."""
    for collection in WRITES[one.content_type].collections:
        field = collection.field
        if field not in one.changed or one.live is None:
            continue
        old = {row_key(collection, row): row for row in one.live.fields.get(field) or ()}
        new = {row_key(collection, row): row for row in one.changed[field] or ()}
        stood = {row_key(collection, row) for row in one.source.fields.get(field) or ()}
        theirs = stood - rows  # what got another id since was made anew, and comes back too
        kept = [
            old.get(key, row) if key in theirs else row for key, row in new.items() if key in old or key not in theirs
        ]
        if kept == list(new.values()):
            continue
        one.lost[field] = ROWS_SINCE
        one.changed[field] = kept
        if same(one.content_type, field, kept, one.live.fields.get(field)):
            del one.changed[field]
