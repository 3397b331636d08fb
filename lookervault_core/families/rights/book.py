"""The people, groups, roles and access lists of a snapshot: all that it takes to work out who may do what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from lookervault_core.catalog import lies_in_trash
from lookervault_core.diff.document import decode
from lookervault_core.errors import NotFound
from lookervault_core.families.folders.tree import paths
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault

# Which field of access metadata names what has it, and of content: which permissions show it, and which let one write it (Looker's
# documentation of roles, "Permissions list"; save_looks and save_dashboards are parts of save_content).
FOLDER, BOARD, LIST = "folders", "boards", "content_metadata_accesses"
CONTENT: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "looks": (frozenset({"see_looks"}), frozenset({"save_content", "save_looks"})),
    "dashboards": (frozenset({"see_user_dashboards"}), frozenset({"save_content", "save_dashboards"})),
}
KINDS = (FOLDER, BOARD, *CONTENT)
ADMIN = "Admin"


class Person(msgspec.Struct, frozen=True):
    """A user; who is `disabled` cannot sign in."""

    id: str
    name: str
    email: str
    disabled: bool


class Role(msgspec.Struct, frozen=True):
    """A role; the one of the administrators opens everything."""

    id: str
    name: str
    permissions: frozenset[str]
    models: tuple[str, ...]


class Entry(msgspec.Struct, frozen=True):
    """One row of an access list: a group or a user who may `view` or `edit`."""

    may: str
    group_id: str | None
    user_id: str | None


class Place(msgspec.Struct, frozen=True):
    """An object that people may see. `list_of` is the metadata of the access list that counts for it, its own or the nearest
    above; None if only administrators may see it."""

    key: ContentKey
    name: str
    list_of: str | None


class Book(msgspec.Struct, frozen=True):
    """Everything by id. `above` are the groups that a group is in, `groups_of` those that a user is in directly; roles are given to
    users and to groups. `lists` are the access lists, by metadata, and `owners` says what in words each is the list of."""

    people: dict[str, Person]
    groups: dict[str, str]
    above: dict[str, tuple[str, ...]]
    groups_of: dict[str, tuple[str, ...]]
    roles: dict[str, Role]
    roles_of_user: dict[str, tuple[str, ...]]
    roles_of_group: dict[str, tuple[str, ...]]
    places: dict[ContentKey, Place]
    lists: dict[str, tuple[Entry, ...]]
    owners: dict[str, str]


def book_of(vault: Vault, snapshot_id: int | None = None, kinds: tuple[str, ...] = (FOLDER, BOARD)) -> Book:
    """Return the book of a snapshot (the newest of each type by default), with the places of the types *kinds*.

    NotFound unless it has people, groups, roles and folders."""
    read = _Reader(vault, snapshot_id)
    groups = dict(read.all("groups"))
    everybody = [one for one, row in groups.items() if row.get("include_by_default")]
    people = people_of(vault, snapshot_id)
    members = {one: [str(each["id"]) for each in rows] for one, rows in read.all("group_users")}
    lists = {one: tuple(map(_entry, rows)) for one, rows in read.all(LIST)}
    folders = dict(read.all(FOLDER))
    ways = paths({one: (str(row.get("name")), _text(row.get("parent_id"))) for one, row in folders.items()})
    names = {one: "/".join(name for _, name in way) for one, way in ways.items()}
    meta = dict(read.all("content_metadata"))
    places = {place.key: place for kind in kinds for place in _places(read, kind, folders, names, meta)}
    return Book(
        people=people,
        groups={one: str(row.get("name")) for one, row in groups.items()},
        above={one: tuple(map(str, row.get("parent_group_ids") or ())) for one, row in groups.items()},
        groups_of=_groups_of(people, members, everybody),
        roles={one: _role(one, row) for one, row in read.all("roles")},
        roles_of_user=_turned(read.all("role_users")),
        roles_of_group=_turned(read.all("role_groups")),
        places=places,
        lists=lists,
        owners=_owners(read, folders, names),
    )


def people_of(vault: Vault, snapshot_id: int | None = None) -> dict[str, Person]:
    """Return the users of a snapshot by id."""
    return {one: _person(one, row) for one, row in _Reader(vault, snapshot_id).all("users")}


class _Reader:
    """Reads whole types of one snapshot, decoded."""

    def __init__(self, vault: Vault, snapshot_id: int | None) -> None:
        self._vault, self._snapshot_id = vault, snapshot_id

    def all(self, content_type: str) -> Iterator[tuple[str, Any]]:
        """Yield id and payload of each object. NotFound if no finished snapshot has the type."""
        if self._snapshot_id is not None and content_type not in self._vault.counts(self._snapshot_id):
            raise NotFound(
                f"snapshot {self._snapshot_id} has no {content_type}: rights are told from a whole `lookervault extract`"
            )
        for item in self._vault.iter_payloads(content_type, self._snapshot_id):
            yield item.id, decode(item.payload)


def _person(user_id: str, row: Any) -> Person:
    name = row.get("display_name") or " ".join(filter(None, (row.get("first_name"), row.get("last_name"))))
    return Person(
        user_id, name or row.get("service_account_name") or "", row.get("email") or "", bool(row["is_disabled"])
    )


def _role(role_id: str, row: Any) -> Role:
    permissions, models = row.get("permission_set") or {}, row.get("model_set") or {}
    shown = tuple(models.get("models") or ())
    return Role(role_id, str(row.get("name")), frozenset(permissions.get("permissions") or ()), shown)


def _entry(row: Any) -> Entry:
    return Entry(str(row.get("permission_type")), _text(row.get("group_id")), _text(row.get("user_id")))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _groups_of(people: Any, members: dict[str, list[str]], everybody: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {person: dict.fromkeys(everybody) for person in people}
    for group, users in members.items():
        for user in users:
            found.setdefault(user, {})[group] = None
    return {one: tuple(groups) for one, groups in found.items()}


def _turned(rows: Iterator[tuple[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the roles by who has them, from who has each role."""
    found: dict[str, list[str]] = {}
    for role, holders in rows:
        for one in holders:
            found.setdefault(str(one["id"]), []).append(role)
    return {one: tuple(roles) for one, roles in found.items()}


def _places(read: _Reader, kind: str, folders: dict[str, Any], names: dict[str, str], meta: Any) -> Iterator[Place]:
    """Yield what there is of a kind; content is seen by whoever sees its folder."""
    for item_id, row in read.all(kind) if kind != FOLDER else folders.items():
        key = ContentKey(kind, item_id)
        if kind in CONTENT:
            folder_id = _text(row.get("folder_id")) or ""
            name = "/".join(filter(None, (names.get(folder_id), str(row.get("title")))))
            yield Place(key, name, _list_of(folders.get(folder_id) or {}, meta))
        elif not lies_in_trash(row):
            name = names.get(item_id) if kind == FOLDER else None
            yield Place(key, name or str(row.get("title") or row.get("name")), _list_of(row, meta))


def _list_of(row: Any, meta: Any) -> str | None:
    """Return the metadata whose list counts: its own, or that of the nearest above that does not inherit."""
    at, seen = _text(row.get("content_metadata_id")), set[str]()
    while at is not None and at in meta and at not in seen and meta[at].get("inherits"):
        seen.add(at)
        at = _text(meta[at].get("parent_id"))
    return at if at is None or (at in meta and not meta[at].get("inherits")) else None


def _owners(read: _Reader, folders: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    found = {str(row.get("content_metadata_id")): names[one] for one, row in folders.items()}
    return found | {str(row.get("content_metadata_id")): f"board {row.get('title')}" for _, row in read.all(BOARD)}
