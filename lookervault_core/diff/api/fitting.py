"""Make a value fit the destination's description before it is sent: only the parts that do not fit are lost, and named. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lookervault_core.diff.api.description import Properties, Property
from lookervault_core.diff.api.learned import NOT_TAKEN, Learned
from lookervault_core.diff.documents.fields import equal

NO_NULL = "Looker's description allows no null there"
UNKNOWN_ID = "an id of the instance that was backed up: nobody knows what it names here"
_IDS = ("_id", "_ids")


class Fitted(msgspec.Struct):
    """The value that a field is to get, the value to compare it with, and by path why a part of it cannot be as in the backup.

    `sent` also has the parts that the description calls read-only: Looker ignores them, and the description may be wrong."""

    new: Any
    old: Any
    lost: dict[str, str] = {}
    sent: Any = msgspec.UNSET

    @property
    def body(self) -> Any:
        return self.new if self.sent is msgspec.UNSET else self.sent


def fitted(
    learned: Learned, prop: Property | None, path: str, new: Any, old: Any, *, foreign: Callable[[str], str]
) -> Fitted:
    """Return the part of *new* that can replace *old* in a field described by *prop*. *foreign* returns why the id at a path means
    nothing on the destination, "" if it does."""
    if new is not None and not equal(new, old) and (nowhere := foreign(path)):
        return Fitted(old, old, {path: nowhere})
    if prop is None:
        return Fitted(new, old)
    reason = misfit(prop, new, old)
    if reason:
        return Fitted(old, old, {} if equal(new, old) else {path: reason})
    properties = learned.shape(prop.shape) if prop.shape else None
    if properties is None:
        return Fitted(new, old)
    if isinstance(new, Mapping):
        return _object(learned, prop.shape, properties, path, new, old, foreign)
    if isinstance(new, list):
        return _rows(learned, prop.shape, properties, path, new, old, foreign)
    return Fitted(new, old)


def misfit(prop: Property, value: Any, old: Any = None) -> str:
    """Return why *value* does not fit the description of its field, or "". Where *old*, Looker's own value, is of the same JSON
    kind as *value*, a description that wants another kind is wrong and does not count."""
    if value is None:
        return NO_NULL if prop.nullable is False else ""
    if prop.choices and not isinstance(value, (list, dict)) and value not in prop.choices:
        return f"Looker's description has only {', '.join(map(str, prop.choices))} there"
    if _is_of(prop, value) or (old is not None and _kind(old) == _kind(value)):
        return ""
    return f"Looker's description wants {prop.kind} there"


def allows_null(prop: Property | None) -> bool:
    """Return whether a field can be null by its description; true where the description does not say."""
    return prop is None or prop.nullable is not False


def is_unknown_id(name: str) -> bool:
    """Return whether a field's name says that it holds ids, as `…_id` does."""
    return name.endswith(_IDS)


def _object(
    learned: Learned,
    shape: str,
    properties: Properties,
    path: str,
    new: Mapping[str, Any],
    old: Any,
    foreign: Callable[[str], str],
) -> Fitted:
    before = old if isinstance(old, Mapping) else {}
    hidden = {key for key, prop in properties.items() if prop.read_only}
    since = {key: one for key, one in before.items() if key not in new and learned.is_since(shape, key)}
    kept, sent, lost = {}, {}, {}
    for key, value in new.items():
        now, place = before.get(key), f"{path}.{key}"
        if key in hidden:
            is_lost = not equal(value, now) and learned.was_writable(shape, key)
            lost |= {place: NOT_TAKEN} if is_lost else {}
            sent |= {} if is_lost else {key: value}
            continue
        if key not in properties and not equal(value, now) and value is not None:
            part = Fitted(now, now, {place: learned.inner(shape, key).value})
        else:
            part = fitted(learned, properties.get(key), place, value, now, foreign=foreign)
        lost |= part.lost
        if part.new is not None or key in before or (value is None and key in properties):
            kept[key], sent[key] = part.new, part.body
    left = {key: one for key, one in before.items() if key not in hidden} if isinstance(old, Mapping) else old
    return Fitted(kept | since, left, lost, sent | since)


def _rows(
    learned: Learned,
    shape: str,
    properties: Properties,
    path: str,
    new: list[Any],
    old: Any,
    foreign: Callable[[str], str],
) -> Fitted:
    before = old if isinstance(old, list) else []
    pairs = before if len(before) == len(new) else [None] * len(new)
    parts = [
        _object(learned, shape, properties, f"{path}[{number}]", row, pairs[number], foreign)
        if isinstance(row, Mapping)
        else Fitted(row, pairs[number])
        for number, row in enumerate(new)
    ]
    hidden = {key for key, prop in properties.items() if prop.read_only}
    left = [_without(row, hidden) for row in before] if isinstance(old, list) else old
    lost = {place: reason for part in parts for place, reason in part.lost.items()}
    return Fitted([part.new for part in parts], left, lost, [part.body for part in parts])


def _without(row: Any, hidden: set[str]) -> Any:
    return {key: one for key, one in row.items() if key not in hidden} if isinstance(row, Mapping) else row


def _is_of(prop: Property, value: Any) -> bool:
    """Return whether a value is of the described kind. An object that nobody describes further may be anything: Looker's own
    description says so of lists and texts."""
    kind = _kind(value)
    if prop.kind in ("", kind) or (prop.kind == "object" and not prop.shape):
        return True
    return prop.kind == "number" and kind == "integer"


def _kind(value: Any) -> str:
    if isinstance(value, msgspec.Raw):
        return "string" if bytes(value)[:1] == b'"' else "number"
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}
    return kinds.get(type(value), "")
