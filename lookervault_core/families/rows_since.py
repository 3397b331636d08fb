"""The rows of lists that say something, as a restore left them, and which of them people have changed since, or taken out: who may
do what, which value an attribute has, what a suite of CI checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import ACCESSES, WRITES
from lookervault_core.diff.document import decode
from lookervault_core.diff.fields import alike
from lookervault_core.diff.rows import row_key
from lookervault_core.families.access_lists.shape import who
from lookervault_core.families.access_lists.since import Access
from lookervault_core.families.connected.suites import SUITES, key_of, numbered
from lookervault_core.families.inside import ROWS
from lookervault_core.model import ContentKey
from lookervault_core.vault import journal

RowKey = tuple[Any, ...]


class Left(msgspec.Struct):
    """One row: what was sent of it, and whether the last write left it there."""

    sent: list[Mapping[str, Any]] = []
    there: bool = True


Lists = Mapping[ContentKey, Mapping[RowKey, Left]]
# By live owner and row what a write sent of it; None where it took the row out.
_Rows = Iterator[tuple[str, RowKey, Mapping[str, Any] | None]]


def lists_written(
    entries: Iterable[journal.Entry], kept: Mapping[ContentKey, Any], lists: Mapping[str, Access]
) -> Lists:
    """Return by live list its rows as the writes of a journal left them; *kept* has the lists, decoded, as they were before,
    *lists* the access lists that the restore made or filled, as they were after it."""
    found: dict[ContentKey, dict[RowKey, Left]] = {}
    suites = {(key.id, str(row["id"])): key_of(row) for key, row in _suites_of(kept)}
    access = {
        str(row["id"]): (key.id, row)
        for key, held in kept.items()
        if key.content_type == ACCESSES
        for row in held or ()
    }
    for entry in entries:
        if entry.step in _ROWS and not entry.was_refused:
            for owner, row, sent in _ROWS[entry.step](entry, access):
                _leave(found, ContentKey(entry.key.content_type, owner), row, sent)
        elif entry.step in _OF_SUITES and not entry.was_refused:
            _leave_suite(found, entry, suites)
    for owner, rows in lists.items():
        for group, user, may in rows or ():
            _leave(found, ContentKey(ACCESSES, owner), (group, user), {"permission_type": may})
    return found


def _leave(
    found: dict[ContentKey, dict[RowKey, Left]], owner: ContentKey, row: RowKey, sent: Mapping[str, Any] | None
) -> None:
    left = found.setdefault(owner, {}).setdefault(row, Left())
    left.there = sent is not None
    if sent is not None:
        left.sent.append(sent)


def _suites_of(kept: Mapping[ContentKey, Any]) -> Iterator[tuple[ContentKey, Mapping[str, Any]]]:
    held = {key: rows for key, rows in kept.items() if key.content_type == SUITES}
    return ((key, row) for key, rows in held.items() for row in numbered(rows or ()))


def _leave_suite(
    found: dict[ContentKey, dict[RowKey, Left]], entry: journal.Entry, suites: Mapping[tuple[str, str], RowKey]
) -> None:
    """Note a write to a suite of CI, which is made by its name, and changed and removed by its id."""
    body = dict(_body(entry))
    owner, other = entry.destination_id or "", str(body.pop("other", ""))
    row = suites.get((owner, other)) if other else (str(body.pop("name", "")), "")
    if row is not None:
        _leave(found, ContentKey(SUITES, owner), row, None if entry.action == "DELETE" else body)


def edited_rows(
    key: ContentKey, fields: Mapping[str, Any], left: Mapping[RowKey, Left]
) -> Iterator[tuple[RowKey, bool]]:
    """Yield which rows of a live list, given its *fields*, are not as they were *left*, and whether each is there. Of one whose
    value is hidden nobody can tell."""
    for collection in WRITES[key.content_type].collections:
        if not collection.keys:
            continue
        more = {row_key(collection, row): row for row in fields.get(ROWS) or ()}
        listed = {row_key(collection, row): row for row in fields.get(collection.field) or ()}
        rows = {key: {**more.get(key, {}), **row} for key, row in listed.items()}
        hidden = {(str(one),) for one in fields.get(collection.unread) or ()} if collection.unread else set()
        for row, one in left.items():
            now = rows.get(row)
            if now is None and one.there and row not in hidden:
                yield row, False
            elif now is not None and not (one.there and any(_is_as(key, sent, now) for sent in one.sent)):
                yield row, True


def _is_as(key: ContentKey, sent: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return all(alike(key.content_type, field, value, now.get(field)) for field, value in sent.items())


def _body(entry: journal.Entry) -> Any:
    return decode(entry.intent.encode()) if entry.intent else {}


_Access = Mapping[str, tuple[str, Mapping[str, Any]]]


def _access(entry: journal.Entry, access: _Access) -> _Rows:
    body = _body(entry)
    owner, before = access.get(entry.destination_id or "", (str(body.get("content_metadata_id") or ""), {}))
    if any(row := who(before | body)):
        yield owner, row, {"permission_type": body.get("permission_type")}


def _no_access(entry: journal.Entry, access: _Access) -> _Rows:
    owner, row = access.get(entry.destination_id or "", ("", {}))
    if owner:
        yield owner, who(row), None


def _value(entry: journal.Entry, _: _Access) -> _Rows:
    body = _body(entry)
    if "other" in body:  # journals of before did not tell it
        taken = entry.action == "DELETE"
        yield entry.destination_id or "", (str(body["other"]),), None if taken else {"value": body.get("value")}


def _group_value(entry: journal.Entry, access: _Access) -> _Rows:
    """The value of one group is written by a call on the group."""
    for group, (attribute,), sent in _value(entry, access):
        yield attribute, (group,), sent


def _group_values(entry: journal.Entry, _: _Access) -> _Rows:
    for row in _body(entry):
        yield entry.destination_id or "", (str(row["group_id"]),), {"value": row.get("value")}


_OF_SUITES = frozenset(
    {
        "create_continuous_integration_suite",
        "update_continuous_integration_suite",
        "delete_continuous_integration_suite",
    }
)
_ROWS: Mapping[str, Callable[[journal.Entry, _Access], _Rows]] = {
    "create_content_metadata_access": _access,
    "update_content_metadata_access": _access,
    "delete_content_metadata_access": _no_access,
    "set_user_attribute_user_value": _value,
    "delete_user_attribute_user_value": _value,
    "update_user_attribute_group_value": _group_value,
    "delete_user_attribute_group_value": _group_value,
    "set_user_attribute_group_values": _group_values,
}
