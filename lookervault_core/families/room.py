"""What a family tells the engine of a restore about a type of its own, beyond the row in the catalog."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

import msgspec

from lookervault_core.diff.difference import Difference
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.boards.misplaced import MisplacedParts
from lookervault_core.families.roles.guard import Caller
from lookervault_core.families.users.outliving import Outliving
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context, Deferred, apply_plain
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live
from lookervault_core.restore.planning.sides import Sides

Apply = Callable[[Context, Wanted, Found | None], str]
Late = Callable[[Context, Deferred], None]


class Removal(msgspec.Struct, frozen=True):
    """What the removal of objects needs to know: in an undo, the objects that its restore `made`, and what outlives their
    removal."""

    live: Live
    misplaced_parts: MisplacedParts
    outliving: Outliving
    made: Container[ContentKey]


class Room(msgspec.Struct, frozen=True):
    """The functions of one type; a function that is not set does what suits a plain object.

    `ahead` reads at once what comparing items needs beside their live objects. If objects have many parts (`has_many_parts`), a
    step carries only parts that differ. `apply` restores an item and returns the id of its live object; `late` are the writes of
    the second pass, one after the other for all objects. `skips` returns why an item is skipped without looking at the live side,
    or "". `guards` takes out of a difference what would cost the API user its rights. `met` is told of each live object that
    matches an item, and whether it is written. `stays` returns why the API user needs an object that is to be removed, or "";
    `held` why it must stay because of what is in it now, or "": people have put something into it, or a part of it could not be
    moved back."""

    ahead: Callable[[Sides, Sequence[str]], None] = lambda *_: None
    has_many_parts: bool = False
    apply: Apply = apply_plain
    late: tuple[Late, ...] = ()
    skips: Callable[[Wanted, Destination], str] = lambda *_: ""
    guards: Callable[[Caller, Difference], None] = lambda *_: None
    met: Callable[[Destination, Wanted, Found, bool], None] = lambda *_: None
    stays: Callable[[Caller, Destination, str], str] = lambda *_: ""
    held: Callable[[Removal, str], str] = lambda *_: ""
