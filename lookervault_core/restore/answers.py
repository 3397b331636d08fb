"""What comparing asks of other objects, answered from the backup and from Looker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookervault_core.diff.known import Ask
from lookervault_core.diff.references import Resolve
from lookervault_core.families.boards.misplaced import Strays
from lookervault_core.restore.identity.links_elsewhere import Leading
from lookervault_core.restore.identity.resolver import Destination


class FromBothSides:
    """Answers for one restore: *resolve* gives the destination's id of an object, *renamed* the one that is known for sure."""

    def __init__(
        self,
        destination: Destination,
        strays: Strays,
        leading: Leading,
        in_backup: Callable[[str, str], bool],
        resolve: Resolve,
        renamed: Resolve,
    ) -> None:
        gone, moved = destination.gone, destination.moved
        self._answers: Mapping[Ask, Callable[..., Any]] = {
            Ask.ID: resolve,
            Ask.RENAMED: renamed,
            Ask.LEADS_TO: lambda *key: leading.resolve(renamed, *key),
            Ask.UNMAPPED: leading.unmapped,
            Ask.IN_BACKUP: in_backup,
            Ask.STILL: lambda name: moved.is_still(name) and gone.none_of(name),
            Ask.GONE: gone.is_gone,
            Ask.TRASHED: gone.is_trashed,
            Ask.ELSEWHERE: strays.elsewhere,
            Ask.OF_ANOTHER: strays.is_of_another,
            Ask.HELD: strays.is_held,
        }

    def answer(self, ask: Ask, *about: str) -> Any:
        """Return the answer to a question about a type and an id."""
        return self._answers[ask](*about)
