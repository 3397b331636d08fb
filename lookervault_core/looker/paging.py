"""Read a paged listing, several pages at a time as long as the expected number of rows promises more."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import msgspec

from lookervault_core.looker.endless import Ending

Page = list[msgspec.Raw]


def pages_ahead(
    page: Callable[[int, int], Page], size: int, expected: int, workers: int, ending: Ending
) -> Iterator[msgspec.Raw]:
    """Yield all rows of a listing: as many pages at once as the *expected* number of rows needs, then one by one up to an empty
    page.

    A short page proves nothing: servers cap pages, and the first page shows the cap. *ending* raises LookerError if there is no
    end."""
    first = page(0, size)
    yield from first
    size = len(first)
    if not size:
        return
    read = size
    offset, ahead, asked = size, -(-expected // size), deque[Future[Page]]()
    with ThreadPoolExecutor(workers, thread_name_prefix="live") as pool:
        while True:
            while not asked or (ahead > 0 and len(asked) < 2 * workers):
                asked.append(pool.submit(page, offset, size))
                offset, ahead = offset + size, ahead - 1
            rows = asked.popleft().result()
            if not rows:
                return
            yield from rows
            read += len(rows)
            if read > expected:
                ending.went_on(read)
