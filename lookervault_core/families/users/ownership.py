"""Restoring for the API user alone: `--owner me` makes no people, and what comes back belongs to whoever restores it."""

from __future__ import annotations

from msgspec import structs

from lookervault_core.restore.request import RestoreOptions, Selection

PEOPLE = frozenset({"users", "groups"})


def owned(selection: Selection, options: RestoreOptions) -> Selection:
    """Return *selection* without users, groups and what belongs to them, where all is to belong to the API user."""
    if options.owner is None:
        return selection
    return structs.replace(selection, exclude=tuple(dict.fromkeys((*selection.exclude, *sorted(PEOPLE)))))
