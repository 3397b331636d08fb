"""Listings that show less of an object than its own call does."""

from __future__ import annotations

from collections.abc import Mapping

from lookervault_core.diff.document import decode


def is_thin(looks: Mapping[str, bytes]) -> bool:
    """Return whether a search of looks lists a few fields of each: nothing says that it lists all, and `all_looks` does not."""
    first = next((payload for payload in looks.values() if payload), None)
    return first is not None and "user_id" not in decode(first)
