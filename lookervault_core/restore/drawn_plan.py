"""The objects of a plan that can be drawn, as they are in Looker and as they will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

import msgspec

from lookervault_core.diff.plan import Step
from lookervault_core.drawing.model import Drawing, Mark
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.dashboards.marks import marks, with_kept
from lookervault_core.families.drawn import can_be_drawn, drawing_of
from lookervault_core.restore.run import RestoreRun


class DrawnStep(msgspec.Struct, frozen=True):
    """One step of a plan, drawn; `before` is None of what is not there now. `marks` says by tile what becomes of it."""

    step: Step
    before: Drawing | None
    after: Drawing
    marks: Mapping[str, Mark] = {}


def drawn_steps(run: RestoreRun, limit: int) -> list[DrawnStep]:
    """Return at most *limit* steps of the run's plan that change something that can be drawn. Asks Looker for nothing more."""
    return list(islice(_drawn(run), limit))


def _drawn(run: RestoreRun) -> Iterator[DrawnStep]:
    for step in run.plan().steps:
        if step.writes and not step.follows and can_be_drawn(step.content_type):
            try:
                yield _one(run, step)
            except (BlobDamaged, CodecError):  # its own step says so
                continue


def _one(run: RestoreRun, step: Step) -> DrawnStep:
    wanted = run.backup.payload(step.content_type, step.id)
    after, found = drawing_of(step.content_type, wanted), run.planner.found.get(step.key)
    if found is None:
        return DrawnStep(step, None, after)
    before = drawing_of(step.content_type, found.payload or wanted)
    paths = [change.path for change in step.fields]
    after = with_kept(after, before, paths)
    return DrawnStep(step, before, after, marks(before, after, paths))
