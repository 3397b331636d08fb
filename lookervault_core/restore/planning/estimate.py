"""How many calls a restore takes from plan to proof, before it begins: what it writes, and all that it reads for that."""

from __future__ import annotations

import msgspec

from lookervault_core.catalog import CATALOG, CONTENT, WRITES
from lookervault_core.diff.plan import Plan, Step
from lookervault_core.restore.backup import Backup

# Queries behind tiles are read back one by one. A plan does not say how many there are; of the writes they are about so many.
_READ_BACK = 0.15


class Estimate(msgspec.Struct, frozen=True):
    """Calls of a restore: those of its `plan`, to `write`, and to `read` again before and after that. `per_second` is the limit."""

    plan: int
    write: int
    read: int
    per_second: float = 0.0

    @property
    def calls(self) -> int:
        return self.plan + self.write + self.read

    @property
    def seconds(self) -> float:
        """How long that takes at the limit; 0 where there is none."""
        return self.calls / self.per_second if self.per_second else 0.0

    def __str__(self) -> str:
        if not self.write:
            return "nothing to write"
        told = f"about {self.calls:,} calls, {self.write:,} of them to write"
        return f"{told}; {spoken(self.seconds)} at the limit of {self.per_second:g} a second" if self.seconds else told


def estimated(plan: Plan, backup: Backup, plan_calls: int, per_second: float) -> Estimate:
    """Return what *plan* will have cost once it is carried out and proven; making it has cost *plan_calls*, and will again."""
    if not plan.changes_anything:
        return Estimate(plan_calls, 0, 0, per_second)
    read = sum(_reads(name, plan.of(name), backup) for name in plan.types())
    read += round(_READ_BACK * plan.calls) + sum(1 + WRITES[step.content_type].looked_at for step in plan.removals)
    return Estimate(plan_calls, plan.calls, read, per_second)


def _reads(name: str, steps: tuple[Step, ...], backup: Backup) -> int:
    """Return the calls that look at the objects of a type right before they are written, where they are there, and afterwards."""
    there = sum(step.destination_id is not None for step in steps)
    unlisted = sum(step.action in ("create", "undelete") for step in steps) if name in CONTENT else 0
    return _calls_for(name, there, backup) + _calls_for(name, len(steps), backup) + unlisted


def _calls_for(name: str, count: int, backup: Backup) -> int:
    """Return what it takes to read so many objects: one by one, or by the whole listing with its empty last page."""
    row = CATALOG[name]
    if row.is_part or not count:
        return count
    paged = row.listing == "paged" or row.census_paged or name in CONTENT
    pages = 2 + len(backup.rows(name)) // row.page_size if paged else 1
    return min(count, pages * (2 if name in CONTENT else 1))  # content is listed, and its trash


def spoken(seconds: float) -> str:
    """Return a duration as people say it: `40 s`, `12 min`, `1 h 5 min`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
