"""Read operations on dashboards, looks, queries, folders, content metadata and boards.

Paths, parameters and activity types: OpenAPI 4.0.26.12, as are the lists that show thin objects.
"""

from looker_simulator import shapes_content as shape
from looker_simulator import shapes_people as more
from looker_simulator.calls import Call, Operation, Refused, Reply, json_reply, not_found
from looker_simulator.lists import Listing, answer, ids_of
from looker_simulator.reading import get, listing, shown
from looker_simulator.shapes import Shape, show
from looker_simulator.table import Row

_COMMON_SORTS = (
    "title",
    "user_id",
    "id",
    "created_at",
    "space_id",
    "folder_id",
    "description",
    "view_count",
    "favorite_count",
    "content_favorite_id",
    "deleted",
    "deleted_at",
    "last_viewed_at",
    "last_accessed_at",
    "certification_status",
)
_COMMON_SEARCH = {
    "id": "ids",
    "title": "text",
    "description": "text",
    "content_favorite_id": "ids",
    "folder_id": "ids",
    "user_id": "ids",
    "view_count": "ids",
    "last_viewed_at": "text",
}
_DASHBOARDS = Listing(
    shape.DASHBOARD,
    paged=True,
    sorts=(*_COMMON_SORTS, "slug", "content_metadata_id"),
    search=_COMMON_SEARCH | {"slug": "text", "content_metadata_id": "ids"},
)
_LOOKS = Listing(
    shape.LOOK,
    paged=True,
    sorts=(*_COMMON_SORTS, "updated_at", "last_updater_id", "query_id"),
    search=_COMMON_SEARCH | {"query_id": "ids"},
)


def _alive(rows: list[Row]) -> list[Row]:
    return [row for row in rows if not row["deleted"]]


def _all_dashboards(call: Call) -> Reply:
    rows = _alive(call.actor.sees(list(call.world["dashboards"]))) + list(call.world["lookml_dashboards"])
    return answer(call, rows, Listing(shape.DASHBOARD_BASE))


def _search(table: str, rules: Listing) -> Operation:
    def handler(call: Call) -> Reply:
        return answer(call, lambda: _found(call, table), rules)

    return Operation(f"search_{table}", "GET", f"/{table}/search", handler, table=table)


def _found(call: Call, table: str) -> list[Row]:
    rows: list[Row | None] = list(call.world[table])
    if "id" in call.params and not call.flag("filter_or"):  # the usual case without a scan
        rows = [call.world[table].get(row_id) for row_id in ids_of(call.params["id"])]
    deleted = call.params.get("deleted", "false").lower() == "true"
    found = call.actor.sees([row for row in rows if row and row["deleted"] == deleted])
    if call.flag("curate"):
        found = [row for row in found if not _in_foreign_personal_folder(call, row)]
    return found


def _in_foreign_personal_folder(call: Call, row: Row) -> bool:
    folder = call.world["folders"].get(row["folder_id"]) or {}
    return bool(folder.get("is_personal")) and folder["creator_id"] != call.actor.user_id


def _dashboard(call: Call) -> Reply:
    dashboard_id = call.path["dashboard_id"]
    row = call.world["dashboards"].get(dashboard_id) or call.world["lookml_dashboards"].get(dashboard_id)
    if row is None:
        row = next(iter(call.world["dashboards"].where("slug", dashboard_id)), None)
    if row is None or not (call.actor.sees([row]) or "::" in row["id"]):
        raise not_found()
    return shown(call, shape.DASHBOARD, row)


def _look(call: Call) -> Reply:
    row = call.world["looks"].get(call.path["look_id"])
    if row is None or not call.actor.sees([row]):
        raise not_found()
    return shown(call, shape.LOOK_WITH_QUERY, row)


def _search_elements(call: Call) -> Reply:
    world, wanted = call.world, call.params.get("dashboard_id")
    deleted = call.flag("deleted")
    if wanted:
        for dashboard_id in wanted.split(","):
            world.unpack(dashboard_id.strip())
    elif not deleted:  # no packed dashboard has trashed tiles
        for dashboard_id in list(world.packed):
            world.unpack(dashboard_id)
    rows = [row for row in world["dashboard_elements"] if bool(row.get("_deleted")) == deleted]
    search = {"dashboard_id": "ids", "look_id": "ids", "title": "text"}
    return answer(
        call, rows, Listing(shape.ELEMENT, sorts=("look_id", "dashboard_id", "deleted", "title"), search=search)
    )


def _parts(table: str, element: Shape) -> Operation:
    def handler(call: Call) -> Reply:
        if call.path["dashboard_id"] not in call.world["dashboards"]:
            raise not_found()
        return answer(call, call.world.parts(table, call.path["dashboard_id"]), Listing(element))

    return Operation(f"dashboard_{table}", "GET", f"/dashboards/{{dashboard_id}}/{table}", handler, table=table)


