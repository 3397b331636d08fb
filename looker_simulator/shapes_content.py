"""The shapes of dashboards, looks, queries, folders and boards.

Names and types, and which call shows which shape, thin or full: OpenAPI 4.0.26.12.
"""

from typing import Any

from looker_simulator.shapes import Shape, define, show
from looker_simulator.table import Row
from looker_simulator.world import World

_CAN = {
    "copy": True,
    "create": True,
    "destroy": True,
    "download": True,
    "find_and_replace": True,
    "index": True,
    "move": True,
    "recover": True,
    "schedule": True,
    "show": True,
    "show_errors": True,
    "update": True,
}
_CAN_PART = {"index": True, "show": True, "create": True, "update": True, "destroy": True}
_HOST = "https://simulated.looker.example"
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def can(_world: World, _row: Row) -> dict[str, bool]:
    """Return what an admin may do with a row."""
    return _CAN


def can_part(_world: World, _row: Row) -> dict[str, bool]:
    """Return what an admin may do with a part of something: a tile, a query, a layout."""
    return _CAN_PART


def user_name(world: World, user_id: str | None) -> str | None:
    """Return a user's display name, or None."""
    user = world["users"].get(user_id) if user_id else None
    return f"{user['first_name'] or ''} {user['last_name'] or ''}".strip() if user else None


def owner_is_disabled(world: World, row: Row) -> bool:
    """Return whether the owner of a row cannot log in."""
    user = world["users"].get(row.get("user_id"))
    return bool(user and user["is_disabled"])


def seconds(_world: World, row: Row) -> int | None:
    """Return a refresh interval such as ``5 minutes`` in seconds."""
    amount, _, unit = (row.get("refresh_interval") or "").partition(" ")
    return int(amount) * _SECONDS.get(unit.rstrip("s"), 1) if amount.isdigit() else None


def _folder(world: World, row: Row) -> Row | None:
    folder = world["folders"].get(row.get("folder_id"))
    return show(world, FOLDER_BASE, folder) if folder else None


def _query_of(world: World, row: Row) -> Row | None:
    query = world.find("queries", row["query_id"]) if row.get("query_id") else None
    return show(world, QUERY, query) if query else None


def _look_of(world: World, row: Row) -> Row | None:
    look = world["looks"].get(row["look_id"]) if row["look_id"] else None
    return show(world, LOOK_WITH_QUERY, look) if look else None


def _result_maker(world: World, row: Row) -> Row | None:
    maker = row["result_maker"]
    return show(world, RESULT_MAKER, maker) if maker else None


def _tiles(world: World, row: Row) -> list[Row]:
    if "dashboard_elements" in row:  # a LookML dashboard carries its parts
        return row["dashboard_elements"]
    return [show(world, ELEMENT, tile) for tile in world.parts("dashboard_elements", row["id"])]


def _filters(world: World, row: Row) -> list[Row]:
    if "dashboard_filters" in row:
        return row["dashboard_filters"]
    return [show(world, FILTER, item) for item in world.parts("dashboard_filters", row["id"])]


def _layouts(world: World, row: Row) -> list[Row]:
    if "dashboard_layouts" in row:
        return row["dashboard_layouts"]
    return [show(world, LAYOUT, layout) for layout in world.parts("dashboard_layouts", row["id"])]


def _components(world: World, row: Row) -> list[Row]:
    return [
        show(world, COMPONENT, item)
        for item in world["dashboard_layout_components"].where("dashboard_layout_id", row["id"])
    ]


def _tile_of(world: World, row: Row) -> Row:
    return world["dashboard_elements"].get(row["dashboard_element_id"]) or {}


def _group_of(world: World, row: Row) -> str | None:
    places = world["dashboard_layout_components"].where("dashboard_element_id", row["id"])
    return next((place["group_id"] for place in places), None)


def _images_of(world: World, row: Row) -> list[Row]:
    image = world["dashboard_images"].get(row["image_id"]) if row.get("image_id") else None
    return [show(world, IMAGE, image)] if image else []


def _look_model(world: World, row: Row) -> Row | None:
    query = world.find("queries", row["query_id"]) if row["query_id"] else None
    return {"id": query["model"], "label": (query["model"] or "").title()} if query else None


def _public(path: str) -> Any:
    def url(_world: World, row: Row) -> str | None:
        return f"{_HOST}{path.format(row['public_slug'])}" if row["public"] and row["public_slug"] else None

    return url


_CERTIFIABLE = {"can": can, "folder": _folder}
_DASHBOARD_HEAD = _CERTIFIABLE | {"refresh_interval_to_i": seconds}
_LOOK = _CERTIFIABLE | {
    "model": _look_model,
    "user_name": lambda world, row: user_name(world, row["user_id"]),
    "is_owner_disabled": owner_is_disabled,
    "short_url": lambda _, row: f"/looks/{row['id']}",
    "public_url": _public("/looks/{0}"),
    "embed_url": _public("/embed/public/{0}"),
    "image_embed_url": _public("/looks/{0}.png"),
    "excel_file_url": _public("/looks/{0}.xlsx"),
    "google_spreadsheet_formula": _public('=ImportXML("/looks/{0}.html", "//table")'),
}

