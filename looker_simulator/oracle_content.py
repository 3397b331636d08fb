"""Dashboards, looks, folders, boards, plans and alerts by their natural keys. See ``oracle.py``."""

from collections import defaultdict
from typing import Any

from looker_simulator import jsontext, people
from looker_simulator.names import Names, keyed
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writes_queries import structure

Parts = dict[str, list[Row]]
_order = jsontext.dumps
_NOT_OWN = (
    "model",
    "folder",
    "folder_id",
    "user_id",
    "certification_metadata",
    "deleted",
    "query",
    "query_id",
    "title",
)
_TILE_REFERENCES = (
    "dashboard_id", "dashboard_layout_id", "look", "look_id", "merge_result_id", "query", "query_id", "filter_id",
    "result_maker", "result_maker_id", "certification_metadata", "image_id",
)  # fmt: skip
_DRAWN = ("vis_config", "dynamic_fields", "sorts", "total")
_TILE_LINKS = ("title_text", "subtitle_text", "body_text", "note_text", "rich_content_json")


def dashboards(world: World, names: Names) -> dict[str, Any]:
    """Return all dashboards with everything in them; afterwards *names* knows their tiles."""
    found = {}
    for row in world["dashboards"]:
        key = names.content("dashboards", row["id"]) or ""
        contents = _contents(world, names, _parts(world, row["id"]), key)
        found[key] = {"slug": row["slug"]} if row["deleted"] else _owned(names, row, "Dashboard") | contents
    return {"dashboards": found}


def others(world: World, names: Names) -> dict[str, Any]:
    """Return looks, folders, boards, scheduled plans and alerts."""
    looks = {names.content("looks", row["id"]): _look(world, names, row) for row in world["looks"]}
    folders = [(names.folder(row["id"]) or "", _folder(world, names, row)) for row in world["folders"]]
    return {
        "looks": looks,
        "folders": keyed(folders, _order),
        "boards": keyed([(_title(row), _board(world, names, row)) for row in world["boards"]], _order),
        "scheduled_plans": keyed([_plan(world, names, row) for row in world["scheduled_plans"]], _order),
        "alerts": keyed([_alert(world, names, row) for row in world["alerts"]], _order),
    }


def _folder(world: World, names: Names, row: Row) -> Row:
    meta = world["content_metadata"].get(row["content_metadata_id"])
    more = names.invented("UpdateFolder", row) | (names.invented("ContentMeta", meta) if meta else {})
    return {"access": access(world, names, row)} | more


def _owned(names: Names, row: Row, kind: str) -> Row:
    certified = row.get("certification_metadata") or {}
    return names.written(kind, row, *_NOT_OWN) | {
        "description": names.links(row["description"]),
        "owner": names.user(row["user_id"]),
        "certification": [certified.get("certification_status"), certified.get("notes")],
    }


def _look(world: World, names: Names, row: Row) -> Row:
    if row["deleted"]:
        return {}
    return _owned(names, row, "LookWithQuery") | {"query": _query(world, names, row["query_id"], {})}


def _parts(world: World, dashboard_id: str) -> Parts:
    parts: Parts = defaultdict(list)
    raw = world.packed.get(dashboard_id)
    if raw is not None:
        for table, row in world.unpacked(raw):
            parts[table].append(row)
        return parts
    for table in ("dashboard_elements", "dashboard_filters", "dashboard_layouts"):
        parts[table] = world.parts(table, dashboard_id)
    for layout in parts["dashboard_layouts"]:
        parts["dashboard_layout_components"] += world["dashboard_layout_components"].where(
            "dashboard_layout_id", layout["id"]
        )
    return parts


