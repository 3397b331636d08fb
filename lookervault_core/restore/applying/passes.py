"""What is written before and after the items: first, names are freed; after the items, those that name an object created later are
written once more; last, objects are removed, unless people have put something into them since."""

from __future__ import annotations

import threading
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from typing import Any

from lookervault_core.catalog import CATALOG, WRITES, WriteCall
from lookervault_core.diff.document import decode, encode
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.errors import LookerError, Missing, ends_all
from lookervault_core.families.room import Removal
from lookervault_core.families.rooms import room_of
from lookervault_core.families.users.owning import ownerless
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.journaled_writer import Writer
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.restore.planning.deletions import goes_to_trash
from lookervault_core.restore.planning.unique_names import call_for, is_let_go_of


class Early:
    """Knows by `keys` which steps were written too early, as they name an object still to be made. For any number of threads."""

    def __init__(self) -> None:
        self.keys: set[ContentKey] = set()
        self._here = threading.local()

    def begin(self) -> None:
        """Note that a step begins on this thread."""
        self._here.early = False

    def end(self, key: ContentKey) -> None:
        """Note that the step of this thread is written; if it named an object without an id, its key enters `keys`."""
        if self._here.early:
            self.keys.add(key)

    def resolving(self, destination: Destination) -> Resolve:
        """Return a resolver for the time of writing. It marks a step as early if an id that the step names is not known yet."""

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
    """Write the items *early* once more: they name objects that were created after them. A failure is left to *burying*."""
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


def may_go(removal: Removal, key: ContentKey) -> tuple[str, frozenset[ContentKey]]:
    """Return why an object to be removed must stay, or "", and the content to take out of the trash again after its removal."""
    return room_of(key.content_type).held(removal, key.id), ownerless(removal.live, removal.outliving, key)


def fetch(writer: Writer, live: Live, key: ContentKey) -> None:
    """Take one dashboard or look out of the trash, if it lies there. One that is gone is no error."""
    facts = WRITES[key.content_type]
    if facts.update is not None and is_trashed(live.read(key.content_type, key.id, again=True) or b""):
        with suppress(Missing):
            writer.change(facts.update, key, key.id, facts.undelete)


def remove(writer: Writer, key: ContentKey, live_id: str, *, back: bool = False) -> None:
    """Remove one live object: into the trash if its type has one, or if an undo puts it *back* there. A missing one is no error."""
    facts, into_trash = WRITES[key.content_type], goes_to_trash(key.content_type) or back
    call = facts.update if into_trash else facts.delete
    if call is not None:
        with suppress(Missing):
            writer.change(call, key, live_id, _trashing(facts.undelete or {}) if into_trash else None)


def _trashing(undelete: Mapping[str, object]) -> dict[str, object]:
    """Return the PATCH that does the contrary of *undelete*."""
    return {field: datetime.now(UTC).isoformat() if old is None else not old for field, old in undelete.items()}


def rename_aside(ctx: Context, step: Step, found: Found | None) -> None:
    """Give a live object a temporary name, so that another item can get its own. Its step later writes the final name, or removes
    the object; a resumed restore does so too."""
    live_id = found.id if found is not None else step.id
    calls: dict[WriteCall, dict[str, str]] = {}
    for field, name in step.renamed_aside:
        call = call_for(step.content_type, field)
        if call is not None and is_let_go_of(step, field):
            calls.setdefault(call, {})[field] = name
    try:
        for call, names in calls.items():
            ctx.writer.change(call, step.key, live_id, names)
    except LookerError as exc:
        if ends_all(exc):
            raise
        return  # the journal has the refusal; who is to get the name meets what is in its way and says so
    if found is not None and step.writes:
        payload = decode(found.payload) if found.payload else ctx.backup.wanted(step.key).decoded
        found.body = encode(_called(payload, dict(step.renamed_aside)))
        ctx.ready.pop(step.key, None)


def _called(payload: Mapping[str, Any], names: dict[str, str]) -> dict[str, Any]:
    if "email" not in names:
        return {**payload, **names}
    return {**payload, **names, "credentials_email": {**payload["credentials_email"], "email": names["email"]}}
