"""What somebody has edited in an export. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.diff.documents.fields import equal


def is_edited(ours: Any, shown: Any) -> bool:
    """Return whether the query *ours* of an export differs from *shown*, the one that Looker has under its id.

    Fields that only *shown* has do not count: they belong to Looker's release."""
    if not isinstance(ours, Mapping) or not isinstance(shown, Mapping) or set(ours) == {"id"} or set(shown) == {"id"}:
        return False
    return any(not equal(value, shown.get(name)) for name, value in ours.items())
