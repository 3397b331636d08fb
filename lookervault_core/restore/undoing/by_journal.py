"""What a restore did, by its journal. An undo removes only objects and rows that the restore made, and puts back only the fields
and rows that it wrote in objects which existed before; all other differences are people's edits, and stay."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, CERTIFY, PARTS, WRITES
from lookervault_core.diff.difference import ORDERS, Difference, Row
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import alike, equal, same
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.families.access_lists.since import Access, as_left
from lookervault_core.families.dashboards.emptied import emptied_with
from lookervault_core.families.dashboards.shape import PLACE, TAB, TILE
from lookervault_core.families.dashboards.since import leave_moved_tabs, leave_moved_tiles
from lookervault_core.families.folders.content import certification
from lookervault_core.families.rows_since import SINCE, leave_rows
from lookervault_core.families.rows_written import ListWrite, list_write, numbered_rows, rows_put_in
from lookervault_core.families.shapes import shape_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import journal
from lookervault_core.vault.restoring.journal import Outcome

# Users come about by other calls too (OpenAPI 4.0.26.12).
# The operations that make a whole object.
CREATES = frozenset(
    operation
    for name, row in CATALOG.items()
    if name in WRITES and not row.is_part and (create := WRITES[name].create) is not None
    for operation in (create.operation, *WRITES[name].more_creates)
)


class Made(msgspec.Struct, frozen=True):
    """What a restore made: `objects` by their live ids, `rows` of lists and nested objects as `Rules.removes` takes them. Also
    the nested objects that it `removed`, by type and live id, the items that it may or may not have made, and the plans that
    `outlived` the owner of the content that they send."""

    objects: frozenset[ContentKey] = frozenset()
    rows: frozenset[Row] = frozenset()
    removed: frozenset[Row] = frozenset()
    unsure: frozenset[ContentKey] = frozenset()
    outlived: frozenset[ContentKey] = frozenset()


def made_by(entries: Sequence[journal.Entry], matched: Mapping[ContentKey, str], before: Container[ContentKey]) -> Made:
    """Return the objects and rows that a journal's writes made. *matched* has the live ids of items, *before* the live objects
    that existed before the restore.

    A create whose answer was lost counts if the object that was later taken for its own was not there *before*.
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
        elif not entry.was_refused and entry.destination_id:
            if entry.step == _ADD_LOGIN:
                rows.add((entry.key.content_type, entry.destination_id, "email"))
            rows |= set(rows_put_in(entry, body_of_intent(entry)))
    return Made(frozenset(objects), frozenset(rows), _removed_by(entries))


def body_of_intent(entry: journal.Entry) -> Any:
    """Return the decoded body of a write, with the `other` id of its path; {} for a write without a body."""
    return decode(entry.intent.encode()) if entry.intent else {}


def _removed_by(entries: Iterable[journal.Entry]) -> frozenset[Row]:
    """Return the nested objects, by type and live id, that the writes of a journal removed."""
    return frozenset(
        (one.key.content_type, one.destination_id or "")
        for one in entries
        if one.action == "DELETE" and not one.was_refused
    )


def is_create(entry: journal.Entry) -> bool:
    """Return whether a write creates an object. Other POSTs add a login, a member or a row to an object, or set a list."""
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


class MadeFrom:
    """Gives the backup's documents, from *source*, that live objects were created from, by the ids that creates in *entries*
    returned."""

    def __init__(self, source: Backup | None, entries: Iterable[journal.Entry]) -> None:
        made = [entry for entry in entries if is_create(entry) and entry.destination_id]
        self._live = {entry.key: entry.destination_id or "" for entry in made}
        self._ours = {ContentKey(key.content_type, live_id): key.id for key, live_id in self._live.items()}
        self._source = source

    def docs(self, key: ContentKey) -> Mapping[ContentKey, Doc]:
        """Return the documents that a live object, and the objects nested in it, were created from, by their live keys."""
        item_id = self._ours.get(key, key.id)
        payload = self._source.readable(key.content_type, item_id) if self._source is not None else None
        if payload is None:
            return {}
        doc = document(key.content_type, payload, item_id)
        parts = {ContentKey(part.content_type, self._live.get(part, part.id)): one for part, one in nested(doc)}
        return {key: doc} | parts


def nested(doc: Doc) -> Iterator[tuple[ContentKey, Doc]]:
    """Yield the key and document of everything nested in a document, except what lies in the trash."""
    for kind, children in doc.children.items():
        for child in children.values():
            if not child.trashed:
                yield ContentKey(kind, child.id), child
                yield from nested(child)


