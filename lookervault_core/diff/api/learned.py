"""What a destination takes of each type: learned from its own description, else from the SDK, else from the catalog's row. Pure.

The row comes last, for it knows only the releases that there were when it was written. Whatever the others say, the row decides
what must not be sent, which fields are references, and which change by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

import msgspec

from lookervault_core.catalog import DOCUMENTS, MADE_BY, WRITES, WriteCall
from lookervault_core.diff.api.description import Description, Properties, Property
from lookervault_core.diff.documents.compared import read_schema_of, schema_of
from lookervault_core.values import FREE_FORM

NOT_TAKEN = "this release of Looker does not take it"
NEWER = "newer than the destination: its release does not have it"
UNDESCRIBED = "not in Looker's description: nobody knows whether it can be written"


class Standing(Enum):
    """Whether the destination takes a field; if not, why, in words."""

    WRITABLE = "it can be written"
    READ_ONLY = "Looker decides it"
    NOT_TAKEN = NOT_TAKEN
    NEWER = NEWER
    UNDESCRIBED = UNDESCRIBED


class _Known(NamedTuple):
    """What one description has of a type: what can be written, of that what a create takes and what nothing else does, and what
    else is shown."""

    writable: Properties
    made_with: frozenset[str]
    never_changed: frozenset[str]
    shown: frozenset[str]


class Learned(msgspec.Struct):
    """What a destination takes. `here` is its own API description, `then` that of the backup's instance when the backup was made,
    `newest` the SDK's; a missing description is empty."""

    here: Description = msgspec.field(default_factory=Description)
    then: Description = msgspec.field(default_factory=Description)
    newest: Description = msgspec.field(default_factory=Description)
    _known: dict[tuple[int, str], _Known | None] = {}
    _standings: dict[tuple[str, str], Standing] = {}
    _free: dict[tuple[str, str], frozenset[str]] = {}

    def takes(self, content_type: str) -> frozenset[str] | None:
        """Return the fields of a type that can be written; None if no description and no SDK has the type."""
        known = self._here(content_type)
        return frozenset(known.writable) if known is not None else None

    def not_made_with(self, content_type: str) -> frozenset[str]:
        """Return the fields that an update takes and a create does not."""
        known = self._here(content_type)
        return frozenset(known.writable) - known.made_with if known is not None else frozenset()

    def never_changed(self, content_type: str) -> frozenset[str]:
        """Return the fields that a create takes and an update does not."""
        known = self._here(content_type)
        return known.never_changed if known is not None else frozenset()

    def standing(self, content_type: str, field: str) -> Standing:
        """Return whether the destination takes a field of a type, and if not, why."""
        key = (content_type, field)
        if key not in self._standings:
            self._standings[key] = self._standing(content_type, field)
        return self._standings[key]

    def of(self, content_type: str, field: str) -> Property | None:
        """Return the description of a writable field; None if it has none."""
        known = self._here(content_type)
        return known.writable.get(field) if known is not None else None

    def free_form(self, content_type: str, field: str) -> frozenset[str]:
        """Return the names in a field, its own included, whose values have free form: no description says which keys they have, so
        every key and every null in them counts."""
        key = (content_type, field)
        if key not in self._free:
            prop = self.of(content_type, field)
            found = self._free_within(read_schema_of(content_type), field, prop) if prop is not None else ()
            self._free[key] = FREE_FORM.union(found)
        return self._free[key]

    def _free_within(self, schema: str, field: str, prop: Property) -> Iterator[str]:
        """Yield such names, looking into each schema once: schemas can lead in circles."""
        waiting, seen = [(schema, field, prop)], set[str]()
        while waiting:
            schema, field, prop = waiting.pop()
            if prop.kind in ("object", "array") and not prop.shape and field not in (self.newest.schema(schema) or {}):
                yield field
            if prop.shape and prop.shape not in seen:
                seen.add(prop.shape)
                waiting += ((prop.shape, name, inner) for name, inner in (self.shape(prop.shape) or {}).items())

    def shape(self, name: str) -> Properties | None:
        """Return the fields of a nested object by the name of its schema; None if nothing describes it."""
        described = self.here.schema(name)
        return described if described is not None or not self.here.is_empty else self.newest.schema(name)

    def inner(self, shape: str, field: str) -> Standing:
        """Return why the destination lacks a field of a nested object: the field is newer than its release, or unknown."""
        others = (one.schema(shape) or {} for one in (self.then, self.newest))
        return Standing.NEWER if any(field in known for known in others) else Standing.UNDESCRIBED

    def was_writable(self, shape: str, field: str) -> bool:
        """Return whether the backup's instance took a field of a nested object when the backup was made."""
        known = (self.then.schema(shape) or {}).get(field)
        return known is not None and not known.read_only

    def is_since(self, shape: str, field: str) -> bool:
        """Return whether the backup's instance did not have a field of a nested object yet when the backup was made."""
        known = self.then.schema(shape)
        return known is not None and field not in known

    def _here(self, content_type: str) -> _Known | None:
        return self._of(self.here, content_type) or self._of(self.newest, content_type)

    def _standing(self, content_type: str, field: str) -> Standing:
        here = self._of(self.here, content_type)
        known = here or self._of(self.newest, content_type)
        if known is not None and field in known.writable:
            return Standing.WRITABLE
        is_known, can_be_written = self._elsewhere(content_type, field)
        if known is not None and field in known.shown:
            return Standing.NOT_TAKEN if can_be_written and here is not None else Standing.READ_ONLY
        if here is None:
            return Standing.WRITABLE if can_be_written else Standing.READ_ONLY if is_known else Standing.UNDESCRIBED
        if can_be_written:
            return Standing.NEWER
        return Standing.READ_ONLY if is_known else Standing.UNDESCRIBED

    def _elsewhere(self, content_type: str, field: str) -> tuple[bool, bool]:
        """Return whether a field is known to anybody but the destination, and whether it can be written there."""
        others = [one for one in (self._of(d, content_type) for d in (self.then, self.newest)) if one is not None]
        listed = field in _listed(content_type)
        can_be_written = listed or any(field in one.writable for one in others)
        return can_be_written or any(field in one.shown for one in others), can_be_written

    def _of(self, description: Description, content_type: str) -> _Known | None:
        key = (id(description), content_type)
        if key not in self._known:
            self._known[key] = _known(description, content_type)
        return self._known[key]


