"""What a family says of how a payload of its types is compared, beyond the row in the catalog. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lookervault_core.diff.documents.doc import Doc


class Reading(msgspec.Struct, frozen=True):
    """What a payload is read with: the id of its item; the `merge` query that it shows, with its queries, or None; and the names of
    `groups`, in lower case, that may stand as the source of a value."""

    item_id: str = ""
    merge: Any = None
    groups: frozenset[str] = frozenset()


class Shape(msgspec.Struct, frozen=True):
    """Functions of one type; where it has none, a payload is compared as it is.

    `shaped` returns the fields to compare. `renamed` are those of the payload that stand among them under another name.
    `written` adds to the fields that a write names those that change with them.
    `settle` puts the document of an object right once its nested objects have theirs.
    """

    shaped: Callable[[Any, Reading], Mapping[str, Any]] = lambda payload, _: payload
    renamed: frozenset[str] = frozenset()
    written: Callable[[set[str]], set[str]] = lambda names: names
    settle: Callable[[Doc], None] = lambda _: None
