"""Read the payloads of one range and commit them page by page."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import msgspec

from lookervault_core.catalog import CATALOG, PART_PAGE, ContentType
from lookervault_core.codec import split
from lookervault_core.columns import Columns, columns, item_of
from lookervault_core.errors import (
    BadReply,
    BudgetSpent,
    CodecError,
    Interrupted,
    LookerError,
    Missing,
    NotServed,
    PermissionRefused,
    ServerFault,
)
from lookervault_core.extract.listing import every_row, pages
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.slugs import Slugs
from lookervault_core.extract.tail import Tail
from lookervault_core.extract.targets import ITEM
from lookervault_core.looker.client import Looker
from lookervault_core.looker.requests import ending_of, fetch, fetch_all_rows, fetch_rows
from lookervault_core.model import OPEN_END, Hole, Item, Note, Range, Receipt, Session
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import worklist

COMMIT_EVERY = 25
GIVE_UP_AFTER = 3
# So many objects of one page nobody deletes between two requests.
MANY_ABSENT = 20
# What can be wrong with one answer while Looker gives the others; a row of them is an outage.
_OF_ONE = (ServerFault, BadReply, NotServed)


class PageDone(NamedTuple):
    """One committed page, for whoever shows progress; `requests`, `failures` and `limited` are the run's so far."""

    content_type: str
    items: int
    holes: int
    requests: int = 0
    failures: int = 0
    limited: bool = False


