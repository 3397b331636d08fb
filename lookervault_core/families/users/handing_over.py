"""What a person hands over to another: objects that name the person as owner, and content of the personal folder. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, CONTENT, WRITES
from lookervault_core.catalog.looking_up import HOLDER, PERSON

_TITLES = {**dict.fromkeys(CONTENT, "title"), HOLDER: "name"}
_PLACES = {**dict.fromkeys(CONTENT, "folder_id"), HOLDER: "parent_id"}


class Handover(msgspec.Struct, frozen=True):
    """Who hands over to whom: the ids and personal folders of both users, and the name of the one who leaves."""

    user_id: str
    to_id: str
    home: str | None
    to_home: str | None
    name: str


@cache
def owners() -> Mapping[str, str]:
    """Return the field that names an object's owner, by type."""
    fields = {
        name: [ref.field for ref in facts.references if ref.to == PERSON and ref.field.isidentifier()]
        for name, facts in WRITES.items()
        if name in CATALOG and not CATALOG[name].is_part
    }
    return {name: found[0] for name, found in fields.items() if found}


def concerned() -> tuple[str, ...]:
    """Return the types whose objects can be handed over."""
    return tuple(dict.fromkeys((*owners(), *_PLACES)))


def goes_over(handover: Handover, content_type: str, payload: Mapping[str, Any]) -> bool:
    """Return whether an object is handed over: its owner or its folder changes."""
    owner, place = owners().get(content_type), _PLACES.get(content_type)
    return _is(payload, owner, handover.user_id) or _is(payload, place, handover.home)


def _is(payload: Mapping[str, Any], field: str | None, value: str | None) -> bool:
    return field is not None and value is not None and str(payload.get(field)) == value


def place_of(content_type: str, payload: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the folder and the title of an object, which is unique there; None for a type that lies in no folder."""
    if content_type not in _PLACES:
        return None
    return str(payload.get(_PLACES[content_type])), str(payload.get(_TITLES[content_type]))


def handed_over(
    handover: Handover, content_type: str, payload: dict[str, Any], taken: set[tuple[str, str, str]]
) -> Any:
    """Return the payload of an object after the handover: with its new owner, or its new folder.

    Its title gets the former owner's name if it is *taken* in the new folder; the title is then added to *taken*."""
    found, owner = dict(payload), owners().get(content_type)
    if _is(payload, owner, handover.user_id):
        found[owner or ""] = handover.to_id
    if _is(payload, _PLACES.get(content_type), handover.home):
        place, title = _PLACES[content_type], _TITLES[content_type]
        found[place] = handover.to_home
        found[title] = _free(handover, content_type, str(payload.get(title)), taken)
    return found


def _free(handover: Handover, content_type: str, title: str, taken: set[tuple[str, str, str]]) -> str:
    """Return a title that nothing of the type has yet in the folder of who takes over."""
    for candidate in _candidates(title, handover.name):
        key = (content_type, handover.to_home or "", candidate)
        if key not in taken:
            taken.add(key)
            return candidate
    raise AssertionError("unreachable")


def _candidates(title: str, name: str) -> Iterator[str]:
    yield title
    yield f"{title} (of {name})"
    number = 2
    while True:
        yield f"{title} (of {name}, {number})"
        number += 1


def disabled(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload of a user with sign-in disabled."""
    return {**payload, "is_disabled": True}
