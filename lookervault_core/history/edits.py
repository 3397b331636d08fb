"""How two versions of an object differ: field by field, row by row, part by part. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from lookervault_core.catalog import WRITES, Collection
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import equal, same
from lookervault_core.diff.rows import row_key
from lookervault_core.values import canonical

Steps = tuple[tuple[str, str], ...]


class Edit(msgspec.Struct, frozen=True):
    """One place that differs. `steps` are the nested objects on the way to it, by type and id, `parts` their names, `kind` is the
    type of the last. `keys` are the field and the keys below it, empty if the whole nested object was added or removed. `is_row`:
    a row of a list was added or removed, and the last key is that of the row. `old` or `new` is None if there is no value."""

    kind: str
    steps: Steps
    parts: tuple[str, ...]
    keys: tuple[str, ...]
    old: Any
    new: Any
    is_row: bool = False

    @property
    def field(self) -> str:
        return self.keys[0] if self.keys else ""

    @property
    def path(self) -> str:
        """Return the place that differs as a path: `dashboard_elements[12].query.limit`."""
        within = ".".join(f"{kind}[{item_id}]" for kind, item_id in self.steps)
        below = self.keys[0] + f"[{self.keys[-1]}]" if self.is_row else ".".join(self.keys).replace(".[", "[")
        return ".".join(filter(None, (within, below)))


def edits(kind: str, old: Doc, new: Doc, steps: Steps = (), parts: tuple[str, ...] = ()) -> Iterator[Edit]:
    """Yield what differs between two documents of one object, its own fields first."""
    for field in dict.fromkeys((*old.fields, *new.fields)):
        was, becomes = old.fields.get(field), new.fields.get(field)
        if not equal(becomes, was) and not same(kind, field, becomes, was):
            place = Edit(kind, steps, parts, (field,), was, becomes)
            yield from _rows(place) if _collection(place) else _below(place)
    for child in dict.fromkeys((*old.children, *new.children)):
        yield from _nested(child, _living(old, child), _living(new, child), steps, parts)


def _living(doc: Doc, kind: str) -> dict[str, Doc]:
    return {key: child for key, child in doc.children.get(kind, {}).items() if not child.trashed}


def _nested(
    kind: str, old: Mapping[str, Doc], new: Mapping[str, Doc], steps: Steps, parts: tuple[str, ...]
) -> Iterator[Edit]:
    for key in dict.fromkeys((*old, *new)):
        was, becomes = old.get(key), new.get(key)
        here, called = (*steps, (kind, key)), (*parts, _called(becomes or was))
        if was is None or becomes is None:
            yield Edit(kind, here, called, (), was, becomes)
        else:
            yield from edits(kind, was, becomes, here, called)


def _called(doc: Doc | None) -> str:
    return (doc.name or doc.id) if doc else ""


def _collection(place: Edit) -> Collection | None:
    if place.kind not in WRITES or not isinstance(place.old or place.new, list):
        return None
    facts = WRITES[place.kind]
    if any(child.order == place.field for child in facts.children):
        return None
    return next((collection for collection in facts.collections if collection.field == place.field), None)


def _rows(place: Edit) -> Iterator[Edit]:
    """Yield the rows of a list that came, went, or say something else."""
    collection = _collection(place)
    assert collection
    was, becomes = (_by_key(collection, rows) for rows in (place.old or (), place.new or ()))
    for key in dict.fromkeys((*was, *becomes)):
        old, new = was.get(key), becomes.get(key)
        if canonical(old) != canonical(new):
            told = " ".join(filter(None, key))
            yield msgspec.structs.replace(place, keys=(place.field, told), old=old, new=new, is_row=True)
    if was and list(was) != list(becomes) and was.keys() == becomes.keys():
        yield place


def _by_key(collection: Collection, rows: Sequence[Any]) -> dict[tuple[Any, ...], Any]:
    return {row_key(collection, row): row for row in rows}


def _below(place: Edit) -> Iterator[Edit]:
    """Yield what differs inside of a value, down to what is no object any more."""
    if isinstance(place.old, Mapping) and isinstance(place.new, Mapping):
        pairs = {str(key): (place.old.get(key), place.new.get(key)) for key in (*place.old, *place.new)}
    elif _is_by_position(place.old, place.new):
        pairs = {f"[{at}]": pair for at, pair in enumerate(zip(place.old, place.new, strict=True))}
    else:
        yield place
        return
    for key, (old, new) in pairs.items():
        if not equal(new, old):
            yield from _below(msgspec.structs.replace(place, keys=(*place.keys, key), old=old, new=new))


def _is_by_position(old: Any, new: Any) -> bool:
    """Return whether both are lists of as many objects."""
    if not isinstance(old, list) or not isinstance(new, list) or len(old) != len(new):
        return False
    return all(isinstance(row, Mapping) for row in (*old, *new))
