"""Which calls together list all objects of a type: the listings of some types leave out objects that are switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from lookervault_core.catalog import Call, ContentType
from lookervault_core.errors import BadReply, Missing, PermissionRefused
from lookervault_core.looker.client import Looker


class Listing(NamedTuple):
    """One call of several that list a type; a paged one is asked on to an empty page."""

    call: Call
    paged: bool


class _Parameter(msgspec.Struct):
    name: str = ""


class _Operation(msgspec.Struct):
    parameters: list[_Parameter] = []


class _Path(msgspec.Struct):
    get: _Operation | None = None


class _Description(msgspec.Struct):
    paths: dict[str, _Path] = {}


_description = msgspec.json.Decoder(_Description)


def listings(looker: Looker, row: ContentType) -> Iterator[Listing]:
    """Yield the calls that together list *row*: the one that lists every state if this Looker has it, else several."""
    if row.every_state and takes(looker, row.every_state):
        yield Listing(row.every_state, paged=True)
        return
    yield Listing(row.list, paged=row.listing == "paged")
    for call in row.other_states:
        yield Listing(call, paged=False)


def hides_states(looker: Looker, row: ContentType) -> bool:
    """Return whether this Looker may list some states of *row* only."""
    return row.every_state is not None and not takes(looker, row.every_state)


def takes(looker: Looker, call: Call) -> bool:
    """Return whether this Looker's own description has every parameter of *call*; not if it does not describe itself."""
    try:
        described = _description.decode(looker.described())
    except (Missing, PermissionRefused, BadReply, msgspec.DecodeError):
        return False
    path = described.paths.get(call.path)
    known = {parameter.name for parameter in path.get.parameters} if path and path.get else set()
    return set(call.params) <= known
