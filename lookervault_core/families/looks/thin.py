"""Listings that show less of an object than its own call does."""

from __future__ import annotations

from collections.abc import Mapping

from lookervault_core.diff.document import decode


def is_thin(looks: Mapping[str, bytes]) -> bool:
    """Return whether the payloads of *looks* have only a few fields: no documentation says that a search returns all of them."""
    first = next((payload for payload in looks.values() if payload), None)
    return first is not None and "user_id" not in decode(first)
