"""What each journaled write did to the rows of a list, such as an access list: which rows it added, changed or removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from lookervault_core.diff.difference import Row
from lookervault_core.families.access_lists.shape import who
from lookervault_core.families.connected.suites import key_of, numbered
from lookervault_core.model import ContentKey
from lookervault_core.vault.restoring.journal import Entry, Outcome

_Key = tuple[str, ...]
# What was sent of a row, None where it was taken out.
_Sent = Mapping[str, Any] | None


class ListWrite(msgspec.Struct, frozen=True):
    """One write to a list. `rows` has by row key what was sent, None for a row that was removed. A write of the `whole` list has
    removed every row that it does not name. `sure` says that Looker has answered."""

    rows: Mapping[_Key, _Sent]
    whole: bool = False
    sure: bool = True

    def tells(self, key: _Key) -> bool:
        return self.whole or key in self.rows


class Numbered(NamedTuple):
    """The keys of rows that Looker gives a number: `accesses` by the row's number, `others` by list and number."""

    accesses: Mapping[str, tuple[str, _Key]]
    others: Mapping[tuple[ContentKey, str], _Key]


def numbered_rows(kept: Mapping[ContentKey, Any]) -> Numbered:
    """Return the keys of rows that have a number of their own; *kept* has the lists, decoded, as they were before the restore."""
    accesses: dict[str, tuple[str, _Key]] = {}
    others: dict[tuple[ContentKey, str], _Key] = {}
    for key, rows in kept.items():
        if key.content_type == "content_metadata_accesses":
            accesses |= {str(row["id"]): (key.id, who(row)) for row in rows or ()}
        elif key.content_type == "ci_suites":
            others |= {(key, str(row["id"])): key_of(row) for row in numbered(rows or ())}
        elif isinstance(rows, list):
            others |= {(key, str(row["id"])): (str(row["email"]),) for row in rows if row.get("email")}
    return Numbered(accesses, others)


# The list that was written to, what was sent of its rows, and whether of all.
_Told = tuple[str, Mapping[_Key, _Sent], bool]


def list_write(entry: Entry, body: Any, known: Numbered) -> tuple[ContentKey, ListWrite] | None:
    """Return which list the write *entry* changed, and how; None if it wrote no list. *body* is the body that was sent, decoded."""
    tell = _WRITES.get(entry.step)
    if tell is None or not entry.destination_id:
        return None
    try:
        owner, rows, whole = tell(entry, body, known)
    except KeyError:  # journals of before did not tell it
        return None
    sure = entry.came_of_it is not Outcome.UNKNOWN
    return ContentKey(entry.key.content_type, owner), ListWrite(rows, whole, sure)


def rows_put_in(entry: Entry, body: Any) -> Iterable[Row]:
    """Return the rows, (type, list id, key …), that a write added to a list, or may have added."""
    found = list_write(entry, body, Numbered({}, {})) if entry.step not in _CHANGES else None
    if found is None:
        return ()
    owner, write = found
    return [(owner.content_type, owner.id, *key) for key, sent in write.rows.items() if sent is not None]


def _rest(body: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in body.items() if field != "other"}


def _of_other(entry: Entry, body: Any, _: Numbered) -> _Told:
    return str(entry.destination_id), {(str(body["other"]),): _rest(body)}, False


def _of_other_gone(entry: Entry, body: Any, _: Numbered) -> _Told:
    return str(entry.destination_id), {(str(body["other"]),): None}, False


def _to_other(entry: Entry, body: Any, _: Numbered) -> _Told:
    """The value of one group is written by a call on the group."""
    return str(body["other"]), {(str(entry.destination_id),): _rest(body)}, False


def _to_other_gone(entry: Entry, body: Any, _: Numbered) -> _Told:
    return str(body["other"]), {(str(entry.destination_id),): None}, False


def _member(entry: Entry, body: Any, _: Numbered) -> _Told:
    return str(entry.destination_id), {(str(body["user_id"]),): {}}, False


def _members(entry: Entry, body: Any, _: Numbered) -> _Told:
    return str(entry.destination_id), {(str(one),): {} for one in body}, True


def _nested(entry: Entry, body: Any, _: Numbered) -> _Told:
    """A group is put into one by a call on the group above."""
    return str(body["group_id"]), {(str(entry.destination_id),): {}}, False


def _group_values(entry: Entry, body: Any, _: Numbered) -> _Told:
    return str(entry.destination_id), {(str(row["group_id"]),): row for row in body}, True


def _access(_entry: Entry, body: Any, _: Numbered) -> _Told:
    return str(body["content_metadata_id"]), {who(body): body}, False


def _access_gone(entry: Entry, _body: Any, known: Numbered) -> _Told:
    owner, row = known.accesses[str(entry.destination_id)]
    return owner, {row: None}, False


def _suite(entry: Entry, body: Any, _: Numbered) -> _Told:
    return str(entry.destination_id), {(str(body["name"]), str(body.get("other") or "")): _rest(body)}, False


def _suite_changed(entry: Entry, body: Any, known: Numbered) -> _Told:
    return str(entry.destination_id), {_known(entry, body, known): _rest(body)}, False


def _known_gone(entry: Entry, body: Any, known: Numbered) -> _Told:
    return str(entry.destination_id), {_known(entry, body, known): None}, False


def _known(entry: Entry, body: Any, known: Numbered) -> _Key:
    return known.others[ContentKey(entry.key.content_type, str(entry.destination_id)), str(body["other"])]


def _let_in(entry: Entry, body: Any, _: Numbered) -> _Told:
    return str(entry.destination_id), {(str(one),): _rest(body) for one in body["emails"]}, False


_WRITES: Mapping[str, Callable[[Entry, Any, Numbered], _Told]] = {
    "add_group_user": _member,
    "delete_group_user": _of_other_gone,
    "set_role_users": _members,
    "set_role_groups": _members,
    "add_group_group": _nested,
    "delete_group_from_group": _to_other_gone,
    "set_user_attribute_user_value": _of_other,
    "delete_user_attribute_user_value": _of_other_gone,
    "update_user_attribute_group_value": _to_other,
    "delete_user_attribute_group_value": _to_other_gone,
    "set_user_attribute_group_values": _group_values,
    "create_content_metadata_access": _access,
    "update_content_metadata_access": _access,
    "delete_content_metadata_access": _access_gone,
    "create_continuous_integration_suite": _suite,
    "update_continuous_integration_suite": _suite_changed,
    "delete_continuous_integration_suite": _known_gone,
    "add_support_access_allowlist_entries": _let_in,
    "delete_support_access_allowlist_entry": _known_gone,
}
# What only changes a row that is there.
_CHANGES = frozenset({"update_content_metadata_access", "update_continuous_integration_suite"})
