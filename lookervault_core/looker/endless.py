"""Find out whether a long listing has an end, by asking for a row far behind, before it is read for hours."""

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

    A listing that has a row at the farthest offset has no end. One that has rows where it had none before grows as fast as it is
    read. A request so far behind that the server does not answer proves nothing."""

    def __init__(self, call: Call, has_row: Callable[[int], bool]) -> None:
        self._call, self._has_row = call, has_row
        self._pages = 0
        self._bound: int | None = None

    def went_on(self, offset: int) -> None:
        """Count one more page with rows, which ends before *offset*. Raises LookerError if the listing has no end."""
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
