"""One object as it is compared: its writable fields, and the documents of what is nested in it."""

from __future__ import annotations

from typing import Any

import msgspec


class Doc(msgspec.Struct):
    """The writable side of one object. Of `children`, the keys are the nested type and the id of each.

    `query_id` and `merge_id` are the ids behind the structures among the fields: equal ids spare comparing those.
    `address` is the short address (`client_id`) of its query.
    """

    id: str
    name: str
    fields: dict[str, Any]
    children: dict[str, dict[str, Doc]] = {}
    query_id: str = ""
    merge_id: str = ""
    address: str = ""
    trashed: bool = False


def text_of(value: Any) -> str:
    """Return an id as text, and "" for none."""
    return "" if value is None else str(value)
