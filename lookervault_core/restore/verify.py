"""The proof of a restore: it reads back what was written and compares it with the backup, checks that no object names a replaced
id any more, and learns which values the instance does not keep as sent."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from functools import cached_property

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.diff.comparing.unkept import is_blank_pair, learned
from lookervault_core.diff.document import known_shape
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.diff.planning.step import stay_in_trash
from lookervault_core.diff.wording.describe import losses
from lookervault_core.diff.wording.words import blank_kept
from lookervault_core.errors import BlobDamaged, CodecError, LookerError, ends_all
from lookervault_core.families.access_lists.since import Access, lists_left
from lookervault_core.model import ContentKey, Unkept
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.outcome import Proof, Verified
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.restore.planning.item_steps import judged
from lookervault_core.restore.planning.planner import Planner
from lookervault_core.restore.planning.referrers import Followers, Referrer, Referrers
from lookervault_core.restore.undoing.by_journal import Written, is_create, new_ids, written_by
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import journal

_HELD = ("identical", "accepted_losses")


def prove(
    plan: Plan,
    planner: Planner,
    context: Context,
    failed: Mapping[ContentKey, str],
    workers: int,
    *,
    made: Container[ContentKey] | None = None,
) -> Proof:
    """Return a verdict on every step that was to write. Nothing that was read before the writing counts.

    With *made*, the objects that a restore made, it proves the undo of that restore. It then also looks at objects that did not
    have to be written, as a removal may have taken them along, and at objects that the restore made and the undo left."""
    live = Live(
        planner.sides.live.looker,
        workers,
        with_queries=not planner.sides.same_instance,
        fresh=planner.sides.live.fresh,
        sleep=context.sleep,
    )
    known = planner.sides.destination
    destination = Destination(live, planner.sides.backup, known.everything(), planner.sides.rules())
    destination.leading = planner.sides.leading(known.renamed)
    destination.answers = planner.sides.answers(destination.resolve, known.renamed)
    steps = [step for step in plan.steps if step.writes or (made is not None and _was_as_before(step, planner))]
    steps = [step for step in steps if not step.follows]
    _read(destination, steps, expected=planner.sides.same_instance)
    sent = Sent(context.writer.vault, context.writer.session_id)
    judged_now = tuple(_judged(step, planner, context, destination, failed, sent) for step in steps)
    hopeless = tuple(
        Verified(step.key, step.name, step.destination_id, "accepted_losses", lost=step.lost)
        for step in plan.steps
        if step.action == "skip" and step.lost and step not in steps and step.key not in (made or ())
    )
    to_delete = [*plan.removals, *(step for step in plan.steps if made and step.action == "skip" and step.key in made)]
    gone = tuple(_is_gone(step, live, failed) for step in to_delete)
    judged_all, naming = judged_now + hopeless, prove_references(plan, planner.followers, context, live, failed)
    told, differing = (
        {ContentKey(one.key.content_type, one.destination_id or "") for one in ones}
        for ones in (naming, (one for one in judged_all if one.verdict not in _HELD))
    )
    items = [one for one in judged_all if one.verdict not in _HELD or not _is_told(one, told)]
    lost = {ContentKey(one.key.content_type, one.destination_id or ""): one.lost for one in hopeless}
    naming = tuple(_with_others(one, lost) for one in naming if not _is_told(one, differing))
    return Proof((*items, *gone, *naming), _lists_left(live, context))


def _lists_left(live: Live, context: Context) -> Mapping[str, Access]:
    vault, session_id = context.writer.vault, context.writer.session_id
    new = (ContentKey(key.content_type, one) for key, one in new_ids(vault, session_id).items())
    return lists_left(live, new, journal.made_private(vault, session_id))


def _with_others(one: Verified, lost: Mapping[ContentKey, tuple[tuple[str, str], ...]]) -> Verified:
    """Return the verdict on an object with the other *lost* fields of the same live object added."""
    told = dict(one.lost)
    others = lost.get(ContentKey(one.key.content_type, one.destination_id or ""), ())
    more = tuple(row for row in others if row[0] not in told)
    verdict = "accepted_losses" if more and one.verdict == "identical" else one.verdict
    return msgspec.structs.replace(one, lost=one.lost + more, verdict=verdict)


def _is_told(item: Verified, told: Container[ContentKey]) -> bool:
    """Return whether there is another verdict on the live object that matches an item."""
    return ContentKey(item.key.content_type, item.destination_id or "") in told


def _was_as_before(step: Step, planner: Planner) -> bool:
    known = planner.sides.backup.has(step.content_type, step.id)
    return known and step.is_as_in_backup


def _is_gone(step: Step, live: Live, failed: Mapping[ContentKey, str]) -> Verified:
    if step.key in failed:
        return Verified(step.key, step.name, step.id, "failed", lost=(("", failed[step.key]),))
    try:
        left = live.read(step.content_type, step.id)
    except LookerError as exc:
        if ends_all(exc):
            raise
        return _unread(step, str(exc))
    is_gone = left is None or is_trashed(left)
    if step.action == "skip" and step.lost:  # people have worked on it
        fate, verdict = ("it is gone all the same", "different") if is_gone else (step.reason, "accepted_losses")
        return Verified(step.key, step.name, None if is_gone else step.id, verdict, lost=(("", fate),))
    if is_gone:
        return Verified(step.key, step.name, None, "identical", in_trash=left is not None)
    why = step.reason if step.action == "skip" else "it is still there"
    return Verified(step.key, step.name, step.id, "different", lost=(("", why),))


def _read(destination: Destination, steps: list[Step], *, expected: bool) -> None:
    """Read the live side of *steps* type by type; what is *expected* to have the bytes of the backup need not be kept. What
    cannot be read is told of where it is judged, for then it is asked for by itself."""
    by_type: dict[str, list[Step]] = {}
    for step in steps:
        by_type.setdefault(step.content_type, []).append(step)
    for name, ones in by_type.items():
        if not CATALOG[name].single:
            if expected:
                destination.live.expect(name, destination.backup.digests(name))
            try:
                destination.read(name, [step.id for step in ones])
            except LookerError as exc:
                if ends_all(exc):
                    raise


def _unread(step: Step, why: str) -> Verified:
    return Verified(step.key, step.name, None, "different", lost=(("", f"it cannot be read back: {why}"),))


def _judged(
    step: Step,
    planner: Planner,
    context: Context,
    destination: Destination,
    failed: Mapping[ContentKey, str],
    sent: Sent,
) -> Verified:
    """Return the verdict on one step. What cannot be read back is not proven; it does not keep the others from being so."""
    try:
        with known_shape(step.key):
            return _judge(step, planner, context, destination, failed, sent)
    except (LookerError, CodecError, BlobDamaged) as exc:
        if ends_all(exc):
            raise
        return _unread(step, str(exc))


def _is_accepted(path: str, accepted: Mapping[str, str]) -> bool:
    """Return whether a field, or what it stands in, is among those that cannot be as in the backup."""
    return path in accepted or any(path.startswith((f"{one}.", f"{one}[")) for one in accepted if one)


def _judge(
    step: Step,
    planner: Planner,
    context: Context,
    destination: Destination,
    failed: Mapping[ContentKey, str],
    sent: Sent,
) -> Verified:
    if step.key in failed:
        return Verified(step.key, step.name, None, "failed", lost=(("", failed[step.key]),))
    wanted = planner.sides.backup.wanted(step.key)
    found = destination.find(wanted)
    if found is None:
        return Verified(step.key, step.name, None, "different", lost=(("", "it is not there"),))
    stay_in_trash(wanted, found, context.options)
    gone = planner.sides.destination.gone
    found.moved = planner.sides.same_instance and (
        destination.names_moved(wanted) or gone.needed_by(wanted, found.payload)
    )
    options, rules = planner.plan_options(), destination.rules
    again, _ = judged(wanted, found, destination.live, destination.answers, rules, options, planner.guard)
    if again.difference is not None:
        planner.sides.destination.remember_parts(again.difference)
    unkept = tuple(learned(again.difference)) if again.difference is not None else ()
    forms = sent.of([pair for pair in unkept if not is_blank_pair(pair[1])])
    if forms:  # only of what the restore sent itself is it Looker's form, and no difference
        rules = msgspec.structs.replace(rules, unkept=rules.unkept | forms)
        again, _ = judged(wanted, found, destination.live, destination.answers, rules, options, planner.guard)
    accepted = context.accepted.get(step.key, {})
    differing = [change for change in again.fields if not _is_accepted(change.path, accepted)]
    fields = tuple(change for change in differing if not change.is_blank)
    blanks = [(change.path, blank_kept(change.old, change.new)) for change in differing if change.is_blank]
    # What the plan knew, a refusal may have told too.
    lost = tuple(dict.fromkeys((*again.lost, *accepted.items(), *blanks)))
    if planner.owes_a_name(step.key):
        return Verified(step.key, step.name, found.id, "different", fields, lost)
    if again.action == "skip" or (not fields and again.action == "update"):
        verdict = "accepted_losses" if lost else "identical"
        return Verified(step.key, step.name, found.id, verdict, lost=lost, unkept=unkept)
    return Verified(step.key, step.name, found.id, "different", fields, lost)


def prove_references(
    plan: Plan, followers: Followers, context: Context, live: Live, failed: Mapping[ContentKey, str]
) -> tuple[Verified, ...]:
    """Return a verdict on every follower, and on every other live object that still names a replaced id.

    *live* must know nothing from before the writing: whole listings are read of the types that can name what was replaced, and
    none where nothing was."""
    known = followers.known()
    rules, logins = context.rules, followers.writes_logins
    referrers = Referrers(live, context.backup, known, rules.site, rules.learned, logins=logins)
    left = {one.key: one for one in referrers.all()} if known else {}
    followed = tuple(_followed(step, failed) for step in plan.followers if step.key not in left)
    return followed + tuple(_judged_naming(one, known, failed) for one in left.values())


def _followed(step: Step, failed: Mapping[ContentKey, str]) -> Verified:
    if step.key in failed:
        return Verified(step.key, step.name, step.id, "failed", lost=(("", failed[step.key]),))
    return Verified(step.key, step.name, step.id, "accepted_losses" if step.lost else "identical", lost=step.lost)


def _judged_naming(one: Referrer, known: Mapping[ContentKey, str], failed: Mapping[ContentKey, str]) -> Verified:
    refused = (("", failed[one.key]),) if one.key in failed else ()
    if one.difference.empty and not refused and losses(one.difference):
        return Verified(one.key, one.name, one.key.id, "accepted_losses", lost=losses(one.difference))
    still = tuple((mention.path, _still(mention.key, known[mention.key])) for mention in one.mentions)
    return Verified(one.key, one.name, one.key.id, "failed" if refused else "different", lost=refused + still)


def _still(key: ContentKey, new_id: str) -> str:
    singular = CATALOG[key.content_type].singular if key.content_type in CATALOG else key.content_type.removesuffix("s")
    return f"it still names {singular.replace('_', ' ')} {key.id}, which is {new_id} now"


def sent_blanks(vault: Vault, session_id: str, proof: Proof) -> set[Unkept]:
    """Return the values that a session has sent and that Looker kept as another blank or in another form."""
    return Sent(vault, session_id).of([pair for item in proof.items for pair in item.unkept])


class Sent:
    """Knows which values a session has sent: only such a value, if it comes back changed, shows what the instance does not
    keep."""

    def __init__(self, vault: Vault, session_id: str) -> None:
        self._vault, self._session_id = vault, session_id

    @cached_property
    def _written(self) -> tuple[set[ContentKey], Written]:
        entries = [entry for entry in journal.entries(self._vault, self._session_id) if not entry.was_refused]
        made = {ContentKey(entry.key.content_type, entry.destination_id or "") for entry in entries if is_create(entry)}
        return made, written_by(entries, {})

    def of(self, found: Sequence[tuple[ContentKey, Unkept]]) -> set[Unkept]:
        """Return the values among *found* that the session has sent; *found* pairs each with its live object."""
        if not found:
            return set()
        made, sent = self._written
        return {
            pair for key, pair in found if key in made or key in sent.rows or _field(pair) in sent.fields.get(key, ())
        }


def _field(blank: Unkept) -> str:
    return re.split(r"[.\[]", blank.path)[0]
