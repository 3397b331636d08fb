"""Objects that Looker protects from being written: they are compared like all others, and what differs is named as lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import WRITES, Protected
from lookervault_core.diff.difference import Difference


def protection_of(content_type: str, payload: Any) -> Protected | None:
    """Return what protects an object from being written, or None."""
    if not isinstance(payload, Mapping):
        return None
    rows = (row for row in WRITES[content_type].protected if payload.get(row.field) == row.value)
    return next(rows, None)


def protection_reason(content_type: str, payload: Any) -> str:
    """Return why an object must not be written, or ""."""
    protection = protection_of(content_type, payload)
    return protection.reason if protection else ""


def permanence(content_type: str, payload: Mapping[str, Any]) -> str:
    """Return why an object cannot be removed although it can be written, or ""."""
    rows = (row.reason for row in WRITES[content_type].permanent if payload.get(row.field) == row.value)
    return next(rows, "")


def leave_protected(difference: Difference, protection: Protected) -> None:
    """Take the fields that Looker does not take of a protected object out of its difference, and name them as lost."""
    for part in difference.walk():
        kept = {field for field in part.changed if part is not difference or not _is_taken(part, field, protection)}
        part.lost |= dict.fromkeys(kept, protection.reason)
        part.changed = {field: value for field, value in part.changed.items() if field not in kept}
        part.lacks = [lack for lack in part.lacks if lack.field not in kept]
        part.lost |= {f"{kind}[{doc.id}]": protection.reason for kind, doc in part.extras}
        part.extras = []


def _is_taken(part: Difference, field: str, protection: Protected) -> bool:
    """Return whether Looker may take a field of a protected object. Of one of which it takes any, it may take what the catalog does
    not know too: the refusal tells."""
    facts = WRITES[part.content_type]
    unknown = bool(facts.schema) and field not in (*facts.writable, *facts.forced)
    return field in protection.takes or (bool(protection.takes) and unknown)


def absent_protected(protection: Protected) -> str:
    """Return why a protected object that is not there does not come back."""
    return f"{protection.reason}: it is not there, and only Looker itself can make it again"
