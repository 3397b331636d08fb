"""User attributes and their values. Calls that replace a whole list get a whole list."""

from __future__ import annotations

from typing import Any

from lookervault_core.catalog import WriteCall
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.inside import ROWS
from lookervault_core.families.lists import compare_list
from lookervault_core.families.user_attributes.whitelist import WHITELIST
from lookervault_core.restore.applying.context import (
    Context,
    write_object,
)

_SET_VALUE = WriteCall("set_user_attribute_user_value", "PATCH", "/users/{id}/attribute_values/{other}")
_REMOVE_VALUE = WriteCall("delete_user_attribute_user_value", "DELETE", "/users/{id}/attribute_values/{other}")
_SET_GROUP_VALUE = WriteCall("update_user_attribute_group_value", "PATCH", "/groups/{id}/attribute_values/{other}")
_REMOVE_GROUP_VALUE = WriteCall("delete_user_attribute_group_value", "DELETE", "/groups/{id}/attribute_values/{other}")
_SET_GROUP_VALUES = WriteCall("set_user_attribute_group_values", "POST", "/user_attributes/{id}/group_values")
_HIDDEN_AMONG = (
    "some of the values are hidden, and writing the whole list would wipe them: each of the others was written by itself, "
    "which keeps no order and cannot be read back everywhere"
)


def apply_attribute(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one attribute and return its id. Looker takes the domains for hidden values only together with `hidden`."""
    difference = ctx.compare(wanted, found)
    more = {"value_is_hidden": True} if WHITELIST in difference.changed else {}
    return write_object(ctx, wanted, difference, found, more=more)


def apply_user_values(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Write the attribute values that were set on the user itself; values that come from a group or a default are not written."""
    user_id, difference = compare_list(ctx, wanted)
    for attribute_id in _hidden_to_remove(difference):
        ctx.writer.change(_REMOVE_VALUE, wanted.key, user_id, other=attribute_id)
    now = {row["user_attribute_id"]: row["value"] for row in _live_rows(difference, "values")}
    rows, more = now, _more(difference, "user_attribute_id")
    if "values" in difference.changed:
        rows = {row["user_attribute_id"]: row["value"] for row in difference.changed["values"]}
    for attribute_id, value in rows.items():
        if attribute_id not in now or now[attribute_id] != value or attribute_id in more:
            body = {"value": value} | more.get(attribute_id, {})
            ctx.writer.change(_SET_VALUE, wanted.key, user_id, body, other=attribute_id)
    for attribute_id in now.keys() - rows.keys():
        ctx.writer.change(_REMOVE_VALUE, wanted.key, user_id, other=attribute_id)
    return user_id


def apply_group_values(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Replace the whole ordered list of an attribute's group values; Looker has no smaller write that keeps the order.

    Where a value there is hidden, the list would wipe it: then each group's value is written by itself.
    """
    attribute_id, difference = compare_list(ctx, wanted)
    for group_id in _hidden_to_remove(difference):
        ctx.writer.change(_REMOVE_GROUP_VALUE, wanted.key, group_id, other=attribute_id)
    more = _more(difference, "group_id")
    if "values" not in difference.changed:
        for row in (row for row in _live_rows(difference, "values") if row["group_id"] in more):
            body = {"value": row["value"]} | more[row["group_id"]]
            ctx.writer.change(_SET_GROUP_VALUE, wanted.key, row["group_id"], body, other=attribute_id)
        return attribute_id
    rows = difference.changed["values"]
    if not _live_rows(difference, "hidden"):
        kept = {row["group_id"]: row for row in _live_rows(difference, ROWS)}
        whole = ({**kept.get(row["group_id"], {}), **more.get(row["group_id"], {}), **row} for row in rows)
        ranked = [{**row, "rank": rank} for rank, row in enumerate(whole, 1)]
        ctx.writer.link(_SET_GROUP_VALUES, wanted.key, attribute_id, ranked)
        return attribute_id
    ctx.accept(wanted.key, "values", _HIDDEN_AMONG)
    now = {row["group_id"]: row["value"] for row in _live_rows(difference, "values")}
    for row in rows:
        if row["group_id"] not in now or now[row["group_id"]] != row["value"] or row["group_id"] in more:
            body = {"value": row["value"]} | more.get(row["group_id"], {})
            ctx.writer.change(_SET_GROUP_VALUE, wanted.key, row["group_id"], body, other=attribute_id)
    for group_id in now.keys() - {row["group_id"] for row in rows}:
        ctx.writer.change(_REMOVE_GROUP_VALUE, wanted.key, group_id, other=attribute_id)
    return attribute_id


def _more(difference: Difference, key: str) -> dict[str, dict[str, Any]]:
    """Return by its key what else of a row is to be written."""
    rows = difference.changed.get(ROWS, ())
    return {row[key]: {name: value for name, value in row.items() if name != key} for row in rows}


def _hidden_to_remove(difference: Difference) -> list[str]:
    """Return whose hidden values are to go, which only an undo knows."""
    kept = difference.changed.get("hidden")
    return [] if kept is None else [row for row in _live_rows(difference, "hidden") if row not in kept]


def _live_rows(difference: Difference, field: str) -> list[Any]:
    return difference.live.fields.get(field) or [] if difference.live else []
