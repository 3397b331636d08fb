"""What a restore did, as its journal tells. What it made, and from what: the objects and rows that an undo may remove; everything
else is somebody else's. What it wrote of objects that were there: an undo puts back those fields and rows alone; what differs
elsewhere is somebody's edit since, and stays."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, CERTIFY, PARTS, WRITES
from lookervault_core.diff.difference import ORDERS, Difference, Row
from lookervault_core.diff.doc import Doc
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.fields import alike, same
from lookervault_core.diff.rows import row_key
from lookervault_core.families.access_lists.shape import who
from lookervault_core.families.dashboards.shape import TAB
from lookervault_core.families.dashboards.since import leave_moved_tiles
from lookervault_core.families.inside import ROWS
from lookervault_core.families.shapes import shape_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.vault import Vault, journal
from lookervault_core.vault.journal import Outcome

# Users come about by other calls too (OpenAPI 4.0.26.12).
# The operations that make a whole object.
CREATES = frozenset(
    operation
    for name, row in CATALOG.items()
    if name in WRITES and not row.is_part and (create := WRITES[name].create) is not None
    for operation in (create.operation, *WRITES[name].more_creates)
)


class Made(msgspec.Struct, frozen=True):
    """What a restore made: `objects` by their live ids, `rows` of lists and nested objects as `Rules.removes` asks for them. And
    the nested objects that it `removed`, by type and live id, the items of which it is not known whether it made them, and the
    plans that `outlived` the owner of what they send."""

    objects: frozenset[ContentKey] = frozenset()
    rows: frozenset[Row] = frozenset()
    removed: frozenset[Row] = frozenset()
    unsure: frozenset[ContentKey] = frozenset()
    outlived: frozenset[ContentKey] = frozenset()


def made_by(entries: Sequence[journal.Entry], matched: Mapping[ContentKey, str], before: Container[ContentKey]) -> Made:
    """Return what the writes of a journal made. *matched* has the live ids of items, *before* what was there already.

    A create whose answer was lost counts if what it was later found by was not there *before*.
    """
    objects, rows = set[ContentKey](), set[Row]()
    for entry in entries:
        if is_create(entry):
            live_id = _live_id(entry, matched, before)
            if live_id is None:
                continue
            if entry.key.content_type in CATALOG:
                objects.add(ContentKey(entry.key.content_type, live_id))
            else:
                rows.add((entry.key.content_type, live_id))
        elif entry.step in _LINKS and entry.came_of_it in (Outcome.DONE, Outcome.UNKNOWN) and entry.destination_id:
            rows |= set(_LINKS[entry.step](entry.key.content_type, entry.destination_id, decode(entry.intent.encode())))
    return Made(frozenset(objects), frozenset(rows), _removed_by(entries))


def _removed_by(entries: Iterable[journal.Entry]) -> frozenset[Row]:
    """Return the nested objects, by type and live id, that the writes of a journal removed."""
    return frozenset(
        (one.key.content_type, one.destination_id or "")
        for one in entries
        if one.action == "DELETE" and not one.was_refused
    )


def is_create(entry: journal.Entry) -> bool:
    """Return whether a write makes an object. Other POSTs add a login, a member or a row to one, or set a list."""
    facts = WRITES.get(entry.key.content_type)
    if facts is None or facts.create is None:
        return False
    return entry.step in (facts.create.operation, *facts.more_creates)


def new_ids(vault: Vault, session_id: str) -> dict[ContentKey, str]:
    """Return by item the ids of the whole objects that a session made."""
    return journal.answered(vault, session_id, CREATES)


def _live_id(entry: journal.Entry, matched: Mapping[ContentKey, str], before: Container[ContentKey]) -> str | None:
    came = entry.came_of_it
    if came is Outcome.DONE:
        return entry.destination_id
    unsure = came is Outcome.UNKNOWN
    found = entry.destination_id if came is Outcome.ADOPTED else matched.get(entry.key) if unsure else None
    return None if found is None or ContentKey(entry.key.content_type, found) in before else found


def _members(content_type: str, owner: str, body: Any) -> Iterator[Row]:
    yield from ((content_type, owner, str(one)) for one in body)


def _member(content_type: str, owner: str, body: Any) -> Iterator[Row]:
    yield content_type, owner, str(body["user_id"])


def _parent(content_type: str, owner: str, body: Any) -> Iterator[Row]:
    """A group is put into one by a call on the group above."""
    yield content_type, str(body["group_id"]), owner


def _access(content_type: str, owner: str, body: Any) -> Iterator[Row]:
    yield content_type, owner, *who(body)


def _login(content_type: str, owner: str, _body: Any) -> Iterator[Row]:
    yield content_type, owner, "email"


def _value(content_type: str, owner: str, body: Any) -> Iterator[Row]:
    if "other" in body:  # journals of before did not tell it
        yield content_type, owner, str(body["other"])


def _group_value(content_type: str, owner: str, body: Any) -> Iterator[Row]:
    """The value of one group is written by a call on the group."""
    if "other" in body:
        yield content_type, str(body["other"]), owner


def _group_values(content_type: str, owner: str, body: Any) -> Iterator[Row]:
    yield from ((content_type, owner, str(row["group_id"])) for row in body)


def _let_in(content_type: str, owner: str, body: Any) -> Iterator[Row]:
    yield from ((content_type, owner, str(one)) for one in body["emails"])


def _suite(content_type: str, owner: str, body: Any) -> Iterator[Row]:
    yield content_type, owner, str(body["name"]), ""


_LINKS: Mapping[str, Callable[[str, str, Any], Iterator[Row]]] = {
    "set_role_users": _members,
    "set_role_groups": _members,
    "add_group_user": _member,
    "add_group_group": _parent,
    "create_content_metadata_access": _access,
    "create_user_credentials_email": _login,
    "create_continuous_integration_suite": _suite,
    "set_user_attribute_user_value": _value,
    "update_user_attribute_group_value": _group_value,
    "set_user_attribute_group_values": _group_values,
    "add_support_access_allowlist_entries": _let_in,
}


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
    written: Written,
    difference: Difference,
    edited: Mapping[ContentKey, frozenset[str]] | None = None,
    rows: Mapping[ContentKey, AbstractSet[_Row]] | None = None,
) -> None:
    """Take out of a difference what the restore did not write, or people have *edited* since, also *rows* of lists, and name it as
    lost. What was made anew since comes back whole."""
    switched = _switches_tabs(written, difference)
    for one in difference.walk():
        if one.live is None or one.live.id != one.source.id:
            continue
        key = ContentKey(one.content_type, one.live.id)
        theirs = (rows or {}).get(key, frozenset())
        if key in written.rows or theirs:
            _leave_rows(one, written.rows.get(key), theirs)
        elif one.content_type not in PARTS:
            fields = written.fields.get(key, set()) | set(_orders_of_moved(written, one))
            fields = fields | {"active"} if switched and one.content_type == TAB else fields
            _leave_fields(one, fields - (edited or {}).get(key, frozenset()))
    _leave_the_last_active_tab(difference)
    leave_moved_tiles(difference, SINCE)


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


def _leave_rows(one: Difference, rows: AbstractSet[_Row] | None, edited: AbstractSet[_Row]) -> None:
    """Leave out of a list what people took out of it since, and leave what they changed as it is: what is not among the *rows* that
    the restore wrote, or is *edited*. None stands for a list that was written as a whole."""
    for collection in WRITES[one.content_type].collections:
        field = collection.field
        inside = [row for row in one.changed.get(ROWS, ()) if collection.keys and row_key(collection, row) in edited]
        if inside:
            one.lost[ROWS] = ROWS_SINCE
            one.changed[ROWS] = [row for row in one.changed[ROWS] if row not in inside]
            if not one.changed[ROWS]:
                del one.changed[ROWS]
        if field not in one.changed or one.live is None:
            continue
        old = {row_key(collection, row): row for row in one.live.fields.get(field) or ()}
        new = {row_key(collection, row): row for row in one.changed[field] or ()}
        stood = {row_key(collection, row) for row in one.source.fields.get(field) or ()}
        # What got another id since was made anew, and comes back too.
        theirs = (stood - rows if rows is not None else set()) | edited
        kept = [
            old.get(key, row) if key in theirs else row for key, row in new.items() if key in old or key not in theirs
        ]
        if kept == list(new.values()):
            continue
        one.lost[field] = ROWS_SINCE
        one.changed[field] = kept
        if same(one.content_type, field, kept, one.live.fields.get(field)):
            del one.changed[field]
