"""One extraction: survey → ranges → capture → reconcile → close. Who runs the ranges, and on what threads, is the caller's."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from lookervault_core.accounts import counted
from lookervault_core.catalog import CATALOG, ContentType
from lookervault_core.errors import (
    BudgetSpent,
    LookerError,
    LookerVaultError,
    Missing,
    PermissionRefused,
)
from lookervault_core.extract.audit import is_audited, take_over_young
from lookervault_core.extract.capture import Capture, PageDone, TypeListed
from lookervault_core.extract.only_here import note_what_is_only_here
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.outage import Outage
from lookervault_core.extract.own_words import keep_description
from lookervault_core.extract.reconcile import reconcile, settle
from lookervault_core.extract.shown import shown_unchanged
from lookervault_core.extract.sources import all_sources, follows, sources
from lookervault_core.extract.story import say_begin, say_close
from lookervault_core.extract.survey import plan_targets, survey, take_over, take_over_immutable
from lookervault_core.extract.targets import ITEM, part_ids, part_targets
from lookervault_core.extract.unknown_reads import note_unknown_reads
from lookervault_core.extract.unlisted import unlisted
from lookervault_core.extract.unreadable import set_aside
from lookervault_core.extract.volatility import propose_volatile
from lookervault_core.history.index import catch_up
from lookervault_core.looker.client import Looker
from lookervault_core.looker.states import hides_states
from lookervault_core.model import Hole, Range, Receipt, Session, Snapshot
from lookervault_core.tuning import Observed
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import worklist

__all__ = ["ExtractRun", "PageDone", "TypeListed"]

REPAIR_ROUNDS = 3
HIDDEN = "the API user stopped being an admin during the run, so Looker may have hidden objects"
OUTAGE_S = 600.0  # longer than the client and the task go on trying


class ExtractRun:
    """Captures an instance into the snapshot of *session*; every step can be repeated, and goes on where it was.

    `waves` says what to capture and in which order; each range of a wave may run on any thread. `stop` ends the run at the
    next page. Several threads may call `capture` at once.
    """

    def __init__(
        self,
        vault: Vault,
        looker: Looker,
        session: Session,
        options: ExtractOptions,
        *,
        stop: threading.Event | None = None,
        on_page: Callable[[PageDone | TypeListed], None] | None = None,
        outage_s: float = OUTAGE_S,
    ) -> None:
        self.vault = vault
        self.looker = looker
        self.session = session
        self.options = options
        self.rows = tuple(CATALOG[name] for name in options.scope())
        self._stop = stop or threading.Event()
        self._began_s, self._began_cpu_s = time.perf_counter(), time.process_time()
        self._given_up: set[tuple[str, int]] = set()
        self._on_page = on_page or (lambda _: None)
        self._outage = Outage(outage_s)
        self._capture = Capture(vault, looker, session, options, self._stop, self._page_done)

    def waves(self) -> Iterator[list[Range]]:
        """Yield the ranges to capture next: first the types, then what completes them, then what was missed.

        A wave must be captured before the next one is asked for. There is none after an outage that lasts: what was not
        read is a hole then, for `--resume`.
        """
        say_begin(self.vault, self.session, len(self.rows))
        for wave in self._waves():
            if self._outage.is_on:
                return
            for name, count in self.vault.counts(self.session.snapshot_id).items():
                if count.listed:
                    self._on_page(TypeListed(name, count.listed))
            yield wave

    def _waves(self) -> Iterator[list[Range]]:
        self._try_holes_again()
        self._survey()
        yield self.vault.ranges(self.session.session_id)  # done ones too: who resumes a run sees what stands
        while self._survey_parts():
            yield self._open_ranges()
        self._each(self._seek_unlisted, (row for row in self.rows if row.every_state))
        yield self._open_ranges()
        rows = self.rows
        for _ in range(REPAIR_ROUNDS):
            self._reconcile(rows)
            missed = self._open_ranges()
            rows = tuple(r for r in self.rows if any(span.content_type == r.name for span in missed))
            if not missed:
                break
            yield missed
            for _ in range(REPAIR_ROUNDS):
                if not self._survey_parts(again=True):
                    break
                yield self._open_ranges()
        settle(self.vault, self.looker, self.session, self.options, self.rows)
        self._take_over_shared_parts()

    def capture(self, span: Range) -> Receipt:
        """Capture one range and return its receipt; what the ledger knows as done is not read again.

        Raises LookerError if Looker does not answer; what was committed stays, a repeated call goes on behind it.
        """
        if self._outage.is_on:
            raise LookerError(f"{span}: not read, because Looker has stopped answering; go on later with --resume")
        try:
            return self._capture(span)
        except LookerVaultError as exc:
            if exc.ends_run:
                self._stop.set()  # nothing that the other workers could do would succeed
            elif isinstance(exc, LookerError):
                self._note(exc)
            raise

    def unknown(self, wave: Iterable[Range]) -> list[Range]:
        """Return the ranges of *wave* that the ledger does not have as done, except those given up."""
        still_open = {(span.content_type, span.start) for span in self._open_ranges()}
        return [span for span in wave if (span.content_type, span.start) in still_open]

    def expected(self) -> int:
        """Return how many items the listings have named so far."""
        return sum(count.listed for count in self.vault.counts(self.session.snapshot_id).values())

    def give_up(self, span: Range, error: BaseException) -> None:
        """Record that *span* could not be captured: a hole, which the next run or `--resume` heals."""
        status = error.status if isinstance(error, LookerError) else 0
        self._given_up.add((span.content_type, span.start))
        self.vault.open_hole(
            self.session.snapshot_id, Hole(span.content_type, None, f"rows of {span}: {error}", status)
        )

    def close(self) -> Snapshot:
        """Close the snapshot: its status is computed from what it holds, its calls are recorded."""
        self._capture.close()
        set_aside(self.vault, self.session)
        propose_volatile(self.vault, self.session.snapshot_id, tuple(row.name for row in self.rows))
        note_what_is_only_here(self.vault, self.session.snapshot_id, self.rows)
        self._doubt_unless_admin()
        if self.options.is_of_everything:
            note_unknown_reads(self.vault, self.looker, self.session.snapshot_id)
        keep_description(self.vault, self.looker, self.session.snapshot_id, anew=self.options.is_of_everything)
        self.vault.record_requests(self.session.session_id, counted(self.looker.calls))
        closed = self.vault.close_snapshot(self.session.session_id, self._undecided())
        catch_up(self.vault)
        say_close(self.vault, closed)
        return closed

    def _doubt_unless_admin(self) -> None:
        """Open a hole for each type unless the API user is an admin to the end: Looker hides objects from anyone else, and what
        is hidden looks as if it were not there."""
        try:
            reason = "" if self.looker.is_admin() else HIDDEN
        except (Missing, PermissionRefused):  # who may not see the roles is none
            reason = HIDDEN
        except (LookerError, BudgetSpent) as exc:
            reason = f"not known whether the API user was an admin to the end of the run: {exc}"
        for row in self.rows if reason else ():
            self.vault.open_hole(self.session.snapshot_id, Hole(row.name, None, reason, 0))

    def _undecided(self) -> list[str]:
        """Return the parts of types that were not read whole: what nothing seems to need of them may well be needed."""
        with_holes = {hole.hole.content_type for hole in self.vault.holes(self.session.snapshot_id)}
        return [row.name for row in self.rows if follows(row) and all_sources(row) & with_holes]

    def observed(self) -> Observed:
        """Return the run's times and counts so far, from which `tuning` says what held it back."""
        total = self.looker.accounts.total()
        calls = self.looker.calls
        listings = [one for row in self.rows if not row.is_part and (one := calls.get(row.list.operation))]
        page = max(listings, key=lambda one: one.bytes, default=None)
        kept = self._capture.kept
        return Observed(
            wall_s=time.perf_counter() - self._began_s,
            cpu_s=time.process_time() - self._began_cpu_s,
            cores=os.cpu_count() or 1,
            workers=self.options.workers,
            items=kept.items,
            bytes=kept.bytes,
            pages=kept.pages,
            asking_s=total.seconds,
            waiting_s=self.looker.limiter.waiting_s,
            keeping_s=kept.seconds,
            page_latency_s=page.seconds / page.calls if page and page.calls else 0.0,
            requests_per_second=self.looker.limiter.per_second,
        )

    def abandon(self, reason: str, *, interrupted: bool = False) -> None:
        """Record, unless the run was closed, that it ended by an error or was *interrupted*; `--resume` has what it kept."""
        self._capture.close()
        if self.vault.session(self.session.session_id).status == "running":
            self.vault.record_requests(self.session.session_id, counted(self.looker.calls))
            self.vault.fail_snapshot(self.session.session_id, reason, interrupted=interrupted)

    def bury_holes(self) -> int:
        """Keep every open hole as a dead letter; return how many there are."""
        with self.vault.write() as db:
            return worklist.bury_holes(db, self.session, self.vault.now())

    def _each(self, work: Callable[[ContentType], None], rows: Iterable[ContentType]) -> None:
        """Call *work* for each row on the run's workers; a type that Looker refuses becomes a hole of that type."""
        with ThreadPoolExecutor(self.options.workers, thread_name_prefix="survey") as pool:
            try:
                list(pool.map(lambda row: self._or_hole(work, row), rows))
            except BaseException as exc:
                if not isinstance(exc, Exception):  # a cancelled run: leaving the pool waits for its threads
                    self._stop.set()
                raise

    def _or_hole(self, work: Callable[[ContentType], None], row: ContentType) -> None:
        try:
            if self._outage.is_on:
                raise LookerError(
                    f"{row.name}: not listed, because Looker has stopped answering; go on later with --resume"
                )
            work(row)
            self._outage.answered()
        except LookerError as exc:
            if exc.ends_run:
                raise
            self._note(exc)
            self.vault.open_hole(self.session.snapshot_id, Hole(row.name, None, str(exc), exc.status))

    def _page_done(self, page: PageDone) -> None:
        if page.items:
            self._outage.answered()
        self._on_page(page)

    def _note(self, error: LookerError) -> None:
        if error.transient:
            self._outage.failed()
        elif error.status:
            self._outage.answered()

    def _try_holes_again(self) -> None:
        """Plan a read of each object that an earlier try of this session left as a hole."""
        for row in self.rows:
            holes = [
                one.hole for one in self.vault.holes(self.session.snapshot_id) if one.hole.content_type == row.name
            ]
            ids = [hole.id for hole in holes if hole.id is not None]
            if ids:
                plan_targets(self.vault, self.session, self.options, row, [ITEM + item_id for item_id in ids])

    def _survey(self) -> None:
        rows = [r for r in self.rows if not follows(r) and r.name not in self._surveyed()]
        self._each(lambda row: survey(self.vault, self.looker, self.session, self.options, row), rows)

    def _survey_parts(self, *, again: bool = False) -> bool:
        """Plan the parts whose parents are captured; True if there is something new to capture."""
        planned = False
        surveyed = self._surveyed()
        for row in self.rows:
            if follows(row) and (again or row.name not in surveyed) and self._ready(row):
                planned |= self._plan_part(row)
        return planned

    def _ready(self, row: ContentType) -> bool:
        """True if no range of what *row* is computed from is still to be read."""
        open_types = {span.content_type for span in self._open_ranges()}
        return not open_types & (sources(row) | ({row.shown.by, row.shown.groups} if row.shown else set()))

    def _plan_part(self, row: ContentType) -> bool:
        """Plan what *row* lacks; the first time that is every one of its objects."""
        vault, session = self.vault, self.session
        ids = part_ids(row, vault, session.snapshot_id)
        if row.name not in self._surveyed():
            wanted = self._due(row, part_targets(row, vault, session.snapshot_id), ids)
        else:
            vault.set_census(session.snapshot_id, row.name, ids)
            wanted = [ITEM + item_id for item_id in vault.missing(session.snapshot_id, row.name)]
        plan_targets(vault, session, self.options, row, wanted, ids)
        return bool(wanted)

    def _due(self, row: ContentType, targets: list[str], ids: list[str]) -> list[str]:
        """Take over what need not be read of *row*; return which of *targets* are left to read."""
        if row.immutable:
            taken_over = take_over_immutable(self.vault, self.session, row, ids)
            return [target for target in targets if target not in taken_over]
        if row.shown:
            targets, ids = self._not_shown(row, targets, ids)
        if is_audited(row, self.options):
            return take_over_young(self.vault, self.session, self.options, row, targets, ids)
        return targets

    def _not_shown(self, row: ContentType, targets: list[str], ids: list[str]) -> tuple[list[str], list[str]]:
        """Take over the lists that their members prove unchanged; return the targets and ids that are left."""
        proven = shown_unchanged(self.vault, self.looker, self.session.snapshot_id, row).intersection(ids)
        self.vault.carry_forward(
            self.session.session_id, self.session.snapshot_id, row.name, sorted(proven), proven=True
        )
        return [target for target in targets if target.removeprefix(ITEM) not in proven], [
            id for id in ids if id not in proven
        ]

    def _seek_unlisted(self, row: ContentType) -> None:
        """Plan a read of each object that this Looker may have and not list."""
        if hides_states(self.looker, row):
            ids = unlisted(self.vault, self.looker, self.session, row, self.options.workers)
            if ids:
                plan_targets(self.vault, self.session, self.options, row, [ITEM + item_id for item_id in ids])

    def _take_over_shared_parts(self) -> None:
        """Take over what a part holds for types that this run leaves out: they need it still, so it is not gone."""
        scope = {row.name for row in self.rows}
        shared = [row for row in self.rows if follows(row) and not all_sources(row) <= scope]
        for row in () if self.options.folders else shared:
            if row.name in self._surveyed() and self.vault.visible_snapshot(row.name):
                take_over(self.vault, self.session, row)

    def _surveyed(self) -> set[str]:
        with self.vault.read() as db:
            return worklist.surveyed(db, self.session.snapshot_id)

    def _reconcile(self, rows: tuple[ContentType, ...]) -> None:
        self._each(lambda row: reconcile(self.vault, self.looker, self.session, self.options, row), rows)

    def _open_ranges(self) -> list[Range]:
        ranges = self.vault.ranges(self.session.session_id)
        return [r for r in ranges if not r.done and (r.content_type, r.start) not in self._given_up]
