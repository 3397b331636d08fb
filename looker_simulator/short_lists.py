"""Listings that show less than there is: which call leaves out which rows, and which fields, by bend.

``list_hides`` takes any call: ``list_hides=all_groups:3,4+search_boards:1``; of a call with a ``?`` behind it only what is not
narrowed: ``list_hides=all_external_oauth_applications?:1``.
"""

from collections.abc import Callable

from looker_simulator.api import has_all_states
from looker_simulator.calls import Call
from looker_simulator.fields import Fields, parse
from looker_simulator.table import Row

_ROWS: dict[str, tuple[str, Callable[[Call, Row], bool]]] = {
    "search_users_hides_disabled": ("search_users", lambda _, row: not row["is_disabled"]),
    "plans_list_hides_disabled": ("all_scheduled_plans search_scheduled_plans", lambda call, row: _is_shown(call, row)),
    "alerts_search_hides_disabled": (
        "search_alerts",
        lambda call, row: not row["is_disabled"] or call.flag("disabled"),
    ),
}
_FIELDS = {"search_looks_is_thin": ("search_looks", parse("id,title,folder_id,query_id,updated_at,deleted"))}


def shown_rows(call: Call, rows: list[Row]) -> list[Row]:
    """Return the rows that the instance lists for this call."""
    bends, operation = call.world.bends, call.operation.id
    if operation == "search_scheduled_plans" and has_all_states(call.world.api.release):  # SDK 26.18: only if asked for
        rows = [row for row in rows if _is_shown(call, row)]
    for name, (operations, is_shown) in _ROWS.items():
        if operation in operations.split() and bends.has(name):
            rows = [row for row in rows if is_shown(call, row)]
    if bends.has("flipping_read_only") and operation in ("all_users", "search_users"):
        rows = [row | {"verified_looker_employee": bends.value("flipping_read_only") == "true"} for row in rows]
    hidden = _hidden(bends.value("list_hides"), operation, narrowed=bool(call.params.keys() - _OF_PAGES))
    key = call.world[call.operation.table].key if hidden and call.operation.table else "id"
    return [row for row in rows if row[key] not in hidden] if hidden else rows


def shown_fields(call: Call) -> Fields | None:
    """Return the properties that an answer has: those asked for, less what the instance does not list."""
    for name, (operation, fields) in _FIELDS.items():
        if call.operation.id == operation and call.world.bends.has(name):
            return call.fields or fields
    return call.fields


def _is_shown(call: Call, row: Row) -> bool:
    return row["enabled"] or (call.operation.id == "search_scheduled_plans" and call.flag("all_states"))


_OF_PAGES = {"fields", "limit", "offset", "page", "per_page", "sorts"}


def _hidden(text: str, operation: str, *, narrowed: bool) -> set[str]:
    named = dict(part.split(":", 1) for part in text.split("+") if ":" in part)
    ids = [named.get(operation, ""), "" if narrowed else named.get(f"{operation}?", "")]
    return {item for item in ",".join(ids).split(",") if item}
