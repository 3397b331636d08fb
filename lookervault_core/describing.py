"""Say in words that a person reads which fields of an object differ, and what cannot be as in the backup. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lookervault_core.diff.fields import in_order
from lookervault_core.diff.values import FREE_FORM, is_blank, same_value
from lookervault_core.differences import NEW, Difference
from lookervault_core.documents import Doc

_WORDS = {
    "dashboard_elements": "tiles",
    "dashboard_filters": "filters",
    "dashboard_layouts": "tabs",
    "dashboard_layout_components": "places",
    "board_sections": "sections",
    "board_items": "items",
}


ABSENT = "(absent)"


class FieldChange(msgspec.Struct, frozen=True):
    """One field that differs: what Looker has (`old`) and what the backup has (`new`)."""

    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.path}: {_shown(self.old)} → {_shown(self.new)}"

    @property
    def is_blank(self) -> bool:
        """Return whether neither side says anything, each in its own way: null, a blank text, an empty list, no key."""
        return all(is_blank(one) or one == ABSENT for one in (self.old, self.new))


def describe(difference: Difference, prefix: str = "") -> tuple[FieldChange, ...]:
    """Return the fields that differ, readable by a person: `tiles[12 "Revenue"].query.limit: "500" → "100"`."""
    old = difference.live.fields if difference.live else {}
    changes: list[FieldChange] = []
    if difference.live is not None:
        for field, value in difference.changed.items():
            pair = (in_order(difference.content_type, field, one) for one in (old.get(field), value))
            changes += _changes(prefix + field, *pair)
    for child in difference.children:
        label = prefix + path_of(child.content_type, child.source)
        if child.live is None:
            changes.append(FieldChange(label, None, "created"))
        else:
            changes += describe(child, label + ".")
    changes += [FieldChange(prefix + path_of(kind, doc), "present", None) for kind, doc in difference.extras]
    return tuple(changes)


def losses(difference: Difference) -> tuple[tuple[str, str], ...]:
    """Return what cannot be as in the backup, as (field, reason)."""
    found: list[tuple[str, str]] = []
    for one in difference.walk():
        prefix = "" if one is difference else path_of(one.content_type, one.source) + "."
        found += [(prefix + field, reason) for field, reason in one.lost.items()]
    return tuple(found)


def blank_kept(change: FieldChange) -> str:
    """Return why a blank that was written is not as in the backup: Looker has made another one of it."""
    return f"Looker keeps {_shown(change.old)} where it was sent {_shown(change.new)}"


def path_of(content_type: str, doc: Doc) -> str:
    """Return what a nested object is called in the path of a field: `tiles[12 "Revenue"]`."""
    label = f'{doc.id} "{doc.name}"' if doc.name else doc.id
    return f"{_WORDS.get(content_type, content_type)}[{label}]"


def _changes(path: str, old: Any, new: Any) -> list[FieldChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        missing = ABSENT if not FREE_FORM.isdisjoint(path.split(".")) else None  # elsewhere no key is as good as a null
        pairs = {
            key: (old.get(key, missing), new.get(key, missing)) for key in (*new, *(k for k in old if k not in new))
        }
        differing = {key: pair for key, pair in pairs.items() if not same_value(*pair)}
        return [change for key, pair in differing.items() for change in _changes(f"{path}.{key}", *pair)]
    return [FieldChange(path, old, new)]


def _shown(value: Any) -> str:
    if value == NEW:
        return "one that this restore makes"
    if value == ABSENT:
        return "no such key"
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= 80 else f"{text[:77]}…"
