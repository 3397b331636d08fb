"""What names objects that were made after it, and so is written a second time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator
from contextlib import AbstractContextManager

from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.diff.plan import Found, Plan, Step, Wanted
from lookervault_core.diff.references import Resolve
from lookervault_core.families.rooms import room_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.identity.resolver import Destination


class Early:
    """Knows by `keys` which steps were written too early, as they name an object still to be made. For any number of threads."""

    def __init__(self) -> None:
        self.keys: set[ContentKey] = set()
        self._here = threading.local()

    def begin(self) -> None:
        """A step begins on this thread."""
        self._here.early = False

    def end(self, key: ContentKey) -> None:
        """The step is written."""
        if self._here.early:
            self.keys.add(key)

    def resolving(self, destination: Destination) -> Resolve:
        """Return what gives an id as far as it is known while writing, and notes where one is not known yet."""

        def renamed(content_type: str, item_id: str) -> str | None:
            # Asked in this order: another thread may make it in between.
            pending = content_type in CATALOG and ContentKey(content_type, item_id) in destination.pending
            if not pending:
                return destination.renamed(content_type, item_id)
            known = destination.met(ContentKey(content_type, item_id))  # the id map may name one that is gone
            if known is None:
                self._here.early = True
            return known

        return renamed


Burying = Callable[..., AbstractContextManager[None]]


def write_again(
    ctx: Context, plan: Plan, early: Container[ContentKey], failed: Container[ContentKey], burying: Burying
) -> None:
    """Write again what names objects that were made after it; what fails is left to *burying*."""
    for step, wanted in _naming_moved(ctx, plan, early, failed):
        with burying(step.key, step.name, wanted.payload):
            found = _read_again(ctx, step)
            if found is not None and not ctx.compare(wanted, found).empty:
                room_of(step.content_type).apply(ctx, wanted, found)


def _naming_moved(
    ctx: Context, plan: Plan, early: Container[ContentKey], failed: Container[ContentKey]
) -> Iterator[tuple[Step, Wanted]]:
    """Yield what was written too *early*, in restore order, and what lies in the trash and names what has another id since."""
    written = [step for name in plan.types() for step in plan.of(name) if step.key in early]
    trashed = (step for step in plan.steps if step.action == "skip" and WRITES[step.content_type].names_in_trash)
    left = [step for step in trashed if ctx.backup.has(step.content_type, step.id)]  # not one that stays beside those
    for step in (*written, *left):
        if step.key not in failed and step.key not in ctx.destination.alike:
            wanted = ctx.backup.wanted(step.key)
            if ctx.destination.names_moved(wanted):
                yield step, wanted


def _read_again(ctx: Context, step: Step) -> Found | None:
    """Return the live object that a step has written, as it is now."""
    live_id = ctx.destination.renamed(step.content_type, step.id)
    payload = ctx.live.read(step.content_type, live_id, again=True) if live_id else None
    return Found(live_id, payload) if live_id and payload is not None else None
