"""What people got and lost between two snapshots: sign-in, roles, groups, and with these what they may see and edit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from lookervault_core.families.rights.book import Book, Person, Role
from lookervault_core.families.rights.rules import Access, Rights, all_access, rights_of, through
from lookervault_core.model import ContentKey

# What somebody has of what is no place: a user signs in, a role is held, and of a group somebody is a member.
USER, ROLE, GROUP = "users", "roles", "groups"
SIGNS_IN, HOLDS, MEMBER = "signs in", "has it", "member"


class Difference(msgspec.Struct, frozen=True):
    """One right of one person that differs between two times: `before` and `after` say what the person has or may do, ""
    nothing."""

    user_id: str
    user: str
    email: str
    key: ContentKey
    name: str
    before: str
    after: str
    by: str


def differences(before: Book, after: Book, user_ids: Iterable[str] | None = None) -> Iterator[Difference]:
    """Yield what each person got and lost between two books; of the users *user_ids*, or of all without it.

    A role that somebody has at both times counts if its permissions or models differ.
    """
    everybody = list(dict.fromkeys((*before.people, *after.people)))
    for user_id in everybody if user_ids is None else user_ids:
        old, new = _known(before, user_id), _known(after, user_id)
        person = (after if user_id in after.people else before).people[user_id]
        for key in sorted({**old, **new}, key=_is_place):
            was, now = old.get(key), new.get(key)
            if (was.may if was else "") != (now.may if now else ""):
                yield _difference(person, key, was, now)
            elif key.content_type == ROLE and (other := _altered(before.roles[key.id], after.roles[key.id])):
                yield Difference(
                    person.id, person.name, person.email, key, after.roles[key.id].name, HOLDS, HOLDS, other
                )


def _is_place(key: ContentKey) -> bool:
    return key.content_type not in (USER, ROLE, GROUP)


def _known(book: Book, user_id: str) -> dict[ContentKey, Access]:
    if user_id not in book.people:
        return {}
    rights = rights_of(book, user_id)
    return {one.key: one for one in (*_held(book, rights), *all_access(book, rights))}


def _held(book: Book, rights: Rights) -> Iterator[Access]:
    """Yield whether somebody may sign in, their roles and their groups."""
    who = rights.person
    signs_in, kept_out = ("", "disabled: cannot sign in") if who.disabled else (SIGNS_IN, "")
    yield Access(ContentKey(USER, who.id), who.name, signs_in, kept_out)
    for role in rights.roles:
        by = through("", role.by) or "given to them"
        yield Access(ContentKey(ROLE, role.role), book.roles[role.role].name, HOLDS, by)
    for group, way in rights.ways.items():
        by = through("", way) if len(way) > 1 else "in it themselves"
        yield Access(ContentKey(GROUP, group), way[-1], MEMBER, by)


def _difference(person: Person, key: ContentKey, was: Access | None, now: Access | None) -> Difference:
    name = (now or was or Access(key, "", "")).name
    by = now.by if now is not None else _without(was)
    return Difference(
        person.id, person.name, person.email, key, name, was.may if was else "", now.may if now else "", by
    )


def _without(was: Access | None) -> str:
    """Return in words why something is had no longer."""
    if was is not None and was.key.content_type in (ROLE, GROUP):
        return f"was: {was.by}"
    return "it is gone"


def _altered(was: Role, now: Role) -> str:
    """Return in words what a role permits, and which models it opens, more and less than it did."""
    pairs = (("", was.permissions, now.permissions), ("model ", frozenset(was.models), frozenset(now.models)))
    signs = [
        f"{sign} {what}{one}"
        for what, old, new in pairs
        for sign, found in (("+", new - old), ("-", old - new))
        for one in sorted(found)
    ]
    return ", ".join(signs)
