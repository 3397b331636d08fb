"""What of an access list is compared: who may do what. Pure."""

from __future__ import annotations

from typing import Any

from lookervault_core.families.shape import Reading, Shape

_KEYS = ("group_id", "user_id", "permission_type")


def _accesses(rows: Any, _reading: Reading) -> dict[str, Any]:
    return {"accesses": [{key: row.get(key) for key in _KEYS} for row in rows]}


SHAPES = {"content_metadata_accesses": Shape(shaped=_accesses)}
