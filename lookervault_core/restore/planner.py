"""Make the plan of one restore: read the live side in bulk, find for each item what it stands for, compare."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import takewhile

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog_writes import WRITES, restore_order
from lookervault_core.differences import NEW, Difference, Rules
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.plan import Found, Plan, PlanOptions, Step, Wanted, make_plan, plan_step, protection
from lookervault_core.references import Resolve
from lookervault_core.restore.attached import attached
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.destination import Destination
from lookervault_core.restore.live import Live
from lookervault_core.restore.made import Made
from lookervault_core.restore.needs import missing_needs
from lookervault_core.restore.preflight import preflight
from lookervault_core.restore.selection import Selection, item_of, with_own_parts
from lookervault_core.restore.surplus import Surplus
from lookervault_core.vault import Vault, id_map, journal, restorations


class RestoreOptions(msgspec.Struct, frozen=True):
    """How to restore; kept with the session, so that a resumed run does the same. `max_dlq_size` 0 means no limit.

    `retry_delay_s` is for who runs batches: how long to wait before one that failed as a whole is tried again.
    `undo_of` names the session that is taken back: what people have added to objects since stays.
    `label` is a caller's own name for the run: the same caller coming back goes on with it.
    """

    exact: bool = False
    skip_if_modified: bool = False
    with_dependencies: bool = False
    skip_validation: bool = False
    skip_id_mapping: bool = False
    target: str | None = None
    workers: int = 8
    checkpoint_interval: int = 100
    max_retries: int = 5
    max_dlq_size: int = 0
    retry_delay_s: float = 30.0
    undo_of: str | None = None
    label: str | None = None


class Planner:
    """Knows both sides of one restore. `found` has the live object of every item that will be written and of every object that
    will go, `attached` says which of them are there only because they name one that will go, `ready` what differs in
    dashboards of which no part is made or removed: those need not be compared again."""

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
        self._wanted = selection.items(backup)
        touched = {*self._wanted, *(key.content_type for key in selection.surplus)}
        self.facts = preflight(vault, looker, options.target, touched)
        self.same_instance = self.facts.same_instance and options.target is None
        self.target = options.target or looker.connection.base_url
        self.warnings: tuple[str, ...] = ()
        self.live = Live(looker, options.workers, with_queries=not self.same_instance, sleep=sleep)
        self.destination = Destination(self.live, backup, self._known_ids(), self.rules(self._renamed))
        if session_id is not None:
            self.destination.there_before |= restorations.there_before(restorations.get(vault, session_id))
        for entry in journal.unknown_creates(vault, self.target):
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
            same_instance=self.same_instance,
            writable=self.facts.takes,
            renamed=renamed,
            permissions=self.facts.caller.permissions,
            host=self._vault.instance_url and self._vault.instance_url.partition("://")[2],
        )

    def plan_options(self) -> PlanOptions:
        return PlanOptions(
            skip_if_modified=self._options.skip_if_modified,
            trashed_too=self._made is not None,
            in_vault=lambda kind, one: item_of(self.backup, ContentKey(kind, one)) is not None,
            merges=self.backup.merge,
            live_merges=None if self.same_instance else self.live.merge,
            matched=lambda key, live_id: self.destination.remember(key, live_id, lasting=False),
        )

    def plan(self) -> Plan:
        """Return what there is to do, with the items that others need if they are to come along."""
        plan = self._plan()
        while self._options.with_dependencies and (more := self._dependencies(plan)):
            for key in more:
                self._wanted.setdefault(key.content_type, []).append(key.id)
            plan = self._plan()
        self.warnings = self.facts.warnings
        if self._made is not None:
            kept = (step for step in plan.steps if step.action == "skip" and step.key in self._made.objects)
            self.warnings += tuple(f"{step.key}: {step.reason}" for step in kept)
        if not self._options.skip_validation:
            self.warnings += missing_needs(self.backup, self.live, plan, same_instance=self.same_instance)
        return plan

    def _renamed(self, content_type: str, item_id: str) -> str | None:
        if ContentKey(content_type, item_id) in self.destination.pending:
            return NEW
        return self.destination.renamed(content_type, item_id)

    def _plan(self) -> Plan:
        self.found.clear()
        self.attached.clear()
        self.ready.clear()
        self.destination.pending.clear()
        steps = [step for name in restore_order() if name in self._wanted for step in self._plan_type(name)]
        return make_plan([*steps, *self._surplus()])

    def _surplus(self) -> list[Step]:
        if not (self._options.exact and self.same_instance) and not self._selection.surplus:
            return []
        made = self._made.objects if self._made is not None else None
        surplus = Surplus(self.backup, self.live, self.destination, self.facts.caller, made)
        steps = list(surplus.steps(self._selection))
        going = [step for step in steps if step.action == "remove"]
        for step in going:
            self.found.update(surplus.before(step))
        for key, found in attached(self.live, self.backup, {step.key for step in going}):
            if key not in self.found:
                self.found[key] = found
                self.attached.add(key)
        return steps

    def _plan_type(self, name: str) -> Iterator[Step]:
        self._read_live(name)
        options = msgspec.structs.replace(
            self.plan_options(), absent=self.destination.pending.add, compared=self._keep_if_shallow
        )
        rules = self.rules(self._renamed)
        keys = [ContentKey(name, one) for one in self._wanted[name]]
        for step in [self._plan_item(key, rules, options) for key in sorted(keys, key=self.backup.level)]:
            late = any(need.content_type == name and need in self.destination.pending for need in step.needs)
            yield self._plan_item(step.key, rules, options) if late else step

    def _read_live(self, name: str) -> None:
        if name == "content_metadata" and "boards" in self._wanted:
            self._read_live("boards")
            gone = (one for one in self._wanted["boards"] if self.destination.resolve("boards", one) is None)
            self.destination.pending.update(ContentKey("boards", one) for one in gone)
        if CATALOG[name].single:
            return
        if self.same_instance and not self.live.is_listed(name):
            self.live.expect(name, self.backup.digests(name))
        whole = not self._selection.is_small or not self.same_instance
        self.destination.read(name, self._wanted[name], whole=whole)

    def _plan_item(self, key: ContentKey, rules: Rules, options: PlanOptions) -> Step:
        name = self.backup.rows(key.content_type)[key.id].name
        try:
            wanted = self.backup.wanted(key)
            shield = self._shield(wanted)
            if shield:  # there is nothing to read for it either
                return Step(key.content_type, key.id, name, "skip", reason=shield)
            found = self.destination.find(wanted)
            if found is not None and self.same_instance and self.destination.names_moved(wanted):
                found.moved = True
            step, found = judged(wanted, found, self.destination, rules, options)
        except (BlobDamaged, CodecError) as exc:
            return Step(key.content_type, key.id, name, "blocked", reason=str(exc))
        if found is not None and found.id != NEW and not found.stranger:
            self.destination.remember(key, found.id, lasting=False)
        elif step.action == "create":
            self.destination.pending.update({key} | self.destination.nested_in(wanted))
        if step.writes:
            self.found[key] = found
        return step

    def _keep_if_shallow(self, key: ContentKey, difference: Difference) -> None:
        self.ready.pop(key, None)
        shallow = _without_equals(difference) if key.content_type == "dashboards" else None
        if shallow is not None:
            self.ready[key] = shallow

    def _shield(self, wanted: Wanted) -> str:
        """Return why an item needs no look at the live side, or ""."""
        if wanted.key.content_type == "content_metadata":
            return protection("content_metadata", wanted.decoded)
        if wanted.key.content_type == "group_users":
            return protection("groups", self.backup.decoded("groups", wanted.key.id))
        if wanted.key.content_type == "color_collections" and wanted.key.id in self.live.standard_colors:
            return "one of Looker's own collections"
        return ""

    def _dependencies(self, plan: Plan) -> list[ContentKey]:
        """Return items of the backup that steps of *plan* need and that nobody has asked for yet."""
        asked = {ContentKey(name, one) for name, ids in self._wanted.items() for one in ids}
        needed = {item_of(self.backup, key) for step in plan.steps for key in step.needs}
        items = [key for key in needed if key is not None and key.content_type in WRITES]
        return sorted({part for key in items for part in with_own_parts(self.backup, key)} - asked)


def _without_equals(one: Difference) -> Difference | None:
    """Return a difference without what is equal, or None if something in it is to be made or removed."""
    if one.live is None or one.lacks or one.extras or NEW in str(one.changed):
        return None
    children = [_without_equals(child) for child in one.children if not child.empty]
    if None in children:
        return None
    source, live = (msgspec.structs.replace(doc, children={}) for doc in (one.source, one.live))
    return msgspec.structs.replace(one, source=source, live=live, children=children)


def judged(
    wanted: Wanted, found: Found | None, destination: Destination, rules: Rules, options: PlanOptions
) -> tuple[Step, Found | None]:
    """Return the step for an item; where queries differ by what a listing shows of them, they are read in full first."""
    step = plan_step(wanted, found, destination.resolve, rules, options)
    if found is None or not any("query" in change.path for change in step.fields):
        return step, found
    found = destination.in_full(wanted.key.content_type, found)
    options = msgspec.structs.replace(options, live_merges=destination.live.merge)
    return plan_step(wanted, found, destination.resolve, rules, options), found