QUERY = define(
    "Query",
    {
        "can": can_part,
        "share_url": lambda _, row: f"{_HOST}/x/{row['slug']}",
        "expanded_share_url": lambda _, row: f"{_HOST}/explore/{row['model']}/{row['view']}?qid={row['slug']}",
        "url": lambda _, row: f"/explore/{row['model']}/{row['view']}?qid={row['slug']}",
        "has_table_calculations": lambda _, row: "table_calculation" in (row["dynamic_fields"] or ""),
    },
)


def _sources(world: World, row: Row) -> list[Row] | None:
    if row["source_queries"] and world.bends.value("queries_by_slug") == "only":
        return [one | {"query_id": None} for one in row["source_queries"]]
    return row["source_queries"]


MERGE_QUERY = define("MergeQuery", {"can": can_part, "source_queries": _sources})
SQL_QUERY = define("SqlQuery", {"can": can_part})
RESULT_MAKER = define("ResultMakerWithIdVisConfigAndDynamicFields", {"query": _query_of})
LOOK = define("Look", _LOOK)
LOOK_WITH_QUERY = define(
    "LookWithQuery", _LOOK | {"query": _query_of, "url": lambda _, row: f"{_HOST}/looks/{row['id']}"}
)
LOOK_WITH_DASHBOARDS = define(
    "LookWithDashboards", _LOOK | {"dashboards": lambda world, row: _dashboards_with(world, row)}
)
DASHBOARD_BASE = define("DashboardBase", _DASHBOARD_HEAD)
DASHBOARD = define(
    "Dashboard",
    _DASHBOARD_HEAD
    | {
        "user_name": lambda world, row: user_name(world, row["user_id"]),
        "last_updater_name": lambda world, row: user_name(world, row["last_updater_id"]),
        "is_owner_disabled": owner_is_disabled,
        "edit_uri": lambda _, row: f"/dashboards/{row['id']}/edit",
        "url": lambda _, row: f"{_HOST}/dashboards/{row['id']}",
        "dashboard_elements": _tiles,
        "dashboard_filters": _filters,
        "dashboard_layouts": _layouts,
    },
)
ELEMENT = define(
    "DashboardElement",
    {
        "can": can_part,
        "look": _look_of,
        "query": _query_of,
        "result_maker": _result_maker,
        "refresh_interval_to_i": seconds,
        "edit_uri": lambda _, row: f"/dashboard_elements/{row['id']}/edit",
        "alert_count": lambda world, row: world["alerts"].count("dashboard_element_id", row["id"]),
        "body_text_as_html": lambda _, row: row["body_text"],
        "note_text_as_html": lambda _, row: row["note_text"],
        "title_text_as_html": lambda _, row: row["title_text"],
        "subtitle_text_as_html": lambda _, row: row["subtitle_text"],
        "group_id": _group_of,
        "images": _images_of,
    },
)
IMAGE = define(
    "Image",
    {"can": can_part, "url": lambda _, row: f"/api/4.0/dashboards/{row['dashboard_id']}/images/{row['slug']}"},
)
FILTER = define("DashboardFilter", {"can": can_part})
LAYOUT = define(
    "DashboardLayout",
    {
        "can": can_part,
        "dashboard_title": lambda world, row: (world["dashboards"].get(row["dashboard_id"]) or {}).get("title"),
        "dashboard_layout_components": _components,
    },
)
COMPONENT = define(
    "DashboardLayoutComponent",
    {
        "can": can_part,
        "element_title": lambda world, row: _tile_of(world, row).get("title"),
        "element_title_hidden": lambda world, row: _tile_of(world, row).get("title_hidden", False),
        "vis_type": lambda world, row: _tile_of(world, row).get("type"),
    },
)


def _dashboards_with(world: World, look: Row) -> list[Row]:
    ids = dict.fromkeys(tile["dashboard_id"] for tile in world["dashboard_elements"].where("look_id", look["id"]))
    rows = (world["dashboards"].get(dashboard_id) for dashboard_id in ids)
    return [show(world, DASHBOARD_BASE, row) for row in rows if row]


def _alive_in(table: str, shape: Shape) -> Any:
    def rows(world: World, folder: Row) -> list[Row]:
        return [show(world, shape, row) for row in world[table].where("folder_id", folder["id"]) if not row["deleted"]]

    return rows


_FOLDER = {"can": can, "child_count": lambda world, row: world["folders"].count("parent_id", row["id"])}
FOLDER_BASE = define("FolderBase", _FOLDER)
FOLDER = define(
    "Folder",
    _FOLDER
    | {"dashboards": _alive_in("dashboards", DASHBOARD_BASE), "looks": _alive_in("looks", LOOK_WITH_DASHBOARDS)},
)
