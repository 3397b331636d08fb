"""Which values of user attributes are compared: those that can be read; of hidden ones only that they are set. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lookervault_core.diff.documents.doc import text_of
from lookervault_core.families.inside import ROWS, more_of_rows
from lookervault_core.families.shape import Reading, Shape
from lookervault_core.families.users.attribute_values import is_own

OF_USERS, OF_GROUPS = "UserAttributeWithValue", "UserAttributeGroupValue"


def _user_values(rows: Any, reading: Reading) -> dict[str, Any]:
    """Of a user's own values those that can be written, and of hidden ones only that they are there."""
    own = [row for row in rows if is_own(row, reading.groups)]
    return _readable("user_attribute_id", own) | _more(OF_USERS, "user_attribute_id", own)


def _group_values(rows: Any, _reading: Reading) -> dict[str, Any]:
    """Values in the order in which they count; of hidden ones only that they are there."""
    in_order = sorted(rows, key=lambda row: row.get("rank") or 0)
    return _readable("group_id", in_order) | _more(OF_GROUPS, "group_id", in_order)


def _more(schema: str, key: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    more = more_of_rows(schema, (key,), ("value",), rows)
    return {ROWS: more} if more else {}


def _readable(key: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values that can be read, a null that somebody set among them, and whose are hidden: writing what Looker shows for
    those, which is blank (OpenAPI 4.0.26.12), would wipe them."""
    values, hidden = [], []
    for row in rows:
        owner = text_of(row[key])
        if is_unreadable(row):
            hidden.append(owner)
        else:
            values.append({key: owner, "value": row.get("value")})
    return {"values": values, "hidden": hidden}


def is_unreadable(row: Mapping[str, Any]) -> bool:
    """Return whether the value of *row* is hidden; older releases show no more of that than a null."""
    is_hidden = row.get("value_is_hidden")
    return bool(is_hidden) or (is_hidden is None and row.get("value") is None)


SHAPES = {
    "user_attribute_values": Shape(shaped=_user_values),
    "user_attribute_group_values": Shape(shaped=_group_values),
}
