"""Turn payloads into documents: what of an object can be written, in one form for the backup and for the live side.

A document holds the writable fields of one object and, by type and id, the documents of what is nested in it. Queries stand
in it by structure, not by id, because Looker keeps them by structure. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import msgspec

from lookervault_core.catalog import WRITES
from lookervault_core.diff.compared import is_compared
from lookervault_core.errors import CodecError
from lookervault_core.families.connected.shape import shaped as integration_shaped
from lookervault_core.families.models.connections import chosen
from lookervault_core.families.settings.shape import shaped as settings_shaped
from lookervault_core.families.users.attribute_values import is_own
from lookervault_core.families.users.providers import NOT_OF_SERVICE_ACCOUNTS, provided
from lookervault_core.model import ContentKey

Payload = Mapping[str, Any]

# What a tile can show, and where it says so; a SQL query stands in its result maker only.
TILE_SOURCES = {"look": "look_id", "merge query": "merge_result_id", "query": "query_id"}
# What stands in a document under another name, and in a shape of its own.
_SHAPED = {
    "boards": frozenset({"deleted_at"}),
    "dashboard_elements": frozenset({"result_maker"}),
    "dashboards": frozenset({"certification_metadata", "deleted"}),
    "looks": frozenset({"certification_metadata", "deleted"}),
    "users": frozenset({"credentials_email", "external_user_id"}),
}
# The palettes of a colour collection, by their kinds.
PALETTES = ("categoricalPalettes", "sequentialPalettes", "divergingPalettes")
# Compared by all that they show.
SETTINGS = "instance_settings"
_OF_SOURCES = ("query_id", "query_slug", "query")  # by its structure a query is told, not by its numbers
_SHOWN = ("look_id", "query", "merge_query", "sql_query_id")
_DESTINATION_DROPS = ("id", "scheduled_plan_id", "looker_recipient", "can", "secret_parameters")


class Doc(msgspec.Struct):
    """The writable side of one object. Of `children`, the keys are the nested type and the id of each.

    `query_id` and `merge_id` are the ids behind the structures among the fields: equal ids spare comparing those.
    """

    id: str
    name: str
    fields: dict[str, Any]
    children: dict[str, dict[str, Doc]] = {}
    query_id: str = ""
    merge_id: str = ""
    trashed: bool = False


def decode(payload: bytes) -> Any:
    """Return *payload* decoded; numbers with a fraction stay the text that Looker sent."""
    return _decoder.decode(payload)


def encode(value: Any) -> bytes:
    """Return *value* as the JSON to send."""
    return _encoder.encode(value)


@contextmanager
def known_shape(key: ContentKey) -> Generator[None]:
    """Raise CodecError for what trips over a payload that is not as Looker describes it: one item must not end the whole plan."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as exc:
        text = f"{key}: its payload is not of the shape that Looker describes ({type(exc).__name__}: {exc})"
        raise CodecError(text) from exc


def document(
    content_type: str,
    payload: Any,
    item_id: str = "",
    merges: Callable[[str], Any] | None = None,
    groups: frozenset[str] = frozenset(),
) -> Doc:
    """Return the document of *payload*. `merges` gives the payload of a merge query by its id, queries included, or None; *groups*
    are the names of groups, in lower case, that may stand as the source of a value."""
    facts = WRITES[content_type]
    shape = _SHAPES.get(content_type, lambda one: one)
    if content_type == "dashboard_elements":
        shaped = _element(payload, merges)
    elif content_type == "user_attribute_values":
        shaped = shape([row for row in payload if is_own(row, groups)])
    elif content_type == SETTINGS:
        shaped = settings_shaped(item_id, payload)
    else:
        shaped = shape(payload)
    doc = Doc(
        id=item_id or _text(payload.get("id") if isinstance(payload, Mapping) else ""),
        name=_name(payload),
        fields={key: value for key, value in shaped.items() if _counts(content_type, key)},
        children={
            child.content_type: _children(child.content_type, payload.get(child.field) or (), merges)
            for child in facts.children
        },
        trashed=isinstance(payload, Mapping) and bool(payload.get("deleted") or payload.get("deleted_at")),
    )
    if "query" in facts.forced:
        doc.query_id, doc.merge_id = _query_ids(payload)
    _keep_order_of_children(doc)
    _drop_places_without_tile(doc)
    return doc


@cache
def _counts(content_type: str, field: str) -> bool:
    """Return whether a field of a shaped payload is compared: all that no table leaves out, whatever it is called."""
    facts = WRITES[content_type]
    if field in (*facts.writable, *facts.forced, *facts.unsent) or any(field == c.field for c in facts.collections):
        return True
    nested = any(field == child.field for child in facts.children)
    return not nested and field not in _SHAPED.get(content_type, ()) and is_compared(content_type, field)