# What a body alone does not tell of: it must be seen what was there before.
WHOLE = PARTS | {name for name, facts in WRITES.items() if facts.sent_whole}
WHOLE |= {name for name, row in CATALOG.items() if row.documents}
# The lists that Looker fills or empties by itself, by what they belong to.
_FILLED = {CATALOG[name].targets_from or "": name for name in PARTS if WRITES[name].filled}
_ADD_LOGIN, _NO_LOGIN = "create_user_credentials_email", "delete_user_credentials_email"
_FIELD_OF_CALL = {
    **{call.operation: "certification" for call in CERTIFY.values()},
    _ADD_LOGIN: "email",
    "update_user_credentials_email": "email",
    _NO_LOGIN: "email",
    "add_support_access_allowlist_entries": "entries",
    "delete_support_access_allowlist_entry": "entries",
    "add_group_group": "parent_group_ids",
    "delete_group_from_group": "parent_group_ids",
}

_SEALS = frozenset(call.operation for call in CERTIFY.values())
_WHOLE_BODIES = frozenset({"update_alert", "update_whitelabel_configuration"})


class Written(msgspec.Struct, frozen=True):
    """What a restore wrote: `fields` by live object, and `rows`, the writes to each list or object with lists among its fields.

    A list that is not in `rows` changed only because another object was written."""

    fields: Mapping[ContentKey, set[str]] = {}
    rows: Mapping[ContentKey, Sequence[ListWrite]] = {}


def written_by(
    entries: Iterable[journal.Entry], kept: Mapping[ContentKey, Any], left: Mapping[str, Access] | None = None
) -> Written:
    """Return the fields and rows that a journal's writes changed. *kept* has alerts, settings and lists, decoded, as they were
    before the restore; *left* the access lists that Looker filled because of it, as they were at its end."""
    fields: dict[ContentKey, set[str]] = {}
    rows: dict[ContentKey, list[ListWrite]] = {}
    refilled, known = set[ContentKey](), numbered_rows(kept)
    for entry in entries:
        if is_create(entry) or entry.was_refused:
            continue
        body = body_of_intent(entry)
        write = list_write(entry, body, known)
        if write is not None:
            rows.setdefault(write[0], []).append(write[1])
        if entry.key.content_type not in PARTS:
            key = written_to(entry)
            fields.setdefault(key, set()).update(_fields(entry, body, kept.get(key)))
        if entry.key.content_type in _FILLED:
            refilled.add(ContentKey(_FILLED[entry.key.content_type], entry.destination_id or ""))
    for key in refilled:
        rows.pop(key, None)
        if (stood := (left or {}).get(key.id)) is not None:
            rows[key] = [as_left(stood)]
    return Written(fields, rows)


def written_to(entry: journal.Entry) -> ContentKey:
    """Return the live object that a write changed; of a call that puts a group into another one the inner group."""
    kind = entry.key.content_type
    live_id = entry.destination_id or entry.key.id
    if _FIELD_OF_CALL.get(entry.step) == "parent_group_ids":
        body = decode(entry.intent.encode())
        live_id = str(body.get("group_id") or body.get("other"))
    elif kind in CATALOG and CATALOG[kind].is_chosen:
        live_id = entry.key.id
    return ContentKey(kind, live_id)


def has_arrived(entry: journal.Entry, key: ContentKey, payload: Any) -> bool:
    """Return whether a write arrived, or may have. If its answer is unknown, it has arrived if *payload*, the item read later,
    shows the values that were sent."""
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


def sent_by(entries: Iterable[journal.Entry]) -> dict[ContentKey, dict[str, list[Any]]]:
    """Return by live object, and field, all values that the journal's writes sent, except refused ones."""
    found: dict[ContentKey, dict[str, list[Any]]] = {}
    for entry in entries:
        body = None if entry.was_refused else _chosen(entry) or body_of_intent(entry)
        if isinstance(body, dict) and (entry.destination_id or not is_create(entry)):
            of_object = found.setdefault(written_to(entry), {})
            for field, value in {**body, **(body.get("result_maker") or {}), **field_of_call(entry, body)}.items():
                of_object.setdefault(field, []).append(shape_of(entry.key.content_type).sent(field, value))
    return found


def _chosen(entry: journal.Entry) -> dict[str, Any]:
    """Return what a call without a body chose as a default, which its path names; nothing where it is of something else."""
    row = CATALOG.get(entry.key.content_type)
    if row is None or not row.is_chosen or not entry.destination_id:
        return {}
    return dict.fromkeys(WRITES[row.name].forced, entry.destination_id)


