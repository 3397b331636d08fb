"""Names of objects, from the backup and from what a plan has read of Looker; no call is made for a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.diff.wording.describe import owner_key
from lookervault_core.families.both_sides import BothSides
from lookervault_core.families.naming import naming_of
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live


class KnownNames:
    """Gives the name of an object by type, id and side (backup or live). A folder's name is its path, a user's the e-mail address.

    On the backup's own instance an object is called as the backup has it, also where Looker calls it otherwise by now."""

    def __init__(self, backup: Backup, live: Live, *, same_instance: bool) -> None:
        self.sides = BothSides(backup, live, same_instance=same_instance)
        self._special: dict[tuple[str, str], str] = {}
        self._titles: dict[str, Counter[str]] = {}

    def __call__(self, content_type: str, item_id: str, is_live: bool) -> str:
        if content_type not in CATALOG:
            return ""
        path = naming_of(content_type).path
        if path is not None:
            return path(self.sides, item_id, is_live)
        ours = self._in_backup(content_type, item_id) if self.sides.same_instance or not is_live else ""
        if not ours and is_live and (shown := self.sides.shown(content_type, item_id)):
            return name_in(content_type, shown)
        return ours

    def is_ambiguous(self, step: Step) -> bool:
        """Return whether the backup has more than one object of a type under the same title."""
        if step.content_type not in self._titles:
            names = (row.name for row in self.sides.backup.rows(step.content_type).values())
            self._titles[step.content_type] = Counter(names)
        return self._titles[step.content_type][step.name] > 1

    def _in_backup(self, content_type: str, item_id: str) -> str:
        naming = naming_of(content_type)
        if naming.by_others is not None:
            return naming.by_others(self.sides, self, item_id)
        row = self.sides.row(content_type, item_id)
        ours = row.name if row is not None else ""
        return self._by_payload(content_type, item_id) or ours if naming.fields else ours

    def _by_payload(self, content_type: str, item_id: str) -> str:
        key = (content_type, item_id)
        if key not in self._special:
            self._special[key] = name_in(content_type, self.sides.backup.readable(content_type, item_id))
        return self._special[key]


def name_in(content_type: str, payload: Any) -> str:
    """Return the name that a payload gives its object; "" if none."""
    if not isinstance(payload, Mapping):
        return ""
    naming = naming_of(content_type)
    fields = (*naming.fields, *CATALOG[content_type].name_fields, "title", "name", "label")
    name = next((str(payload[field]) for field in fields if payload.get(field)), "")
    return naming.by_payload(payload) if not name and naming.by_payload is not None else name


def told_by_name(plan: Plan, names: KnownNames) -> Plan:
    """Return *plan* with names in its steps: a list has its owner's name, and objects that share a title say where they are."""
    return Plan(tuple(_told(step, names) for step in plan.steps))


def _told(step: Step, names: KnownNames) -> Step:
    if step.is_as_in_backup and not step.lost:
        return step
    return msgspec.structs.replace(step, name=step.name or _name(step, names), where=_where(step, names))


def _name(step: Step, names: KnownNames) -> str:
    """Return a name for an object that has none of its own: of a list its owner's, else that of its subject."""
    owner, naming = owner_key(step.content_type, step.id), naming_of(step.content_type)
    if owner != step.key or naming.by_others is not None:
        return names(owner.content_type, owner.id, False)
    return name_in(step.content_type, names.sides.payload(step)) if naming.by_payload is not None else ""


def _where(step: Step, names: KnownNames) -> str:
    """Return in words where an object is or what it is about, if its name alone does not say so."""
    naming = naming_of(step.content_type)
    if naming.told_apart and not names.is_ambiguous(step):
        return ""
    return naming.where(names, names.sides.payload(step) or {})
