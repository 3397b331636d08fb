"""What one extraction is asked to do; kept with its session, so that a resumed run does the same."""

from __future__ import annotations

import msgspec

from lookervault_core.catalog import CATALOG, FOLDERS, with_parts
from lookervault_core.errors import UsageError

RANGES_PER_WORKER = 3
RANGE_MIN, RANGE_GOOD, RANGE_MAX = 500, 1_000, 5_000


class ExtractOptions(msgspec.Struct, frozen=True):
    """`types` None means all; `folders` narrows the capture to the content of these folders and those below them.

    An incremental run takes over what nothing proves unchanged if it was read within `audit_days`; 0 reads all of it.
    """

    types: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    workers: int = 8
    page_size: int | None = None
    incremental: bool = False
    audit_days: int = 0

    @property
    def is_of_everything(self) -> bool:
        return not (self.types or self.exclude or self.folders)

    def scope(self) -> tuple[str, ...]:
        """Return the content types to capture, parts included, in catalog order; raises UsageError if there is none."""
        names = self.types
        if self.folders and not names:
            names = (FOLDERS, *(r.name for r in CATALOG.values() if r.by_folder))
        found = with_parts(names, self.exclude)
        if not found:
            raise UsageError("nothing is left to extract: every type asked for is excluded")
        return found


def range_edges(total: int, workers: int, page: int) -> list[int]:
    """Return where the ranges over *total* rows begin and end: even spans of whole pages.

    Up to three ranges per worker, fewer where they would have less than 1,000 rows: a run has tens of tasks, not
    thousands, and all workers finish at about the same time. None has less than 500 rows or more than 5,000.
    """
    rounds = max(1, min(RANGES_PER_WORKER, total // (workers * RANGE_GOOD)))
    spans = max(1, min(rounds * workers, total // RANGE_MIN), -(-total // RANGE_MAX))
    pages = -(-total // page)
    return [min(total, page * (pages * at // spans)) for at in range(spans)] + [total] if total else []
