"""Restores with `--owner me`: no users or groups are made, and everything restored belongs to the API user."""

from __future__ import annotations

from msgspec import structs

from lookervault_core.restore.request import RestoreOptions, Selection

PEOPLE = frozenset({"users", "groups"})


def owned(selection: Selection, options: RestoreOptions) -> Selection:
    """Return *selection*; with the option `owner` without users, groups and what belongs to them."""
    if options.owner is None:
        return selection
    return structs.replace(selection, exclude=tuple(dict.fromkeys((*selection.exclude, *sorted(PEOPLE)))))
