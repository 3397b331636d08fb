"""Read rows and ids from Looker's listings, trusting neither a short page nor an unsorted order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import msgspec

from lookervault_core.catalog import Call, ContentType
from lookervault_core.codec import NOT_JSON
from lookervault_core.columns import require_id
from lookervault_core.errors import BadReply, CodecError, LookerError
from lookervault_core.looker.client import Looker
from lookervault_core.looker.requests import ending_of, fetch, fetch_pages, fetch_rows, rows_of
from lookervault_core.looker.states import listings

CENSUS_PAGE = 5_000
PROOF_PAGE = 1_000
# No server is known to cut a listing shorter than to so many rows.
SMALLEST_CAP = 100
_NO_ROWS = b"[]"


class Listed(NamedTuple):
    """One id of a listing, with the id of its folder if the listing gives it."""

    id: str
    folder_id: str | None


class Page(NamedTuple):
    """The rows of one page; `next_offset` is where the rows after it begin."""

    rows: list[msgspec.Raw]
    offset: int
    next_offset: int


class _Folder(msgspec.Struct):
    id: Any = None


class _Row(msgspec.Struct):
    id: Any = None
    name: Any = None
    client_guid: Any = None
    ssh_server_id: Any = None
    tunnel_id: Any = None
    folder_id: Any = None
    folder: _Folder | None = None


_rows = msgspec.json.Decoder(list[_Row])


def census(looker: Looker, row: ContentType, *, with_folders: bool = False) -> list[Listed]:
    """Return every id that the independent listing of *row* names, each once."""
    call = row.census or (row.list if row.listing == "whole" else None)
    if call is None:
        raise ValueError(f"{row.name} has no census")
    extra = {"fields": "id,folder_id,folder(id)"} if with_folders and row.by_folder else {}
    if row.every_state or row.other_states:
        listed = _of_every_state(looker, row)
    else:
        walk = partial(_walk, paged=row.census_paged) if not row.unsorted else _walk_unsorted
        listed = walk(looker, call, extra, row)
    if row.lookml is not None:
        listed = (one for one in listed if ("::" in one.id) == row.lookml)
    return list({one.id: one for one in listed}.values())


def _of_every_state(looker: Looker, row: ContentType) -> Iterator[Listed]:
    """Yield the entries of all the listings of a type, which are by state."""
    fields = {"fields": row.id_field}
    for call, paged in listings(looker, row):
        unsorted = row.unsorted and not paged
        yield from (
            _walk_unsorted(looker, call, fields, row) if unsorted else _walk(looker, call, fields, row, paged=paged)
        )


def every_row(looker: Looker, row: ContentType) -> list[msgspec.Raw]:
    """Return all rows of a type that one call lists, those that are switched off too."""
    found: list[msgspec.Raw] = []
    for call, paged in listings(looker, row):
        found += all_pages(looker, call) if paged else fetch_rows(looker, call)
    return found


def relisted(looker: Looker, row: ContentType, *, with_folders: bool = False) -> list[Listed]:
    """Return every id that the listing with the payloads of *row* names; empty if the census of *row* is that very listing."""
    call = row.list if row.listing != "targets" else row.proof
    if call is None or row.census is None or call.operation == row.census.operation:
        return []
    fields = f"{row.id_field},folder_id,folder(id)" if with_folders and row.by_folder else row.id_field
    listed = _walk(looker, call, {"fields": fields}, row, paged=row.listing != "whole")
    return list({one.id: one for one in listed}.values())


def proofs(looker: Looker, row: ContentType) -> Iterator[msgspec.Raw]:
    """Yield the rows that `row.proof` lists, until there are as many as Looker counts; a missing row proves nothing."""
    if row.proof is None:
        raise ValueError(f"{row.name} has no listing that proves anything")
    yield from all_pages(looker, row.proof, count=True)


def all_pages(looker: Looker, call: Call, *, count: bool = False) -> Iterator[msgspec.Raw]:
    """Yield the rows of a paged listing up to an empty page; with *count*, up to the number of rows that Looker says it has."""
    for page in fetch_pages(looker, call, "", "id", PROOF_PAGE, count=count):
        yield from page


def _walk(looker: Looker, call: Call, extra: Mapping[str, str], row: ContentType, *, paged: bool) -> Iterator[Listed]:
    """Yield the entries of a listing. A paged one ends at the first empty page: servers cap pages.

    LookerError if a page brings nothing new, or there is no end to them: nothing says what is missing.
    """
    offset, seen, ending = 0, set[str](), ending_of(looker, call)
    while True:
        where = {"limit": CENSUS_PAGE, "offset": offset, "sorts": "id"}
        body = fetch(looker, call, extra=dict(extra) | (where if paged else {}))
        entries = _listed(call, row, body)
        yield from entries
        offset += len(entries)
        if not paged or not entries:
            return
        _require_progress(call, seen, {entry.id for entry in entries}, offset)
        ending.went_on(offset)


def _require_progress(call: Call, seen: set[str], page: set[str], offset: int) -> None:
    """Note the ids of one more *page*; LookerError if the listing repeats itself."""
    if page <= seen:
        raise LookerError(
            f"{call.operation}: Looker gives the same rows again at offset {offset}; this listing has no end"
        )
    seen |= page


def _walk_unsorted(looker: Looker, call: Call, extra: Mapping[str, str], row: ContentType) -> Iterator[Listed]:
    """Yield the entries of a listing that cannot be sorted: one call, and what a server that cuts it short has beyond.

    LookerError if the pages overlap: so many entries are missing then, and nothing says which.
    """
    entries = _listed(call, row, fetch(looker, call, extra=extra))
    more, ending = len(entries) >= SMALLEST_CAP, ending_of(looker, call, sorts=None)
    while more:
        beyond = {"limit": CENSUS_PAGE, "offset": len(entries)}
        more = _listed(call, row, fetch(looker, call, extra=dict(extra) | beyond))
        entries += more
        ending.went_on(len(entries))
    missing = len(entries) - len({entry.id for entry in entries})
    if missing:
        raise LookerError(
            f"{call.operation}: Looker cuts this listing short; {missing} of {len(entries)} were not named"
        )
    yield from entries


def _listed(call: Call, row: ContentType, body: bytes) -> list[Listed]:
    try:
        found = _rows.decode(body)
        entries = [_entry(row, one) for one in found]
        for entry in entries:
            require_id(entry.id)
    except (*NOT_JSON, CodecError) as exc:
        raise BadReply(
            f"{call.operation}: the list of ids is not understood ({exc})", operation=call.operation
        ) from exc
    return entries


def _entry(row: ContentType, one: _Row) -> Listed:
    folder = one.folder_id if one.folder_id is not None else (one.folder.id if one.folder else None)
    return Listed(str(getattr(one, row.id_field)), None if folder is None else str(folder))


def pages(
    fetchers: ThreadPoolExecutor,
    looker: Looker,
    row: ContentType,
    start: int,
    stop: int,
    size: int,
    failed: Callable[[int, int, LookerError], bool],
) -> Iterator[Page]:
    """Yield the pages of offsets `[start, stop)`, the next one on its way while the caller works on this one.

    One request is in flight at a time. `failed(offset, limit, error)` decides about a page that cannot be read: True
    skips it, False raises. An empty page ends the listing.
    """
    ahead = _Ahead(fetchers, looker, row, start, stop, size)
    short = 0
    try:
        while (coming := ahead.take()) is not None:
            offset, limit, future = coming
            try:
                rows = future.result()
            except LookerError as exc:
                if not failed(offset, limit, exc):
                    raise
                yield Page([], offset, offset + limit)
                continue
            if not rows:
                return
            if (
                len(rows) < limit
            ):  # one may be a page with holes in it; two of a length are what the server gives at most
                ahead.go_back(offset + len(rows), len(rows) if len(rows) == short else size)
            short = len(rows) if len(rows) < limit else 0
            yield Page(rows, offset, offset + len(rows))
    finally:
        ahead.stop()


_Coming = tuple[int, int, "Future[list[msgspec.Raw]]"]


class _Ahead:
    """Asks for the next page as soon as one has arrived, before anything is done with it: at most one waits unread.

    It takes for granted that a page is as long as asked for, and that none follows an empty one. After a shorter one the
    caller goes back to where that one ended, and after two of the same length the pages that follow are asked for in it.
    """

    def __init__(
        self, fetchers: ThreadPoolExecutor, looker: Looker, row: ContentType, start: int, stop: int, size: int
    ) -> None:
        self._fetchers = fetchers
        self._looker = looker
        self._row = row
        self._next = start
        self._stop = stop
        self._size = size
        self._lock = threading.Lock()
        self._coming: deque[_Coming] = deque()

    def take(self) -> _Coming | None:
        """Return the oldest page that was asked for, or None behind the last one."""
        with self._lock:
            if not self._coming:
                self._ask()
            return self._coming.popleft() if self._coming else None

    def go_back(self, offset: int, size: int) -> None:
        """Forget what was asked for; go on at *offset* with pages of *size*."""
        with self._lock:
            self._forget()
            self._next, self._size = offset, size

    def stop(self) -> None:
        """Ask for nothing more."""
        with self._lock:
            self._forget()
            self._next = self._stop

    def _forget(self) -> None:
        while self._coming:
            self._coming.pop()[2].cancel()

    def _ask(self) -> None:
        limit = min(self._size, self._stop - self._next)
        if limit > 0:
            self._coming.append((self._next, limit, self._fetchers.submit(self._fetch, self._next, limit)))
            self._next += limit

    def _fetch(self, offset: int, limit: int) -> list[msgspec.Raw]:
        where: dict[str, str | int | bool] = {"limit": limit, "offset": offset}
        if self._row.sorts:
            where["sorts"] = self._row.sorts
        body = fetch(self._looker, self._row.list, extra=where)
        with self._lock:
            if len(self._coming) < 2 and self._next == offset + limit and body.strip() != _NO_ROWS:
                self._ask()
        return rows_of(self._row.list, body)
