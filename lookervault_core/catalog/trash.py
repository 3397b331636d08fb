"""Which payloads are of trashed objects, and which types have a trash from which objects come back as they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog.rows import CATALOG


def lies_in_trash(payload: Any) -> bool:
    """Return whether a decoded payload says that its object is deleted and can come back."""
    return isinstance(payload, Mapping) and bool(payload.get("deleted") or payload.get("deleted_at"))


def trash_of(content_type: str) -> str | None:
    """Return the type whose items are the trashed objects of *content_type*; None if no type is."""
    row = CATALOG.get(content_type)
    return row.trash if row is not None else None
