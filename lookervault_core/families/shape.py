"""The functions by which a family makes documents of its payloads, beyond the row in the catalog. Pure."""

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
    """The functions of one type; without them a payload is compared as it is.

    `shaped` returns the fields to compare. `renamed` are the payload's fields that have another name among these. `written` adds
    to the fields that a write sends those that change with them. `sent` returns the value of a field, as a write sends it, in the
    form in which documents have it. `settle` completes the document of an object once its nested
    objects have theirs."""

    shaped: Callable[[Any, Reading], Mapping[str, Any]] = lambda payload, _: payload
    renamed: frozenset[str] = frozenset()
    written: Callable[[set[str]], set[str]] = lambda names: names
    sent: Callable[[str, Any], Any] = lambda _, value: value
    settle: Callable[[Doc], None] = lambda _: None
