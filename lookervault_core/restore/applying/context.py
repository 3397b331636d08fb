"""The context in which steps are applied, and the functions that write a plain object."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CERTIFY, WRITES, id_of, lies_in_trash
from lookervault_core.diff.api.fitting import allows_null
from lookervault_core.diff.api.learned import Standing
from lookervault_core.diff.comparing.unkept import refused_value
from lookervault_core.diff.difference import NEW, Difference, Rules, mapped
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.known import Answers
from lookervault_core.diff.planning.recreated_differently import recreated_differently
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.diff.planning.step import Guard, PlanOptions, all_of_it, difference_of
from lookervault_core.errors import Invalid, Refused
from lookervault_core.families.roles.guard import Caller
from lookervault_core.model import ContentKey, RefusedValue
from lookervault_core.restore.applying.failures import DependencyMissing, Part, offer
from lookervault_core.restore.applying.journaled_writer import Search, Writer
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live


class Deferred(msgspec.Struct, frozen=True):
    """A field that waits for the second pass: of the object *destination_id*, the backup's own value of `field`."""

    key: ContentKey
    destination_id: str
    field: str
    value: Any


class Context:
    """What all steps of one restore share, on any number of threads. `ready` has the planned differences that are not written yet,
    `before` is the live state that was kept for an undo, `copied` the same as in `Rules`."""

    def __init__(
        self,
        backup: Backup,
        live: Live,
        destination: Destination,
        writer: Writer,
        rules: Rules,
        options: PlanOptions,
        guard: Guard,
        caller: Caller,
        *,
        ready: dict[ContentKey, Difference],
        before: Mapping[ContentKey, Found | None],
        copied: set[str],
        sleep: Callable[[float], None],
    ) -> None:
        self.backup = backup
        self.live = live
        self.destination = destination
        self.writer = writer
        self.rules = rules
        self.options, self.guard = options, guard
        self.caller = caller
        self.ready = ready
        self.before = before
        self.copied = copied
        self.sleep = sleep
        self.is_last_try = False
        self.losing: set[str] = set()
        self.deferred: list[Deferred] = []
        self.accepted: dict[ContentKey, dict[str, str]] = {}
        self.refused: dict[RefusedValue, str] = {}
        self.queries: dict[bytes, str] = {}
        self.lock = threading.Lock()
        self.locks: dict[bytes, threading.Lock] = {}
        self._resolve: Resolve = destination.resolve
        self.leading, self.answers = destination.leading, destination.answers

    def resolve(self, content_type: str, item_id: str) -> str | None:
        """Return the destination's id of an object while the restore writes; None for one that is not created yet."""
        found = self._resolve(content_type, item_id)
        return None if found == NEW else found

    def following(self, resolve: Resolve, answers: Answers, rules: Rules, merges: Callable[[str], Any]) -> Context:
        """Return a context for writing live objects unchanged except for the ids to which *resolve* gives another."""
        other = copy.copy(self)
        other._resolve, other.answers, other.rules, other.ready = resolve, answers, rules, {}
        other.options, other.guard = PlanOptions(merges=merges, live_merges=merges), all_of_it
        return other

    def compare(self, wanted: Wanted, found: Found | None) -> Difference:
        """Return the planned difference of an item. If it had to wait for the id of a new object, the item is compared once more.

        Raises DependencyMissing if the destination lacks an object that the item needs."""
        difference = self.ready.pop(wanted.key, None)
        if difference is None:
            difference = difference_of(wanted, found, self.answers, self.rules, self.options, self.guard)
            self.destination.remember_parts(difference)
        lacks = [lack for part in difference.walk() for lack in part.lacks]
        if lacks:
            names = ", ".join(sorted({f"{lack.content_type} {lack.id}" for lack in lacks}))
            raise DependencyMissing(f"{wanted.key}: needs {names}, which is not there; restore it first")
        return difference

    def values(self, content_type: str, doc: Doc) -> dict[str, Any]:
        """Return the fields of a document of the backup with the destination's ids in them."""
        return mapped(content_type, doc.fields, self.resolve, self.rules, self.leading)

    def defer(self, key: ContentKey, destination_id: str, field: str, value: Any) -> None:
        with self.lock:
            self.deferred.append(Deferred(key, destination_id, field, value))

    def one_at_a_time(self, mark: bytes) -> threading.Lock:
        """Return the lock for an object that several items share, by its *mark*: only one of them must create it."""
        with self.lock:
            return self.locks.setdefault(mark, threading.Lock())

    def accept(self, key: ContentKey, field: str, reason: str) -> None:
        """Note that *field* of an item cannot be as in the backup, and why."""
        with self.lock:
            self.accepted.setdefault(key, {})[field] = reason

    def keep_in_mind(
        self, content_type: str, live_id: str, body: Mapping[str, Any], reasons: Mapping[str, str]
    ) -> None:
        """Note which values of a live object Looker has refused, and why."""
        values = {refused_value(content_type, live_id, field, body[field]): why for field, why in reasons.items()}
        with self.lock:
            self.refused |= values

    def accept_renewals(self, wanted: Wanted, difference: Difference) -> None:
        """Note what is recreated differently with the objects that *difference* creates, such as a login or a key."""
        for field, reason in recreated_differently(wanted.decoded, difference):
            self.accept(wanted.key, field, reason)

    def search(self, wanted: Wanted) -> Callable[[], dict[str, Any] | None]:
        """Return a function that searches for the object that a create without an answer may have made; it reads the live side
        again."""

        def look() -> dict[str, Any] | None:
            self.live.forget(wanted.key.content_type)
            self.destination.namesakes.forget_index(wanted.key.content_type)
            earlier = self.destination.namesakes.orphans.get(wanted.key, set())
            self.destination.namesakes.orphans[wanted.key] = earlier | self.destination.there_before
            self.destination.namesakes.sent_at.pop(wanted.key, None)
            found = self.destination.find(wanted)
            return decode(found.payload) if found and found.payload else None

        return look


