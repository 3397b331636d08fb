"""What a family says of how its objects are called and where they are, by type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lookervault_core.diff.wording.words import Names
from lookervault_core.families.access_lists.naming import name_of_metadata
from lookervault_core.families.both_sides import BothSides
from lookervault_core.families.delivery.naming import name_of_alert, what_it_sends
from lookervault_core.families.folders.naming import in_its_folder, in_its_parent, path_of_folder
from lookervault_core.families.users.naming import NAMED_BY


class Naming(msgspec.Struct, frozen=True):
    """Functions of one type; where it has none, a name is one of the fields that its row says.

    `path` names an object by what it is in. `fields` come before those of the row; `by_payload` is for what has none of them, and
    `by_others` for what has no name of its own. `where` says where an object is or what it is about; of what is `told_apart` only
    where two share a title.
    """

    path: Callable[[BothSides, str, bool], str] | None = None
    fields: tuple[str, ...] = ()
    by_payload: Callable[[Mapping[str, Any]], str] | None = None
    by_others: Callable[[BothSides, Names, str], str] | None = None
    where: Callable[[Names, Mapping[str, Any]], str] = lambda *_: ""
    told_apart: bool = False


_NAMINGS: Mapping[str, Naming] = {
    "users": Naming(fields=NAMED_BY),
    "folders": Naming(path=path_of_folder, where=in_its_parent),
    "content_metadata": Naming(by_others=name_of_metadata),
    "looks": Naming(where=in_its_folder, told_apart=True),
    "dashboards": Naming(where=in_its_folder, told_apart=True),
    "alerts": Naming(by_payload=name_of_alert),
    "scheduled_plans": Naming(where=what_it_sends),
}
_PLAIN = Naming()


def naming_of(content_type: str) -> Naming:
    """Return how the objects of a type are called."""
    return _NAMINGS.get(content_type, _PLAIN)