def _known(description: Description, content_type: str) -> _Known | None:
    name = schema_of(content_type)
    bodies = [description.body(call.operation, name) for call in _calls(content_type)] if name else []
    if not bodies or all(body is None for body in bodies):
        return None
    writable = {field: one for body in reversed(bodies) for field, one in (body or {}).items() if not one.read_only}
    shown = {
        *(description.schema(read_schema_of(content_type)) or {}),
        *(field for body in bodies for field in body or ()),
    }
    changed = bodies[0] if len(bodies) > 1 else None
    never_changed = {field for field in writable if changed and (field not in changed or changed[field].read_only)}
    made_with = frozenset(bodies[-1] or writable) & writable.keys()
    return _Known(writable, made_with, frozenset(never_changed), frozenset(shown))


def _calls(content_type: str) -> Iterator[WriteCall]:
    """Yield the calls that write a type, or a document of settings: its update before its create."""
    document = DOCUMENTS.get(content_type)
    own = document.write if document is not None else MADE_BY.get(content_type)
    if own is not None or document is not None:
        yield from filter(None, (own,))
        return
    facts = WRITES[content_type]
    yield from (call for call in (facts.update, facts.create) if call is not None)


def _listed(content_type: str) -> tuple[str, ...]:
    return WRITES[content_type].writable if content_type in WRITES else ()
