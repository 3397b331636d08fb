"""The names and titles of a dashboard's filters: Looker gives each out once in a dashboard. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lookervault_core.diff.difference import Difference
from lookervault_core.diff.documents.doc import Doc

FILTERS = "dashboard_filters"
_NAMES = ("name", "title")


class Room(msgspec.Struct, frozen=True):
    """What is to happen before filters are written: `names` are those for the time being by live id, `extras` what goes first."""

    names: Mapping[str, Mapping[str, str]]
    extras: tuple[tuple[str, Doc], ...]


def leave_taken(tree: Difference) -> None:
    """Take the names out of a difference that a filter has which the backup lacks and which stays, and name them as lost. A filter
    that is made anew gets a title of its own instead."""
    for one in tree.of(FILTERS):
        for holder in _staying(tree):
            for field in _NAMES:
                if one.changed.get(field) is None or one.changed[field] != holder.fields.get(field):
                    continue
                if one.live is not None:
                    del one.changed[field]
                elif field == "title":
                    one.changed[field] = f"{one.changed[field]} ({one.source.id})"
                else:
                    continue
                one.lost[field] = f'filter {holder.id} "{holder.name}" has it: rename or remove it, then try again'


def _staying(tree: Difference) -> list[Doc]:
    there = tree.live.children.get(FILTERS, {}) if tree.live else {}
    ours = {one.live.id for one in tree.of(FILTERS) if one.live} | {
        doc.id for kind, doc in tree.extras if kind == FILTERS
    }
    return [doc for key, doc in there.items() if key not in ours]


def room_for(tree: Difference) -> Room:
    """Return who has to let go of a name that another filter is to get."""
    given = {(field, one.changed[field]) for one in tree.of(FILTERS) for field in _NAMES if field in one.changed}
    names: dict[str, dict[str, str]] = {}
    for one in tree.of(FILTERS):
        live = one.live.fields if one.live else {}
        held = [field for field in _NAMES if field in one.changed and (field, live.get(field)) in given]
        if one.live is not None and held:
            names[one.live.id] = {field: f"{live[field]}_restoring_{one.live.id}" for field in held}
    extras = (extra for extra in tree.extras if extra[0] == FILTERS)
    return Room(names, tuple(e for e in extras if any((field, e[1].fields.get(field)) in given for field in _NAMES)))
