"""Make the plan of one restore: read the live side in bulk, match each item, compare it, and include other items that the plan
needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

import msgspec

from lookervault_core.catalog import PARTS, SEEN_EARLY, WRITES, access_types, restore_order
from lookervault_core.diff.difference import NEW, Difference
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.planning.plan import Plan, Step, make_plan
from lookervault_core.diff.planning.sides import Found
from lookervault_core.diff.planning.step import PlanOptions
from lookervault_core.families.access_lists.since import is_otherwise
from lookervault_core.families.access_lists.tree import fallen
from lookervault_core.families.agents.links import taught_to_others
from lookervault_core.families.dashboards.emptied import to_be_emptied
from lookervault_core.families.delivery import switching
from lookervault_core.families.delivery.deliveries import Deliveries, explained, told
from lookervault_core.families.folders.misplaced import MOVED_HERE, Misplaced, misplaced, warnings_of_misplaced
from lookervault_core.families.groups.attached import attached
from lookervault_core.families.known_names import KnownNames, told_by_name
from lookervault_core.families.models.needs import missing_needs
from lookervault_core.families.room import Removal
from lookervault_core.families.user_attributes.sources import unknown_sources
from lookervault_core.families.users.home_folders import REASON, homeless, left_homeless, users
from lookervault_core.families.users.memberships import gained
from lookervault_core.families.users.outliving import Outliving
from lookervault_core.families.users.ownership import PEOPLE, owned
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup, told_of_age, told_of_newer, told_of_some_types, told_of_sources
from lookervault_core.restore.identity.by_natural_key import in_full
from lookervault_core.restore.planning.deletions import Deletions, warnings_of_staying
from lookervault_core.restore.planning.item_steps import ItemSteps, writes_the_same
from lookervault_core.restore.planning.referrers import (
    Followers,
    dependencies,
    in_trash,
    told_of_trash,
)
from lookervault_core.restore.planning.sides import (
    Sides,
    preflight,
)
from lookervault_core.restore.planning.unique_names import UniqueNames
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.undoing.by_journal import Made
from lookervault_core.restore.undoing.edited_since import EditedSince, Stays, worked_on_since
from lookervault_core.vault import Vault
from lookervault_core.vault.contents import descriptions
from lookervault_core.vault.restoring import journal

# Written right after folders; but those of what the restore makes later are planned once it is known to.
_PLANNED_LAST = frozenset(part for name in SEEN_EARLY for part in access_types(name))
UNSURE = (
    "the restore was interrupted while it made this, and if it is there it stays; an undo a minute later finds it, as long as the "
    "vault has the snapshot that it came from"
)


class Planner:
    """Knows both sides of one restore. `found` has the live object of every item that will be written and of every object that
    will be removed; `attached` are those of them that only name an object which will be removed."""

    def __init__(
        self,
        vault: Vault,
        looker: Looker,
        backup: Backup,
        selection: Selection,
        options: RestoreOptions,
        *,
        session_id: str | None = None,
        made: Made | None = None,
        edited: EditedSince | None = None,
        leave: Callable[[Difference, Resolve], None] = lambda *_: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.attached: set[ContentKey] = set()
        self._deletion_keys: frozenset[ContentKey] = frozenset()
        self.warnings: tuple[str, ...] = ()
        self._options, self._vault = options, vault
        self._made, self._edited = made, edited or EditedSince()
        self.kept: Mapping[ContentKey, Stays] = {}
        self._selection = selection = owned(selection, options)
        self._wanted = selection.items(backup)
        touched = {*self._wanted, *(key.content_type for key in selection.deletions)}
        self.sides = Sides(
            vault,
            looker,
            backup,
            preflight(vault, looker, options.target, touched, descriptions.newest(vault, backup.snapshots().values())),
            options,
            session_id=session_id,
            made=made,
            kept=self._edited.kept,
            wanted=self._wanted,
            sleep=sleep,
        )
        self._called = KnownNames(backup, self.sides.live, same_instance=self.sides.same_instance)
        self.sides.destination.gone.whole = not selection.is_small
        self.followers = Followers(self.sides, vault, session_id)
        self._names = UniqueNames(backup, self.sides.live, self.sides.destination, self._would_remove)
        self._removable: dict[str, set[ContentKey]] = {}
        self._items = ItemSteps(
            self.sides,
            selection,
            options,
            self._called,
            self._names,
            undoes=made is not None,
            leave=leave,
            note=self._note,
        )
        self.found = self._items.found
        self._deliveries = Deliveries(self.sides, selection, self._items.differs, self._called)

    def plan_options(self) -> PlanOptions:
        return self._items.plan_options()

    def guard(self, difference: Difference) -> None:
        """Take out of a difference the fields that must not be written, and name them as lost."""
        self._items.guard(difference)

    def owes_a_name(self, key: ContentKey) -> bool:
        """Return whether an item is restored without its name because another object still has it."""
        return self._names.is_owed(key.content_type, self._names.given_up.get(key, ()))

    def plan(self) -> Plan:
        """Return the plan of the restore, with the items that others need if the options ask for them."""
        plan = self._plan()
        along = self._deliveries.along(plan)
        if along:
            self._add(along)
            plan = self._plan()
        lying_here = self._move_away()
        if self._items.moved_here:
            plan = self._plan()
        homeless = self._bring_homes(plan)
        if self._items.homes:
            plan = self._plan()
        named = self._names.given_out(self._with_dependencies(plan))
        while named is None:
            named = self._names.given_out(self._with_dependencies(self._plan()))
        plan = self._followed(named)
        asked = self._asked() | {step.key for step in plan.followers}
        self.warnings = (
            *self.sides.facts.warnings,
            *self._items.taken.told(),
            *self._deliveries.left_out(plan, along, asked),
            *self._deliveries.gone_along(plan, asked),
            *self.followers.left_out(),
            *left_homeless(homeless),
            *warnings_of_misplaced(lying_here, self._called),
            *(fallen(self.sides.backup, self._items.losing, self._asked()) if self._items.losing else ()),
            *self._memberships_gained(),
            *self._unknown_sources(plan),
            *switching.told(plan, self.sides.backup),
        )
        if self._made is None:
            types = list(dict.fromkeys(step.content_type for step in plan.steps))
            self.warnings += tuple(told_of_sources(self.sides.backup, types))
            if not self._options.from_now:  # what is there now is the source of a revert
                self.warnings += tuple(told_of_newer(self.sides.backup, types))
                self.warnings += tuple(told_of_some_types(self.sides.backup, types))
            self.warnings += tuple(told_of_age(self.sides.backup, plan.steps))
            self.warnings += tuple(warnings_of_staying(plan, self._deletion_keys))
        else:
            kept = (step for step in plan.steps if step.action == "skip" and step.key in self._made.objects)
            self.warnings += tuple(f"{step.key}: {step.reason}" for step in kept)
            self.warnings += tuple(f"{key}: {UNSURE}" for key in sorted(self._made.unsure))
        if not self._options.skip_validation:
            self.warnings += missing_needs(
                self.sides.backup, self.sides.live, plan, same_instance=self.sides.same_instance
            )
            self.warnings += tuple(
                told_of_trash(in_trash(self.sides.backup, self.sides.destination, plan), self._called)
            )
        reasons = dict.fromkeys(users(self._items.homes), REASON) | dict.fromkeys(self._items.moved_here, MOVED_HERE)
        return told_by_name(explained(told(plan, along, self._called), reasons), self._called)

    def _unknown_sources(self, plan: Plan) -> Iterator[str]:
        """Yield a warning for each word for the source of a value that is written, or may be overwritten, and that is not known."""
        return unknown_sources(plan, self.sides.backup, self.found)

    def _followed(self, plan: Plan) -> Plan:
        """Return *plan* with what is to follow, whose live state is kept as that of the items is."""
        plan = self.followers.add(plan, self._selection.allowed(), undoes=self._made is not None)
        self.found |= {step.key: self.followers.found[step.key] for step in plan.followers}
        return plan

    def _add(self, keys: Iterable[ContentKey]) -> None:
        """Let items come along; a plan that is made again finds the same ones."""
        asked = self._asked()
        for key in dict.fromkeys(keys):
            if key not in asked:
                self._wanted.setdefault(key.content_type, []).append(key.id)

    def _bring_homes(self, plan: Plan) -> list[ContentKey]:
        """Let the home folders of users come along that the plan makes anew; return the users of whom that is not allowed."""
        if not self.sides.same_instance or self._made is not None:
            return []
        lost = homeless(self.sides.destination, plan, self._asked())
        if not all(key.content_type in self._selection.allowed() for key in lost):
            return lost
        self._items.homes.update(key.id for key in lost)
        self._add(lost)
        return []

    def _move_away(self) -> list[Misplaced]:
        """Plan items that somebody moved into the restored folders: an exact restore moves them back, any other returns them."""
        if not self.sides.same_instance or self._made is not None or not self._selection.folders:
            return []
        exact = self._options.exact
        found = list(misplaced(self._selection, self.sides.backup, self.sides.live, self.sides.destination, ask=exact))
        if not exact:
            return found
        self._items.moved_here.update(one.key for one in found)
        self._add(one.key for one in found)
        return []

    def _memberships_gained(self) -> Iterator[str]:
        """Yield what users have by now that are restored by themselves, and keep."""
        for user_id in self._selection.members if self.sides.same_instance else ():
            yield from gained(self.sides.live, self.sides.backup, self.sides.renamed, user_id)

    def look_again(self, plan: Plan) -> Plan:
        """Read again everything that *plan* writes, and return the plan; if somebody has changed an object since, one with a
        new step.

        Lists are left out: each is read again right before it is written."""
        if self._worked_on(step.key for step in plan.removals if step.renamed_aside):  # it loses its name first of all
            return self.plan()
        writing, stale = {step.key for step in plan.steps if step.writes}, set[ContentKey]()
        for name in dict.fromkeys(key.content_type for key in self.found):
            for key, payload in self._reread(name, writing).items():
                if key in writing:
                    stale.add(key)
                elif payload is not None and (met := self.found[key]) is not None:  # it goes, or goes with what is to
                    self.found[key] = in_full(self.sides.live, name, Found(met.id, payload))
        if not stale:
            return plan
        if stale & {step.key for step in plan.followers}:
            return self.plan()
        rules, options = self._items.judging()
        again = [self._items.plan_item(key, rules, options) for key in sorted(stale, key=self.sides.backup.level)]
        shown = {step.key: step for step in plan.steps if step.writes}
        return _with_anew(plan, again) if all(writes_the_same(step, shown[step.key]) for step in again) else self.plan()

    def _reread(self, name: str, writing: Container[ContentKey]) -> dict[ContentKey, bytes | None]:
        """Return the live objects of one type that are not as the plan met them."""
        met = {
            key: one
            for key, one in self.found.items()
            if key.content_type == name and one is not None and one.id != NEW
        }
        met = {key: one for key, one in met.items() if name not in PARTS or key not in writing}
        now = self.sides.destination.renew(name, {one.id for one in met.values()})
        return {key: body for key, one in met.items() if ((body := now(one.id)) or None) != one.payload}

    def _with_dependencies(self, plan: Plan) -> Plan:
        while self._options.with_dependencies and (more := self._needed(plan)):
            self._add(more)
            plan = self._plan()
        return plan

    def _needed(self, plan: Plan) -> list[ContentKey]:
        more = dependencies(self.sides.destination, plan, self._asked())
        return [key for key in more if not (self._options.owner and key.content_type in PEOPLE)]

    def _plan(self) -> Plan:
        self._items.clear()
        self.attached.clear()
        order = restore_order()
        names = sorted(self._wanted, key=lambda name: (name in _PLANNED_LAST, order.index(name)))
        steps = [one for name in names for one in self._items.of_type(name, self._wanted[name])]
        steps = [self._items.settled(step) for step in steps]
        deletions = self._deletions(steps)
        self._deletion_keys = frozenset(step.key for step in deletions)
        met = {(key.content_type, one.id) for key, one in self.found.items() if one is not None}
        self.found.update(
            (key, one) for key, one in self.sides.misplaced_parts.hosts() if (key.content_type, key.id) not in met
        )
        return make_plan([*steps, *deletions])

    def _deletions(self, others: Sequence[Step]) -> list[Step]:
        if not (self._options.exact and self.sides.same_instance) and not self._selection.deletions:
            return []
        deletions = self._beyond_backup(others)
        steps = list(deletions.steps(self._selection))
        self.kept = deletions.kept
        to_delete = [step for step in steps if step.action == "remove"]
        for step in to_delete:
            self.found.update(deletions.before(step))
        going = {step.key for step in to_delete}
        live, backup = self.sides.live, self.sides.backup
        for key, found in attached(live, backup, going):
            if key not in self.found:
                self.found[key] = found
                self.attached.add(key)
        left = [step for step in others if step.lost and not step.writes]
        for key, found in to_be_emptied(live, backup, left, going):
            self.found.setdefault(key, found)
        return steps

    def _beyond_backup(self, others: Iterable[Step] = ()) -> Deletions:
        written = {
            ContentKey(step.content_type, step.destination_id): step.key
            for step in others
            if step.writes and step.destination_id is not None
        }
        return Deletions(
            self.sides.backup, self.sides.live, self.sides.destination, self.sides.facts.caller, self._made, written,
            self._edited,
        )  # fmt: skip

    def _note(self, key: ContentKey, payload: bytes | None) -> None:
        """Record parts of a live object that an undo leaves although the restore made them."""
        made = self._made or Made()
        self._edited.note(key, payload, self.sides.backup)
        if is_otherwise(self.sides.live, key, self._edited.lists):
            self._edited.mark(key, WRITES[key.content_type].copying)
        self._edited.keep(taught_to_others(self.sides.live, key, made.objects, made.rows))

    def removal(self) -> Removal:
        """Return what the removal of objects needs to know: see `Removal`."""
        made, sides = self._made or Made(), self.sides
        outliving = Outliving(sides.backup, sides.destination, made.outlived)
        return Removal(sides.live, sides.misplaced_parts, outliving, made.objects - self.kept.keys())

    def kept_since(self, plan: Plan, session_id: str) -> Mapping[ContentKey, Stays]:
        """Return those objects to be removed by an undo that stay after all, as people have worked on them since the plan; and
        why."""
        return self._worked_on((step.key for step in plan.removals), session_id)

    def _worked_on(self, keys: Iterable[ContentKey], session_id: str = "") -> Mapping[ContentKey, Stays]:
        to_delete = [key for key in keys if self._made is not None and key in self._made.objects]
        if self._made is None or not to_delete:
            return {}
        own = journal.entries(self._vault, session_id) if session_id else ()
        live = self.sides.live.anew()
        since = worked_on_since(self._edited, live, self.sides.backup, self._made, to_delete, own)
        self._edited.held |= {key for key, why in since.items() if why is not Stays.NEEDED}
        self.kept = {**self.kept, **since}
        return since

    def _would_remove(self, key: ContentKey) -> bool:
        """Return whether the same restore would remove a live object if it were exact."""
        name = key.content_type
        if self._options.exact or not self.sides.same_instance or name not in self._selection.allowed():
            return False
        if name not in self._removable:
            steps = self._beyond_backup().steps(self._selection.narrowed_to([name]))
            self._removable[name] = {step.key for step in steps if step.action == "remove"}
        return key in self._removable[name]

    def _asked(self) -> set[ContentKey]:
        return {ContentKey(name, one) for name, ids in self._wanted.items() for one in ids}


def _with_anew(plan: Plan, again: Iterable[Step]) -> Plan:
    """Return *plan* with what the same steps write, planned *again*, beside what is live now."""
    differences = {step.key: step.difference for step in again}
    renewed = (
        msgspec.structs.replace(step, difference=differences[step.key])
        if step.writes and step.key in differences
        else step
        for step in plan.steps
    )
    return Plan(tuple(renewed))
