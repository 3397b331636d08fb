"""Which fields of the members of groups and roles are compared: only their ids. Pure."""

from __future__ import annotations

from typing import Any

from lookervault_core.diff.documents.doc import text_of
from lookervault_core.families.shape import Reading, Shape


def members(rows: Any, _reading: Reading) -> dict[str, Any]:
    """Return the members of a list of groups or users by id: `{"members": [...]}`."""
    return {"members": [text_of(row["id"]) for row in rows]}


SHAPES = {"group_users": Shape(shaped=members)}
