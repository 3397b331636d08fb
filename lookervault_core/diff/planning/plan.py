"""What a restore would do, and why, before it does anything. Pure: payloads and answers in, steps out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Literal

import msgspec

from lookervault_core.catalog import CATALOG, WRITES, Protected, lies_in_trash, restore_order
from lookervault_core.codec import Sealed, packed, same_but_for, unpacked
from lookervault_core.diff.comparing.compare import compared
from lookervault_core.diff.difference import NEW, Difference, Lack, Rules
from lookervault_core.diff.document import decode, document, keys_nested
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.known import Answers, AsItStands, Ask
from lookervault_core.diff.planning.calls import calls_of
from lookervault_core.diff.planning.protection import absent_protected, leave_protected, shield_of
from lookervault_core.diff.planning.renewals import renewals
from lookervault_core.diff.wording.describe import FieldChange, called, describe, losses
from lookervault_core.diff.wording.words import Names, nameless
from lookervault_core.model import ContentKey

Action = Literal["create", "update", "undelete", "remove", "skip", "conflict", "blocked"]
WITHOUT_OWNER = "what it belongs to is not there; restore that too, or use --with-dependencies"


class Settled(Enum):
    """Why an item is left as it is: it is as in the backup, or as near to it as anybody can bring it. The value is for people."""

    EQUAL = "unchanged"
    HOPELESS = "what differs cannot be written"


WRITING: frozenset[str] = frozenset({"create", "update", "undelete"})


class Step(msgspec.Struct, frozen=True):
    """What happens to one item. `destination_id` is the live object's id, if there is one; `level` its depth in its tree.

    `lost` says by field what cannot be as in the backup; `needs` are the objects it names and that are not there.
    What is to `remove` is not in the backup: its id is the live one. `renamed_aside` has by field a name for the time being:
    another item is to get the name that this one's object has, which therefore gives it up before anything else is written.
    `where` says in words where the object is or what it is about, if its name alone does not.
    What is left alone is `settled` where that is because of the backup; `reason` is for people.
    One that `follows` is no item to restore but a live object that names what is made anew: its id is the live one, and it is
    written last, as it is but for that.
    Its `difference` is what is written, as it was shown; None where something in it is still to be made: then it is compared once
    more when that is there, to put the ids in. Lists that belong to an object are compared with what is in them right before.
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
        """Whether the object is left alone because nothing of it can be brought nearer to the backup."""
        return self.action == "skip" and self.settled is not None

    @property
    def is_told(self) -> bool:
        """Whether a plan names it: something happens, or there is more to say than that it is as in the backup."""
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
        """Return the steps of one type; of those that write without those that only follow."""
        ours = (step for step in self.steps if step.content_type == content_type)
        return tuple(step for step in ours if not writing or (step.writes and not step.follows))

    def types(self) -> tuple[str, ...]:
        """The types with items to write, in restore order."""
        return tuple(dict.fromkeys(step.content_type for step in self.steps if step.writes and not step.follows))

    @property
    def followers(self) -> tuple[Step, ...]:
        """The live objects that are written because they name what is made anew."""
        return tuple(step for step in self.steps if step.follows)

    @property
    def removals(self) -> tuple[Step, ...]:
        """What an exact restore removes, in the order in which it goes: what refers before what is referred to."""
        return tuple(step for step in reversed(self.steps) if step.action == "remove")

    @property
    def changes_anything(self) -> bool:
        return any(step.writes or step.action == "remove" for step in self.steps)


class Wanted(msgspec.Struct):
    """One item as the backup has it; decoded once, however often it is compared."""

    key: ContentKey
    payload: bytes
    name: str = ""
    level: int = 0
    owner_shield: Protected | None = None
    _decoded: Any = None
    _source: Doc | None = None

    @property
    def decoded(self) -> Any:
        if self._decoded is None:
            self._decoded = decode(self.payload)
        return self._decoded

    @property
    def shield(self) -> Protected | None:
        """What protects the item from being written: itself, or for a list what it belongs to."""
        return self.owner_shield or shield_of(self.key.content_type, self.decoded)

    def source(self, merges: Callable[[str], Any] | None, groups: frozenset[str] = frozenset()) -> Doc:
        """Return the item's document. Nobody changes it."""
        if self._source is None:
            self._source = document(self.key.content_type, self.decoded, self.key.id, merges, groups)
        return self._source


class Found(msgspec.Struct):
    """The live object that an item stands for; a `payload` of None means that its bytes equal the backup's, and a large one can be
    kept small.

    `moved`: something that it names has or gets another id, so that equal bytes do not make it equal. `called` are the fields that
    it was found by, if its id did not tell.
    """

    id: str
    body: bytes | Sealed | None = None
    trashed: bool = False
    reason: str = ""
    moved: bool = False
    called: tuple[str, ...] = ()

    @property
    def payload(self) -> bytes | None:
        return None if self.body is None else unpacked(self.body)

    def small(self) -> Found:
        """Return the same object, its payload packed."""
        packs = isinstance(self.body, bytes)
        return msgspec.structs.replace(self, body=packed(self.body)) if packs else self


