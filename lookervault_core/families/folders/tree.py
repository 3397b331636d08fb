"""Folders as a tree: the path to each, by names. Pure."""

from __future__ import annotations

from collections.abc import Mapping

FOLDER = "folders"

Path = tuple[tuple[str, str], ...]


def paths(folders: Mapping[str, tuple[str, str | None]]) -> dict[str, Path]:
    """Return of each folder the way down to it, as (id, name); *folders* has by id its name and its parent's id."""
    known: dict[str, Path] = {}
    for folder_id in folders:
        _way(folder_id, folders, known)
    return known


def _way(folder_id: str, folders: Mapping[str, tuple[str, str | None]], known: dict[str, Path]) -> None:
    above: list[str] = []
    at: str | None = folder_id
    while at is not None and at in folders and at not in known and at not in above:  # two could be in each other
        above.append(at)
        at = folders[at][1]
    way = known.get(at or "", ())
    for each in reversed(above):
        way = (*way, (each, folders[each][0]))
        known[each] = way