class Kept:
    """What was committed so far, and how long that took in all threads together; counts pages from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.pages = self.items = self.bytes = 0
        self.seconds = 0.0

    def add(self, items: list[Item], seconds: float) -> None:
        with self._lock:
            self.pages += 1
            self.items += len(items)
            self.bytes += sum(len(item.payload) for item in items)
            self.seconds += seconds


class TypeListed(NamedTuple):
    """How many objects of one type a listing named."""

    content_type: str
    listed: int


class Capture:
    """Captures ranges of one session; safe to call from several threads at once."""

    def __init__(
        self,
        vault: Vault,
        looker: Looker,
        session: Session,
        options: ExtractOptions,
        stop: threading.Event,
        on_page: Callable[[PageDone], None],
    ) -> None:
        self._vault = vault
        self._looker = looker
        self._session = session
        self._options = options
        self._stop = stop
        self._on_page = on_page
        self.kept = Kept()
        self._slugs = Slugs(vault, session.snapshot_id)
        # Every request of every range goes through these, so that as many are under way as the run has workers.
        self._fetchers = ThreadPoolExecutor(options.workers, thread_name_prefix="fetch")

    def close(self) -> None:
        """End the threads that send the requests; nothing can be captured after that."""
        self._fetchers.shutdown(wait=False, cancel_futures=True)

    def __call__(self, span: Range) -> Receipt:
        row = CATALOG[span.content_type]
        with self._vault.read() as db:
            here = worklist.current(db, self._session.session_id, span)
        if not here.done:
            targets = self._vault.targets(self._session.session_id, row.name, here.start, here.stop)
            if targets:
                self._by_target(row, here, targets)
            elif row.listing == "whole":
                self._whole(row, here)
            else:
                self._paged(row, here)
        receipt = self._vault.receipt(self._session.session_id, here)
        return receipt or Receipt(row.name, here.start, here.stop, 0)

    def _commit(
        self, row: ContentType, span: Range, items: list[Item], holes: list[Hole], next_offset: int, *, done: bool
    ) -> None:
        self._keep(row, span, items, holes, next_offset, done=done)
        if self._stop.is_set():
            raise Interrupted("interrupted; what was captured is kept")

    def _keep(
        self, row: ContentType, span: Range, items: list[Item], holes: list[Hole], next_offset: int, *, done: bool
    ) -> None:
        session, started_s = self._session, time.perf_counter()
        self._vault.keep_page(
            session.session_id,
            session.snapshot_id,
            span,
            items,
            holes,
            next_offset,
            done,
            row.volatile,
            mend=row.immutable,  # of these only what the vault lacks is read, and what is damaged in it
        )
        self.kept.add(items, time.perf_counter() - started_s)
        self._on_page(self._done(row, len(items), len(holes)))

    def _done(self, row: ContentType, items: int, holes: int) -> PageDone:
        looker = self._looker
        failures = sum(looker.accounts.total().errors.values())
        return PageDone(row.name, items, holes, looker.requests, failures, looker.limiter.is_limiting)

    def _whole(self, row: ContentType, span: Range) -> None:
        try:
            items, holes = self._items(row, every_row(self._looker, row))
        except (Missing, PermissionRefused) as exc:
            if not row.optional:
                raise
            items, holes = [], [Hole(row.name, None, str(exc), exc.status)]
        self._commit(row, span, items, holes, span.stop, done=True)

    def _paged(self, row: ContentType, span: Range) -> None:
        size = self._options.page_size or row.page_size
        rule = _SkipPages(row)
        tail = (
            Tail(size, ending_of(self._looker, row.list, sorts=row.sorts))
            if span.stop - span.start >= OPEN_END
            else None
        )
        finished = False
        for page in pages(self._fetchers, self._looker, row, span.next_offset, span.stop, size, rule):
            items, holes = self._items(row, page.rows)
            endless = tail is not None and tail.is_over({item.id for item in items}, page.next_offset)
            finished = endless or page.next_offset >= span.stop
            if endless:
                self._vault.add_notes(self._session.snapshot_id, [_endless(row, page.next_offset)])
            self._commit(row, span, items, holes + rule.take(), min(page.next_offset, span.stop), done=finished)
            if finished:
                break
        if not finished:
            self._commit(row, span, [], rule.take(), span.stop, done=True)

    def _by_target(self, row: ContentType, span: Range, targets: list[str]) -> None:
        items: list[Item] = []
        holes: list[Hole] = []
        at, failures = span.next_offset, 0
        try:
            for target, answer in self._ahead(row, targets[at - span.start :]):
                failures = self._arrived(row, target, answer, items, holes, failures)
                at += 1
                if len(items) >= COMMIT_EVERY or at == span.stop or self._stop.is_set():
                    page, items, holes = (items, holes), [], []
                    self._commit(row, span, *page, at, done=at == span.stop)
        except (LookerError, BudgetSpent, Interrupted):
            if items or holes:  # what was read is paid for: keep it, whatever ends the range
                self._keep(row, span, items, holes, at, done=False)
            raise

    def _ahead(
        self, row: ContentType, targets: list[str]
    ) -> Iterator[tuple[str, Future[tuple[list[Item], list[Hole]]]]]:
        """Yield each target with its answer, in order, the answers behind it already on their way."""
        coming: deque[tuple[str, Future[tuple[list[Item], list[Hole]]]]] = deque()
        try:
            for target in targets:
                coming.append((target, self._fetchers.submit(self._read, row, target)))
                if len(coming) >= self._options.workers:
                    yield coming.popleft()
            while coming:
                yield coming.popleft()
        finally:
            for _, answer in coming:
                answer.cancel()

    def _arrived(
        self,
        row: ContentType,
        target: str,
        answer: Future[tuple[list[Item], list[Hole]]],
        items: list[Item],
        holes: list[Hole],
        failures: int,
    ) -> int:
        """Add what *target* gave, or a hole; return how many targets in a row have failed. Too many are an outage."""
        try:
            found, bad = answer.result()
        except LookerError as exc:
            if exc.ends_run:
                raise
            failures += exc.transient or (isinstance(exc, PermissionRefused) and not row.optional)
            if failures >= GIVE_UP_AFTER or not _speaks_of_one(exc):
                raise
            holes.append(_hole(row, target, exc))
            return failures
        items += found
        holes += bad
        return 0

    def _read(self, row: ContentType, target: str) -> tuple[list[Item], list[Hole]]:
        """Return the items of one call: the rows of a listing, or the one object or part that *target* names."""
        kind, _, one = target.partition(":")
        if kind + ":" == ITEM:
            return self._one(row, one)
        call = row.by_folder if self._options.folders and row.by_folder else row.list
        return self._items(row, fetch_rows(self._looker, call, one))

    def _one(self, row: ContentType, one: str) -> tuple[list[Item], list[Hole]]:
        try:
            return [self._answer(row, one) if row.is_answer else self._by_id(row, one)], []
        except CodecError as exc:
            return [], [Hole(row.name, one, str(exc))]

    def _answer(self, row: ContentType, one: str) -> Item:
        """Return the answer of one call as the item *one*: by that name, which may be a slug, others refer to it."""
        size = row.page_size if row.unsorted else self._options.page_size or PART_PAGE
        is_paged = bool(row.sorts) or row.unsorted
        body = fetch_all_rows(self._looker, row.list, one, row.sorts, size) if is_paged else self._whole_part(row, one)
        if row.list.media:
            return Item(row.name, one, body)
        _ = msgspec.json.decode(body, type=msgspec.Raw)
        found = columns(row, body) if body.lstrip()[:1] == b"{" and row.shape != "plain" else Columns(one)
        return Item(row.name, one, body, name=one if row.documents else "", links=found.links)

    def _whole_part(self, row: ContentType, one: str) -> bytes:
        """Return the answer of one call, by the object's slug where Looker does not show it by its number."""
        slug = self._slugs.of(one) if row.has_slugs and self._slugs.go_first else None
        if slug is not None:
            return fetch(self._looker, row.list, slug)
        try:
            return fetch(self._looker, row.call_of(one) or row.list, one)
        except Missing:
            slug = self._slugs.of(one) if row.has_slugs else None
            if slug is None:
                raise
        body = fetch(self._looker, row.list, slug)
        self._slugs.go_first = True
        return body

    def _items(self, row: ContentType, rows: list[msgspec.Raw]) -> tuple[list[Item], list[Hole]]:
        """Return the items of a page's rows; a row that cannot be understood or read whole is a hole. LookerError if one row after
        the other names what is not there."""
        items: list[Item] = []
        holes: list[Hole] = []
        absent = 0
        for each in rows:
            try:
                items.append(self._item(row, each))
                absent = 0
            except CodecError as exc:
                holes.append(Hole(row.name, None, str(exc)))
            except _NotWhole as exc:
                holes.append(_hole(row, ITEM + exc.id, exc.error))
                absent = absent + 1 if isinstance(exc.error, Missing) else 0
            if absent >= MANY_ABSENT:
                raise LookerError(
                    f"{row.list.operation}: {absent} rows that it lists, one after the other, are not there"
                )
        return items, holes

    def _item(self, row: ContentType, raw: msgspec.Raw) -> Item:
        found = columns(row, raw)
        if not found.thin or row.by_id is None:
            return item_of(row, found, bytes(raw))
        try:
            return self._by_id(row, found.id)
        except LookerError as exc:
            if exc.ends_run or not _speaks_of_one(exc):
                raise
            raise _NotWhole(found.id, exc) from exc

    def _by_id(self, row: ContentType, one: str) -> Item:
        if row.by_id is None:
            raise CodecError(f"{row.singular} {one}: Looker has no call that reads one {row.singular}")
        body = fetch(self._looker, row.by_id, one)
        if row.unwrap:
            body = _only(row, one, body)
        return item_of(row, columns(row, body), body)