def query_structure(query: Any) -> dict[str, Any] | None:
    """Return what identifies *query*: all that counts of it, nulls dropped, arrays never sorted."""
    if not isinstance(query, Mapping):
        return None
    return {key: value for key, value in query.items() if value is not None and is_compared("queries", key)}


def merge_structure(merge: Any, query_of: Callable[[str], Any]) -> dict[str, Any] | None:
    """Return what identifies a merge query, its source queries by structure and in order; None if one is not known."""
    if not isinstance(merge, Mapping):
        return None
    structure = {key: value for key, value in merge.items() if value is not None and is_compared("merge_queries", key)}
    sources = []
    for source in merge.get("source_queries") or ():
        names = (_text(source.get("query_id")), source.get("query_slug") and f"slug/{source['query_slug']}")
        bodies = (query_of(name) for name in names if name)  # release 24.x shows a query by its slug alone
        query = query_structure(source.get("query") or next((body for body in bodies if body), None))
        if query is None:
            return None
        sources.append({key: one for key, one in source.items() if key not in _OF_SOURCES} | {"query": query})
    structure["source_queries"] = sources
    return structure


def _children(content_type: str, payloads: Any, merges: Callable[[str], Any] | None) -> dict[str, Doc]:
    docs = (document(content_type, one, merges=merges) for one in payloads)
    return {doc.id: doc for doc in docs}


def _query_ids(payload: Payload) -> tuple[str, str]:
    maker = payload.get("result_maker") or {}
    query = payload.get("query") or maker.get("query") or {}
    merge_id = _text(payload.get("merge_result_id") or maker.get("merge_result_id"))
    return _text(payload.get("query_id") or query.get("id") or maker.get("query_id")), merge_id


def _keep_order_of_children(doc: Doc) -> None:
    """Order lists may name what is long gone; only what is there can be ordered."""
    for field, content_type in (("section_order", "board_sections"), ("item_order", "board_items")):
        if doc.fields.get(field) is not None and content_type in doc.children:
            there = doc.children[content_type]
            doc.fields[field] = [_text(one) for one in doc.fields[field] if _text(one) in there]


def _drop_places_without_tile(doc: Doc) -> None:
    """A tab may still have the place of a tile that is gone."""
    tiles = doc.children.get("dashboard_elements")
    if tiles is None:
        return
    for layout in doc.children.get("dashboard_layouts", {}).values():
        places = layout.children["dashboard_layout_components"]
        there = {key: one for key, one in places.items() if _text(one.fields.get("dashboard_element_id")) in tiles}
        layout.children["dashboard_layout_components"] = there


def _user(user: Payload) -> dict[str, Any]:
    if user.get("service_account_name"):  # its calls know nothing else of it
        return {
            name: user.get(name) for name in ("id", "service_account_name", "is_disabled", *NOT_OF_SERVICE_ACCOUNTS)
        }
    login = user.get("credentials_email") or {}
    embed = (user.get("credentials_embed") or [{}])[0] or {}
    ids = {"email": login.get("email"), "external_user_id": embed.get("external_user_id")}
    return {**user, **provided(user), **ids}


def _role(role: Payload) -> dict[str, Any]:
    """The ids of the two sets are write-only; a role that is read has the sets nested."""
    return {
        **role,
        "permission_set_id": _text((role.get("permission_set") or {}).get("id")) or None,
        "model_set_id": _text((role.get("model_set") or {}).get("id")) or None,
    }


def _in_folder(content: Payload) -> dict[str, Any]:
    """The nested folder, and what else is nested, is for reading; a certification is written by a call of its own."""
    folder_id = content.get("folder_id") or (content.get("folder") or {}).get("id")
    return {**content, "folder_id": _text(folder_id) or None, "certification": _certification(content)}


def _certification(content: Payload) -> dict[str, Any] | None:
    """Return that content is certified and why, without who did it and when; None if it is not."""
    seal = content.get("certification_metadata") or {}
    certified = seal.get("certification_status") == "certified"
    return {key: seal[key] for key in ("certification_status", "notes") if seal.get(key)} if certified else None


def _look(look: Payload) -> dict[str, Any]:
    return {**_in_folder(look), "query": query_structure(look.get("query"))}


def _element(tile: Payload, merges: Callable[[str], Any] | None) -> dict[str, Any]:
    """A tile shows exactly one of look, query, merge query and SQL query; the others are not looked at."""
    maker = tile.get("result_maker") or {}
    shaped = {**tile, "query": None, "merge_query": None, "sql_query_id": None}
    shaped["certification_metadata"] = _certification(tile)
    query_id, merge_id = _query_ids(tile)
    if tile.get("look_id"):
        pass
    elif merge_id:
        shaped["merge_query"] = (merges(merge_id) if merges else None) or {"id": merge_id}
    elif query_id:
        shaped["query"] = query_structure(tile.get("query") or maker.get("query")) or {"id": query_id}
    else:
        shaped["sql_query_id"] = maker.get("sql_query_id")
    shaped["sources"] = [name for name, field in TILE_SOURCES.items() if tile.get(field)] or [
        name for name, named in (("merge query", merge_id), ("query", query_id)) if named
    ][:1]  # its result maker alone may name it
    shaped["filterables"] = [_filterable(one) for one in maker.get("filterables") or ()]
    return shaped


