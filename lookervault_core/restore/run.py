"""One restore: plan → apply in waves → second pass → verify → report. Who runs the batches, on what threads, is the caller's."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from lookervault_core.accounts import counted
from lookervault_core.catalog import SEEN_EARLY
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.plan import Found, Plan, Step, Wanted
from lookervault_core.errors import LookerError, LookerVaultError, ends_all
from lookervault_core.families.access_lists.private import lists_to_clear, require_closed
from lookervault_core.families.rooms import late_writes, room_of
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey, Range
from lookervault_core.restore.applying.context import Context, Deferred
from lookervault_core.restore.applying.failures import (
    DependencyMissing,
    HeldForNow,
    bury,
    nothing_written,
    resolve_letters,
)
from lookervault_core.restore.applying.journaled_writer import Writer
from lookervault_core.restore.applying.outcome import (
    BatchReceipt,
    Proof,
    Report,
    StepDone,
    TooManyFailures,
    added,
    counts_of,
    named,
    newly_trashed,
    purged,
    receipt_of,
    still_true,
)
from lookervault_core.restore.applying.passes import Early, fetch, let_go, may_go, remove, write_again
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import is_trashed
from lookervault_core.restore.opening import context_of, new_session, note_clean_lists
from lookervault_core.restore.planning.batches import waves_of
from lookervault_core.restore.planning.deletions import goes_to_trash
from lookervault_core.restore.planning.planner import Planner
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.undoing.created import Made, new_ids
from lookervault_core.restore.undoing.undo import Undo, keep_live_state
from lookervault_core.restore.verify import prove, sent_blanks
from lookervault_core.vault import Vault, dead_letters, id_map, restorations


class RestoreRun:
    """Brings the selected items back. `plan` writes nothing; `apply` may be called from several threads at once.

    The order of calls is `plan`, `begin`, `free_names`, for each of `plan.types()` the `waves` of `apply`, `second_pass`,
    `remove_surplus`, `verify`, `finish`; `restore` does just that. `session_id` goes on with an earlier run, `narrowed` with a
    part of it only: then it stays unfinished. `snapshots` says which one speaks for each type, where that is settled; `undo`
    makes it the way back of another restore, `backup` is another one than the vault's own.
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
        self.undo_snapshot_id: int | None = None
        self._clock, self._sleep, self._started_s = clock, sleep, clock()
        self._calls_before = looker.calls
        self._planner: Planner | None = None
        self._planned: Plan | None = None
        self.planned_with = 0  # requests, those of the login and the admission among them
        self._failed: dict[ContentKey, str] = {}
        self._postponed: dict[ContentKey, Step] = {}
        self._early = Early()
        self._begun: set[ContentKey] = set()
        self._removed: set[ContentKey] = set()
        self._done: dict[str, set[ContentKey]] = {}
        self._lock = threading.Lock()
        self._ctx: Context | None = None

    @property
    def planner(self) -> Planner:
        """Both sides of the restore, as the plan met them."""
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
                    leave=self._undo.leave if self._undo else lambda _: None,
                    sleep=self._sleep,
                )
        return self._planner

    @property
    def destination(self) -> Destination:
        return self.planner.sides.destination

    def plan(self) -> Plan:
        """Return what there is to do. Reads Looker, writes nothing; a second call returns the same plan."""
        if self._planned is None:
            planner = self.planner
            with nothing_written():
                self._planned = planner.plan()
            self.planned_with = self.looker.requests
        return self._planned

    # Apply --------------------------------------------------------------------------------------------------------------

    def begin(self) -> str:
        """Enter the session, keep the live state of what will be written, and return the session's id.

        What somebody has changed since the plan was made is planned anew.
        """
        with nothing_written():
            plan = self._planned = self.planner.look_again(self.plan())
        if self._undo is not None:
            self._undo.edited.settle()
        if self.session_id is None:
            self.session_id = new_session(
                self.vault, self.looker, self.planner, plan, self.selection, self.options, self.snapshot_id
            )
        else:
            restorations.reopen(self.vault, self.session_id)
        writer = Writer(
            self.vault, self.looker, self.session_id, self.planner.sides.target, self.destination,
            max_retries=self.options.max_retries, sleep=self._sleep,
        )  # fmt: skip
        self._ctx = context_of(self.planner, writer, self._early.resolving(self.destination), self._sleep)
        self.destination.rules = self._ctx.rules
        writer.take_over()
        note_clean_lists(self.planner, plan, writer)
        id_map.put(self.vault, self.planner.sides.target, self.session_id, self.destination.matches())
        self.undo_snapshot_id = keep_live_state(
            self.vault, self.session_id, self.planner.found, self.planner.sides.live, self.looker.connection.base_url,
            attached=self.planner.attached,
        )  # fmt: skip
        self.vault.sign(self.session_id)  # the state before is a session too, and it is not the one to ask about
        for name in plan.types():
            restorations.plan_type(self.vault, self.session_id, name, len(plan.of(name)))
        return self.session_id

    def free_names(self) -> None:
        """Let go of the names that others are to get, before any other write. What an exact restore removes goes into the trash
        at once; what cannot come back out of one is renamed first and removed last of all, when nothing refers to it."""
        for step in self.plan().steps:
            if step.lets_go:
                let_go(self.context, step, self.planner.found.get(step.key))
                if step.action == "remove" and goes_to_trash(step.content_type):
                    self._remove(step)

    def waves(self, content_type: str) -> list[list[Range]]:
        """Return the batches of a type: those of one wave may run at once, the waves run in order."""
        return waves_of(content_type, self.plan().of(content_type), self.options)

    def apply(self, content_type: str, start: int, stop: int) -> BatchReceipt:
        """Write the steps `[start, stop)` of `plan().of(content_type)`. What fails goes to the dead letters, the rest goes on.

        Raises TooManyFailures, and what concerns the whole run: a refused login, a spent budget, an unusable vault.
        """
        steps = self.plan().of(content_type)[start:stop]
        try:
            for step in steps:
                self._apply_step(step)
                limiting = self.looker.limiter.is_limiting
                self._on_step(StepDone(step.content_type, self.looker.requests, len(self._failed), limiting))
            self.context.writer.flush()
        finally:
            self._note(content_type, steps)
        return receipt_of(content_type, start, stop, steps, self._done.get(content_type, set()), self._failed)

    def counts(self, content_type: str) -> tuple[int, int]:
        """Return how many items of a type are written, and how many failed."""
        failed = sum(key.content_type == content_type for key in list(self._failed))
        return len(self._done.get(content_type, ())), failed

    def _note(self, content_type: str, steps: Sequence[Step]) -> None:
        """Commit how far a type is, and let the dead letters of those *steps* go that are written by now."""
        done = self._done.get(content_type, set())
        dead_letters.resolve(self.vault, self._session(), [one.key for one in steps if one.key in done])
        counts = self.counts(content_type)
        restorations.advance(self.vault, self._session(), content_type, *counts, steps[-1].id if steps else None)

    def _apply_step(self, step: Step) -> None:
        wanted: Wanted | None = None
        try:
            self._early.begin()
            if step.key in self._done.get(step.content_type, ()):
                return
            wanted = self.backup.wanted(step.key)
            if self._failed:
                require_closed(self.backup, step, self._failed)
            new_id = room_of(step.content_type).apply(self.context, wanted, self._found(step))
            self.destination.remember(step.key, new_id, lasting=False)
            self._early.end(step.key)
            self._is_done(step.key)
        except Exception as exc:  # one item must not stop the others, whatever is wrong with it
            if ends_all(exc):
                raise
            if isinstance(exc, HeldForNow) or (isinstance(exc, DependencyMissing) and self._waits_for_board(step)):
                self._postponed[step.key] = step
            else:
                self._bury(step.key, step.name, exc, wanted.payload if wanted else None)

    def _is_done(self, key: ContentKey) -> None:
        """Note that an item is written; an earlier try of the same batch may have failed."""
        with self._lock:
            self._done.setdefault(key.content_type, set()).add(key)
            self._failed.pop(key, None)

    def _found(self, step: Step) -> Found | None:
        """Return the live object as the plan met it; one that an earlier try of the same batch has begun on is read anew."""
        if step.key not in self._begun:
            self._begun.add(step.key)
            return self.planner.found.get(step.key)
        live_id = self.destination.renamed(step.content_type, step.id)
        payload = self.planner.sides.live.read(step.content_type, live_id, again=True) if live_id else None
        return Found(live_id, payload, is_trashed(payload)) if live_id and payload else self.planner.found.get(step.key)

    def _waits_for_board(self, step: Step) -> bool:
        """Access lists come right after folders, so that nothing is seen by the wrong people; those of boards wait for them."""
        found = self.planner.found.get(step.key)
        is_of_new = found is not None and found.id == NEW
        return is_of_new and not self.context.is_last_try and any(self.plan().of(name) for name in SEEN_EARLY)

    @contextmanager
    def _burying(self, key: ContentKey, name: str = "", payload: bytes | None = None) -> Generator[None]:
        """Let what fails go to the dead letters; what concerns the whole run is raised."""
        try:
            yield
        except LookerVaultError as exc:
            if ends_all(exc):
                raise
            self._bury(key, name, exc, payload)

    def _bury(self, key: ContentKey, name: str, exc: Exception, payload: bytes | None) -> None:
        message = bury(self.vault, self._session(), key, name, exc, payload)
        with self._lock:
            self._failed[key] = message
            self._done.get(key.content_type, set()).discard(key)
            too_many = 0 < self.options.max_dlq_size < len(self._failed)
        if too_many:
            raise TooManyFailures(
                f"{len(self._failed)} items failed, more than --max-dlq-size allows; the last: {message}"
            )

    @property
    def context(self) -> Context:
        if self._ctx is None:
            raise RuntimeError("begin() comes first")
        return self._ctx

    def _session(self) -> str:
        if self.session_id is None:
            raise RuntimeError("begin() comes first")
        return self.session_id

    def second_pass(self) -> None:
        """Write what had to wait: links to what got a new id, nesting, home folders; alerts and plans go on last of all."""
        self.context.is_last_try = True
        for step in self._postponed.values():
            self._apply_step(step)
        self._see_to_lists()
        write_again(self.context, self.plan(), self._early.keys, self._failed, self._burying)
        self.planner.followers.write(self.context, self.options.workers, self._burying, self._is_done)
        for content_type, write in late_writes():
            for late in self.context.deferred:
                if late.key.content_type == content_type:
                    self._write_late(write, late)
        for name in self.plan().types():
            self._note(name, [step for step in self._postponed.values() if step.content_type == name])

    def _see_to_lists(self) -> None:
        """Take out what Looker copied into access lists that the restore was told to leave out."""
        for step in lists_to_clear(self.plan(), self.backup, self.destination, self.planner.sides.copied):
            self._apply_step(step)

    def _write_late(self, write: Callable[[Context, Deferred], None], late: Deferred) -> None:
        with self._burying(late.key):
            write(self.context, late)

    def remove_surplus(self) -> None:
        """Remove what the plan says that the backup does not have: last of all, one object after the other."""
        for step in self.plan().removals:
            if step.key not in self._removed and step.key not in self._failed:
                self._remove(step)

    def _remove(self, step: Step) -> None:
        made, sides = self._undo.made if self._undo else Made(), self.planner.sides
        try:
            reason, fetched = may_go(self.planner.removal(), step.key)
            if reason:
                self._leave(step, reason)
                return
            remove(self.context.writer, step.key, step.id, back=self._undo is not None and step.key not in made.objects)
        except LookerError as exc:
            if ends_all(exc):
                raise
            self._bury(step.key, step.name, exc, sides.live.get(step.content_type, step.id))
        else:
            dead_letters.resolve(self.vault, self._session(), [step.key])
            self._removed.add(step.key)
            for key in sorted(fetched):
                with self._burying(key, self.backup.rows(key.content_type)[key.id].name):
                    fetch(self.context.writer, sides.live, key)

    def _leave(self, step: Step, reason: str) -> None:
        """Let an object stay that the plan was to remove, and say so."""
        left = msgspec.structs.replace(step, action="skip", reason=f"{step.reason}; it stays: {reason}")
        self._planned = Plan(tuple(left if one is step else one for one in self.plan().steps))
        self.planner.warnings += (f"{step.key}: {left.reason}",)

    # Proof --------------------------------------------------------------------------------------------------------------

    def verify(self) -> Proof:
        """Read back everything that was written and compare it with the backup; keep in mind which blanks Looker does not keep."""
        made = self._undo.made.objects if self._undo else None
        proof = prove(self.plan(), self.planner, self.context, self._failed, self.options.workers, made=made)
        blanks = sent_blanks(self.vault, self._session(), proof)
        self.planner.sides.remember(self._session(), blanks, self.context.refused)
        return proof

    def finish(self, proof: Proof | None = None, *, status: str | None = None, stopped: str = "") -> Report:
        """Close the session and return the report; without a proof the run has failed. `stopped` says what ended it early."""
        proven = {} if proof is None else {"unproven": proof.unproven, "lists_left": proof.lists_left}
        proof = proof or Proof()
        stopped = stopped and f"{stopped}; `lookervault restore resume --session-id {self._session()}` goes on"
        plan = self.plan()
        types = counts_of(plan, set().union(*self._done.values()), self._removed, self._failed)
        total, letters = added(*types.values()), len(self._failed)
        resolve_letters(self.vault, self._session(), plan, self.selection.surplus, self._failed)
        unfinished = self._undo is not None and bool(self._undo.made.unsure)
        blocked = any(step.action == "blocked" for step in plan.steps)
        clean = not (self._failed or blocked or unfinished) and proof.holds
        outcome: Any = status or ("completed" if clean else "partial")
        worked_on = self._undo.worked_on(purged(plan, self._removed, proof), self.planner.found) if self._undo else ()
        report = Report(
            self._session(),
            outcome,
            total,
            types,
            proof,
            letters,
            self.looker.requests,
            self.context.writer.writes,
            self._clock() - self._started_s,
            self.undo_snapshot_id,
            (*still_true(self.planner.warnings, plan, proof), *worked_on),
            stopped,
            removed=len(self._removed),
            not_tried=tuple(step for step in plan.steps if step.action in ("blocked", "conflict")),
            followed=tuple(step for step in plan.followers if step.key not in self._failed),
            new_ids=named(plan, new_ids(self.vault, self._session())),
            trashed=newly_trashed(plan, self._removed, self._undo.made.objects if self._undo else None, proof),
        )
        self.context.writer.flush()
        self.vault.record_requests(self._session(), counted(self.looker.calls, self._calls_before))
        kept = "partial" if self._narrowed and outcome == "completed" else outcome
        more = {"undo_snapshot_id": self.undo_snapshot_id, "dead_letters": letters} | msgspec.to_builtins(proven)
        restorations.finish(self.vault, self._session(), kept, msgspec.to_builtins(total) | more)
        return report
