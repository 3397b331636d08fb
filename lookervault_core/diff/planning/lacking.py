"""Which objects an item needs that the destination lacks, and what to do about each. Pure."""

from __future__ import annotations

from lookervault_core.catalog import WRITES
from lookervault_core.diff.difference import Difference, Lack
from lookervault_core.diff.known import Answers, Ask
from lookervault_core.diff.wording.describe import called
from lookervault_core.diff.wording.words import Names
from lookervault_core.model import ContentKey


def needs_of(difference: Difference) -> tuple[ContentKey, ...]:
    """Return the objects that an item names and the destination lacks."""
    lacks = (lack for part in difference.walk() for lack in (*part.lacks, *part.absent, *part.dangling))
    return tuple(dict.fromkeys(ContentKey(lack.content_type, lack.id) for lack in lacks))


def in_the_way(difference: Difference) -> list[Lack]:
    """Return the missing objects that keep an item from being restored.

    If the item differs from the backup in nothing else, also those that it could do without and that are gone since."""
    parts = list(difference.walk())
    lacks = [lack for part in parts for lack in (*part.lacks, *part.dangling)]
    return lacks if difference.empty else [lack for lack in lacks if not lack.optional]


def blocked_by(lacks: list[Lack], answers: Answers, names: Names) -> str:
    """Return in words which missing objects block an item, and what to do about each."""
    return "; ".join(
        f"needs {called(*lack, names)}, which is not there; {_way_out(lack, answers, names)}"
        for lack in dict.fromkeys((lack.content_type, lack.id) for lack in lacks)
    )


def _way_out(lack: tuple[str, str], answers: Answers, names: Names) -> str:
    stuck: ContentKey | None = answers.answer(Ask.STUCK, *lack)
    if stuck is not None:
        it = called(stuck.content_type, stuck.id, names)
        return f"it waits for {it}, which is blocked itself" if stuck != ContentKey(*lack) else "it is blocked itself"
    absent = WRITES[lack[0]].absent if lack[0] in WRITES else ""
    if absent:  # no restore makes it
        return absent
    if answers.answer(Ask.IN_BACKUP, *lack):
        return "the vault has it: restore it too, or use --with-dependencies"
    return "and the vault does not have it"
