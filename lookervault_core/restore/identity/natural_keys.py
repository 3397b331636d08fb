"""What an object is called: the fields that its natural keys are made of, in one form for the backup and for the live side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import WriteFacts
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import document
from lookervault_core.families.identities import identity_of
from lookervault_core.values import canonical


def naming_fields(content_type: str, payload: Any, facts: WriteFacts) -> dict[str, Any]:
    """Return the fields that natural keys are made of."""
    names = {field for natural in facts.natural for field in natural.fields}
    fields = {**payload, **document(content_type, payload).fields}
    fields |= identity_of(content_type).names(payload, fields)
    return {name: fields.get(name) for name in names}


def as_mark(fields: Mapping[str, Any], names: tuple[str, ...]) -> bytes | None:
    """Return the one form of the fields *names*, or None if they say nothing, or name what is still to be made."""
    values = {name: fields.get(name) for name in names}
    if (not values[names[-1]] and len(names) < 3) or NEW in values.values():
        return None
    return canonical(values)


def lasting_names(facts: WriteFacts) -> set[str]:
    """Return the fields of the natural keys that an object keeps, and that what has just been made may not have yet."""
    return {field for natural in facts.natural if not natural.newborn for field in natural.fields}
