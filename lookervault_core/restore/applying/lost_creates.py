"""What a create whose answer was lost has made: another object of that name may be somebody else's, made in the meantime."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import WRITES
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.doc import Doc
from lookervault_core.diff.fields import alike


def is_like_new(content_type: str, wanted: Mapping[str, Any], live: Doc) -> bool:
    """Return whether *live* can be what a create with the fields *wanted* has made: it shows the same, it is in the state in
    which such objects are made, and nothing has been put into it yet."""
    facts = WRITES[content_type]
    shown = all(
        alike(content_type, field, wanted[field], live.fields.get(field)) for field in facts.shows if field in wanted
    )
    asleep = all(live.fields.get(field) == value for field, value in facts.born.items())
    others = {child.content_type for child in facts.children if child.is_linked or child.comes_with}
    inside = {kind for kind, docs in live.children.items() if docs} - others
    return shown and asleep and not inside


def sent(part: Difference) -> dict[str, Any]:
    """Return the fields with which a nested object is made: null where the backup has nothing."""
    return {field: part.changed.get(field) for field in part.source.fields if field not in part.lost}
