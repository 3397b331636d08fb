"""Which access list counts for an object that has none of its own. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# By the type of the list: the field of what it belongs to that names whose list counts meanwhile.
_COUNTING = {"content_metadata_accesses": "inheriting_id"}
# The field of an object that names what says who may see it.
SEEN_BY = "content_metadata_id"


def stands_in(kind: str, owner: Mapping[str, Any]) -> str:
    """Return the id of the list that counts for *owner* while it has none of its own, as an inherited access list; "" for none."""
    return str(owner.get(_COUNTING[kind]) or "") if kind in _COUNTING else ""


def may_be_shared(kind: str) -> bool:
    """Return whether lists of the type *kind* can be inherited from another object."""
    return kind in _COUNTING
