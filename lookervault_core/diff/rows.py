"""The rows of lists: their keys, and which live rows the backup lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lookervault_core.catalog import Collection
from lookervault_core.diff.difference import Difference, Rules

KEPT = "people have worked on it since"
ADDED = "people have added it since: it stays"
_TOLD = 5


def row_key(collection: Collection, row: Any) -> tuple[Any, ...]:
    """Return the key of a row: the values that tell it from the other rows of its list."""
    return tuple(str(row.get(key) or "") for key in collection.keys) if collection.keys else (str(row),)


def among(order: Sequence[str], staying: Sequence[str], live: Sequence[str], rules: Rules) -> list[str]:
    """Return *order* with the ids *staying* added: at the end, or in an undo each after the id that it follows in *live*."""
    if rules.made is None:
        return [*order, *staying]
    found = list(order)
    for place, one in enumerate(live):
        if one in staying:
            before = next((other for other in reversed(live[:place]) if other in found), None)
            found.insert(found.index(before) + 1 if before is not None else 0, one)
    return found


def name_beyond(one: Difference, collection: Collection, rows: Sequence[Any], rules: Rules) -> None:
    """Note live *rows* that the backup lacks as a loss: they stay, because the restore is not exact.

    Not in an undo, which names people's edits by itself, nor on another instance, where such rows are somebody else's.
    """
    if not rows or rules.exact or rules.made is not None or not rules.same_instance:
        return
    one.lost[collection.field] = more_stay([called_row(collection, row) for row in rows])


def more_stay(names: Sequence[str]) -> str:
    """Return the reason for a loss: rows or objects, by *names*, that the backup lacks and that stay."""
    stay, them = ("stays", "it") if len(names) == 1 else ("stay", "them")
    return f"{len(names)} more than in the backup {stay} ({_told(names)}); --exact takes {them} out"


def worked_on(names: Sequence[str]) -> str:
    """Return the reason for a loss: objects, by *names*, that the restore made and its undo leaves."""
    return f"{_told(names)}: the restore made it; it stays: {KEPT}"


def added(names: Sequence[str]) -> str:
    """Return the reason for a loss: objects, by *names*, that people have added since the restore."""
    return f"{_told(names)}: {ADDED}"


def _told(names: Sequence[str]) -> str:
    return ", ".join(names[:_TOLD]) + (", …" if len(names) > _TOLD else "")


def called_row(collection: Collection, row: Any) -> str:
    """Return how a row is called in a message, by the fields of its key: `user 7`."""
    words = (f"{key.removesuffix('_id').replace('_', ' ')} {row[key]}" for key in collection.keys if row.get(key))
    return " ".join(words) if collection.keys else str(row)
