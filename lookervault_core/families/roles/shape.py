"""Which fields of a role and of its members are compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.diff.documents.doc import text_of
from lookervault_core.families.groups.shape import members
from lookervault_core.families.shape import Reading, Shape


def _role(role: Mapping[str, Any], _reading: Reading) -> dict[str, Any]:
    """The ids of the two sets are write-only; a role that is read has the sets nested."""
    return {
        **role,
        "permission_set_id": text_of((role.get("permission_set") or {}).get("id")) or None,
        "model_set_id": text_of((role.get("model_set") or {}).get("id")) or None,
    }


SHAPES = {
    "roles": Shape(shaped=_role),
    "role_groups": Shape(shaped=members),
    "role_users": Shape(shaped=members),
}
