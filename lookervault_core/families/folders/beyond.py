"""Folders that an exact restore, or an undo, is to remove: what lies in them, and how deep they are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from lookervault_core.catalog import CONTENT
from lookervault_core.families.folders.backed_up import below
from lookervault_core.families.folders.live_tree import LiveFolders
from lookervault_core.families.folders.others import Others
from lookervault_core.model import ContentKey


class FolderTree:
    """The live folders of one restore. Content of *others* in one keeps it."""

    def __init__(self, others: Others) -> None:
        self._others = others
        self._folders = LiveFolders(others.live, others.backup)

    def below(self, folder_ids: Iterable[str]) -> set[str]:
        """Return the live folders that stand for folders of the backup, with all below them."""
        ours = below(self._others.backup, folder_ids)
        renamed = self._others.destination.renamed
        roots = {live_id for folder_id in ours if (live_id := renamed("folders", folder_id)) is not None}
        return self._folders.below(roots, self._leaving)

    def level(self, folder_id: str) -> int:
        """Return how deep a live folder is."""
        return self._folders.depth(folder_id)

    def holds_anything(self, folder_id: str) -> bool:
        """Return whether a folder that is to stay, or content that is, lies in a folder or below it."""
        tree, others = self._folders.below({folder_id}, self._leaving), self._others
        if others.made is None and any(others.backup.has("folders", inner) for inner in tree):
            return True
        if others.made is not None and any(ContentKey("folders", inner) not in others.made for inner in tree):
            return True
        return not tree.isdisjoint(self._with_content)

    @cached_property
    def _leaving(self) -> set[str]:
        """The live folders that go back to where they were."""
        parents = self._folders.parents.items()
        home = self._others.goes_home
        return {inner for inner, parent in parents if home(ContentKey("folders", inner), "parent_id", parent)}

    @cached_property
    def _with_content(self) -> set[str]:
        """The folders with content of others in them."""
        return {str(payload.get("folder_id")) for payload in self._others.staying(CONTENT)}
