"""Who may see or edit what, and by which group and role. Pure: a book in, answers out.

A folder's list is its own, or that of the nearest folder above that does not inherit (OpenAPI 4.0.26.12, ContentMeta). Groups lie
in groups; who is in one is in all above it. An administrator may do everything, and nobody who is disabled may do anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from lookervault_core.families.rights.book import ADMIN, CONTENT, Book, Entry, Person, Place
from lookervault_core.model import ContentKey

LEVELS = ("", "view", "edit")


class Held(msgspec.Struct, frozen=True):
    """A role that somebody has, and through which groups, from the one that they are in themselves upwards."""

    role: str
    by: tuple[str, ...] = ()


class Rights(msgspec.Struct, frozen=True):
    """What one person has: by group the way to it, their roles, and what all of these let them do."""

    person: Person
    ways: dict[str, tuple[str, ...]]
    roles: tuple[Held, ...]
    permissions: frozenset[str]
    models: frozenset[str]
    admin: tuple[str, ...] | None

    @property
    def is_admin(self) -> bool:
        return self.admin is not None


class Access(msgspec.Struct, frozen=True):
    """What somebody may do with something: nothing (""), `view` or `edit`; `by` says in words what lets them, or keeps them out."""

    key: ContentKey
    name: str
    may: str
    by: str = ""


def rights_of(book: Book, user_id: str) -> Rights:
    """Return the groups, roles, permissions and models of a user."""
    ways = _ways(book, user_id)
    direct = {role: Held(role) for role in book.roles_of_user.get(user_id, ())}
    through = {role: Held(role, way) for group, way in ways.items() for role in book.roles_of_group.get(group, ())}
    held = tuple(one for one in (through | direct).values() if one.role in book.roles)
    roles = [book.roles[one.role] for one in held]
    admin = next((one.by for one in held if book.roles[one.role].name == ADMIN), None)
    permissions = frozenset[str]().union(*(one.permissions for one in roles))
    models = frozenset(model for one in roles for model in one.models)
    return Rights(book.people[user_id], ways, held, permissions, models, admin)


def _ways(book: Book, user_id: str) -> dict[str, tuple[str, ...]]:
    """Return by group the shortest way to it: the names of the groups from the user's own upwards."""
    found: dict[str, tuple[str, ...]] = {group: (_name(book, group),) for group in book.groups_of.get(user_id, ())}
    waiting = list(found)
    for group in waiting:
        for parent in book.above.get(group, ()):
            if parent not in found:
                found[parent] = (*found[group], _name(book, parent))
                waiting.append(parent)
    return found


def _name(book: Book, group_id: str) -> str:
    return book.groups.get(group_id, f"group {group_id}")


def access(book: Book, rights: Rights, place: Place) -> Access:
    """Return what the person with *rights* may do with *place*, and why."""
    if rights.person.disabled:
        return Access(place.key, place.name, "", "disabled: cannot sign in")
    if rights.admin is not None:
        return Access(place.key, place.name, "edit", through("role Admin", rights.admin))
    may, by = _listed(book, rights, place)
    return _permitted(rights, Access(place.key, place.name, may, by))


def _listed(book: Book, rights: Rights, place: Place) -> tuple[str, str]:
    """Return what the list says: the most that a row gives which names the user or a group of theirs."""
    rows = [row for row in book.lists.get(place.list_of or "", ()) if _names(rights, row)]
    if not rows:
        return "", "no row of the access list names them"
    best = max(rows, key=lambda row: (LEVELS.index(row.may) if row.may in LEVELS else 0, row.user_id is not None))
    of = book.owners.get(place.list_of or "", "")
    where = f", on the list of {of}" if of and of != place.name else ""
    if best.user_id is not None:
        return best.may, f"named themselves{where}"
    return best.may, through("", rights.ways[best.group_id or ""]) + where


def _names(rights: Rights, row: Entry) -> bool:
    return row.user_id == rights.person.id or (row.group_id is not None and row.group_id in rights.ways)


def through(what: str, way: tuple[str, ...]) -> str:
    """Return *what* with the groups through which a person has it: `Viewer by group Sales in EMEA`; only *what* without groups."""
    groups = "group " + " in ".join(way) if way else ""
    return " by ".join(filter(None, (what, groups)))


def _permitted(rights: Rights, found: Access) -> Access:
    """Return what is left of it without the permissions that content takes."""
    if found.key.content_type not in CONTENT or not found.may:
        return found
    seeing, writing = CONTENT[found.key.content_type]
    if not seeing & rights.permissions:
        return msgspec.structs.replace(found, may="", by=f"{found.by}; no role has {' or '.join(sorted(seeing))}")
    if found.may == "edit" and not writing & rights.permissions:
        return msgspec.structs.replace(found, may="view", by=f"{found.by}; no role has {' or '.join(sorted(writing))}")
    return found


def all_access(book: Book, rights: Rights, places: Iterable[Place] | None = None) -> Iterator[Access]:
    """Yield what the person with *rights* may do with each of *places* (all of the book by default), also if that is nothing."""
    for place in book.places.values() if places is None else places:
        yield access(book, rights, place)