def _layout_components(call: Call) -> Reply:
    layout = call.world.find("dashboard_layouts", call.path["dashboard_layout_id"])
    if layout is None:
        raise not_found()
    rows = call.world["dashboard_layout_components"].where("dashboard_layout_id", layout["id"])
    return answer(call, rows, Listing(shape.COMPONENT))


def _query(call: Call) -> Reply:
    query_id = call.path["query_id"]
    row = call.world.find("queries", query_id)
    if row is None or (call.world.bends.has("queries_by_slug") and query_id.isdecimal()):
        raise not_found()
    return shown(call, shape.QUERY, row)


def _query_for_slug(call: Call) -> Reply:
    world, slug = call.world, call.path["slug"]
    found = world["queries"].where("slug", slug)
    if not found and slug:
        for dashboard_id in [key for key, raw in world.packed.items() if f'"slug":"{slug}"'.encode() in raw]:
            world.unpack(dashboard_id)
        found = world["queries"].where("slug", slug)
    if not found:
        raise not_found()
    return shown(call, shape.QUERY, found[0])


def _visible_folders(call: Call) -> list[Row]:
    rows = list(call.world["folders"])
    if call.actor.admin:
        return rows
    return [row for row in rows if call.actor.sees([{"user_id": None, "folder_id": row["id"]}])]


def _folder_row(call: Call) -> Row:
    row = call.world["folders"].get(call.path["folder_id"])
    if row is None or not call.actor.sees([{"user_id": None, "folder_id": row["id"]}]):
        raise not_found()
    return row


def _folder(call: Call) -> Reply:
    return shown(call, shape.FOLDER, _folder_row(call))


def _folder_parent(call: Call) -> Reply:
    parent = call.world["folders"].get(_folder_row(call)["parent_id"])
    if parent is None:
        raise not_found()
    return shown(call, shape.FOLDER, parent)


def _folder_ancestors(call: Call) -> Reply:
    found, row = [], call.world["folders"].get(_folder_row(call)["parent_id"])
    while row is not None:
        found.insert(0, show(call.world, shape.FOLDER, row, call.fields))
        row = call.world["folders"].get(row["parent_id"])
    return json_reply(found)


def _folder_children(call: Call) -> Reply:
    rows = call.world["folders"].where("parent_id", _folder_row(call)["id"])
    return answer(call, rows, Listing(shape.FOLDER, paged=True, sorts=("*",), search={"name": "text"}))


def _folder_looks(call: Call) -> Reply:
    rows = _alive(call.actor.sees(call.world["looks"].where("folder_id", _folder_row(call)["id"])))
    return answer(call, rows, Listing(shape.LOOK_WITH_QUERY))


def _folder_dashboards(call: Call) -> Reply:
    folder = _folder_row(call)
    if folder["id"] == "lookml":
        return answer(call, list(call.world["lookml_dashboards"]), Listing(shape.DASHBOARD))
    rows = _alive(call.actor.sees(call.world["dashboards"].where("folder_id", folder["id"])))
    return answer(call, rows, Listing(shape.DASHBOARD))


def _metadatas(call: Call) -> Reply:
    parent = call.params.get("parent_id")
    if not parent:
        raise Refused(400, "Missing required parameter: parent_id")
    return answer(call, call.world["content_metadata"].where("parent_id", parent), Listing(more.CONTENT_META))


def _accesses(call: Call) -> Reply:
    meta = call.world["content_metadata"].get(call.params.get("content_metadata_id", ""))
    if not call.params.get("content_metadata_id"):
        raise Refused(400, "Missing required parameter: content_metadata_id")
    if meta is None or _is_orphan(call, meta):
        raise not_found()
    return answer(
        call, call.world["content_metadata_access"].where("content_metadata_id", meta["id"]), Listing(more.ACCESS)
    )


def _is_orphan(call: Call, meta: Row) -> bool:
    bent = call.world.bends.has("deleted_folders_leave_metadata")
    return bent and bool(meta["folder_id"]) and call.world["folders"].get(meta["folder_id"]) is None


def _look_rows(call: Call) -> list[Row]:
    return _alive(call.actor.sees(list(call.world["looks"])))


_FOLDER_SEARCH = {
    "name": "text",
    "id": "ids",
    "parent_id": "ids",
    "creator_id": "ids",
    "is_shared_root": "bool",
    "is_users_root": "bool",
}