class PlanOptions(msgspec.Struct, frozen=True):
    """`skip_if_modified` leaves alone what changed in Looker since the backup; with `trashed_too` what lay in the trash gets its
    fields back, where it is live now.

    `merges` gives the structure of a merge query of the backup, `live_merges` of one in Looker; `groups` are the names of groups.
    `begun` is what an earlier attempt of the same restore has written to: that it differs is no change of somebody else's.
    `names` says what objects are called, for the words in which a step is told.
    """

    skip_if_modified: bool = False
    trashed_too: bool = False
    merges: Callable[[str], Any] | None = None
    live_merges: Callable[[str], Any] | None = None
    groups: frozenset[str] = frozenset()
    begun: frozenset[ContentKey] = frozenset()
    names: Names = nameless


# Takes out of a difference what must not be written, and names it as lost.
Guard = Callable[[Difference], None]


def all_of_it(_: Difference) -> None:
    """Take nothing out of a difference."""


def make_plan(steps: Iterable[Step]) -> Plan:
    """Return the plan of *steps* in dependency order: types as their references demand, parents before children."""
    rank = {name: n for n, name in enumerate(restore_order())}
    return Plan(tuple(sorted(steps, key=lambda step: (rank[step.content_type], step.level))))


def plan_step(
    wanted: Wanted, found: Found | None, answers: Answers, rules: Rules, options: PlanOptions, guard: Guard = all_of_it
) -> Step:
    """Return the step that brings one item back, with the difference if it was compared; *found* is the live object that it stands
    for, or None if there is none."""
    payload = wanted.decoded
    stay_in_trash(wanted, found, options)
    if found is not None and not found.trashed and _unchanged(wanted, found, rules):
        return _left(_step(wanted, "skip", found), Settled.EQUAL)
    if found is None and wanted.shield is not None:
        return _lost_for_good(wanted, wanted.shield)
    lay_in_trash = lies_in_trash(payload)
    if lay_in_trash and (not options.trashed_too or found is None or found.trashed):
        return _step(wanted, "skip", found, reason="it lay in the trash when it was backed up")
    if found is None and (absent := WRITES[wanted.key.content_type].absent):
        return msgspec.structs.replace(_left(_step(wanted, "skip", None), Settled.HOPELESS), lost=(("", absent),))
    if found is None and WRITES[wanted.key.content_type].create is None:
        return _step(wanted, "blocked", None, reason=WITHOUT_OWNER)
    difference = difference_of(wanted, found, answers, rules, options, guard)
    step = _step(
        wanted,
        _action(difference, found),
        found,
        changes=describe(difference, options.names),
        reason=found.reason if found else "",
    )
    step = msgspec.structs.replace(
        step,
        calls=calls_of(difference, trashed=found is not None and found.trashed),
        lost=losses(difference, options.names) + _renewals(payload, difference, found),
        needs=_needs(difference),
        difference=difference,
    )
    lacks = _in_the_way(difference)
    if lacks:
        return msgspec.structs.replace(step, action="blocked", calls=0, reason=_blocked(lacks, answers, options))
    if step.action == "skip":
        return _left(step, Settled.HOPELESS if step.lost else Settled.EQUAL)
    if options.skip_if_modified and step.action == "update" and _modified_since(wanted, found, answers, rules, options):
        return msgspec.structs.replace(step, action="conflict", calls=0, reason="changed in Looker since the backup")
    return step


def stay_in_trash(wanted: Wanted, found: Found | None, options: PlanOptions) -> None:
    """Let an undo see what lay in the trash, and lies there, as it would see it elsewhere: what it is like counts all the same, and
    nothing takes it out."""
    if found is not None and found.trashed and options.trashed_too and lies_in_trash(wanted.decoded):
        found.trashed = False


def _renewals(payload: Any, difference: Difference, found: Found | None) -> tuple[tuple[str, str], ...]:
    return renewals(payload, difference, *(("", None) if found is None else (found.id, found.payload)))


def _lost_for_good(wanted: Wanted, shield: Protected) -> Step:
    """Return the step of a protected object that is not there."""
    reason = absent_protected(shield)
    if shield.passing:
        step = _left(_step(wanted, "skip", None), Settled.HOPELESS)
        return msgspec.structs.replace(step, lost=(("", reason),))
    return _step(wanted, "blocked", None, reason=reason)


def difference_of(
    wanted: Wanted,
    found: Found | None,
    answers: Answers,
    rules: Rules,
    options: PlanOptions,
    guard: Guard = all_of_it,
) -> Difference:
    """Return the field-by-field difference between an item and its live object, less what *guard* takes out of it."""
    live = live_document(wanted, found, options)
    difference = compared(wanted.key.content_type, wanted.source(options.merges, options.groups), live, answers, rules)
    guard(difference)  # first: it may narrow a list to some of its rows
    if wanted.shield is not None:
        leave_protected(difference, wanted.shield)
    return difference