def apply_plain(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one object by its own two calls and return its id; `late` fields wait for the second pass."""
    difference = ctx.compare(wanted, found)
    return write_object(ctx, wanted, difference, found)


def write_object(
    ctx: Context, wanted: Wanted, difference: Difference, found: Found | None, *, more: dict[str, Any] | None = None
) -> str:
    """Create or update the object with the fields of *difference* that its own call takes, and those in *more*; return its id."""
    facts = WRITES[wanted.key.content_type]
    ctx.accept_renewals(wanted, difference)
    body = sendable(difference) | (more or {})
    if found is None:
        if facts.create is None:
            raise DependencyMissing(f"{wanted.key}: Looker makes it by itself, and there is none")
        made = make(ctx, Part(wanted.key), difference, body, ctx.search(wanted))
        destination_id = id_of(wanted.key.content_type, made)
        difference.live = Doc(destination_id, difference.source.name, {})
    else:
        destination_id = found.id
        if found.trashed and not lies_in_trash(wanted.decoded):  # else it stays there
            body = dict(facts.undelete or {}) | body
        alter(ctx, Part(wanted.key), difference, destination_id, body)
    defer_late(ctx, wanted.key, difference, destination_id)
    return destination_id


def make(
    ctx: Context,
    part: Part,
    one: Difference,
    body: dict[str, Any],
    search: Search,
    *,
    params: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Create one object, nested ones too, and send the fields that only an update takes; return Looker's answer.

    Fields that Looker refuses by name are left out and noted as lost."""
    call, key = WRITES[one.content_type].create, ContentKey(one.content_type, one.source.id)
    if call is None:
        raise AssertionError(f"{one.content_type} can be created")
    late = ctx.rules.learned.not_made_with(one.content_type)
    later = {field: value for field, value in without_nulls(body).items() if field in late}
    first = {field: value for field, value in without_nulls(body).items() if field not in late}
    made, refused = offer(
        ctx.accept, part, one, first, lambda rest: ctx.writer.create(call, key, rest, search=search, params=params)
    )
    if made is None:
        raise AssertionError("what an object needs is never left out")
    ctx.keep_in_mind(one.content_type, id_of(one.content_type, made), first, refused)
    for field, reason in clear_defaults(ctx.writer, ctx.rules, one, made).items():
        ctx.accept(part.item, f"{part.path}{field}", reason)
    alter(ctx, part, one, id_of(one.content_type, made), later)
    return made


def alter(
    ctx: Context, part: Part, one: Difference, live_id: str, body: dict[str, Any], *, unfinished: bool = False
) -> None:
    """Update one live object, nested ones too. Fields that Looker refuses by name are left out and noted as lost."""
    call, key = WRITES[one.content_type].update, ContentKey(one.content_type, one.source.id)
    if body and call is not None:
        _, refused = offer(
            ctx.accept, part, one, body, lambda rest: ctx.writer.change(call, key, live_id, rest, unfinished=unfinished)
        )
        ctx.keep_in_mind(one.content_type, live_id, body, refused)


def sendable(difference: Difference) -> dict[str, Any]:
    """Return the changed fields that the object's own call takes now."""
    facts = WRITES[difference.content_type]
    special = set(facts.late) | set(facts.forced)
    return {field: value for field, value in difference.changed.items() if field not in special}


StandingIds = Mapping[str, set[str]]


def standing_ids(ctx: Context, difference: Difference) -> StandingIds:
    """Return the ids, by type, of all objects nested in the live object before it is written: no lost create made these.

    If an earlier attempt may have created some without noting them, only those that match a nested object of the backup.
    """
    found: dict[str, set[str]] = {}
    if ctx.writer.is_unsure:
        for part in difference.walk():
            if part is not difference and part.live is not None:
                found.setdefault(part.content_type, set()).add(part.live.id)
        return found
    docs = [difference.live] if difference.live else []
    while docs:
        for kind, below in docs.pop().children.items():
            found.setdefault(kind, set()).update(doc.id for doc in below.values())
            docs += below.values()
    return found


def certify(ctx: Context, key: ContentKey, difference: Difference, destination_id: str) -> None:
    """Give a look or dashboard the certification that it has in the backup, or take its certification away if it has none
    there."""
    if "certification" in difference.changed:
        seal = difference.changed["certification"] or {"certification_status": "revoked"}
        ctx.writer.change(CERTIFY[key.content_type], key, destination_id, seal)


def defer_late(ctx: Context, key: ContentKey, difference: Difference, destination_id: str) -> None:
    """Leave the fields that must wait, and those that name an object not created yet, to the second pass."""
    facts = WRITES[difference.content_type]
    new = difference.live is None or not difference.live.fields
    for field in facts.late:
        if field in ctx.accepted.get(key, {}):
            continue
        if new and difference.source.fields.get(field) == facts.born.get(field, ()):
            continue
        if field in difference.changed or any(lack.field == field for lack in difference.absent):
            ctx.defer(key, destination_id, field, difference.source.fields[field])


def without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    """Return *body* without nulls: a field that a create does not send is null."""
    return {key: value for key, value in body.items() if value is not None}


ITS_OWN = "Looker fills it in when it makes such an object, and does not take nothing for it"


def clear_defaults(writer: Writer, rules: Rules, one: Difference, made: Mapping[str, Any]) -> dict[str, str]:
    """Set fields to null that are null in the backup and that Looker filled in; return the reason by field if it refuses that.

    Makes a call only if Looker filled any in."""
    facts = WRITES[one.content_type]
    body = filled_in(rules, one, made)
    if not body or facts.update is None or facts.update.verb != "PATCH":
        return {}
    try:
        writer.change(facts.update, ContentKey(one.content_type, one.source.id), id_of(one.content_type, made), body)
    except (Invalid, Refused):
        return dict.fromkeys(body, ITS_OWN)
    return {}


def filled_in(rules: Rules, one: Difference, made: Mapping[str, Any]) -> dict[str, None]:
    """Return the fields that are null in the backup and not null in the created object *made*, as a body that sets them to
    null."""
    facts, learned = WRITES[one.content_type], rules.learned
    names = (
        field for field in one.source.fields if field not in (*facts.late, *facts.forced, *facts.unsent, *one.lost)
    )
    taken = (field for field in names if learned.standing(one.content_type, field) is Standing.WRITABLE)
    differing = (field for field in taken if _differs(one, field, made))
    return {field: None for field in differing if allows_null(learned.of(one.content_type, field))}


def _differs(one: Difference, field: str, made: Mapping[str, Any]) -> bool:
    return one.source.fields[field] is None and made.get(field) is not None
