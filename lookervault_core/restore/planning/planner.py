"""Make the plan of one restore: read the live side in bulk, find for each item what it stands for, compare."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Iterator

import msgspec

from lookervault_core.catalog import CATALOG, restore_order
from lookervault_core.diff.difference import NEW, Difference, Rules
from lookervault_core.diff.plan import Found, Plan, PlanOptions, Step, Wanted, make_plan
from lookervault_core.documents import SETTINGS, decode, known_shape
from lookervault_core.errors import BlobDamaged, CodecError, LookerError
from lookervault_core.families.access_lists.private import COPIED, dropped_with, gets_copies, naming_dropped
from lookervault_core.families.access_lists.tree import FALLS, fallen, falls, takes_out
from lookervault_core.families.dashboards.merge_queries import read_merges
from lookervault_core.families.delivery import switching
from lookervault_core.families.delivery.deliveries import Deliveries, explained, told
from lookervault_core.families.delivery.switching import leave_off
from lookervault_core.families.folders.misplaced import MOVED_HERE, Misplaced, keep_place, misplaced, told_of_misplaced
from lookervault_core.families.groups.attached import attached
from lookervault_core.families.groups.nesting import leave_circles
from lookervault_core.families.roles.guard import keep_admin
from lookervault_core.families.settings.leaving import keep_way_in, leave_logins
from lookervault_core.families.users.attribute_values import unknown_words
from lookervault_core.families.users.home_folders import REASON, homeless, keep_home, left_homeless
from lookervault_core.families.users.memberships import gained, keep_rows_of
from lookervault_core.families.users.ownership import PEOPLE, owned
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.failures import ends_all
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.by_owner import PARTS
from lookervault_core.restore.identity.changed_ids import nested_in
from lookervault_core.restore.options import RestoreOptions
from lookervault_core.restore.planning.ahead import links_ahead, names_ahead
from lookervault_core.restore.planning.deletions import Surplus
from lookervault_core.restore.planning.followers import Followers
from lookervault_core.restore.planning.judging import judged, note_palettes, shield_of, without_equals, writes_the_same
from lookervault_core.restore.planning.known_names import KnownNames, told_by_name
from lookervault_core.restore.planning.preflight import preflight
from lookervault_core.restore.planning.prerequisites import dependencies, in_trash, missing_needs, told_of_trash
from lookervault_core.restore.planning.selection import Selection, item_of
from lookervault_core.restore.planning.sides import Sides
from lookervault_core.restore.planning.sources import told_of_sources
from lookervault_core.restore.planning.taken_for_ours import TakenForOurs
from lookervault_core.restore.planning.unique_names import Names
from lookervault_core.restore.undoing.created import Made
from lookervault_core.vault import Vault

# They are written right after folders, but those of a board that the restore makes are planned once it is known to.
_OF_BOARDS_TOO = ("content_metadata", "content_metadata_accesses")
UNSURE = (
    "the restore was interrupted while it made this, and if it is there it stays; an undo a minute later finds it, as long as the "
    "vault has the snapshot that it came from"
)


class Planner:
    """Knows both sides of one restore. `found` has the live object of every item that will be written and of every object that
    will go, `attached` says which of them are there only because they name one that will go, `ready` what differs in
    dashboards of which no part is made or removed: those need not be compared again. `copied` is that of `Rules`."""

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
        leave: Callable[[Difference], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.found: dict[ContentKey, Found | None] = {}
        self.attached: set[ContentKey] = set()
        self.ready: dict[ContentKey, Difference] = {}
        self.warnings: tuple[str, ...] = ()
        self._options = options
        self._made = made
        self._leave = leave
        self._selection = selection = owned(selection, options)
        self._wanted = selection.items(backup)
        self._homes = set(selection.homes)
        self._moved_here: set[ContentKey] = set()
        self._losing: set[str] = set()
        self._blocked: set[ContentKey] = set()
        touched = {*self._wanted, *(key.content_type for key in selection.surplus)}
        self.sides = Sides(
            vault,
            looker,
            backup,
            preflight(vault, looker, options.target, touched),
            options,
            session_id=session_id,
            made=made,
            boards=lambda: self._wanted.get("boards", ()),
            sleep=sleep,
        )
        self._called = KnownNames(backup, self.sides.live, same_instance=self.sides.same_instance)
        self._deliveries = Deliveries(self.sides, selection, self._differs, self._called)
        self.sides.destination.gone.whole = not selection.is_small
        self.followers = Followers(self.sides, vault, session_id)
        self._names = Names(backup, self.sides.live, self.sides.destination, self._would_remove)
        self._taken = TakenForOurs(self.sides)
        self._removable: dict[str, set[ContentKey]] = {}

    def plan_options(self) -> PlanOptions:
        return PlanOptions(
            skip_if_modified=self._options.skip_if_modified,
            trashed_too=self._made is not None,
            merges=self.sides.backup.merge,
            live_merges=None if self.sides.same_instance else self.sides.live.merge,
            groups=self.sides.backup.names_of("groups"),
            matched=lambda key, live_id: self.sides.destination.remember(key, live_id, lasting=False),
            guard=self._guard,
            begun=self.sides.has_begun_on,
            names=self._called,
            stuck=self._stuck,
        )

    def _stuck(self, key: ContentKey) -> ContentKey | None:
        """Return the item of this plan that something is or is a part of, if that is blocked."""
        item = item_of(self.sides.backup, key)
        return item if item in self._blocked else None

    def _guard(self, difference: Difference) -> None:
        self._leave(difference)
        if self._selection.members:
            keep_rows_of(difference, self._selection.members, self.sides.destination.resolve)
        if self._options.delivers == "off":
            leave_off(difference)
        keep_home(difference, self._homes)
        keep_place(difference, self._moved_here)
        keep_admin(self.sides.facts.caller, difference)
        self._taken.keep_address(difference)
        self._keep_logins(difference)
        self._names.leave_out(difference)
        leave_circles(difference, self.sides.groups_around, self.sides.rules(self.sides.renamed))

    def _keep_logins(self, difference: Difference) -> None:
        """Leave how people sign in as it is unless that was asked for; an undo puts back what was written."""
        if difference.content_type != SETTINGS:
            return
        if self._made is None and not self._options.include_login_settings:
            leave_logins(difference)
        keep_way_in(difference, self.sides.me)

    def owes_a_name(self, key: ContentKey) -> bool:
        """Return whether an item comes back without a name that it gets as soon as another object lets go of it."""
        return self._names.is_owed(key.content_type, self._names.given_up.get(key, ()))

    def plan(self) -> Plan:
        """Return what there is to do, with the items that others need if they are to come along."""
        plan = self._plan()
        along = self._deliveries.along(plan)
        if along:
            self._add(along)
            plan = self._plan()
        lying_here = self._move_away()
        if self._moved_here:
            plan = self._plan()
        homeless = self._bring_homes(plan)
        if self._homes:
            plan = self._plan()
        named = self._names.given_out(self._with_dependencies(plan))
        while named is None:
            named = self._names.given_out(self._with_dependencies(self._plan()))
        plan = self._followed(named)
        asked = self._asked() | {step.key for step in plan.followers}
        self.warnings = (
            *self.sides.facts.warnings,
            *self._taken.told(),
            *self._deliveries.left_out(plan, along, asked),
            *self._deliveries.gone_along(plan, asked),
            *self.followers.left_out(),
            *left_homeless(homeless),
            *told_of_misplaced(lying_here, self._called),
            *(fallen(self.sides.backup, self._losing, self._asked()) if self._losing else ()),
            *self._memberships_gained(),
            *self._unknown_sources(plan),
            *switching.told(plan, self.sides.backup),
        )
        if self._made is None:
            self.warnings += tuple(
                told_of_sources(self.sides.backup, dict.fromkeys(s.content_type for s in plan.steps))
            )
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
        reasons = {ContentKey("users", one): REASON for one in self._homes} | dict.fromkeys(
            self._moved_here, MOVED_HERE
        )
        return told_by_name(explained(told(plan, along, self._called), reasons), self._called)

    def _unknown_sources(self, plan: Plan) -> Iterator[str]:
        """Yield a warning for each word for the source of a value that is written, or may be overwritten, and that is not known."""
        keys = [step.key for step in plan.of("user_attribute_values")]
        bodies = [self.sides.backup.payload(key.content_type, key.id) for key in keys]
        bodies += [found.payload for key in keys if (found := self.found.get(key)) and found.payload]
        return unknown_words([row for body in bodies for row in decode(body)], self.sides.backup.names_of("groups"))

    def _followed(self, plan: Plan) -> Plan:
        """Return *plan* with what is to follow, whose live state is kept as that of the items is."""
        plan = self.followers.add(plan, self._selection.allowed(), undoes=self._made is not None)
        self.found |= {step.key: self.followers.found[step.key] for step in plan.followers}
        return plan

    def _add(self, keys: Iterable[ContentKey]) -> None:
        for key in keys:
            self._wanted.setdefault(key.content_type, []).append(key.id)

    def _bring_homes(self, plan: Plan) -> list[ContentKey]:
        """Let the home folders of users come along that the plan makes anew; return the users of whom that is not allowed."""
        if not self.sides.same_instance or self._made is not None:
            return []
        lost = homeless(self.sides.destination, plan, self._asked())
        if "users" not in self._selection.allowed():
            return lost
        self._homes.update(key.id for key in lost)
        self._add(lost)
        return []

    def _move_away(self) -> list[Misplaced]:
        """Let what was moved into the folders come along, back to its own, if the restore is exact; else return it."""
        if not self.sides.same_instance or self._made is not None or not self._selection.folders:
            return []
        exact = self._options.exact
        found = list(misplaced(self._selection, self.sides.backup, self.sides.live, self.sides.destination, ask=exact))
        if not exact:
            return found
        self._moved_here.update(one.key for one in found)
        self._add(one.key for one in found)
        return []

    def _memberships_gained(self) -> Iterator[str]:
        """Yield what users have by now that are restored by themselves, and keep."""
        for user_id in self._selection.members if self.sides.same_instance else ():
            key = ContentKey("users", user_id)
            body = self.sides.live.get("users", self.sides.renamed("users", user_id) or user_id)
            if body:
                yield from gained(key, self.sides.backup.readable("users", user_id) or {}, decode(body))

    def _differs(self, key: ContentKey) -> bool:
        """Return whether an item that is not to be restored is not as in the backup."""
        with known_shape(key):
            wanted = self.sides.backup.wanted(key)
            found = self._find(wanted)
            step, _ = judged(
                wanted, found, self.sides.destination, self.sides.rules(self.sides.renamed), self.plan_options()
            )
        return step.writes or step.action == "blocked"

    def look_again(self, plan: Plan) -> Plan:
        """Return *plan* once all that it writes is read again: what somebody has changed since is planned anew, and `found` has it.

        Lists are left out: each is read again right before it is written.
        """
        writing, stale = {step.key for step in plan.steps if step.writes}, set[ContentKey]()
        for name in dict.fromkeys(key.content_type for key in self.found):
            for key, payload in self._reread(name, writing).items():
                if key in writing:
                    stale.add(key)
                elif payload is not None and (met := self.found[key]) is not None:  # it goes, or goes with what is to
                    self.found[key] = Found(met.id, payload)
        if not stale:
            return plan
        if stale & {step.key for step in plan.followers}:
            return self.plan()
        rules, options = self._judging()
        again = [self._plan_item(key, rules, options) for key in sorted(stale, key=self.sides.backup.level)]
        shown = {step.key: step for step in plan.steps if step.writes}
        return plan if all(writes_the_same(step, shown[step.key]) for step in again) else self.plan()

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
        self.found.clear()
        self.attached.clear()
        self.ready.clear()
        self._losing.clear()
        self._blocked.clear()
        self.sides.destination.pending.clear()
        self.sides.destination.gone.coming.clear()
        order = restore_order()
        names = sorted(self._wanted, key=lambda name: (name in _OF_BOARDS_TOO, order.index(name)))
        steps = [self._settled(step) for step in [one for name in names for one in self._plan_type(name)]]
        surplus = self._surplus(steps)
        met = {one.id for key, one in self.found.items() if key.content_type == "boards" and one is not None}
        self.found.update((key, one) for key, one in self.sides.strays.hosts() if key.id not in met)
        return make_plan([*steps, *surplus])

    def _surplus(self, others: Iterable[Step]) -> list[Step]:
        if not (self._options.exact and self.sides.same_instance) and not self._selection.surplus:
            return []
        surplus = self._beyond_backup(others)
        steps = list(surplus.steps(self._selection))
        going = [step for step in steps if step.action == "remove"]
        for step in going:
            self.found.update(surplus.before(step))
        for key, found in attached(self.sides.live, self.sides.backup, {step.key for step in going}):
            if key not in self.found:
                self.found[key] = found
                self.attached.add(key)
        return steps

    def _beyond_backup(self, others: Iterable[Step] = ()) -> Surplus:
        made = self._made.objects if self._made is not None else None
        written = {
            ContentKey(step.content_type, step.destination_id): step.key
            for step in others
            if step.writes and step.destination_id is not None
        }
        outlived = self._made.outlived if self._made is not None else ()
        return Surplus(
            self.sides.backup, self.sides.live, self.sides.destination, self.sides.facts.caller, made, written, outlived
        )

    def _would_remove(self, key: ContentKey) -> bool:
        """Return whether the same restore would remove a live object if it were exact."""
        name = key.content_type
        if self._options.exact or not self.sides.same_instance or name not in self._selection.allowed():
            return False
        if name not in self._removable:
            steps = self._beyond_backup().steps(self._selection.narrowed_to([name]))
            self._removable[name] = {step.key for step in steps if step.action == "remove"}
        return key in self._removable[name]

    def _plan_type(self, name: str) -> Iterator[Step]:
        self._read_live(name)
        if name == "dashboards" and not self.sides.same_instance:
            read_merges(self.sides, self._wanted[name])
        rules, options = self._judging()
        keys = [ContentKey(name, one) for one in self._wanted[name]]
        for step in [self._plan_item(key, rules, options) for key in sorted(keys, key=self.sides.backup.level)]:
            late = any(need.content_type == name and need in self.sides.destination.pending for need in step.needs)
            yield self._plan_item(step.key, rules, options) if late else step

    def _settled(self, step: Step) -> Step:
        """Return the step of an item once it is known what is made after it: it may link to that, or name it in a late field."""
        try:
            early = links_ahead(self.sides.destination, step) or names_ahead(self.sides.destination, step)
        except (BlobDamaged, CodecError):  # a merge query behind its tiles is
            early = False
        return self._plan_item(step.key, *self._judging()) if early else step

    def _judging(self) -> tuple[Rules, PlanOptions]:
        options = msgspec.structs.replace(
            self.plan_options(), absent=self.sides.destination.pending.add, compared=self._compared
        )
        return self.sides.rules(self.sides.renamed), options

    def _read_live(self, name: str) -> None:
        if CATALOG[name].single:
            return
        if self.sides.same_instance and not self.sides.live.is_listed(name):
            self.sides.live.expect(name, self.sides.backup.digests(name))
        whole = not self._selection.is_small or not self.sides.same_instance
        self.sides.destination.read(name, self._wanted[name], whole=whole)
        if name == "boards":
            self.sides.strays.read_for(self._wanted[name])

    def _plan_item(self, key: ContentKey, rules: Rules, options: PlanOptions) -> Step:
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
        shield = shield_of(wanted, self.sides.destination)
        if shield:  # there is nothing to read for it either
            return Step(key.content_type, key.id, wanted.name, "skip", reason=shield)
        found = self._find(wanted)
        self._taken.note(key, wanted.name, found)
        step = self._names.blocked.get(key)
        if step is None:
            step, found = judged(wanted, found, self.sides.destination, rules, options)
        step = self._in_its_tree(step, key)
        if found is not None and found.id != NEW:
            self.sides.destination.remember(key, found.id, lasting=False)
            note_palettes(self.sides.destination, wanted, found, writes=step.writes)
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
            self._losing.add(key.id)
            return msgspec.structs.replace(step, action="update", calls=1, reason=COPIED)
        if step.action == "skip" and self._losing and falls(self.sides.backup, key, self._losing):
            return msgspec.structs.replace(step, action="update", calls=1, reason=FALLS)
        return step

    def _find(self, wanted: Wanted) -> Found | None:
        """Return the live object of an item; equal bytes are no proof where it names what is gone or has another id."""
        found = self.sides.destination.find(wanted)
        if found is not None and self.sides.same_instance and self.sides.destination.names_moved(wanted, found.payload):
            found.moved = True
        return found

    def _compared(self, key: ContentKey, difference: Difference) -> None:
        self.sides.strays.note(difference)
        if takes_out(difference):
            self._losing.add(key.id)
        self.ready.pop(key, None)
        # On another instance a dashboard may link to one that is matched only after it.
        ready = self.sides.same_instance and key.content_type == "dashboards"
        shallow = without_equals(difference) if ready else None
        if shallow is not None:
            self.ready[key] = shallow

    def _asked(self) -> set[ContentKey]:
        return {ContentKey(name, one) for name, ids in self._wanted.items() for one in ids}
