"""Make the plan of one restore: read the live side in bulk, find for each item what it stands for, compare."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import takewhile

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog_writes import WRITES, restore_order
from lookervault_core.differences import NEW, Difference, Rules
from lookervault_core.documents import decode, known_shape
from lookervault_core.errors import BlobDamaged, CodecError, LookerError
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.plan import AS_IN_BACKUP, Found, Plan, PlanOptions, Step, Wanted, make_plan
from lookervault_core.references import Resolve
from lookervault_core.restore.attached import attached
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.belonging import PARTS, body_of
from lookervault_core.restore.deliveries import hanging_on, is_made_anew, left_out, owners, told
from lookervault_core.restore.destination import Destination
from lookervault_core.restore.failures import ends_all
from lookervault_core.restore.fresh import SETTLED
from lookervault_core.restore.guard import keep_admin
from lookervault_core.restore.judging import judged, note_palettes, shield_of, without_equals, writes_the_same
from lookervault_core.restore.live import Live
from lookervault_core.restore.made import Made, is_create
from lookervault_core.restore.moved import LINKING, nested_in
from lookervault_core.restore.names import Names
from lookervault_core.restore.needs import dependencies, in_trash, missing_needs, told_of_trash
from lookervault_core.restore.nesting import leave_circles
from lookervault_core.restore.options import RestoreOptions
from lookervault_core.restore.preflight import preflight
from lookervault_core.restore.private import COPIED, dropped_with, gets_copies
from lookervault_core.restore.selection import Selection, item_of
from lookervault_core.restore.strays import Strays
from lookervault_core.restore.surplus import Surplus
from lookervault_core.vault import Vault, id_map, journal, restorations

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
        self.backup = backup
        self.found: dict[ContentKey, Found | None] = {}
        self.attached: set[ContentKey] = set()
        self.ready: dict[ContentKey, Difference] = {}
        self._vault = vault
        self._selection = selection
        self._options = options
        self._made = made
        self._leave = leave
        self._wanted = selection.items(backup)
        touched = {*self._wanted, *(key.content_type for key in selection.surplus)}
        self.facts = preflight(vault, looker, options.target, touched)
        self.same_instance = self.facts.same_instance and options.target is None
        self.target = options.target or looker.connection.base_url
        self.warnings: tuple[str, ...] = ()
        lately = journal.entries(vault, session_id, vault.now() - SETTLED) if session_id else []
        fresh = {(one.key.content_type, one.destination_id) for one in lately if one.destination_id and is_create(one)}
        self.copied = journal.copied_lists(vault, self.target)
        self.live = Live(looker, options.workers, with_queries=not self.same_instance, fresh=fresh, sleep=sleep)
        unknown = journal.unknown_creates(vault, self.target)
        self._unsure = frozenset((one.key.content_type, one.key.id) for one in unknown if is_create(one))
        self._strays = Strays(backup, self.live, self._renamed, self._boards_put_back)
        self.destination = Destination(self.live, backup, self._known_ids(), self.rules(self._renamed))
        self._names = Names(backup, self.live, self.destination, self._would_remove)
        self._removable: dict[str, set[ContentKey]] = {}
        self._written: set[ContentKey] = set()
        if session_id is not None:
            self._written = journal.written_keys(vault, session_id)
            self.destination.there_before |= restorations.there_before(restorations.get(vault, session_id))
        for entry in unknown:
            began = restorations.get(vault, entry.session_id)
            self.destination.orphans[entry.key] = restorations.there_before(began)
            self.destination.sent_at[entry.key] = datetime.fromisoformat(entry.started_at)

    def _known_ids(self) -> dict[ContentKey, str]:
        """Return the id map; for an undo what has come about since the restore that it takes back, as by an earlier try of it: the
        state before that restore goes by the ids of its time."""
        if self._made is None:
            return {} if self._options.skip_id_mapping else id_map.load(self._vault, self.target)
        newest_first = (one.session_id for one in restorations.newest_first(self._vault))
        since = set(takewhile(lambda one: one != self._options.undo_of, newest_first))
        known = id_map.load(self._vault, self.target, since)
        return {key: one for key, one in known.items() if ContentKey(key.content_type, one) not in self._made.objects}

    def rules(self, renamed: Resolve) -> Rules:
        return Rules(
            exact=self._options.exact,
            made=self._made.rows if self._made is not None else None,
            removed=self._made.removed if self._made is not None else frozenset(),
            unsure=self._unsure,
            same_instance=self.same_instance,
            writable=self.facts.takes,
            renamed=renamed,
            permissions=self.facts.caller.permissions,
            host=self._vault.instance_url and self._vault.instance_url.partition("://")[2],
            in_backup=self._in_backup,
            still=lambda name: self.destination.moved.is_still(name),
            copied=self.copied,
            elsewhere=self._strays.elsewhere,
            is_of_another=self._strays.is_of_another,
        )

    def _in_backup(self, content_type: str, item_id: str) -> bool:
        """Return whether a restore could bring an object along."""
        item = item_of(self.backup, ContentKey(content_type, item_id))
        return item is not None and item.content_type in WRITES

    def _boards_put_back(self) -> Collection[str]:
        return self._wanted.get("boards", ()) if self.same_instance else ()

    def plan_options(self) -> PlanOptions:
        return PlanOptions(
            skip_if_modified=self._options.skip_if_modified,
            trashed_too=self._made is not None,
            merges=self.backup.merge,
            live_merges=None if self.same_instance else self.live.merge,
            matched=lambda key, live_id: self.destination.remember(key, live_id, lasting=False),
            guard=self._guard,
            begun=self._has_begun_on,
        )

    def _guard(self, difference: Difference) -> None:
        self._leave(difference)
        keep_admin(self.facts.caller, difference)
        self._names.leave_out(difference)
        leave_circles(difference, self._groups_around, self.rules(self._renamed))

    def _groups_around(self, group_id: str) -> set[str]:
        """Return the groups that a live group is in."""
        body = body_of(self.live, self.backup, "groups", group_id)
        return {str(one) for one in (decode(body).get("parent_group_ids") if body else None) or ()}

    def owes_a_name(self, key: ContentKey) -> bool:
        """Return whether an item comes back without a name that it gets as soon as another object lets go of it."""
        return self._names.is_owed(key.content_type, self._names.given_up.get(key, ()))

    def _has_begun_on(self, wanted: Wanted) -> bool:
        """Return whether an earlier attempt has written to an item, to a part of it, or to what the list belongs to."""
        owner = ContentKey(CATALOG[wanted.key.content_type].targets_from or "", wanted.key.id)
        return bool(
            self._written and self._written & {wanted.key, owner, *nested_in(wanted.key.content_type, wanted.decoded)}
        )

    def plan(self) -> Plan:
        """Return what there is to do, with the items that others need if they are to come along."""
        plan = self._plan()
        along = self._along(plan)
        if along:
            self._add(along)
            plan = self._plan()
        named = self._names.given_out(self._with_dependencies(plan))
        while named is None:
            named = self._names.given_out(self._with_dependencies(self._plan()))
        plan = named
        self.warnings = (*self.facts.warnings, *self._left_out(plan, along))
        if self._made is not None:
            kept = (step for step in plan.steps if step.action == "skip" and step.key in self._made.objects)
            self.warnings += tuple(f"{step.key}: {step.reason}" for step in kept)
            self.warnings += tuple(f"{key}: {UNSURE}" for key in sorted(self._made.unsure))
        if not self._options.skip_validation:
            self.warnings += missing_needs(self.backup, self.live, plan, same_instance=self.same_instance)
            self.warnings += tuple(told_of_trash(in_trash(self.backup, self.destination, plan)))
        return told(plan, along)

    def _add(self, keys: Iterable[ContentKey]) -> None:
        for key in keys:
            self._wanted.setdefault(key.content_type, []).append(key.id)

    def _along(self, plan: Plan) -> dict[ContentKey, ContentKey]:
        """Return the plans and alerts that come along, each with the dashboard or look that is made anew."""
        anew = [one for one in owners(plan, self._selection) if is_made_anew(one, same_instance=self.same_instance)]
        try:
            return {key: one.key for one in anew for key in hanging_on(self.backup, one.key, self._selection)}
        except (BlobDamaged, CodecError):  # `_left_out` tells of it
            return {}

    def _left_out(self, plan: Plan, along: Mapping[ContentKey, ContentKey]) -> Iterator[str]:
        """Yield a line for each single dashboard or look whose plans and alerts differ from the backup and stay so."""
        for owner in owners(plan, self._selection):
            if owner.key in along.values():
                continue
            try:
                hanging = hanging_on(self.backup, owner.key, self._selection)
                others = [key for key in hanging if key not in self._asked()]
                if owner.destination_id is not None and owner.content_type == "dashboards":
                    self.destination.tiles.see(self.live.get("dashboards", owner.destination_id))
                for name in dict.fromkeys(key.content_type for key in others):
                    self.destination.read(name, [key.id for key in others if key.content_type == name])
                keys = [key for key in others if self._differs(key)]
            except (BlobDamaged, CodecError) as exc:
                yield f"{owner.key}: whether all its plans and alerts are as in the backup cannot be told: {exc}"
                continue
            if keys:
                yield left_out(owner.key, keys)

    def _differs(self, key: ContentKey) -> bool:
        """Return whether an item that is not to be restored is not as in the backup."""
        with known_shape(key):
            wanted = self.backup.wanted(key)
            found = self.destination.find(wanted)
            step, _ = judged(wanted, found, self.destination, self.rules(self._renamed), self.plan_options())
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
                elif payload is not None:  # it is to go, or goes with what is to
                    self.found[key] = Found(key.id, payload)
        if not stale:
            return plan
        rules, options = self._judging()
        again = [self._plan_item(key, rules, options) for key in sorted(stale, key=self.backup.level)]
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
        now = self.destination.renew(name, {one.id for one in met.values()})
        return {key: body for key, one in met.items() if ((body := now(one.id)) or None) != one.payload}

    def _renamed(self, content_type: str, item_id: str) -> str | None:
        if ContentKey(content_type, item_id) in self.destination.pending:
            return NEW
        return self.destination.renamed(content_type, item_id)

    def _with_dependencies(self, plan: Plan) -> Plan:
        while self._options.with_dependencies and (more := dependencies(self.destination, plan, self._asked())):
            self._add(more)
            plan = self._plan()
        return plan

    def _plan(self) -> Plan:
        self.found.clear()
        self.attached.clear()
        self.ready.clear()
        self.destination.pending.clear()
        order = restore_order()
        names = sorted(self._wanted, key=lambda name: (name in _OF_BOARDS_TOO, order.index(name)))
        steps = [self._linked(step) for step in [one for name in names for one in self._plan_type(name)]]
        surplus = self._surplus(steps)
        met = {one.id for key, one in self.found.items() if key.content_type == "boards" and one is not None}
        self.found.update((key, one) for key, one in self._strays.hosts() if key.id not in met)
        return make_plan([*steps, *surplus])

    def _surplus(self, others: Iterable[Step]) -> list[Step]:
        if not (self._options.exact and self.same_instance) and not self._selection.surplus:
            return []
        surplus = self._beyond_backup(others)
        steps = list(surplus.steps(self._selection))
        going = [step for step in steps if step.action == "remove"]
        for step in going:
            self.found.update(surplus.before(step))
        for key, found in attached(self.live, self.backup, {step.key for step in going}):
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
        return Surplus(self.backup, self.live, self.destination, self.facts.caller, made, written)

    def _would_remove(self, key: ContentKey) -> bool:
        """Return whether the same restore would remove a live object if it were exact."""
        name = key.content_type
        if self._options.exact or not self.same_instance or name not in self._selection.allowed():
            return False
        if name not in self._removable:
            steps = self._beyond_backup().steps(self._selection.narrowed_to([name]))
            self._removable[name] = {step.key for step in steps if step.action == "remove"}
        return key in self._removable[name]

    def _plan_type(self, name: str) -> Iterator[Step]:
        self._read_live(name)
        rules, options = self._judging()
        keys = [ContentKey(name, one) for one in self._wanted[name]]
        for step in [self._plan_item(key, rules, options) for key in sorted(keys, key=self.backup.level)]:
            late = any(need.content_type == name and need in self.destination.pending for need in step.needs)
            yield self._plan_item(step.key, rules, options) if late else step

    def _linked(self, step: Step) -> Step:
        """Return the step of an item that is as in the backup but for a link to what is made after it."""
        skipped = step.action == "skip" and step.reason in AS_IN_BACKUP and step.content_type in LINKING
        moved = self.destination.moved
        try:
            linked = skipped and moved.makes_content and moved.linked_by(self.backup.wanted(step.key))
        except (BlobDamaged, CodecError):  # a merge query behind its tiles is
            linked = False
        return self._plan_item(step.key, *self._judging()) if linked else step

    def _judging(self) -> tuple[Rules, PlanOptions]:
        options = msgspec.structs.replace(
            self.plan_options(), absent=self.destination.pending.add, compared=self._compared
        )
        return self.rules(self._renamed), options

    def _read_live(self, name: str) -> None:
        if CATALOG[name].single:
            return
        if self.same_instance and not self.live.is_listed(name):
            self.live.expect(name, self.backup.digests(name))
        whole = not self._selection.is_small or not self.same_instance
        self.destination.read(name, self._wanted[name], whole=whole)

    def _plan_item(self, key: ContentKey, rules: Rules, options: PlanOptions) -> Step:
        try:
            with known_shape(key):
                return self._plan_payload(key, rules, options)
        except (BlobDamaged, CodecError, LookerError) as exc:
            if ends_all(exc):
                raise
            name = self.backup.rows(key.content_type)[key.id].name
            return Step(key.content_type, key.id, name, "blocked", reason=str(exc))

    def _plan_payload(self, key: ContentKey, rules: Rules, options: PlanOptions) -> Step:
        wanted = self.backup.wanted(key)
        shield = shield_of(wanted, self.destination)
        if shield:  # there is nothing to read for it either
            return Step(key.content_type, key.id, wanted.name, "skip", reason=shield)
        found = self.destination.find(wanted)
        if found is not None and self.same_instance and self.destination.names_moved(wanted):
            found.moved = True
        step = self._names.blocked.get(key)
        if step is None:
            step, found = judged(wanted, found, self.destination, rules, options)
        if step.action == "skip" and gets_copies(self.backup, key, self.found):
            step = msgspec.structs.replace(step, action="update", calls=1, reason=COPIED)
        if found is not None and found.id != NEW:
            self.destination.remember(key, found.id, lasting=False)
            note_palettes(self.destination, wanted, found, writes=step.writes)
        elif step.action == "create":
            self.destination.pending.update({key} | nested_in(wanted.key.content_type, wanted.decoded))
        if step.writes:
            self.found[key] = found.small() if found else None
            self.found.update(dropped_with(self.live, key, found))
        return step

    def _compared(self, key: ContentKey, difference: Difference) -> None:
        self._strays.note(difference)
        self.ready.pop(key, None)
        # On another instance a dashboard may link to one that is matched only after it.
        ready = self.same_instance and key.content_type == "dashboards"
        shallow = without_equals(difference) if ready else None
        if shallow is not None:
            self.ready[key] = shallow

    def _asked(self) -> set[ContentKey]:
        return {ContentKey(name, one) for name, ids in self._wanted.items() for one in ids}
