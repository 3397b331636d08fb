"""What folders are called, by all the folders above them, and where content is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lookervault_core.diff.wording.words import Names
from lookervault_core.families.both_sides import BothSides

_DEEPEST = 50  # folders that contain each other would never end


def path_of_folder(sides: BothSides, folder_id: str, is_live: bool) -> str:
    """Return the path of a folder, such as `Shared/Finance`, as far as the names are known."""
    return "/".join(reversed(list(_path(sides, folder_id, is_live=is_live))))


def in_its_parent(names: Names, folder: Mapping[str, Any]) -> str:
    """Return the place of a folder in words: `in Shared/Finance`."""
    return _in(names, folder.get("parent_id"))


def in_its_folder(names: Names, content: Mapping[str, Any]) -> str:
    """Return the place of a dashboard or look in words: `in Shared/Finance`."""
    return _in(names, content.get("folder_id"))


def _in(names: Names, folder_id: Any) -> str:
    path = names("folders", str(folder_id), False) if folder_id else ""
    return f"in {path}" if path else ""


def _path(sides: BothSides, folder_id: str, *, is_live: bool) -> Iterator[str]:
    for _ in range(_DEEPEST):
        name, parent = _folder(sides, folder_id, is_live=is_live)
        if not name:
            return
        yield name
        if not parent:
            return
        folder_id = parent


def _folder(sides: BothSides, folder_id: str, *, is_live: bool) -> tuple[str, str]:
    row = sides.row("folders", folder_id) if sides.same_instance or not is_live else None
    if row is not None:
        return row.name, row.folder_id or ""
    folder = (sides.shown("folders", folder_id) if is_live else None) or {}
    return str(folder.get("name") or ""), str(folder.get("parent_id") or "")
