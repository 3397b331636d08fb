"""Find the id of an object in Looker's answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog.rows import CATALOG


def id_of(content_type: str, shown: Mapping[str, Any]) -> str:
    """Return the id of an object as Looker shows it; what is nested in another one has no row, and is known by its `id`."""
    row = CATALOG.get(content_type)
    return str(shown.get(row.id_field if row is not None else "id") or shown.get("id") or shown.get("name"))
