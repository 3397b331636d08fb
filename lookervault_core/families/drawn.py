"""Which types can be drawn, and how; the objects of a plan, as they are in Looker and as they will be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec

from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.diff.planning.sides import Found
from lookervault_core.drawing.model import Drawing, Mark
from lookervault_core.errors import BlobDamaged, CodecError, UsageError
from lookervault_core.families.dashboards.drawn import drawing_of as dashboard
from lookervault_core.families.dashboards.marks import marks, with_kept
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup

_DRAWN: dict[str, Callable[[Mapping[str, Any]], Drawing]] = {
    "dashboards": dashboard,
    "trashed_dashboards": dashboard,
    "lookml_dashboards": dashboard,
}


def can_be_drawn(content_type: str) -> bool:
    return content_type in _DRAWN


def require_drawn(content_type: str) -> None:
    """Raise UsageError for a type that nobody can draw."""
    if content_type not in _DRAWN:
        raise UsageError(f"{content_type} cannot be drawn; {', '.join(_DRAWN)} can")


def drawing_of(content_type: str, payload: bytes) -> Drawing:
    """Return the drawing of one object as Looker sent it."""
    require_drawn(content_type)
    try:
        found = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as exc:
        raise CodecError(f"{content_type}: the payload cannot be read ({exc})") from exc
    return _DRAWN[content_type](found if isinstance(found, dict) else {})


class DrawnStep(msgspec.Struct, frozen=True):
    """One step of a plan, drawn; `before` is None if the object does not exist now. `marks` says by tile id how it changes."""

    step: Step
    before: Drawing | None
    after: Drawing
    marks: Mapping[str, Mark] = {}


def drawn_steps(plan: Plan, backup: Backup, found: Mapping[ContentKey, Found | None], limit: int) -> list[DrawnStep]:
    """Return at most *limit* steps of a plan that change something that can be drawn; *found* has the live objects of its items.
    Asks Looker for nothing more."""
    return list(islice(_drawn(plan, backup, found), limit))


def _drawn(plan: Plan, backup: Backup, found: Mapping[ContentKey, Found | None]) -> Iterator[DrawnStep]:
    for step in plan.steps:
        if step.writes and not step.follows and can_be_drawn(step.content_type):
            try:
                yield _drawn_step(step, backup.payload(step.content_type, step.id), found.get(step.key))
            except (BlobDamaged, CodecError):  # its own step says so
                continue


def _drawn_step(step: Step, wanted: bytes, found: Found | None) -> DrawnStep:
    after = drawing_of(step.content_type, wanted)
    if found is None:
        return DrawnStep(step, None, after)
    before = drawing_of(step.content_type, found.payload or wanted)
    paths = [change.path for change in step.fields]
    after = with_kept(after, before, paths)
    return DrawnStep(step, before, after, marks(before, after, paths))
