"""Decide what a restore does with one item, and why. Pure: payloads and answers in, a step out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, WRITES, Protected, lies_in_trash
from lookervault_core.codec import same_but_for
from lookervault_core.diff.comparing.compare import compared
from lookervault_core.diff.difference import NEW, Difference, Rules
from lookervault_core.diff.document import decode, document, keys_nested
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.known import Answers, AsItStands
from lookervault_core.diff.planning.calls import calls_of
from lookervault_core.diff.planning.lacking import blocked_by, in_the_way, needs_of
from lookervault_core.diff.planning.plan import Action, Settled, Step
from lookervault_core.diff.planning.protection import absent_protected, leave_protected
from lookervault_core.diff.planning.recreated_differently import recreated_differently
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.diff.wording.describe import FieldChange, describe, losses
from lookervault_core.diff.wording.words import Names, nameless
from lookervault_core.model import ContentKey

WITHOUT_OWNER = "what it belongs to is not there; restore that too, or use --with-dependencies"


class PlanOptions(msgspec.Struct, frozen=True):
    """The options of a plan. `skip_if_modified` leaves alone objects that changed in Looker since the backup; `trashed_too` gives
    a live object its fields back although it lay in the trash in the backup.

    `merges` gives the structure of a merge query of the backup, `live_merges` of one in Looker; `groups` are the names of groups.
    `begun` are the objects that an earlier attempt of the same restore has written: their differences are not other people's
    changes. `names` gives the names of objects, for the words of a step."""

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


def plan_step(
    wanted: Wanted, found: Found | None, answers: Answers, rules: Rules, options: PlanOptions, guard: Guard = all_of_it
) -> Step:
    """Return the step that brings one item back, with the difference if it was compared; *found* is the live object that matches
    it, or None if there is none."""
    payload = wanted.decoded
    stay_in_trash(wanted, found, options)
    if found is not None and not found.trashed and _unchanged(wanted, found, rules):
        return _left(_step(wanted, "skip", found), Settled.EQUAL)
    if found is None and wanted.protection is not None:
        return _lost_for_good(wanted, wanted.protection)
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
        lost=losses(difference, options.names) + _recreated_differently(payload, difference, found),
        needs=needs_of(difference),
        difference=difference,
    )
    lacks = in_the_way(difference)
    if lacks:
        return msgspec.structs.replace(
            step, action="blocked", calls=0, reason=blocked_by(lacks, answers, options.names)
        )
    if step.action == "skip":
        return _left(step, Settled.HOPELESS if step.lost else Settled.EQUAL)
    if options.skip_if_modified and step.action == "update" and _modified_since(wanted, found, answers, rules, options):
        return msgspec.structs.replace(step, action="conflict", calls=0, reason="changed in Looker since the backup")
    return step


def stay_in_trash(wanted: Wanted, found: Found | None, options: PlanOptions) -> None:
    """Let an undo compare the fields of an object that was in the trash before the restore and is in it now; it stays there.

    It marks *found* as not in the trash."""
    if found is not None and found.trashed and options.trashed_too and lies_in_trash(wanted.decoded):
        found.trashed = False


def _recreated_differently(payload: Any, difference: Difference, found: Found | None) -> tuple[tuple[str, str], ...]:
    return recreated_differently(payload, difference, *(("", None) if found is None else (found.id, found.payload)))


def _lost_for_good(wanted: Wanted, protection: Protected) -> Step:
    """Return the step of a protected object that is not there."""
    reason = absent_protected(protection)
    if protection.passing:
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
    if wanted.protection is not None:
        leave_protected(difference, wanted.protection)
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
