"""Read the rows behind the end of a census: up to an empty page, or until it is plain that none will come."""

from __future__ import annotations

from lookervault_core.extract.listing import SMALLEST_CAP
from lookervault_core.looker.endless import Ending

TRICKLES = 20


class Tail:
    """Decides when to stop reading the pages behind a census, *asked* rows each, one after the other.

    It is over without an empty page where a page repeats what came before (the server knows no offset), or where one page after
    the other has a few rows only: the listing grows as fast as it is read, and what is new belongs to the next run. Whole pages
    without an end are LookerError, by *ending*.
    """

    def __init__(self, asked: int, ending: Ending) -> None:
        self._few, self._ending = min(asked, SMALLEST_CAP), ending
        self._seen: set[str] = set()
        self._trickles = 0

    def is_over(self, page: set[str], offset: int) -> bool:
        """Add one more page, given its ids and the *offset* where it ends; return whether to stop reading."""
        if len(page) >= self._few:
            self._ending.went_on(offset)
        repeats = bool(page) and page <= self._seen
        self._seen |= page
        self._trickles = self._trickles + 1 if len(page) < self._few else 0
        return repeats or self._trickles >= TRICKLES
