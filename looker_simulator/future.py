"""What nobody has heard of yet: fields of a Looker that will be, drawn from a seed.

A hosted Looker is upgraded every month without asking. A client that lists the fields it knows loses all others, so a test
needs fields whose names no client can contain.
"""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import msgspec

from looker_simulator.schema import Property

# What can be restored, and the shapes by which it is shown and written.
KINDS: Mapping[str, tuple[str, ...]] = {
    "Dashboard": ("Dashboard",),
    "DashboardElement": ("DashboardElement",),
    "DashboardFilter": ("DashboardFilter", "CreateDashboardFilter"),
    "DashboardLayout": ("DashboardLayout",),
    "DashboardLayoutComponent": ("DashboardLayoutComponent",),
    "Look": ("Look", "LookWithQuery", "LookWithDashboards"),
    "Folder": ("Folder", "FolderBase", "CreateFolder", "UpdateFolder"),
    "Board": ("Board",),
    "BoardSection": ("BoardSection",),
    "BoardItem": ("BoardItem",),
    "ScheduledPlan": ("ScheduledPlan",),
    "ScheduledPlanDestination": ("ScheduledPlanDestination",),
    "Alert": ("Alert",),
    "AlertDestination": ("AlertDestination",),
    "User": ("User",),
    "Group": ("Group", "GroupSearch", "GroupHierarchy"),
    "Role": ("Role", "RoleSearch"),
    "PermissionSet": ("PermissionSet",),
    "ModelSet": ("ModelSet",),
    "UserAttribute": ("UserAttribute",),
    "ContentMeta": ("ContentMeta",),
    "LookmlModel": ("LookmlModel",),
    "Query": ("Query",),
    "MergeQuery": ("MergeQuery",),
    "MergeQuerySourceQuery": ("MergeQuerySourceQuery",),
    "DBConnection": ("DBConnection",),
    "Theme": ("Theme",),
    "ThemeSettings": ("ThemeSettings",),
    "ColorCollection": ("ColorCollection",),
    "DiscretePalette": ("DiscretePalette",),
    "DashboardAppearance": ("DashboardAppearance",),
    "DashboardDownloadSettings": ("DashboardDownloadSettings",),
    "Agent": ("Agent",),
    "GoldenQuery": ("GoldenQuery",),
}
# Every JSON type, in the notation of ``schema.py``; "e" is a word of a few, "r" the id of something.
_TYPES = ("s", "f", "b", "[s]", "{o}", "e", "i", "s?", "o?", "[o]", "b?", "r?", "f?", "e?", "[i]", "{s}?")
_SYLLABLES = [
    "bra",
    "dro",
    "fle",
    "gli",
    "kuv",
    "lom",
    "mip",
    "nax",
    "pol",
    "quz",
    "rem",
    "sto",
    "tuv",
    "vik",
    "wex",
    "yol",
    "zan",
]


def invented(count: int, seed: int) -> dict[str, tuple[Property, ...]]:
    """Return *count* properties by the shapes that have them. Equal seeds invent alike."""
    random = Random(f"fields of the future {seed}")
    kinds = random.sample(list(KINDS), len(KINDS))
    found: dict[str, tuple[Property, ...]] = {}
    names: set[str] = set()
    for number in range(count):
        kind = kinds[number % len(kinds)]
        made = _property(random, _TYPES[(number + number // len(kinds) + seed) % len(_TYPES)], names)
        for name in KINDS[kind]:
            found[name] = (*found.get(name, ()), made)
    return found


def _property(random: Random, kind: str, names: set[str]) -> Property:
    code, nullable = kind.removesuffix("?"), kind.endswith("?")
    name = next(one for one in _names(random, "_id" if code == "r" else "") if one not in names)
    names.add(name)
    choices = tuple(_word(random) for _ in range(4)) if code == "e" else ()
    return Property(
        name=name,
        type="s" if code in "er" else code,
        writable=True,
        write_only=False,
        required=False,
        nullable=nullable,
        choices=choices,
    )


def _names(random: Random, ending: str) -> Iterator[str]:
    while True:
        yield f"{_word(random)}_{_word(random)}{ending}"


def _word(random: Random) -> str:
    return "".join(random.choices(_SYLLABLES, k=random.randint(2, 3)))


def draw(random: Random, prop: Property, *, but: Any = msgspec.UNSET) -> Any:
    """Return a value of an invented property, another one than *but*."""
    for _ in range(100):
        value = None if prop.nullable and random.random() < 0.2 else _value(random, prop)
        if value != but:
            return value
    raise AssertionError(f"{prop.name} has one value only")


def _value(random: Random, prop: Property) -> Any:
    if prop.choices:
        return random.choice(prop.choices)
    return _of_type(random, prop.type)


def _of_type(random: Random, kind: str) -> Any:
    if kind.startswith("["):
        return [_of_type(random, kind[1:-1]) for _ in range(random.randint(0, 3))]
    if kind.startswith("{"):
        return {_word(random): _of_type(random, kind[1:-1]) for _ in range(random.randint(0, 3))}
    if kind == "o":
        return {_word(random): random.choice([None, True, 7, "x", [1, {"y": None}]]), "size": random.randint(1, 9)}
    plain = {"s": _word, "i": lambda r: r.randint(-5, 10**6), "b": lambda r: r.random() < 0.5}
    return plain[kind](random) if kind in plain else random.randint(1, 10**4) / 8


def empty_choice(prop: Property) -> Any:
    """Return what a property holds when nothing was said about it and it cannot be null."""
    kinds: dict[str, Any] = {"[": [], "{": {}, "o": {}}
    return prop.choices[0] if prop.choices else kinds.get(prop.type[:1])
