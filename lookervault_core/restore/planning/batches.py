"""How the steps of a type are cut into batches that may run at once."""

from __future__ import annotations

from collections.abc import Sequence

from lookervault_core.catalog import WRITES
from lookervault_core.diff.plan import Step
from lookervault_core.model import Range
from lookervault_core.restore.request import RestoreOptions


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
