"""One restore up to its first write: both sides are read, the plan is made, and `begin` turns it into what carries it out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import WRITES
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.planning.plan import Plan
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.execution import Execution
from lookervault_core.restore.applying.failures import nothing_written
from lookervault_core.restore.applying.journaled_writer import Writer
from lookervault_core.restore.applying.outcome import StepDone
from lookervault_core.restore.applying.passes import Early
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.planning.planner import Planner
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.undoing.undo import Undo, keep_live_state
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import id_map, restorations


class RestoreRun:
    """A restore up to its first write: `plan` reads both sides and writes nothing, `begin` returns the `Execution` of the plan.

    `session_id` resumes an earlier run, `narrowed` only a part of it, so that it stays unfinished. `snapshots` has the snapshot to
    read each type from, if that is settled; with `undo` it takes another restore back; `backup` replaces the vault's own.
    """

    def __init__(
        self,
        vault: Vault,
        looker: Looker,
        selection: Selection,
        options: RestoreOptions | None = None,
        *,
        snapshot_id: int | None = None,
        snapshots: Mapping[str, int] | None = None,
        undo: Undo | None = None,
        backup: Backup | None = None,
        session_id: str | None = None,
        narrowed: bool = False,
        on_step: Callable[[StepDone], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.vault, self.looker = vault, looker
        self.selection = selection
        self.options = options or RestoreOptions()
        self.session_id = session_id
        self._narrowed, self._on_step = narrowed, on_step
        states: dict[str, Any] = {"of_state": undo.of_state, "part_of": undo.part_of} if undo else {}
        self.backup = backup or Backup(vault, snapshot_id, snapshots, **states)
        self.snapshot_id = snapshot_id
        self._undo = undo
        self._clock, self._sleep, self._started_s = clock, sleep, clock()
        self._calls_before = looker.calls
        self._planner: Planner | None = None
        self._planned: Plan | None = None
        self.planned_with = 0  # requests, those of the login and the admission among them

    @property
    def planner(self) -> Planner:
        """Return the planner, which has read both sides of the restore; it is made at the first call."""
        if self._planner is None:
            with nothing_written():
                self._planner = Planner(
                    self.vault,
                    self.looker,
                    self.backup,
                    self.selection,
                    self.options,
                    session_id=self.session_id,
                    made=self._undo.made if self._undo else None,
                    edited=self._undo.edited if self._undo else None,
                    leave=self._undo.leave if self._undo else lambda *_: None,
                    sleep=self._sleep,
                )
        return self._planner

    @property
    def destination(self) -> Destination:
        return self.planner.sides.destination

    def plan(self) -> Plan:
        """Return the plan. Reads Looker, writes nothing; a second call returns the same plan."""
        if self._planned is None:
            planner = self.planner
            with nothing_written():
                self._planned = planner.plan()
            self.planned_with = self.looker.requests
        return self._planned

    def begin(self) -> Execution:
        """Enter the session, keep the live state of what will be written, and return the `Execution` that carries the plan out.

        Objects that somebody has changed since the plan was made are planned once more.
        """
        with nothing_written():
            plan = self._planned = self.planner.look_again(self.plan())
        if self._undo is not None:
            self._undo.edited.settle()
        self.session_id = session_id = self._entered(plan)
        early = Early()
        context = self._context(session_id, plan, early.resolving(self.destination))
        id_map.put(self.vault, self.planner.sides.target, session_id, self.destination.matches())
        undo_snapshot_id = keep_live_state(
            self.vault, session_id, self.planner.found, self.planner.sides.live, self.looker.connection.base_url,
            attached=self.planner.attached,
        )  # fmt: skip
        self.vault.sign(session_id)  # the state before is a session too, and it is not the one to ask about
        for name in plan.types():
            restorations.plan_type(self.vault, session_id, name, len(plan.of(name)))
        return Execution(
            self.planner, plan, context, early, self.selection, self.options, undo=self._undo,
            undo_snapshot_id=undo_snapshot_id, narrowed=self._narrowed, on_step=self._on_step, clock=self._clock,
            started_s=self._started_s, calls_before=self._calls_before,
        )  # fmt: skip

    def _entered(self, plan: Plan) -> str:
        if self.session_id is None:
            return new_session(
                self.vault, self.looker, self.planner, plan, self.selection, self.options, self.snapshot_id
            )
        restorations.reopen(self.vault, self.session_id)
        return self.session_id

    def _context(self, session_id: str, plan: Plan, renamed: Resolve) -> Context:
        """Return what the steps are applied in; creates that may have been sent before are known by then."""
        writer = Writer(
            self.vault, self.looker, session_id, self.planner.sides.target, self.destination,
            max_retries=self.options.max_retries, sleep=self._sleep,
        )  # fmt: skip
        context = context_of(self.planner, plan, writer, renamed, self._sleep)
        self.destination.rules = context.rules
        writer.take_over()
        note_clean_lists(self.planner, plan, writer)
        return context


def new_session(
    vault: Vault,
    looker: Looker,
    planner: Planner,
    plan: Plan,
    selection: Selection,
    options: RestoreOptions,
    snapshot_id: int | None,
) -> str:
    """Enter a session with all that a resumed run needs to do the same, and return its id."""
    planner.sides.destination.there_before |= _twins(planner, plan)
    kept = msgspec.to_builtins(options) | {
        "base_url": looker.connection.base_url,
        "snapshots": planner.sides.backup.snapshots(),
        "there_before": msgspec.to_builtins(sorted(planner.sides.destination.there_before)),
    }
    return restorations.begin(vault, snapshot_id, planner.sides.target, msgspec.to_builtins(selection), kept).session_id


def _twins(planner: Planner, plan: Plan) -> set[ContentKey]:
    """Return what is there already and is like something that is to be made; elsewhere such a thing is taken for it."""
    if not planner.sides.same_instance:
        return set()
    create = (step.key for step in plan.steps if step.action == "create")
    return {twin for key in create for twin in planner.sides.destination.namesakes.of(planner.sides.backup.wanted(key))}


def context_of(
    planner: Planner, plan: Plan, writer: Writer, renamed: Resolve, sleep: Callable[[float], None]
) -> Context:
    """Return the context for applying the steps of a plan; *renamed* gives the ids that are known while writing."""
    sides = planner.sides
    ready = {step.key: step.difference for step in plan.steps if step.difference is not None}
    ctx = Context(
        sides.backup, sides.live, sides.destination, writer, sides.rules(), planner.plan_options(), planner.guard,
        sides.facts.caller, ready=ready, before=planner.found, copied=sides.copied, sleep=sleep,
    )  # fmt: skip
    ctx.leading = sides.destination.leading = sides.leading(renamed)
    ctx.answers = sides.destination.answers = sides.answers(ctx.resolve, renamed)
    return ctx


def note_clean_lists(planner: Planner, plan: Plan, writer: Writer) -> None:
    """Note in the journal which access lists are as in the backup, so that they hold no rows any more that Looker copied."""
    copied = planner.sides.copied
    for step in plan.steps:
        if WRITES[step.content_type].filled and step.destination_id in copied and step.is_as_in_backup:
            copied.discard(step.destination_id)
            writer.list_is_clean(step.destination_id)