def field_of_call(entry: journal.Entry, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the field, with its value, that a special call writes (a certification, a removed login); {} if *body* has the
    fields."""
    if entry.step in _SEALS:
        return {"certification": certification({"certification_metadata": body})}
    return {"email": None} if entry.step == _NO_LOGIN else {}


def _fields(entry: journal.Entry, body: Any, kept: Any) -> set[str]:
    kind = entry.key.content_type
    if entry.step in _FIELD_OF_CALL:
        return {_FIELD_OF_CALL[entry.step]}
    if kind in CATALOG and CATALOG[kind].is_chosen:
        return set(WRITES[kind].forced)
    if entry.step in _WHOLE_BODIES and kept is not None:  # it takes all of it, whatever differs
        before = document(kind, kept, entry.key.id).fields
        return {one for one in {*before, *body} if not same(kind, one, body.get(one), before.get(one))}
    return shape_of(kind).written(set(body) | set(body.get("result_maker") or ()))


def leave_edits(
    written: Written,
    difference: Difference,
    renamed: Resolve = lambda *_: None,
    edited: Mapping[ContentKey, frozenset[str]] | None = None,
    unsure: Callable[[ContentKey], bool] = lambda _: False,
    back: Container[ContentKey] = (),
) -> None:
    """Take out of an undo's difference what the restore did not write, and what people have *edited* since, and name it as lost.
    What tiles showed comes *back* with their looks.

    Recreated objects are put back whole, and so are lists about which *unsure* says that the restore's writes are not proven.
    References to recreated objects are written too; *renamed* gives the new id of such an object."""
    switched, carried = _switches_tabs(written, difference), set(_moved_to_tabs(written, difference))
    for one in difference.walk():
        if one.live is None or one.live.id != one.source.id:
            continue
        key = ContentKey(one.content_type, one.live.id)
        theirs = (edited or {}).get(key, frozenset())
        if _opened_or_closed(one, edited or {}):
            _leave_fields(one, set())
        elif key in written.rows:
            leave_rows(one, written.rows[key], renamed, unsure=unsure(key))
        if one.content_type not in PARTS:
            fields = written.fields.get(key, set()) | set(_orders_of_moved(written, one))
            fields = fields | {"active"} if switched and one.content_type == TAB else fields
            fields = fields | {"group_id"} if one.content_type == PLACE and _tile_of(one) in carried else fields
            _leave_fields(one, (fields - theirs) | emptied_with(one, back))
    _leave_the_last_active_tab(difference)
    leave_moved_tiles(difference, SINCE)
    leave_moved_tabs(difference, SINCE)


def _opened_or_closed(one: Difference, edited: Mapping[ContentKey, frozenset[str]]) -> bool:
    """Return whether one is a list that Looker fills or drops with what it belongs to, and people have decided that since."""
    owner = CATALOG[one.content_type].targets_from if one.content_type in _FILLED.values() else None
    key = ContentKey(owner or "", one.live.id if one.live is not None else "")
    return owner is not None and not edited.get(key, frozenset()).isdisjoint(WRITES[owner].copying)


def _switches_tabs(written: Written, dashboard: Difference) -> bool:
    """Return whether the tab that is active is so by the restore: Looker made the others inactive then, which no write tells."""
    there = [tab.live for tab in dashboard.of(TAB) if tab.live is not None]
    active = next((tab.id for tab in there if tab.fields.get("active")), "")
    return "active" in written.fields.get(ContentKey(TAB, active), ())


def _moved_to_tabs(written: Written, dashboard: Difference) -> Iterator[str]:
    """Yield the tiles that the restore put on another tab: Looker took them out of their groups then, which no write tells."""
    tiles = (tile.live.id for tile in dashboard.of(TILE) if tile.live is not None)
    return (one for one in tiles if "dashboard_layout_id" in written.fields.get(ContentKey(TILE, one), ()))


def _tile_of(place: Difference) -> str:
    return str(place.live.fields.get("dashboard_element_id")) if place.live is not None else ""


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


def _only_follows(one: Difference, field: str) -> bool:
    """Return whether a field names on both sides what the undo makes anew: nobody has changed it."""
    stood = one.live is not None and equal(one.source.fields.get(field), one.live.fields.get(field))
    return stood and field in {ref.field for ref in WRITES[one.content_type].references}


def _leave_fields(one: Difference, fields: set[str]) -> None:
    others = [field for field in one.changed if field not in fields and not _only_follows(one, field)]
    for field in others:
        del one.changed[field]
        one.lost[field] = SINCE
    one.lacks = [lack for lack in one.lacks if lack.field in fields]
    one.absent = [lack for lack in one.absent if lack.field in fields]
