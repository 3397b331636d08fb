"""Scheduled plans and alerts of a dashboard or look that is restored by itself.

A dashboard that was deleted for good took its plans with it and left its alerts without their tiles. Whoever restores it expects
mails to go out again, so its plans and alerts are included if it is recreated, as those of a folder are, and switched on last of
all. A dashboard that still exists has them still, or lost them by somebody's decision: then the plan only names those that differ
from the backup. So it does on another instance, where nothing was deleted and nobody expects mail.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping

import msgspec

from lookervault_core.catalog import CATALOG, CONTENT
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.diff.wording.describe import called
from lookervault_core.diff.wording.words import Names, titled
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.delivery.hanging import deliveries_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.planning.sides import Sides
from lookervault_core.restore.request import Selection

_TOLD = 5


def hanging_on(backup: Backup, owner: ContentKey, selection: Selection) -> list[ContentKey]:
    """Return the plans and alerts of one dashboard or look, as far as *selection* allows their types."""
    content = {name: {owner.id} if name == owner.content_type else set[str]() for name in CONTENT}
    return [key for key in deliveries_of(backup, content) if key.content_type in selection.allowed()]


class Deliveries:
    """Finds the plans and alerts of dashboards and looks that a restore names one by one; *differs* says whether a plan or alert
    is not as in the backup."""

    def __init__(self, sides: Sides, selection: Selection, differs: Callable[[ContentKey], bool], names: Names) -> None:
        self._sides, self._selection, self._differs, self._names = sides, selection, differs, names

    def along(self, plan: Plan) -> dict[ContentKey, ContentKey]:
        """Return the plans and alerts that the restore includes, each with the recreated dashboard or look that it belongs to."""
        owners = [owner for owner in self._owners(plan) if self._is_made_anew(owner)]
        try:
            return {key: owner.key for owner in owners for key in self._hanging_on(owner.key)}
        except (BlobDamaged, CodecError):  # `left_out` tells of it
            return {}

    def left_out(
        self, plan: Plan, along: Mapping[ContentKey, ContentKey], asked: Container[ContentKey]
    ) -> Iterator[str]:
        """Yield a line for each dashboard or look whose plans or alerts differ from the backup and stay so, as nobody *asked*
        for them."""
        for owner in self._owners(plan):
            if owner.key in along.values():
                continue
            try:
                if owner.destination_id is not None and owner.content_type == "dashboards":
                    tiles = self._sides.destination.tiles
                    tiles.see(self._sides.live.get("dashboards", owner.destination_id))
                keys = [key for key in self._read(self._hanging_on(owner.key), asked) if self._differs(key)]
            except (BlobDamaged, CodecError) as exc:
                yield f"{owner.key}: whether all its plans and alerts are as in the backup cannot be told: {exc}"
                continue
            if keys:
                yield _left_out(owner.key, keys, self._names)

    def gone_along(self, plan: Plan, asked: Container[ContentKey]) -> Iterator[str]:
        """Yield at most one line: plans and alerts that were deleted with content which is recreated, and are not *asked* for.

        Only for a restore of whole types onto its own instance."""
        anew = {name: {step.id for step in plan.of(name) if step.action == "create"} for name in CONTENT}
        if not self._selection.types or not self._sides.same_instance or not any(anew.values()):
            return
        try:
            allowed = self._selection.allowed()
            hanging = [key for key in deliveries_of(self._sides.backup, anew) if key.content_type in allowed]
            keys = [key for key in self._read(hanging, asked) if self._differs(key)]
        except (BlobDamaged, CodecError) as exc:
            yield f"whether plans and alerts went with what is made anew cannot be told: {exc}"
            return
        if keys:
            counted, names = _told_by_type(keys, self._names)
            yield f"{counted} went with what is made anew, and are no part of this: `lookervault restore bulk {names}` after it"

    def _read(self, hanging: Iterable[ContentKey], asked: Container[ContentKey]) -> list[ContentKey]:
        """Return what is not *asked* for, its live side read at once."""
        keys = [key for key in hanging if key not in asked]
        for name in dict.fromkeys(key.content_type for key in keys):
            self._sides.destination.read(name, [key.id for key in keys if key.content_type == name])
        return keys

    def _owners(self, plan: Plan) -> list[Step]:
        """Return the steps of what can have plans and alerts, and is or will be in Looker."""
        if not self._selection.deliveries:
            return []
        steps = (step for step in plan.steps if step.content_type in CONTENT and step.key in self._selection.keys)
        return [step for step in steps if step.action not in ("blocked", "conflict")]

    def _hanging_on(self, owner: ContentKey) -> list[ContentKey]:
        return hanging_on(self._sides.backup, owner, self._selection)

    def _is_made_anew(self, step: Step) -> bool:
        """Return whether the object that had the plans is gone for good: it will be made, or was since, under another number."""
        anew = step.action == "create" or step.destination_id not in (None, step.id)
        return self._sides.same_instance and anew


def told(plan: Plan, along: Mapping[ContentKey, ContentKey], names: Names) -> Plan:
    """Return *plan* with a reason at each step in *along*, a plan or alert: the dashboard or look for which it is included."""
    anew = {key: called(owner.content_type, owner.id, names) for key, owner in along.items()}
    return explained(plan, {key: f"it went out from {one}, which is made anew" for key, one in anew.items()})


def explained(plan: Plan, reasons: Mapping[ContentKey, str]) -> Plan:
    """Return *plan* with the reasons of *reasons* at the steps that write and have no reason yet."""
    steps = (
        msgspec.structs.replace(step, reason=reasons[step.key])
        if step.key in reasons and step.writes and not step.reason
        else step
        for step in plan.steps
    )
    return Plan(tuple(steps))


def _left_out(owner: ContentKey, keys: Iterable[ContentKey], called_by: Names) -> str:
    """Return one line on plans and alerts of *owner* that differ from the backup and are not restored."""
    counted, names = _told_by_type(keys, called_by)
    whole = called(owner.content_type, owner.id, called_by)
    return (
        f"not as in the backup, and no part of this: {counted} of {whole}; `lookervault restore single TYPE ID` puts one back, "
        f"`lookervault restore bulk {names}` all that there are"
    )


def _told_by_type(keys: Iterable[ContentKey], called_by: Names) -> tuple[str, str]:
    """Return in words how many there are of which type, and the names of the types."""
    by_type: dict[str, list[str]] = {}
    for key in keys:
        name = called_by(key.content_type, key.id, False)
        by_type.setdefault(key.content_type, []).append(titled(key.id, name))
    return " and ".join(_counted(name, ids) for name, ids in by_type.items()), " ".join(by_type)


def _counted(content_type: str, named: list[str]) -> str:
    words = (CATALOG[content_type].singular if len(named) == 1 else content_type).replace("_", " ")
    more = ", …" if len(named) > _TOLD else ""
    return f"{len(named)} {words} ({', '.join(named[:_TOLD])}{more})"
