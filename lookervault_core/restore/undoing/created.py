"""What a restore made, as its journal tells, and from what: the objects and rows that an undo may remove. Everything else is
somebody else's."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.diff.difference import Row
from lookervault_core.diff.doc import Doc
from lookervault_core.diff.document import decode, document
from lookervault_core.families.access_lists.shape import who
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


_LINKS: Mapping[str, Callable[[str, str, Any], Iterator[Row]]] = {
    "set_role_users": _members,
    "set_role_groups": _members,
    "add_group_user": _member,
    "add_group_group": _parent,
    "create_content_metadata_access": _access,
    "create_user_credentials_email": _login,
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