def _contents(world: World, names: Names, parts: Parts, dashboard: str) -> Row:
    queries = {row["id"]: row for row in parts["queries"]}
    tabs = _tabs(parts)
    filters = {row["id"]: row["title"] for row in parts["dashboard_filters"]}
    groups = _groups(names, parts, tabs)
    places = {
        row["dashboard_element_id"]: _place(names, row, tabs)
        | ({"group": groups.get(row["group_id"], ("(gone)",))[0]} if row.get("group_id") else {})
        for row in parts["dashboard_layout_components"]
    }
    tiles = []
    for row in parts["dashboard_elements"]:
        doc = _tile(world, names, row, queries) | {"place": places.get(row["id"])}
        doc |= {"tab": tabs.get(row["dashboard_layout_id"]), "filter": filters.get(row.get("filter_id"))}
        tiles.append((row["title"] or row["title_text"] or row["type"] or "", row["id"], doc))
    tiles.sort(key=lambda one: (one[0], _position(one[2]["place"]), _order(one[2])))
    shown = keyed([(name, doc) for name, _, doc in tiles], lambda _: 0)
    for (_, tile_id, _), name in zip(tiles, shown, strict=True):
        names.tiles[tile_id] = f"{dashboard} › {name}"
    return {
        "filters": {row["title"]: names.written("DashboardFilter", row, "title") for row in parts["dashboard_filters"]},
        "tabs": {
            tabs[row["id"]]: names.written("DashboardLayout", row, "dashboard_id") for row in parts["dashboard_layouts"]
        },
        "tiles": shown,
        **({"groups": dict(groups.values())} if groups else {}),
    }


def _groups(names: Names, parts: Parts, tabs: dict[str, str]) -> dict[str, tuple[str, Row]]:
    """Return the groups of tiles by their ids: what each is called, by its place, and what is known of it."""
    rows = [row for row in parts["dashboard_layout_components"] if not row["dashboard_element_id"]]
    docs = sorted(((row["id"], _place(names, row, tabs)) for row in rows), key=lambda one: _position(one[1]))
    return {group_id: (f"group {n}", doc) for n, (group_id, doc) in enumerate(docs, 1)}


def _position(place: Row | None) -> tuple[str, int, int]:
    return ((place["tab"] or "", place["row"] or 0, place["column"] or 0)) if place else ("", -1, -1)


def _tabs(parts: Parts) -> dict[str, str]:
    rows = sorted(parts["dashboard_layouts"], key=lambda row: (row["order"] or 0, not row["active"], int(row["id"])))
    return {row["id"]: f"{n}: {row['label'] or row['type']}" for n, row in enumerate(rows, 1)}


def _place(names: Names, row: Row, tabs: dict[str, str]) -> Row:
    doc = names.written("DashboardLayoutComponent", row, "dashboard_layout_id", "dashboard_element_id", "group_id")
    return doc | {"tab": tabs.get(row["dashboard_layout_id"])}


def _tile(world: World, names: Names, row: Row, queries: dict[str, Row]) -> Row:
    doc = names.written("DashboardElement", row, *_TILE_REFERENCES)
    doc |= {name: names.links(doc[name]) for name in _TILE_LINKS}
    maker = row["result_maker"] or {}
    doc |= {"image": _image(world, row["image_id"])} if row.get("image_id") else {}
    return doc | {
        "look": names.content("looks", row["look_id"]),
        "query": _query(world, names, row["query_id"], queries),
        "merge_query": _merge(world, names, row["merge_result_id"]),
        "sql": next((one["sql"] for one in world["sql_queries"] if one["_id"] == maker.get("sql_query_id")), None),
        **({name: maker.get(name) for name in _DRAWN} if maker.get("sql_query_id") else {}),
        "listens": [
            {name: one.get(name) for name in ("model", "view", "name", "listen")}
            for one in maker.get("filterables") or ()
        ],
    }


def _image(world: World, image_id: str) -> str:
    found = world["dashboard_images"].get(image_id)
    return found["file_name"] if found else "(gone)"


def _query(world: World, names: Names, query_id: str | None, known: dict[str, Row]) -> Row | None:
    if not query_id:
        return None
    row = known.get(query_id) or world.find("queries", query_id)
    return _styled(structure(world.api, "Query", row), names) if row else {}


def _merge(world: World, names: Names, merge_id: str | None) -> Row | None:
    row = world["merge_queries"].get(merge_id) if merge_id else None
    if row is None:
        return None
    doc = _styled(structure(world.api, "MergeQuery", row), names)
    doc["source_queries"] = [
        one | {"query_id": _query(world, names, one["query_id"], {})} for one in doc["source_queries"]
    ]
    return doc


def _styled(doc: Row, names: Names) -> Row:
    if "vis_config" in doc:
        doc = doc | {"vis_config": names.deep_links(names.colors(doc["vis_config"]))}
    return doc | {"dynamic_fields": names.links(doc["dynamic_fields"])} if doc.get("dynamic_fields") else doc