def shows_nothing(tile: Doc) -> bool:
    """Return whether a tile for data has none, as where its look was deleted. Looker takes no such tile (422 `type: invalid`)."""
    return tile.fields.get("type") == "vis" and not any(tile.fields.get(field) for field in _SHOWN)


def _filterable(one: Payload) -> dict[str, Any]:
    listen = [{k: entry.get(k) for k in ("dashboard_filter_name", "field")} for entry in one.get("listen") or ()]
    return {**{k: one.get(k) for k in ("model", "view", "name")}, "listen": listen}


def _alert(alert: Payload) -> dict[str, Any]:
    shaped = dict(alert)
    if alert.get("investigative_content_type") not in (None, "dashboard"):
        shaped.pop("investigative_content_id", None)
    return shaped


def _plan(plan: Payload) -> dict[str, Any]:
    """What tabs of a LookML dashboard are called by is their labels: as raw JSON nothing takes those for ids."""
    destinations = plan.get("scheduled_plan_destination") or []
    kept = [{k: v for k, v in one.items() if k not in _DESTINATION_DROPS} for one in destinations]
    shaped = {**plan, "scheduled_plan_destination": kept}
    if plan.get("lookml_dashboard_id") and plan.get("tab_ids"):
        shaped["tab_ids"] = [msgspec.Raw(encode(label)) for label in plan["tab_ids"]]
    return shaped


def _collection(collection: Payload) -> dict[str, Any]:
    """Palettes get their ids from Looker."""
    palettes = {
        kind: [{k: v for k, v in one.items() if k != "id"} for one in collection.get(kind) or ()] for kind in PALETTES
    }
    return {**collection, **palettes}


def _chosen(field: str) -> Callable[[Any], dict[str, Any]]:
    """A default is the object that was chosen; what counts is which one."""
    return lambda chosen: {field: _text(chosen.get("id")) or None}


def _members(rows: Any) -> dict[str, Any]:
    return {"members": [_text(one["id"]) for one in rows]}


def _user_values(rows: Any) -> dict[str, Any]:
    """Of a user's own values those that can be written, and of hidden ones only that they are there."""
    return _readable("user_attribute_id", rows)


def _group_values(rows: Any) -> dict[str, Any]:
    """Values in the order in which they count; of hidden ones only that they are there."""
    return _readable("group_id", sorted(rows, key=lambda one: one.get("rank") or 0))


def _readable(key: str, rows: Iterable[Payload]) -> dict[str, Any]:
    """Return the values that can be read, a null that somebody set among them, and whose are hidden: writing what Looker shows for
    those, which is blank (OpenAPI 4.0.26.12), would wipe them."""
    values, hidden = [], []
    for row in rows:
        owner, value, is_hidden = _text(row[key]), row.get("value"), row.get("value_is_hidden")
        if is_hidden or (is_hidden is None and value is None):
            hidden.append(owner)
        else:
            values.append({key: owner, "value": value})
    return {"values": values, "hidden": hidden}


def _accesses(rows: Any) -> dict[str, Any]:
    keys = ("group_id", "user_id", "permission_type")
    return {"accesses": [{key: one.get(key) for key in keys} for one in rows]}


_SHAPES: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "users": _user,
    "roles": _role,
    "dashboards": _in_folder,
    "looks": _look,
    "lookml_models": chosen,
    "alerts": _alert,
    "scheduled_plans": _plan,
    "color_collections": _collection,
    "integrations": integration_shaped,
    "default_theme": _chosen("theme_id"),
    "default_color_collection": _chosen("color_collection_id"),
    "group_users": _members,
    "role_groups": _members,
    "role_users": _members,
    "user_attribute_values": _user_values,
    "user_attribute_group_values": _group_values,
    "content_metadata_accesses": _accesses,
}


def _name(payload: Any) -> str:
    if not isinstance(payload, Mapping):
        return ""
    for key in ("title", "title_text", "name", "label", "display_name", "email", "custom_title"):
        if payload.get(key):
            return str(payload[key])
    return ""


def _text(value: Any) -> str:
    return "" if value is None else str(value)


_decoder = msgspec.json.Decoder(float_hook=lambda text: msgspec.Raw(text.encode()))
_encoder = msgspec.json.Encoder()
