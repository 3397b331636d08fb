"""How the objects of each type are called, and where they are, as far as the catalog does not say."""

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
    """How objects of one type are called; without functions, by the name fields of the catalog row.

    `path` returns the name with that of everything around it, as a folder's path. `fields` are name fields to try before those of
    the row; `by_payload` returns a name if all of these are empty, `by_others` one from other objects. `where` says where an
    object is or what it is about; if `told_apart`, that is shown only for objects that share a title."""

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
