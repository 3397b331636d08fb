"""Say in words that a person reads which fields of an object differ, and what cannot be as in the backup. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, WRITES
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import in_order
from lookervault_core.diff.rows import added, more_stay, worked_on
from lookervault_core.diff.wording.words import ABSENT, Names, Place, changed, kind_of, nameless, pair, sources
from lookervault_core.model import ContentKey
from lookervault_core.values import FREE_FORM, is_blank, same_value


class FieldChange(msgspec.Struct, frozen=True):
    """One field that differs: what Looker has (`old`) and what the backup has (`new`), and that in words."""

    path: str
    old: Any
    new: Any
    text: str = ""

    def __str__(self) -> str:
        return self.text or f"{self.path}: {pair(self.old, self.new)}"

    @property
    def values(self) -> tuple[str, Any, Any]:
        return self.path, self.old, self.new

    @property
    def is_blank(self) -> bool:
        """Return whether both values are blank, in different ways: null, an empty text, an empty list, no key."""
        return all(is_blank(one) or one == ABSENT for one in (self.old, self.new))


def describe(difference: Difference, names: Names = nameless, prefix: str = "") -> tuple[FieldChange, ...]:
    """Return the fields that differ, readable by a person: `tiles[12 "Revenue"].query.limit: "500" → "100"`."""
    old = difference.live.fields if difference.live else {}
    changes: list[FieldChange] = []
    if difference.live is not None:
        owner, gone = _owner(difference, names), {lack.id for lack in (*difference.lacks, *difference.absent)}
        for field, value in difference.changed.items():
            place = Place(difference.content_type, field, prefix + field, owner, gone)
            was, becomes = (in_order(difference.content_type, field, one) for one in (old.get(field), value))
            ours = sources(place, value, difference.source.fields.get(field))
            # They may differ in keys with nothing under them.
            whole = FieldChange(place.label, was, becomes)
            changes += _changes(place, was, becomes, ours, names) or [whole]
    for child in difference.children:
        label = prefix + path_of(child.content_type, child.source)
        if child.live is None:
            changes.append(FieldChange(label, None, "created", f"{label} is made"))
        else:
            changes += describe(child, names, label + ".")
    for kind, doc in difference.extras:
        label = prefix + path_of(kind, doc)
        changes.append(FieldChange(label, "present", None, f"{label} is removed"))
    return tuple(changes)


def losses(difference: Difference, names: Names = nameless) -> tuple[tuple[str, str], ...]:
    """Return the losses of a difference, nested objects included, as (path of the field, reason)."""
    found: list[tuple[str, str]] = []
    for part in difference.walk():
        prefix = "" if part is difference else path_of(part.content_type, part.source) + "."
        told = part.lost | _absent(part, names) | _by_kind(part.beyond, more_stay) | _by_kind(part.kept, worked_on)
        found += [(prefix + field, reason) for field, reason in told.items()]
        found += [(prefix + kind, reason) for kind, reason in _by_kind(part.added, added).items()]
    return tuple(found)


def _absent(one: Difference, names: Names) -> dict[str, str]:
    """Return by field, for what is not there and was lost with that, the names of all of it."""
    told: dict[str, list[str]] = {}
    for lack in one.absent:
        if lack.path in one.lost and not lack.trashed:
            told.setdefault(lack.path, []).append(called(lack.content_type, lack.id, names))
    trashed = {
        lack.path: f"{called(lack.content_type, lack.id, names)} lies in the trash: restore that too, or use --with-dependencies"
        for lack in one.absent
        if lack.trashed
    }
    return trashed | {
        path: f"{', '.join(who)} {'is' if len(who) == 1 else 'are'} not there" for path, who in told.items()
    }


def _by_kind(staying: Sequence[tuple[str, Doc]], told: Callable[[Sequence[str]], str]) -> dict[str, str]:
    """Return by kind what is *told* of nested objects that stay although the backup does not have them."""
    kinds = dict.fromkeys(kind for kind, _ in staying)
    labels = {kind: [_label(doc) for name, doc in staying if name == kind] for kind in kinds}
    return {_called_by_people(kind): told(called) for kind, called in labels.items()}


def called(content_type: str, item_id: str, names: Names) -> str:
    """Return what an object of the backup is called, with its kind: `folder Shared/Finance (12)`."""
    name = names(content_type, item_id, False)
    kind = kind_of(content_type)
    return f"{kind} {name} ({item_id})" if name else f"{kind} {item_id}"


def owner_key(content_type: str, item_id: str) -> ContentKey:
    """Return the key of the object that a list belongs to and takes its name from; for any other type the key itself."""
    row = CATALOG.get(content_type)
    owner = row.targets_from if row is not None and row.is_part and not row.many and not row.single else None
    return ContentKey(owner or content_type, item_id)


def _owner(difference: Difference, names: Names) -> str:
    key = owner_key(difference.content_type, difference.source.id)
    return f"{names(key.content_type, key.id, False) or kind_of(key.content_type)} ({key.id})"


def path_of(content_type: str, doc: Doc) -> str:
    """Return what a nested object is called in the path of a field: `tiles[12 "Revenue"]`."""
    return f"{_called_by_people(content_type)}[{_label(doc)}]"


def _called_by_people(content_type: str) -> str:
    return WRITES[content_type].label or content_type


def _label(doc: Doc) -> str:
    return f'{doc.id} "{doc.name}"' if doc.name else doc.id


def _changes(place: Place, old: Any, new: Any, source: Any, names: Names) -> list[FieldChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        missing = (
            ABSENT if not FREE_FORM.isdisjoint(place.label.split(".")) else None
        )  # elsewhere no key is as good as a null
        values = {
            key: (old.get(key, missing), new.get(key, missing)) for key in (*new, *(k for k in old if k not in new))
        }
        ours = source if isinstance(source, Mapping) else {}
        return [
            change
            for key, (was, becomes) in values.items()
            if not same_value(was, becomes)
            for change in _changes(place.below(key), was, becomes, ours.get(key), names)
        ]
    return [FieldChange(place.label, old, new, changed(place, old, new, source, names))]
