"""The properties of every shape the simulator shows, with their types and rights.

Notation of the tables, one word per property: ``name`` then flags then ``:type``.
Flags: ``!`` writable, ``*`` write-only (never shown), ``+`` required, ``?`` may be null.
Types: ``s`` string, ``i`` integer, ``f`` number, ``b`` boolean, ``t`` timestamp, ``o`` anything, ``{x}`` map, ``[x]`` list,
a name = another shape. Source: OpenAPI 4.0.26.12, components.schemas.
"""

import re
from functools import cache
from typing import Any

import msgspec

from looker_simulator import (
    schema_agents,
    schema_config,
    schema_connected,
    schema_content,
    schema_people,
    schema_settings,
)

_WORD = re.compile(r"(?P<name>\w+)(?P<flags>[!*+?]*):(?P<type>\S+)")
_TABLE = (
    schema_content.TABLE
    | schema_people.TABLE
    | schema_config.TABLE
    | schema_settings.TABLE
    | schema_agents.TABLE
    | schema_connected.TABLE
)
_EMPTY = {"s": "", "i": 0, "f": 0, "b": False}


class Property(msgspec.Struct, frozen=True):
    """One property of a shape. ``writable`` includes write-only ones; ``choices`` are the only words that it takes."""

    name: str
    type: str
    writable: bool
    write_only: bool
    required: bool
    nullable: bool
    choices: tuple[str, ...] = ()


@cache
def shape(name: str) -> dict[str, Property]:
    """Return the properties of shape *name* in the order of the API description. Raises KeyError if there is none."""
    return {p.name: p for p in map(_property, _TABLE[name].split())}


def shape_names() -> list[str]:
    """Return the name of every shape."""
    return list(_TABLE)


def new(shape_name: str, **values: Any) -> dict[str, Any]:
    """Return a row of *shape_name*: every shown property, empty (null, "", 0, false) unless given in *values*."""
    return _blank(shape_name) | values


@cache
def _blank(shape_name: str) -> dict[str, Any]:
    return {p.name: empty(p) for p in shape(shape_name).values() if not p.write_only}


def read_only(prop: Property) -> Property:
    """Return a property that nobody can write."""
    return msgspec.structs.replace(prop, writable=False, write_only=False)


def empty(prop: Property) -> Any:
    """Return what a property holds when nothing was said about it."""
    return None if prop.nullable or prop.name == "id" else _EMPTY.get(prop.type)


def _property(word: str) -> Property:
    match = _WORD.fullmatch(word)
    if match is None:
        raise ValueError(f"malformed property {word!r}")
    flags = match["flags"]
    return Property(
        name=match["name"],
        type=match["type"],
        writable="!" in flags or "*" in flags,
        write_only="*" in flags,
        required="+" in flags,
        nullable="?" in flags,
    )