def live_document(wanted: Wanted, found: Found | None, options: PlanOptions) -> Doc | None:
    if found is None:
        return None
    live = decode(found.payload) if found.payload is not None else wanted.decoded
    doc = document(wanted.key.content_type, live, found.id, options.live_merges, options.groups)
    doc.trashed = doc.trashed and found.trashed
    return doc


def _unchanged(wanted: Wanted, found: Found, rules: Rules) -> bool:
    """On one instance equal bytes are an equal object; onto another one ids differ where nothing else does."""
    if found.moved:
        return False
    if found.payload is None:
        return True
    if not rules.same_instance:
        return False
    return same_but_for(wanted.payload, found.payload, CATALOG[wanted.key.content_type].volatile)


def _action(difference: Difference, found: Found | None) -> Action:
    if found is None:
        return "create"
    if found.trashed:
        return "undelete"
    return "skip" if difference.empty else "update"


def _step(
    wanted: Wanted, action: Action, found: Found | None, *, changes: tuple[FieldChange, ...] = (), reason: str = ""
) -> Step:
    return Step(
        wanted.key.content_type,
        wanted.key.id,
        wanted.name,
        action,
        found.id if found and found.id != NEW else None,
        changes,
        reason,
        level=wanted.level,
    )


def _left(step: Step, settled: Settled) -> Step:
    """Return the step of what is left as it is, because it is *settled*."""
    return msgspec.structs.replace(step, settled=settled, reason=settled.value)


def _needs(difference: Difference) -> tuple[ContentKey, ...]:
    lacks = (lack for one in difference.walk() for lack in (*one.lacks, *one.absent, *one.dangling))
    return tuple(dict.fromkeys(ContentKey(lack.content_type, lack.id) for lack in lacks))


def _in_the_way(difference: Difference) -> list[Lack]:
    """Return what an item cannot be without. One that equals the backup but for what it names, and what is gone since, is not as in
    the backup even if it could do without that."""
    parts = list(difference.walk())
    lacks = [lack for one in parts for lack in (*one.lacks, *one.dangling)]
    return lacks if difference.empty else [lack for lack in lacks if not lack.optional]


def _blocked(lacks: list[Lack], answers: Answers, options: PlanOptions) -> str:
    return "; ".join(
        f"needs {called(*lack, options.names)}, which is not there; {_way_out(lack, answers, options)}"
        for lack in dict.fromkeys((lack.content_type, lack.id) for lack in lacks)
    )


def _way_out(lack: tuple[str, str], answers: Answers, options: PlanOptions) -> str:
    stuck: ContentKey | None = answers.answer(Ask.STUCK, *lack)
    if stuck is not None:
        it = called(stuck.content_type, stuck.id, options.names)
        return f"it waits for {it}, which is blocked itself" if stuck != ContentKey(*lack) else "it is blocked itself"
    absent = WRITES[lack[0]].absent if lack[0] in WRITES else ""
    if absent:  # no restore makes it
        return absent
    if answers.answer(Ask.IN_BACKUP, *lack):
        return "the vault has it: restore it too, or use --with-dependencies"
    return "and the vault does not have it"


def _modified_since(wanted: Wanted, found: Found | None, answers: Answers, rules: Rules, options: PlanOptions) -> bool:
    """Return whether somebody has changed a live object since the backup. Where two different times of `updated_at` do not tell,
    it counts as changed if it differs in more than what is to be made anew, or has another id by now."""
    if found is None or found.payload is None or found.id == NEW or _has_begun_on(wanted, options):
        return False
    if rules.is_copied(wanted.key.content_type, found.id):
        return False
    ours, theirs = (_updated_at(one) for one in (wanted.decoded, decode(found.payload)))
    if ours and theirs and ours != theirs:
        return theirs > ours

    exactly = msgspec.structs.replace(rules, exact=True, made=None)
    merges = PlanOptions(merges=options.merges, live_merges=options.live_merges, groups=options.groups)
    return not difference_of(wanted, found, AsItStands(answers), exactly, merges).empty


def _has_begun_on(wanted: Wanted, options: PlanOptions) -> bool:
    """Return whether an earlier attempt has written to an item, to a part of it, or to what the list belongs to."""
    owner = ContentKey(CATALOG[wanted.key.content_type].targets_from or "", wanted.key.id)
    parts = keys_nested(wanted.source(options.merges, options.groups)) if options.begun else ()
    return not options.begun.isdisjoint({wanted.key, owner, *parts})


def _updated_at(payload: Any) -> str:
    return str(payload.get("updated_at") or "") if isinstance(payload, Mapping) else ""
