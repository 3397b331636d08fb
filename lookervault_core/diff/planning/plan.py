"""The plan of a restore as plain data: a step an item, and the order of the steps. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import Enum
from typing import Literal

import msgspec

from lookervault_core.catalog import restore_order
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.wording.describe import FieldChange
from lookervault_core.model import ContentKey

Action = Literal["create", "update", "undelete", "remove", "skip", "conflict", "blocked"]


class Settled(Enum):
    """Why an item is left as it is: it is as in the backup, or as near to it as anybody can bring it. The value is for people."""

    EQUAL = "unchanged"
    HOPELESS = "what differs cannot be written"


WRITING: frozenset[str] = frozenset({"create", "update", "undelete"})


class Step(msgspec.Struct, frozen=True):
    """What happens to one item. `destination_id` is the live object's id, if there is one; `level` its depth in its tree.

    `lost` says by field what cannot be as in the backup; `needs` are the objects it names and that are not there.
    A step to `remove` is about a live object that the backup lacks: its id is the live one. `renamed_aside` has temporary names by
    field: the live object gives up its name first of all, because another item is to get it.
    `where` says in words where the object is or what it is about, if its name alone does not.
    `settled` says why a skipped item is as near to the backup as it can be; `reason` is for people.
    `follows`: the step is about a live object that names a recreated one: its id is the live one, and it is written last, with the
    new id and no other change.
    `difference` is what is written, as it was shown; None if the item names an object still to be created: it is compared once
    more
    when that exists, to get its id. Lists that belong to an object are compared right before they are written.
    """

    content_type: str
    id: str
    name: str
    action: Action
    destination_id: str | None = None
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""
    calls: int = 0
    level: int = 0
    lost: tuple[tuple[str, str], ...] = ()
    needs: tuple[ContentKey, ...] = ()
    renamed_aside: tuple[tuple[str, str], ...] = ()
    where: str = ""
    follows: bool = False
    settled: Settled | None = None
    difference: Difference | None = None

    @property
    def key(self) -> ContentKey:
        return ContentKey(self.content_type, self.id)

    @property
    def writes(self) -> bool:
        return self.action in WRITING

    @property
    def is_as_in_backup(self) -> bool:
        """Return whether the step skips an item that is as in the backup, or as near to it as anybody can bring it."""
        return self.action == "skip" and self.settled is not None

    @property
    def is_told(self) -> bool:
        """Return whether a printed plan names the step: it writes, is blocked, or has a reason other than that nothing differs."""
        return self.action != "skip" or bool(self.reason and self.settled is not Settled.EQUAL)


class Plan(msgspec.Struct, frozen=True):
    """All steps of a restore, in the order in which they are taken."""

    steps: tuple[Step, ...]

    @property
    def calls(self) -> int:
        return sum(step.calls for step in self.steps)

    @property
    def actions(self) -> Counter[str]:
        return Counter(step.action for step in self.steps)

    def of(self, content_type: str, *, writing: bool = True) -> tuple[Step, ...]:
        """Return the steps of one type that write an item; without *writing* all its steps, skipped ones and followers too."""
        ours = (step for step in self.steps if step.content_type == content_type)
        return tuple(step for step in ours if not writing or (step.writes and not step.follows))

    def types(self) -> tuple[str, ...]:
        """Return the types with items to write, in restore order."""
        return tuple(dict.fromkeys(step.content_type for step in self.steps if step.writes and not step.follows))

    @property
    def followers(self) -> tuple[Step, ...]:
        """Return the steps of live objects that are written only because they name an object that is recreated."""
        return tuple(step for step in self.steps if step.follows)

    @property
    def removals(self) -> tuple[Step, ...]:
        """Return the steps that remove objects, in order: an object that names another is removed before that one."""
        return tuple(step for step in reversed(self.steps) if step.action == "remove")

    @property
    def changes_anything(self) -> bool:
        return any(step.writes or step.action == "remove" for step in self.steps)


def make_plan(steps: Iterable[Step]) -> Plan:
    """Return the plan of *steps* in dependency order: types as their references demand, parents before children."""
    rank = {name: n for n, name in enumerate(restore_order())}
    return Plan(tuple(sorted(steps, key=lambda step: (rank[step.content_type], step.level))))
