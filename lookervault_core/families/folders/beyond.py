"""Live folders that an exact restore, or an undo, may remove: whether anything in them stays, and how deep they are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from lookervault_core.catalog import CONTENT
from lookervault_core.families.folders.backed_up import below
from lookervault_core.families.folders.holding import held_by_reports
from lookervault_core.families.folders.live_tree import LiveFolders
from lookervault_core.families.folders.others import Others
from lookervault_core.model import ContentKey


class FolderTree:
    """The live folders of one restore. A folder with content that stays, as *others* knows, is not removed."""

    def __init__(self, others: Others) -> None:
        self._others = others
        self._folders = LiveFolders(others.live, others.backup)
        self._reports: dict[str, str] = {}

    def below(self, folder_ids: Iterable[str]) -> set[str]:
        """Return the ids of the live folders that match *folder_ids* of the backup or a folder below, and of all below those."""
        ours = below(self._others.backup, folder_ids)
        renamed = self._others.destination.renamed
        roots = {live_id for folder_id in ours if (live_id := renamed("folders", folder_id)) is not None}
        return self._folders.below(roots, self._leaving)

    def level(self, folder_id: str) -> int:
        """Return how many folders are above a live folder."""
        return self._folders.depth(folder_id)

    def holds_anything(self, folder_id: str) -> bool:
        """Return whether a folder or content that is to stay lies in the live folder *folder_id* or below it."""
        tree, others = self._folders.below({folder_id}, self._leaving), self._others
        if others.made is None and any(others.backup.has("folders", inner) for inner in tree):
            return True
        if others.made is not None and any(ContentKey("folders", inner) not in others.made for inner in tree):
            return True
        return not tree.isdisjoint(self._with_content)

    def held_by_reports(self, folder_id: str) -> str:
        """Return why the live folder *folder_id* stays for the Studio reports in it or below it, or ""."""
        for inner in sorted(self._folders.below({folder_id}, self._leaving)):
            if inner not in self._reports:
                self._reports[inner] = held_by_reports(self._others.live, inner)
            if self._reports[inner]:
                return self._reports[inner]
        return ""

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
