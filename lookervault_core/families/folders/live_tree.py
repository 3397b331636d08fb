"""The folders that Looker has now, as a tree."""

from __future__ import annotations

from collections.abc import Container
from functools import cached_property

from lookervault_core.diff.document import decode
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.live import Live


class LiveFolders:
    """Live folders by the folder that each is in, read once."""

    def __init__(self, live: Live, backup: Backup) -> None:
        self._live, self._backup = live, backup

    @cached_property
    def parents(self) -> dict[str, str]:
        """Return the id of each live folder's parent by the folder's id."""
        bodies = ((row, body_of(self._live, self._backup, "folders", row)) for row in self._live.rows("folders"))
        return {one: str(decode(body).get("parent_id") or "") for one, body in bodies if body is not None}

    def below(self, folder_ids: set[str], without: Container[str] = ()) -> set[str]:
        found = set(folder_ids)
        while more := {one for one, up in self.parents.items() if up in found and one not in without} - found:
            found |= more
        return found

    def depth(self, folder_id: str) -> int:
        depth, at = 0, self.parents.get(folder_id)
        while at and depth < len(self.parents):
            depth, at = depth + 1, self.parents.get(at)
        return depth
