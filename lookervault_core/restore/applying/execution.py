"""A restore that has begun: applies its steps, proves and reports the results. The caller decides who runs the batches, on which
threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from lookervault_core.accounts import counted
from lookervault_core.catalog import SEEN_EARLY, WRITES
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.errors import LookerError, LookerVaultError, ends_all
from lookervault_core.families.access_lists.private import lists_to_clear, require_closed
from lookervault_core.families.rooms import late_writes, room_of
from lookervault_core.looker.accounting import Calls
from lookervault_core.model import ContentKey, Range
from lookervault_core.restore.applying.context import Context, Deferred
from lookervault_core.restore.applying.failures import DependencyMissing, HeldForNow, bury, resolve_letters
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
from lookervault_core.restore.applying.passes import Early, fetch, may_go, remove, rename_aside, write_again
from lookervault_core.restore.live import is_trashed
from lookervault_core.restore.planning.deletions import goes_to_trash
from lookervault_core.restore.planning.planner import Planner
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.undoing.by_journal import Made, new_ids
from lookervault_core.restore.undoing.undo import Undo
from lookervault_core.restore.verify import prove, sent_blanks
from lookervault_core.vault.restoring import dead_letters, restorations


class Execution:
    """Carries out `plan`, in the session `session_id`. `apply` may be called from several threads at once.

    The order of calls is `free_names`, for each of `plan.types()` the `waves` of `apply`, `second_pass`, `remove_deletions`,
    `verify`, `finish`; `runs.carried_out` makes these calls. *narrowed* says that this is only a part of its session, which then
    stays unfinished. With *undo* it takes another restore back; `undo_snapshot_id` is the state kept for an undo of this one.
    """

    def __init__(
        self,
        planner: Planner,
        plan: Plan,
        context: Context,
        early: Early,
        selection: Selection,
        options: RestoreOptions,
        *,
        undo: Undo | None,
        undo_snapshot_id: int | None,
        narrowed: bool,
        on_step: Callable[[StepDone], None],
        clock: Callable[[], float],
        started_s: float,
        calls_before: Mapping[str, Calls],
    ) -> None:
        self.plan, self.options = plan, options
        self.vault, self.session_id = context.writer.vault, context.writer.session_id
        self.undo_snapshot_id = undo_snapshot_id
        self._looker, self._planner, self._sides = context.writer.looker, planner, planner.sides
        self._selection, self._undo, self._narrowed = selection, undo, narrowed
        self._on_step, self._clock = on_step, clock
        self._started_s, self._calls_before = started_s, calls_before
        self._ctx, self._early = context, early
        self._failed: dict[ContentKey, str] = {}
        self._postponed: dict[ContentKey, Step] = {}
        self._begun: set[ContentKey] = set()
        self._removed: set[ContentKey] = set()
        self._done: dict[str, set[ContentKey]] = {}
        self._lock = threading.Lock()

    def free_names(self) -> None:
        """Free the names that other items are to get, before any other write: objects to be removed go into the trash at once;
        the others are renamed, and those of them to be removed are removed last of all, when nothing names them any more."""
        for step in self.plan.steps:
            if step.renamed_aside:
                rename_aside(self._ctx, step, self._planner.found.get(step.key))
                if step.action == "remove" and goes_to_trash(step.content_type):
                    self._remove(step)

    def waves(self, content_type: str) -> list[list[Range]]:
        """Return the batches of a type: those of one wave may run at once, the waves run in order."""
        return waves_of(content_type, self.plan.of(content_type), self.options)

    def apply(self, content_type: str, start: int, stop: int) -> BatchReceipt:
        """Write the steps `[start, stop)` of `plan.of(content_type)`. What fails goes to the dead letters, the rest goes on.

        Raises TooManyFailures, and what concerns the whole run: a refused login, a spent budget, an unusable vault.
        """
        steps = self.plan.of(content_type)[start:stop]
        try:
            for step in steps:
                self._apply_step(step)
                limiting = self._looker.limiter.is_limiting
                self._on_step(StepDone(step.content_type, self._looker.requests, len(self._failed), limiting))
            self._ctx.writer.flush()
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
        dead_letters.resolve(self.vault, self.session_id, [step.key for step in steps if step.key in done])
        counts = self.counts(content_type)
        restorations.advance(self.vault, self.session_id, content_type, *counts, steps[-1].id if steps else None)

    def _apply_step(self, step: Step) -> None:
        wanted: Wanted | None = None
        try:
            self._early.begin()
            if step.key in self._done.get(step.content_type, ()):
                return
            wanted = self._sides.backup.wanted(step.key)
            if self._failed:
                require_closed(self._sides.backup, step, self._failed)
            new_id = room_of(step.content_type).apply(self._ctx, wanted, self._found(step))
            self._sides.destination.remember(step.key, new_id, lasting=False)
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
            return self._planner.found.get(step.key)
        self._ctx.ready.pop(step.key, None)
        live_id = self._sides.destination.renamed(step.content_type, step.id)
        payload = self._sides.live.read(step.content_type, live_id, again=True) if live_id else None
        return (
            Found(live_id, payload, is_trashed(payload)) if live_id and payload else self._planner.found.get(step.key)
        )

    def _waits_for_board(self, step: Step) -> bool:
        """Access lists come right after folders, so that nothing is seen by the wrong people; those of boards wait for them."""
        found = self._planner.found.get(step.key)
        is_of_new = found is not None and found.id == NEW
        return is_of_new and not self._ctx.is_last_try and any(self.plan.of(name) for name in SEEN_EARLY)

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
        message = bury(self.vault, self.session_id, key, name, exc, payload)
        with self._lock:
            self._failed[key] = message
            self._done.get(key.content_type, set()).discard(key)
            too_many = 0 < self.options.max_dlq_size < len(self._failed)
        if too_many:
            raise TooManyFailures(
                f"{len(self._failed)} items failed, more than --max-dlq-size allows; the last: {message}"
            )

    def second_pass(self) -> None:
        """Write what had to wait: links to what got a new id, nesting, home folders; alerts and plans go on last of all."""
        self._ctx.is_last_try = True
        for step in self._postponed.values():
            self._apply_step(step)
        self._see_to_lists()
        write_again(self._ctx, self.plan, self._early.keys, self._failed, self._burying)
        self._planner.followers.write(self._ctx, self.options.workers, self._burying, self._is_done)
        for content_type, write in late_writes():
            for late in self._ctx.deferred:
                if late.key.content_type == content_type:
                    self._write_late(write, late)
        for name in self.plan.types():
            self._note(name, [step for step in self._postponed.values() if step.content_type == name])

    def _see_to_lists(self) -> None:
        """Take out what Looker copied into access lists that the restore was told to leave out."""
        for step in lists_to_clear(self.plan, self._sides.backup, self._sides.destination, self._sides.copied):
            self._apply_step(step)

    def _write_late(self, write: Callable[[Context, Deferred], None], late: Deferred) -> None:
        with self._burying(late.key):
            write(self._ctx, late)

    def remove_deletions(self) -> None:
        """Remove the objects that the plan removes, one after the other; called after everything else is written."""
        kept = self._planner.kept_since(self.plan, self.session_id)
        for step in self.plan.removals:
            if step.key in kept:
                self._leave(step, kept[step.key].value, is_kept=True)
            elif step.key not in self._removed and step.key not in self._failed:
                self._remove(step)

    def _remove(self, step: Step) -> None:
        made, sides = self._undo.made if self._undo else Made(), self._sides
        try:
            reason, fetched = may_go(self._planner.removal(), step.key)
            if reason:
                self._leave(step, reason)
                return
            remove(self._ctx.writer, step.key, step.id, back=self._undo is not None and step.key not in made.objects)
        except LookerError as exc:
            if ends_all(exc):
                raise
            self._bury(step.key, step.name, exc, sides.live.get(step.content_type, step.id))
        else:
            dead_letters.resolve(self.vault, self.session_id, [step.key])
            self._removed.add(step.key)
            for key in sorted(fetched):
                with self._burying(key, self._sides.backup.rows(key.content_type)[key.id].name):
                    fetch(self._ctx.writer, sides.live, key)

    def _leave(self, step: Step, reason: str, *, is_kept: bool = False) -> None:
        """Let an object stay that the plan was to remove, and say so; one that people have worked on since is kept for them."""
        why = f"{step.reason}; it stays: {reason}"
        left = msgspec.structs.replace(step, action="skip", reason=why, lost=(("", why),) if is_kept else ())
        self.plan = Plan(tuple(left if one is step else one for one in self.plan.steps))
        self._planner.warnings += (f"{step.key}: {left.reason}",)

    # Proof --------------------------------------------------------------------------------------------------------------

    def verify(self) -> Proof:
        """Read back everything that was written and compare it with the backup; store which values Looker did not keep as sent."""
        made = self._undo.made.objects if self._undo else None
        proof = prove(self.plan, self._planner, self._ctx, self._failed, self.options.workers, made=made)
        blanks = sent_blanks(self.vault, self.session_id, proof)
        self._sides.remember(self.session_id, blanks, self._ctx.refused)
        return proof

    def finish(self, proof: Proof | None = None, *, status: str | None = None, stopped: str = "") -> Report:
        """Close the session and return the report; without a proof the run has failed. `stopped` says what ended it early."""
        proven = {} if proof is None else {"unproven": proof.unproven, "lists_left": proof.lists_left}
        proof = proof or Proof()
        stopped = stopped and f"{stopped}; `lookervault restore resume --session-id {self.session_id}` goes on"
        plan = self.plan
        types = counts_of(plan, set().union(*self._done.values()), self._removed, self._failed)
        total, letters = added(*types.values()), len(self._failed)
        resolve_letters(self.vault, self.session_id, plan, self._selection.deletions, self._failed)
        unfinished = self._undo is not None and bool(self._undo.made.unsure)
        blocked = any(step.action == "blocked" for step in plan.steps)
        clean = not (self._failed or blocked or unfinished) and proof.holds
        outcome: Any = status or ("completed" if clean else "partial")
        worked_on = self._undo.worked_on(purged(plan, self._removed, proof), self._planner.found) if self._undo else ()
        report = Report(
            self.session_id,
            outcome,
            total,
            types,
            proof,
            letters,
            self._looker.requests,
            self._ctx.writer.writes,
            self._clock() - self._started_s,
            self.undo_snapshot_id,
            (*still_true(self._planner.warnings, plan, proof), *worked_on),
            stopped,
            removed=len(self._removed),
            not_tried=tuple(step for step in plan.steps if step.action in ("blocked", "conflict")),
            followed=tuple(step for step in plan.followers if step.key not in self._failed),
            new_ids=named(plan, new_ids(self.vault, self.session_id)),
            trashed=newly_trashed(plan, self._removed, self._undo.made.objects if self._undo else None, proof),
        )
        self._ctx.writer.flush()
        self.vault.record_requests(self.session_id, counted(self._looker.calls, self._calls_before))
        kept = "partial" if self._narrowed and outcome == "completed" else outcome
        more = {"undo_snapshot_id": self.undo_snapshot_id, "dead_letters": letters} | msgspec.to_builtins(proven)
        restorations.finish(self.vault, self.session_id, kept, msgspec.to_builtins(total) | more)
        return report


def waves_of(content_type: str, steps: Sequence[Step], options: RestoreOptions) -> list[list[Range]]:
    """Return the batches of a type as ranges of its *steps*: those of one wave may run at once, the waves run in order."""
    waves: list[list[Range]] = []
    start = 0
    for level in sorted({step.level for step in steps}):
        count = sum(step.level == level for step in steps)
        size = count if WRITES[content_type].serial else _batch_size(count, options)
        stops = range(start, start + count, size)
        waves.append([Range(content_type, at, min(at + size, start + count)) for at in stops])
        start += count
    return waves


def _batch_size(count: int, options: RestoreOptions) -> int:
    """At most the checkpoint interval, and such that all workers have the same number of batches."""
    rounds = -(-count // (options.checkpoint_interval * options.workers))
    return max(1, -(-count // (rounds * options.workers)))
