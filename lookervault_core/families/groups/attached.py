"""What Looker changes when it deletes a group or a user attribute: rows that name it in the lists of other objects."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lookervault_core.catalog import CATALOG
from lookervault_core.diff.document import decode, encode
from lookervault_core.diff.planning.sides import Found
from lookervault_core.families.access_lists.since import own_lists
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.live import Live

# By type of list: what a row of it names, and in which field.
_NAMED = {
    "role_groups": ("groups", "id"),
    "content_metadata_accesses": ("groups", "group_id"),
    "user_attribute_group_values": ("groups", "group_id"),
    "user_attribute_values": ("user_attributes", "user_attribute_id"),
}
# The order of these counts, so they come back whole.
_ORDERED = frozenset({"user_attribute_group_values"})


def attached(live: Live, backup: Backup, to_delete: Collection[ContentKey]) -> Iterator[tuple[ContentKey, Found]]:
    """Yield, as they are now, the lists that name an object *to_delete*, and the groups inside a group *to_delete*.

    Looker cannot be asked who names an object, so every list is read: of groups those of all roles, attributes and folders, of
    user attributes those of all users."""
    if any(key.content_type == "groups" for key in to_delete):
        for one, listed in live.rows("groups").items():
            body = body_of(live, backup, "groups", one)
            if ContentKey("groups", one) not in to_delete and body is not None and _parents(body, to_delete):
                yield ContentKey("groups", one), Found(one, listed or None)
    for name, (named, _) in _NAMED.items():
        if any(key.content_type == named for key in to_delete):
            yield from _lists(live, backup, name, to_delete)


def naming(key: ContentKey, payload: bytes, gone: Collection[ContentKey]) -> bytes:
    """Return the part of *payload*, as `attached` yielded it, that names an object of *gone*: only that part an undo puts back."""
    if key.content_type in _ORDERED:
        return payload
    if key.content_type == "groups":
        return encode({"id": key.id, "parent_group_ids": _parents(payload, gone)})
    return encode([row for row in decode(payload) if _named_by(key.content_type, row) in gone])


def _lists(
    live: Live, backup: Backup, name: str, to_delete: Collection[ContentKey]
) -> Iterator[tuple[ContentKey, Found]]:
    owner_type = CATALOG[name].targets_from or ""
    owners = own_lists(live, backup) if owner_type == "content_metadata" else list(live.rows(owner_type))
    live.prefetch(name, owners)
    for owner in owners:
        body = live.read(name, owner)
        if body is not None and any(_named_by(name, row) in to_delete for row in decode(body)):
            yield ContentKey(name, owner), Found(owner, body)


def _named_by(name: str, row: Mapping[str, Any]) -> ContentKey:
    named, field = _NAMED[name]
    return ContentKey(named, str(row.get(field) or ""))


def _parents(payload: bytes, to_delete: Collection[ContentKey]) -> list[str]:
    parents = (str(one) for one in decode(payload).get("parent_group_ids") or ())
    return [parent for parent in parents if ContentKey("groups", parent) in to_delete]
