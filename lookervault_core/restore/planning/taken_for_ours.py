"""Content that was on another instance before, and that stands for an item of the backup by what it is called.

Nobody can tell whether it is the same or a namesake's: the plan names it. Its address stays, for links lead there.
"""

from __future__ import annotations

from collections.abc import Iterator

from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.plan import Found
from lookervault_core.families.roles.guard import leave
from lookervault_core.model import ContentKey
from lookervault_core.restore.planning.sides import Sides

NAMED = 10
KEEPS_ADDRESS = "it was there before under an address of its own, which stays: links lead to it"


class TakenForOurs:
    """Knows what a plan met on another instance that no restore of this vault has made there."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._names: dict[ContentKey, tuple[str, Found]] = {}
        self._theirs: set[ContentKey] = set()

    def note(self, key: ContentKey, name: str, found: Found | None) -> None:
        """Note the live object that an item stands for, as long as nothing is written."""
        if found is None or self._sides.same_instance or WRITES[key.content_type].undelete is None:
            return
        live = ContentKey(key.content_type, found.id)
        if live not in self._sides.made_here:
            self._theirs.add(live)
            self._names[key] = (name, found)

    def keep_address(self, difference: Difference) -> None:
        """Take the address of what was there before out of a difference, and name it as lost."""
        live = difference.live
        if live is None or ContentKey(difference.content_type, live.id) not in self._theirs:
            return
        for natural in WRITES[difference.content_type].natural:
            if natural.in_trash and live.fields.get(natural.fields[-1]):
                leave(difference, natural.fields[-1], KEEPS_ADDRESS)

    def told(self) -> Iterator[str]:
        """Yield a warning for each type and each way in which objects were found by what they are called."""
        found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for key, (name, one) in self._names.items():
            if one.called and not _is_address(key.content_type, one.called):
                found.setdefault((key.content_type, one.called), []).append(f"{name} ({one.id})")
        for (content_type, fields), names in found.items():
            facts, by = CATALOG[content_type], " and ".join(field.removesuffix("_id") for field in fields)
            more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
            were = f"1 {facts.singular} was" if len(names) == 1 else f"{len(names)} {facts.name} were"
            yield (
                f"{were} there before and, by {by}, taken for the backup's: {', '.join(names[:NAMED])}{more}; what differs is "
                "overwritten: rename what is another one first"
            )


def _is_address(content_type: str, fields: tuple[str, ...]) -> bool:
    return any(natural.in_trash and natural.fields == fields for natural in WRITES[content_type].natural)