OPERATIONS = [
    Operation("all_dashboards", "GET", "/dashboards", _all_dashboards, table="dashboards"),
    _search("dashboards", _DASHBOARDS),
    Operation("dashboard", "GET", "/dashboards/{dashboard_id}", _dashboard, table="dashboards"),
    listing(
        "search_lookml_dashboards",
        "/dashboards/lookml/search",
        "lookml_dashboards",
        Listing(shape.DASHBOARD, paged=True, sorts=("*",), search={"folder_id": "ids", "title": "text"}),
    ),
    Operation(
        "search_dashboard_elements", "GET", "/dashboard_elements/search", _search_elements, table="dashboard_elements"
    ),
    get("dashboard_element", "/dashboard_elements/{dashboard_element_id}", "dashboard_elements", shape.ELEMENT),
    get("dashboard_filter", "/dashboard_filters/{dashboard_filter_id}", "dashboard_filters", shape.FILTER),
    get("dashboard_layout", "/dashboard_layouts/{dashboard_layout_id}", "dashboard_layouts", shape.LAYOUT),
    get(
        "dashboard_layout_component",
        "/dashboard_layout_components/{dashboard_layout_component_id}",
        "dashboard_layout_components",
        shape.COMPONENT,
    ),
    _parts("dashboard_elements", shape.ELEMENT),
    _parts("dashboard_filters", shape.FILTER),
    _parts("dashboard_layouts", shape.LAYOUT),
    Operation(
        "dashboard_layout_dashboard_layout_components",
        "GET",
        "/dashboard_layouts/{dashboard_layout_id}/dashboard_layout_components",
        _layout_components,
        table="dashboard_layout_components",
    ),
    listing("all_looks", "/looks", "looks", Listing(shape.LOOK), rows=_look_rows),
    _search("looks", _LOOKS),
    Operation("look", "GET", "/looks/{look_id}", _look, table="looks"),
    Operation("query", "GET", "/queries/{query_id}", _query, "db_query", "queries"),
    Operation("query_for_slug", "GET", "/queries/slug/{slug}", _query_for_slug, "db_query", "queries"),
    get("merge_query", "/merge_queries/{merge_query_id}", "merge_queries", shape.MERGE_QUERY, activity="db_query"),
    get("sql_query", "/sql_queries/{slug}", "sql_queries", shape.SQL_QUERY, activity="db_query"),
    listing("all_folders", "/folders", "folders", Listing(shape.FOLDER_BASE), rows=_visible_folders),
    listing(
        "search_folders",
        "/folders/search",
        "folders",
        Listing(shape.FOLDER, paged=True, sorts=("*",), search=_FOLDER_SEARCH),
        rows=_visible_folders,
    ),
    Operation("folder", "GET", "/folders/{folder_id}", _folder, table="folders"),
    Operation("folder_parent", "GET", "/folders/{folder_id}/parent", _folder_parent, table="folders"),
    Operation("folder_ancestors", "GET", "/folders/{folder_id}/ancestors", _folder_ancestors, table="folders"),
    Operation("folder_children", "GET", "/folders/{folder_id}/children", _folder_children, table="folders"),
    Operation(
        "folder_children_search", "GET", "/folders/{folder_id}/children/search", _folder_children, table="folders"
    ),
    Operation("folder_looks", "GET", "/folders/{folder_id}/looks", _folder_looks, table="looks"),
    Operation("folder_dashboards", "GET", "/folders/{folder_id}/dashboards", _folder_dashboards, table="dashboards"),
    Operation("all_content_metadatas", "GET", "/content_metadata", _metadatas, table="content_metadata"),
    get("content_metadata", "/content_metadata/{content_metadata_id}", "content_metadata", more.CONTENT_META),
    Operation(
        "all_content_metadata_accesses", "GET", "/content_metadata_access", _accesses, table="content_metadata_access"
    ),
    listing(
        "search_content_favorites",
        "/content_favorite/search",
        "content_favorites",
        Listing(
            more.FAVORITE,
            paged=True,
            sorts=("*",),
            search={
                "id": "ids",
                "user_id": "ids",
                "content_metadata_id": "ids",
                "dashboard_id": "ids",
                "look_id": "ids",
                "board_id": "ids",
            },
        ),
    ),
    get("content_favorite", "/content_favorite/{content_favorite_id}", "content_favorites", more.FAVORITE),
    listing("all_boards", "/boards", "boards", Listing(more.BOARD)),
    listing(
        "search_boards",
        "/boards/search",
        "boards",
        Listing(more.BOARD, paged=True, sorts=("*",), search={"title": "text", "creator_id": "ids:user_id"}),
    ),
    get("board", "/boards/{board_id}", "boards", more.BOARD),
    listing("all_board_sections", "/board_sections", "board_sections", Listing(more.BOARD_SECTION, sorts=("*",))),
    get("board_section", "/board_sections/{board_section_id}", "board_sections", more.BOARD_SECTION),
    listing(
        "all_board_items",
        "/board_items",
        "board_items",
        Listing(more.BOARD_ITEM, sorts=("*",), search={"board_section_id": "ids"}),
    ),
    get("board_item", "/board_items/{board_item_id}", "board_items", more.BOARD_ITEM),
]