def access(world: World, names: Names, row: Row) -> Any:
    meta = world["content_metadata"].get(row["content_metadata_id"])
    if meta is None or (meta["inherits"] and people.inheriting_id(world, meta)):
        return "inherited"
    rows = world["content_metadata_access"].where("content_metadata_id", meta["id"])
    return {
        f"group {names.named('groups', one['group_id'])}"
        if one["group_id"]
        else f"user {names.user(one['user_id'])}": one["permission_type"]
        for one in rows
    }


def _title(board: Row) -> str:
    return (board["title"] or "") + (" (trash)" if board["deleted_at"] else "")


def _board(world: World, names: Names, row: Row) -> Row:
    sections = {one["id"]: one for one in world["board_sections"].where("board_id", row["id"])}
    return {
        "description": names.links(row["description"]),
        "owner": names.user(row["user_id"]),
        "deleted": row["deleted_at"] is not None,
        "access": access(world, names, row),
        **names.invented("Board", row),
        "sections": [_section(world, names, sections[one]) for one in row["section_order"] or () if one in sections],
    }


def _section(world: World, names: Names, row: Row) -> Row:
    items = {one["id"]: one for one in world["board_items"].where("board_section_id", row["id"])}
    return {
        "title": row["title"],
        "description": names.links(row["description"]),
        "deleted": row["deleted_at"] is not None,
        **names.invented("BoardSection", row),
        "items": [_item(names, items[one]) for one in row["item_order"] or () if one in items],
    }


def _item(names: Names, row: Row) -> Row:
    doc = names.written("BoardItem", row, "dashboard_id", "look_id", "board_section_id")
    return doc | {
        "dashboard": names.content("dashboards", row["dashboard_id"]),
        "look": names.content("looks", row["look_id"]),
        "custom_url": names.links(row["custom_url"]),
        "custom_description": names.links(row["custom_description"]),
    }


def _plan(world: World, names: Names, row: Row) -> tuple[str, Row]:
    doc = names.written(
        "ScheduledPlan",
        row,
        "user",
        "user_id",
        "look_id",
        "dashboard_id",
        "query_id",
        "scheduled_plan_destination",
        "tab_ids",
    )
    tabs = _tabs({"dashboard_layouts": world.parts("dashboard_layouts", row["dashboard_id"])}) if row["tab_ids"] else {}
    doc |= {
        "owner": names.user(row["user_id"]),
        "custom_url_base": names.links(row["custom_url_base"]),
        "look": names.content("looks", row["look_id"]),
        "dashboard": names.content("dashboards", row["dashboard_id"]),
        "query": _query(world, names, row["query_id"], {}),
        "tabs": [tabs.get(one, one) for one in row["tab_ids"] or ()],
        "destinations": sorted(
            (_destination(world, names, one) for one in row["scheduled_plan_destination"] or ()), key=_order
        ),
    }
    return row["name"] or "", doc


def _destination(world: World, names: Names, row: Row) -> Row:
    doc = names.written("ScheduledPlanDestination", row, "scheduled_plan_id")
    kind, _, rest = (doc["type"] or "").partition("://")
    if kind == "looker-integration":
        hub = world["integration_hubs"].get(rest.partition("::")[0])
        doc["type"] = f"{kind}://{hub['url'] if hub else '(gone)'}::{rest.partition('::')[2]}"
    return doc


def _alert(world: World, names: Names, row: Row) -> tuple[str, Row]:
    doc = names.written(
        "Alert",
        row,
        "owner_id",
        "dashboard_element_id",
        "query_id",
        "investigative_content_id",
        "time_series_condition_state",
    )
    tile = names.tiles.get(row["dashboard_element_id"], "(gone)") if row["dashboard_element_id"] else None
    doc |= {
        "owner": names.user(row["owner_id"]),
        "description": names.links(row["description"]),
        "custom_url_base": names.links(row["custom_url_base"]),
        "tile": tile,
        "query": _query(world, names, row["query_id"], {}),
        "investigated": names.content("dashboards", row["investigative_content_id"]),
    }
    return f"{row['custom_title'] or (row['field'] or {}).get('title')} on {tile}", doc