class _NotWhole(Exception):
    """A thin row whose whole payload cannot be read."""

    def __init__(self, one: str, error: LookerError) -> None:
        super().__init__(str(error))
        self.id = one
        self.error = error


class _SkipPages:
    """Skips a page that the server cannot give, so that its objects are read by id later; not an outage."""

    def __init__(self, row: ContentType) -> None:
        self._row = row
        self._skipped: list[Hole] = []
        self._in_a_row = 0
        self._last = -1

    def __call__(self, offset: int, limit: int, error: LookerError) -> bool:
        self._in_a_row = self._in_a_row + 1 if self._last == offset else 1
        self._last = offset + limit
        if not isinstance(error, _OF_ONE) or self._in_a_row >= GIVE_UP_AFTER:
            return False
        reason = f"rows {offset}–{offset + limit - 1}: {error}"
        self._skipped.append(Hole(self._row.name, None, reason, error.status))
        return True

    def take(self) -> list[Hole]:
        taken, self._skipped = self._skipped, []
        return taken


def _hole(row: ContentType, target: str, error: LookerError) -> Hole:
    kind, _, one = target.partition(":")
    if kind + ":" == ITEM:
        return Hole(row.name, one, str(error), error.status)
    return Hole(row.name, None, f"{kind} {one}: {error}", error.status)


def _speaks_of_one(error: LookerError) -> bool:
    """True if the failure is the object's own, False if Looker as a whole does not answer."""
    return not error.transient or isinstance(error, _OF_ONE)


def _endless(row: ContentType, offset: int) -> Note:
    detail = (
        f"{row.list.operation} was left at row {offset}: it repeats itself or grew as fast as it was read; what no other"
        " listing names behind that is not in this snapshot"
    )
    return Note(row.name, "", "listing", detail)


def _only(row: ContentType, one: str, body: bytes) -> bytes:
    rows = split(body)
    if len(rows) != 1:
        raise Missing(f"{row.singular} {one}: Looker lists {len(rows)} objects under this id", status=404)
    return bytes(rows[0])
