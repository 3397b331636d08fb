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
    """What is known while objects are removed: what a restore made that is taken back (`made`), and what stays when it goes."""

    live: Live
    misplaced_parts: MisplacedParts
    outliving: Outliving
    made: Container[ContentKey]


class Room(msgspec.Struct, frozen=True):
    """Functions of one type; where it has none, what holds for any plain object.

    `ahead` reads at once what comparing items needs beside their live objects. Where an object `has_many_parts`, a step carries
    only those that differ. `apply` brings an item back and returns the id of the live object; `late` are the writes of the second
    pass, one after the other for all objects. `skips` returns why an item needs no look at the live side, or "". `guards` takes
    out of a difference what would cost the API user its rights. `met` takes note of a live object that matches an item, and of
    whether it is written. `stays` returns why the API user needs an object that is to go, or ""; `held` why people hold one by
    now, or "": they may have put something into it, or given it something, since the plan, or something on it could not go back.
    """

    ahead: Callable[[Sides, Sequence[str]], None] = lambda *_: None
    has_many_parts: bool = False
    apply: Apply = apply_plain
    late: tuple[Late, ...] = ()
    skips: Callable[[Wanted, Destination], str] = lambda *_: ""
    guards: Callable[[Caller, Difference], None] = lambda *_: None
    met: Callable[[Destination, Wanted, Found, bool], None] = lambda *_: None
    stays: Callable[[Caller, Destination, str], str] = lambda *_: ""
    held: Callable[[Removal, str], str] = lambda *_: ""
