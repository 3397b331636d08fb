"""Does a listing that goes on and on have an end? It is asked for a row far behind, before it is read for hours."""

from __future__ import annotations

from collections.abc import Callable

from lookervault_core.catalog import Call
from lookervault_core.errors import LookerError

# No instance is known to have a tenth of it of any type.
MOST_ROWS = 5_000_000
# Pages that a listing has before anybody asks: of most types that is all.
PATIENCE = 8


class Ending:
    """Counts the pages of one listing; *has_row* says whether there is a row at an offset.

    A listing with rows as far as one may ask has no end. One that goes on behind a place where it had none grows as fast as it is
    read. What a server does not answer so far behind proves nothing.
    """

    def __init__(self, call: Call, has_row: Callable[[int], bool]) -> None:
        self._call, self._has_row = call, has_row
        self._pages = 0
        self._bound: int | None = None

    def went_on(self, offset: int) -> None:
        """Take note of one more page with rows, the last of which is before *offset*; LookerError where no end will come."""
        self._pages += 1
        if self._pages == PATIENCE:
            self._bound = self._found_empty(offset)
        if self._bound is not None and offset > self._bound:
            raise LookerError(
                f"{self._call.operation}: Looker lists {offset:,} rows, and more each time; this listing has no end",
                operation=self._call.operation,
            )

    def _found_empty(self, offset: int) -> int | None:
        """Return an offset behind *offset* where there is no row, or None if Looker does not say."""
        at = offset
        while at <= MOST_ROWS:
            at *= 2
            try:
                if not self._has_row(at):
                    return at
            except LookerError as exc:
                if exc.ends_run:
                    raise
                return None
        return 0
