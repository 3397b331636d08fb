"""Put compared fields back into payloads, where they stand under another name: the way back from `shapes`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookervault_core.catalog import PROVIDERS
from lookervault_core.families.connected.suites import key_of, numbered
from lookervault_core.families.dashboards.shape import DRAWN
from lookervault_core.families.queries.structure import query_ids
from lookervault_core.families.user_attributes.shape import is_unreadable
from lookervault_core.families.users.attribute_values import is_own
from lookervault_core.families.users.shape import EMBED, KEYS, OF_KEYS, id_of_key

# A payload, the payload of before, and the value that the field is to have; returns the payload with it.
Put = Callable[[Any, Any, Any], Any]


def put(kind: str, field: str, payload: Any, before: Any, value: Any) -> Any:
    """Return *payload* changed so that its document has *value* in *field*; *before* is an earlier payload with that value, if
    any."""
    special = _PUT.get((kind, field))
    return special(payload, before, value) if special else {**payload, field: value}


def _nested(name: str, key: str) -> Put:
    return lambda payload, _, value: {
        **payload,
        name: None if value is None else {**(payload.get(name) or {}), key: value},
    }


def _chosen(payload: Any, _before: Any, value: Any) -> Any:
    return {**payload, "id": value}


def _set(name: str) -> Put:
    return lambda payload, _, value: {**payload, name: {"id": value} if value else None}


def _rows(payload: Any, before: Any, value: Any) -> Any:
    """Return the rows of a list of members, as they stood where they are known."""
    known = {str(row["id"]): row for row in (*(before or ()), *payload)}
    return [known.get(member, {"id": member}) for member in value]


def _accesses(payload: Any, before: Any, value: Any) -> Any:
    known = {_right(row): row for row in (*(before or ()), *payload)}
    return [known.get(_right(row), row) for row in value]


def _right(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(row.get(key)) for key in ("group_id", "user_id", "permission_type"))


def _values(key: str) -> Put:
    """Return what puts values of attributes in their rows, in their order; those that are hidden stay as they are."""

    def change(payload: Any, before: Any, value: Any) -> Any:
        then, now = ({str(row[key]): row for row in rows or ()} for rows in (before, payload))
        hidden = [row for row in payload if is_unreadable(row)]
        return [*(_set_row(then, now, str(row[key]), row, rank) for rank, row in enumerate(value, 1)), *hidden]

    return change


def _set_row(
    then: Mapping[str, Any], now: Mapping[str, Any], owner: str, row: Mapping[str, Any], rank: int
) -> dict[str, Any]:
    """Return the row of a value that is set: of a user whose groups give one by now, the row of before, which says whose it was."""
    before, live = then.get(owner, {}), now.get(owner, {})
    known = {**before, **live} if not before or is_own(live) or "source" not in live else {**live, **before}
    return {**known, **row} | ({"rank": rank} if "rank" in known else {})


def _hidden(key: str) -> Put:
    """Return what puts in the rows of hidden values: nobody can write one, and so each that comes or goes is named."""

    def change(payload: Any, before: Any, value: Any) -> Any:
        known = {str(row[key]): row for row in (*(before or ()), *payload) if is_unreadable(row)}
        return [*(row for row in payload if not is_unreadable(row)), *(known[one] for one in value if one in known)]

    return change


def _certification(payload: Any, _before: Any, value: Any) -> Any:
    return {**payload, "certification_metadata": value}


_SHOWN = ("look_id", "look", "query_id", "query", "merge_result_id")


def _asked(payload: Any, before: Any, value: Any) -> Any:
    """Put a query into a tile or a look. Its id is another than that of the query there now, which says something else: which one,
    what it asks decides."""
    query_id = query_ids(before or {})[0] or "0"
    maker = {**(payload.get("result_maker") or {}), "query": None, "query_id": query_id}
    rest = {**payload, "query_id": query_id, "query": value}
    return {**rest, "result_maker": maker} if payload.get("result_maker") else rest


def _shows(payload: Any, before: Any, _value: Any) -> Any:
    """Let a tile show what it showed before, whatever that was."""
    shown = {field: (before or {}).get(field) for field in _SHOWN}
    maker = {**((before or {}).get("result_maker") or {})}
    maker["filterables"] = (payload.get("result_maker") or {}).get("filterables")
    return {**payload, **shown, "result_maker": maker}


def _listens(payload: Any, _before: Any, value: Any) -> Any:
    return {**payload, "result_maker": {**(payload.get("result_maker") or {}), "filterables": value}}


def _drawn(field: str) -> Put:
    """Return a function that sets *field* in a tile of hand-written SQL, so that it is drawn as it was."""
    return lambda payload, _before, value: {
        **payload,
        "result_maker": {**(payload.get("result_maker") or {}), field: value},
    }


def _as_before(name: str) -> Put:
    """Return a function that gives a user the login *name* that they had before, and that no call writes."""
    return lambda payload, before, _value: {**payload, name: (before or {}).get(name)}


def _keys(payload: Any, before: Any, value: Any) -> Any:
    """Return a user with API keys as they stood where they are known."""
    known = {id_of_key(row): row for row in (*((before or {}).get(KEYS) or ()), *(payload.get(KEYS) or ()))}
    return {**payload, KEYS: [{**known.get(key, {}), **dict.fromkeys(OF_KEYS), **said} for key, said in value.items()]}


def _suites(payload: Any, before: Any, value: Any) -> Any:
    """Return the suites of CI that a project is to have, as they stood where they are known."""
    known = {key_of(row): row for row in (*numbered(before or ()), *numbered(payload))}
    return [known.get(key_of(row), row) for row in value]


_TILE, _LOOK = "dashboard_elements", "looks"
_PUT: Mapping[tuple[str, str], Put] = {
    (_TILE, "query"): _asked,
    (_LOOK, "query"): _asked,
    (_TILE, "merge_query"): _shows,
    (_TILE, "sql_query_id"): _shows,
    (_TILE, "sources"): _shows,
    (_TILE, "filterables"): _listens,
    **{(_TILE, field): _drawn(field) for field in DRAWN},
    ("dashboards", "certification"): _certification,
    (_LOOK, "certification"): _certification,
    ("users", "email"): _nested("credentials_email", "email"),
    ("users", EMBED): _as_before("credentials_embed"),
    **{("users", kind): _as_before(kind) for kind in PROVIDERS},
    ("users", KEYS): _keys,
    ("roles", "permission_set_id"): _set("permission_set"),
    ("roles", "model_set_id"): _set("model_set"),
    ("group_users", "members"): _rows,
    ("role_users", "members"): _rows,
    ("role_groups", "members"): _rows,
    ("content_metadata_accesses", "accesses"): _accesses,
    ("user_attribute_values", "values"): _values("user_attribute_id"),
    ("user_attribute_group_values", "values"): _values("group_id"),
    ("user_attribute_values", "hidden"): _hidden("user_attribute_id"),
    ("user_attribute_group_values", "hidden"): _hidden("group_id"),
    ("ci_suites", "suites"): _suites,
    ("default_theme", "theme_id"): _chosen,
    ("default_themes", "theme_id"): _chosen,
    ("default_color_collection", "color_collection_id"): _chosen,
}
