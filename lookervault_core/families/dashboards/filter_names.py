"""The names and titles of a dashboard's filters: Looker gives each out once in a dashboard. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lookervault_core.diff.difference import Difference
from lookervault_core.diff.documents.doc import Doc

FILTERS = "dashboard_filters"
_NAMES = ("name", "title")


class Room(msgspec.Struct, frozen=True):
    """What happens before filters are written: `names` has temporary names by live id, `extras` the filters to remove first."""

    names: Mapping[str, Mapping[str, str]]
    extras: tuple[tuple[str, Doc], ...]


def leave_taken(tree: Difference) -> None:
    """Take out of a difference each filter name that a filter beyond the backup keeps, and name it as lost.

    A filter that must be created gets another title instead."""
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
    """Return the filters that must be renamed for the time being, or removed first, since another filter is to get their name."""
    given = {(field, one.changed[field]) for one in tree.of(FILTERS) for field in _NAMES if field in one.changed}
    names: dict[str, dict[str, str]] = {}
    for one in tree.of(FILTERS):
        live = one.live.fields if one.live else {}
        held = [field for field in _NAMES if field in one.changed and (field, live.get(field)) in given]
        if one.live is not None and held:
            names[one.live.id] = {field: f"{live[field]}_restoring_{one.live.id}" for field in held}
    extras = (extra for extra in tree.extras if extra[0] == FILTERS)
    return Room(names, tuple(e for e in extras if any((field, e[1].fields.get(field)) in given for field in _NAMES)))
