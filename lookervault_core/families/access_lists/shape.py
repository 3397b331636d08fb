"""Which fields of an access list are compared: who may do what. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.families.inside import ROWS, more_of_rows
from lookervault_core.families.shape import Reading, Shape

SCHEMA = "ContentMetaGroupUser"
# What tells a row from the others, and what it names.
WHO = {"group_id": "groups", "user_id": "users"}
_KEYS = (*WHO, "permission_type")


def _accesses(rows: Any, _reading: Reading) -> dict[str, Any]:
    more = more_of_rows(SCHEMA, tuple(WHO), _KEYS, rows)
    return {"accesses": [{key: row.get(key) for key in _KEYS} for row in rows]} | ({ROWS: more} if more else {})


SHAPES = {"content_metadata_accesses": Shape(shaped=_accesses)}


def who(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the key of a row of an access list: (group id, user id), one of them ""."""
    return str(row.get("group_id") or ""), str(row.get("user_id") or "")
