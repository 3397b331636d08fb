"""The step of each item: find its live object, compare, and keep what the steps after it need to know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from lookervault_core.catalog import CATALOG, PARTS, WRITES, late_references
from lookervault_core.diff.difference import NEW, Difference, Rules, parts_to_make
from lookervault_core.diff.document import known_shape
from lookervault_core.diff.documents.references import Resolve, find
from lookervault_core.diff.known import Answers
from lookervault_core.diff.planning.plan import Step
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.diff.planning.step import Guard, PlanOptions, plan_step
from lookervault_core.diff.wording.naming import Mention, mentions
from lookervault_core.errors import BlobDamaged, CodecError, LookerError, ends_all
from lookervault_core.families.access_lists.private import COPIED, dropped_with, gets_copies, naming_dropped
from lookervault_core.families.access_lists.tree import FALLS, falls, takes_out
from lookervault_core.families.delivery.switching import leave_off
from lookervault_core.families.folders.misplaced import keep_place
from lookervault_core.families.groups.names import group_names
from lookervault_core.families.groups.nesting import leave_circles
from lookervault_core.families.known_names import KnownNames
from lookervault_core.families.roles.guard import leave
from lookervault_core.families.rooms import room_of
from lookervault_core.families.settings.leaving import keep_way_in, leave_logins
from lookervault_core.families.settings.shape import SETTINGS
from lookervault_core.families.users.home_folders import keep_home
from lookervault_core.families.users.memberships import keep_rows_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.identity.by_natural_key import in_full
from lookervault_core.restore.identity.changed_ids import LINKING, nested_in
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live
from lookervault_core.restore.planning.sides import Sides
from lookervault_core.restore.planning.unique_names import UniqueNames
from lookervault_core.restore.request import RestoreOptions, Selection


def judged(
    wanted: Wanted,
    found: Found | None,
    live: Live,
    answers: Answers,
    rules: Rules,
    options: PlanOptions,
    guard: Guard,
) -> tuple[Step, Found | None]:
    """Return the step for an item, and its live object. If a query differs, as the listing shows it, the object is read in full
    first."""
    step = plan_step(wanted, found, answers, rules, options, guard)
    if found is None or not any("query" in change.path for change in step.fields):
        return step, found
    found = in_full(live, wanted.key.content_type, found)
    options = msgspec.structs.replace(options, live_merges=live.merge)
    return plan_step(wanted, found, answers, rules, options, guard), found


def without_equals(one: Difference) -> Difference | None:
    """Return a difference without its equal nested objects; None if anything in it must be created or removed, or waits."""
    if one.live is None or one.lacks or one.extras or one.waits:
        return None
    children = [without_equals(child) for child in one.children if not child.empty]
    if None in children:
        return None
    source, live = (msgspec.structs.replace(doc, children={}) for doc in (one.source, one.live))
    return msgspec.structs.replace(one, source=source, live=live, children=children)


def _if_fixed(one: Difference) -> Difference | None:
    """Return a difference, or None if something in it is to be made or removed, or waits for what is."""
    parts = one.walk()
    waits = any(part.live is None or part.lacks or part.absent or part.extras or part.waits for part in parts)
    return None if waits else one


def writes_the_same(one: Step, other: Step) -> bool:
    def written(step: Step) -> object:
        return step.action, [field.values for field in step.fields], step.lost

    return written(one) == written(other)


def links_ahead(destination: Destination, step: Step) -> bool:
    """Return whether an item links to content that turned out later to be created, so that its step must be planned again.

    On its own instance only items that are live already count, on another one new items too."""
    stands = step.action in ("update", "undelete") or step.is_as_in_backup
    if not destination.rules.same_instance:
        return step.content_type in LINKING and bool(step.lost) and (stands or step.action == "create")
    moved = destination.moved
    linking = stands and step.content_type in LINKING
    return linking and moved.makes_content and moved.linked_by(destination.backup.wanted(step.key))


def names_ahead(destination: Destination, step: Step) -> bool:
    """Return whether an item names, in a field of the second pass, an object of a later type that exists or is going to be
    created."""
    refs = late_references(step.content_type)
    kinds = {ref.to for ref in refs}
    if any(need.content_type in kinds and destination.resolve(need.content_type, need.id) for need in step.needs):
        return True
    if not any(map(destination.pending.of, kinds)):
        return False
    named = find(destination.backup.wanted(step.key).decoded, refs)
    return any(ContentKey(one.content_type, one.id) in destination.pending for one in named)


NAMED = 10
KEEPS_ADDRESS = "it was there before under an address of its own, which stays: links lead to it"


class TakenForOurs:
    """Knows the live objects of another instance that a plan matched by name and that no restore of this vault made."""

    def __init__(self, sides: Sides) -> None:
        self._sides = sides
        self._names: dict[ContentKey, tuple[str, Found]] = {}
        self._theirs: set[ContentKey] = set()

    def note(self, key: ContentKey, name: str, found: Found | None) -> None:
        """Note the live object *found* that matches an item; called while a plan is made."""
        if found is None or self._sides.same_instance or WRITES[key.content_type].undelete is None:
            return
        live = ContentKey(key.content_type, found.id)
        if live not in self._sides.made_here:
            self._theirs.add(live)
            self._names[key] = (name, found)

    def keep_address(self, difference: Difference) -> None:
        """Take the slug, the address of the page, out of the difference of such an object, and name it as lost: it keeps its
        own."""
        live = difference.live
        if live is None or ContentKey(difference.content_type, live.id) not in self._theirs:
            return
        for natural in WRITES[difference.content_type].natural:
            if natural.in_trash and live.fields.get(natural.fields[-1]):
                leave(difference, natural.fields[-1], KEEPS_ADDRESS)

    def told(self) -> Iterator[str]:
        """Yield a warning for each type and each natural key by which such objects were matched; they will be overwritten."""
        found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for key, (name, one) in self._names.items():
            if one.called and not _is_address(key.content_type, one.called):
                found.setdefault((key.content_type, one.called), []).append(f"{name} ({one.id})")
        for (content_type, fields), names in found.items():
            facts, by = CATALOG[content_type], " and ".join(field.removesuffix("_id") for field in fields)
            more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
            were = f"1 {facts.singular} was" if len(names) == 1 else f"{len(names)} {facts.name} were"
            yield (
                f"{were} there before and, by {by}, taken for the backup's: {', '.join(names[:NAMED])}{more}; what differs is "
                "overwritten: rename what is another one first"
            )


def _is_address(content_type: str, fields: tuple[str, ...]) -> bool:
    return any(natural.in_trash and natural.fields == fields for natural in WRITES[content_type].natural)


class ItemSteps:
    """Plans one item after the other. `found` has the live object of every item that will be written, `losing` the access lists
    that Looker itself takes rows out of. Users in `homes` get only their home folder back, objects in `moved_here` only their
    place.

    In an undo (*undoes*), *leave* takes out of a difference what the restore had not written, and *note* is called with each live
    object."""

    def __init__(
        self,
        sides: Sides,
        selection: Selection,
        options: RestoreOptions,
        called: KnownNames,
        names: UniqueNames,
        *,
        undoes: bool,
        leave: Callable[[Difference, Resolve], None],
        note: Callable[[ContentKey, bytes | None], None],
    ) -> None:
        self.found: dict[ContentKey, Found | None] = {}
        self.losing: set[str] = set()
        self.homes = set(selection.homes)
        self.moved_here: set[ContentKey] = set()
        self.taken = TakenForOurs(sides)
        self.sides = sides
        self._selection, self._options = selection, options
        self._called, self._names = called, names
        self._undoes, self._leave, self._note = undoes, leave, note
        self._blocked = sides.blocked

    def clear(self) -> None:
        """Forget all steps: they are planned anew."""
        for known in (self.found, self.losing, self._blocked):
            known.clear()
        self.sides.destination.pending.clear()
        self.sides.destination.gone.coming.clear()

    def plan_options(self) -> PlanOptions:
        return PlanOptions(
            skip_if_modified=self._options.skip_if_modified,
            trashed_too=self._undoes,
            merges=self.sides.backup.merge,
            live_merges=None if self.sides.same_instance else self.sides.live.merge,
            groups=group_names(self.sides.backup),
            begun=self.sides.written,
            names=self._called,
        )

    def guard(self, difference: Difference) -> None:
        """Take out of a difference the fields that must not be written, and name them as lost."""
        self._leave(difference, self.sides.destination.renamed)
        if self._selection.members:
            keep_rows_of(difference, self._selection.members, self.sides.destination.resolve)
        if self._options.delivers == "off":
            leave_off(difference)
        keep_home(difference, self.homes)
        keep_place(difference, self.moved_here)
        room_of(difference.content_type).guards(self.sides.facts.caller, difference)
        self.taken.keep_address(difference)
        self._keep_logins(difference)
        self._names.leave_out(difference)
        leave_circles(difference, self.sides.groups_around, self.sides.rules())

    def _keep_logins(self, difference: Difference) -> None:
        """Leave how people sign in as it is unless that was asked for."""
        if difference.content_type != SETTINGS:
            return
        if not self.sides.writes_logins:
            leave_logins(difference, self._made_anew(difference))
        keep_way_in(difference, self.sides.me)

    def _made_anew(self, difference: Difference) -> Iterator[Mention]:
        """Yield what the live object names that was made anew, by whichever restore: under its old id it is gone."""
        for mention in mentions(difference.content_type, difference.live) if difference.live is not None else ():
            if self.sides.renamed(mention.key.content_type, mention.key.id) not in (None, mention.key.id):
                yield mention

    def differs(self, key: ContentKey) -> bool:
        """Return whether an item that the restore leaves out differs from the backup."""
        with known_shape(key):
            wanted = self.sides.backup.wanted(key)
            found = self._find(wanted)
            step, _ = judged(
                wanted,
                found,
                self.sides.live,
                self.sides.planned(),
                self.sides.rules(),
                self.plan_options(),
                self.guard,
            )
        if step.difference is not None:
            self.sides.destination.remember_parts(step.difference)
        return step.writes or step.action == "blocked"

    def of_type(self, name: str, ids: Sequence[str]) -> Iterator[Step]:
        """Yield the step of each item of a type, parents first. The live side is read at once."""
        self._read_live(name, ids)
        rules, options = self.judging()
        keys = [ContentKey(name, one) for one in ids]
        for step in [self.plan_item(key, rules, options) for key in sorted(keys, key=self.sides.backup.level)]:
            late = any(need.content_type == name and need in self.sides.destination.pending for need in step.needs)
            yield self.plan_item(step.key, rules, options) if late else step

    def settled(self, step: Step) -> Step:
        """Return the step of an item, planned again if it links to, or names in a late field, an object that is created after
        it."""
        try:
            early = links_ahead(self.sides.destination, step) or names_ahead(self.sides.destination, step)
        except (BlobDamaged, CodecError):  # a merge query behind its tiles is
            early = False
        return self.plan_item(step.key, *self.judging()) if early else step

    def judging(self) -> tuple[Rules, PlanOptions]:
        return self.sides.rules(), self.plan_options()

    def _read_live(self, name: str, ids: Sequence[str]) -> None:
        if CATALOG[name].single:
            return
        if self.sides.same_instance and not self.sides.live.is_listed(name):
            self.sides.live.expect(name, self.sides.backup.digests(name))
        whole = not self._selection.is_small or not self.sides.same_instance
        self.sides.destination.read(name, ids, whole=whole)
        room_of(name).ahead(self.sides, ids)

    def plan_item(self, key: ContentKey, rules: Rules, options: PlanOptions) -> Step:
        step = self._step_of(key, rules, options)
        (self._blocked.add if step.action == "blocked" else self._blocked.discard)(key)
        return step

    def _step_of(self, key: ContentKey, rules: Rules, options: PlanOptions) -> Step:
        try:
            with known_shape(key):
                return self._plan_payload(key, rules, options)
        except (BlobDamaged, CodecError, LookerError) as exc:
            if ends_all(exc):
                raise
            name = self.sides.backup.rows(key.content_type)[key.id].name
            return Step(key.content_type, key.id, name, "blocked", reason=str(exc))

    def _plan_payload(self, key: ContentKey, rules: Rules, options: PlanOptions) -> Step:
        wanted = self.sides.backup.wanted(key)
        protected = room_of(key.content_type).skips(wanted, self.sides.destination)
        if protected:  # there is nothing to read for it either
            return Step(key.content_type, key.id, wanted.name, "skip", reason=protected)
        found = self._find(wanted)
        self.taken.note(key, wanted.name, found)
        if self._undoes and found is not None:
            self._note(ContentKey(key.content_type, found.id), found.payload)
        step = self._names.blocked.get(key)
        if step is None:
            step, found = judged(wanted, found, self.sides.live, self.sides.planned(), rules, options, self.guard)
        if step.difference is not None:
            self._compared(key, step.difference)
            step = msgspec.structs.replace(step, difference=self._to_keep(step) if step.writes else None)
        doubt = self.sides.destination.doubt(key) if step.action == "create" else ""
        if doubt:
            step = Step(key.content_type, key.id, wanted.name, "blocked", reason=doubt)
        step = self._in_its_tree(step, key)
        if found is not None and found.id != NEW:
            self.sides.destination.remember(key, found.id, lasting=False)
            room_of(key.content_type).met(self.sides.destination, wanted, found, step.writes)
        elif step.action == "create":
            self.sides.destination.pending.update({key} | nested_in(wanted.key.content_type, wanted.decoded))
        if step.action in ("blocked", "conflict"):  # comparing it took the parts that are not there for some to be made
            for part in {key} | nested_in(wanted.key.content_type, wanted.decoded):
                self.sides.destination.pending.discard(part)
        if step.writes:
            self.sides.destination.gone.coming.add(key)
            self.found[key] = found.small() if found else None
            dropped = dict(dropped_with(self.sides.live, key, found))
            self.found.update(dropped)
            step = naming_dropped(step, dropped, self._called)
        return step

    def _in_its_tree(self, step: Step, key: ContentKey) -> Step:
        """Return the step of an access list that is as in the backup, but will not be: Looker itself writes in it."""
        if step.action == "skip" and gets_copies(self.sides.backup, key, self.found):
            self.losing.add(key.id)
            return msgspec.structs.replace(step, action="update", calls=1, reason=COPIED)
        if step.action == "skip" and self.losing and falls(self.sides.backup, key, self.losing):
            return msgspec.structs.replace(step, action="update", calls=1, reason=FALLS)
        return step

    def _find(self, wanted: Wanted) -> Found | None:
        """Return the live object of an item; equal bytes are no proof where it names what is gone or has another id."""
        found = self.sides.destination.find(wanted)
        if found is not None and self.sides.same_instance and self.sides.destination.names_moved(wanted, found.payload):
            found.moved = True
        return found

    def _compared(self, key: ContentKey, difference: Difference) -> None:
        """Keep in mind what a difference tells of other objects."""
        self.sides.destination.pending.update(parts_to_make(difference))
        self.sides.destination.remember_parts(difference)
        self.sides.misplaced_parts.note(difference)
        if takes_out(difference):
            self.losing.add(key.id)

    def _to_keep(self, step: Step) -> Difference | None:
        """Return the difference of a step if it is to be written as it is. On another instance an object may link to one that is
        matched only after it, and lists are read again before they are written."""
        if step.difference is None or not self.sides.same_instance or step.content_type in PARTS:
            return None
        return (without_equals if room_of(step.content_type).has_many_parts else _if_fixed)(step.difference)
