"""What goes away together with an object, and what stays behind pointing at nothing."""

from looker_simulator.table import Row
from looker_simulator.world import World

_CONTENT = {"dashboards": "dashboard_id", "looks": "look_id"}


def remove(world: World, table: str, row_id: str) -> None:
    """Remove any object for good, with whatever cannot be without it."""
    removal = _REMOVALS.get(table)
    if removal is not None:
        removal(world, row_id)
    else:
        world[table].remove(row_id)


def trash(world: World, table: str, row_id: str, actor_id: str) -> None:
    """Put a dashboard or look into the trash."""
    world[table].change(row_id, deleted=True, deleted_at=world.now(), deleter_id=actor_id)


def remove_dashboard(world: World, dashboard_id: str) -> None:
    """Remove a dashboard with its parts, plans, favourites and metadata. Alerts and board items stay behind."""
    world.unpack(dashboard_id)
    for layout in world["dashboard_layouts"].where("dashboard_id", dashboard_id):
        _remove_all(world, "dashboard_layout_components", "dashboard_layout_id", layout["id"])
    for tile in world["dashboard_elements"].where("dashboard_id", dashboard_id):
        _remove_alerts_of_tile(world, tile["id"])
    for part in ("dashboard_elements", "dashboard_filters", "dashboard_layouts", "dashboard_images"):
        _remove_all(world, part, "dashboard_id", dashboard_id)
    _remove_content(world, "dashboards", dashboard_id)


def remove_look(world: World, look_id: str) -> None:
    """Remove a look with its plans, favourites and metadata. Tiles that showed it are left empty: a result maker tells of what a
    tile shows (OpenAPI 4.0.26.12), so that they have none either."""
    for tile in world["dashboard_elements"].where("look_id", look_id):
        named = look_id if world.bends.has("purged_look_stays_in_tiles") else None
        world["dashboard_elements"].change(tile["id"], look_id=named, result_maker=None, result_maker_id=None)
    _remove_content(world, "looks", look_id)


def remove_tile(world: World, tile_id: str) -> None:
    """Remove a tile and its place. It is still found by a search for deleted ones; its alerts lose it."""
    _remove_all(world, "dashboard_layout_components", "dashboard_element_id", tile_id)
    world["dashboard_elements"].change(tile_id, _deleted=True)
    _remove_alerts_of_tile(world, tile_id)


def remove_layout(world: World, layout_id: str) -> None:
    """Remove a tab with the tiles on it."""
    for place in world["dashboard_layout_components"].where("dashboard_layout_id", layout_id):
        if place["dashboard_element_id"]:
            remove_tile(world, place["dashboard_element_id"])
        else:
            world["dashboard_layout_components"].remove(place["id"])
    layout = world["dashboard_layouts"].remove(layout_id)
    for tile in world["dashboard_elements"].where("dashboard_id", layout["dashboard_id"]):
        if tile["dashboard_layout_id"] == layout_id and not tile.get("_deleted"):
            world["dashboard_elements"].change(tile["id"], dashboard_layout_id=None, _deleted=True)
            _remove_alerts_of_tile(world, tile["id"])


def remove_folder(world: World, folder_id: str, actor_id: str = "") -> None:
    """Remove a folder and all folders in it. Their content goes for good, or to the trash if the options say so."""
    for child in world["folders"].where("parent_id", folder_id):
        remove_folder(world, child["id"], actor_id)
    for table in _CONTENT:
        for row in world[table].where("folder_id", folder_id):
            if world.options.folders_trash_content or world.bends.has("folders_trash_content"):
                if not row["deleted"]:
                    trash(world, table, row["id"], actor_id or world.admin_user_id)
            else:
                remove(world, table, row["id"])
    _remove_all(world, "reports", "folder_id", folder_id)
    _remove_folder_itself(world, folder_id)


def remove_user(world: World, user_id: str, actor_id: str = "") -> None:
    """Remove a user with their plans and alerts and their personal folder. What lies in that, whoever owns it, goes to the trash,
    and the plans on it go for good; content and boards elsewhere stay and name an owner who is gone (Google Cloud, "How to delete
    your data from Looker").
    """
    user = world["users"].rows[user_id]
    actor = actor_id or world.admin_user_id
    if world.bends.has("owner_takes_content"):
        for table in _CONTENT:
            for row in world[table].where("user_id", user_id):
                _trash_with_plans(world, table, row, actor)
    if user["personal_folder_id"] in world["folders"]:
        _remove_personal(world, user["personal_folder_id"], actor)
    if not world.bends.has("alerts_survive_owner"):
        _remove_all(world, "alerts", "owner_id", user_id)
    for table, column in (
        ("scheduled_plans", "user_id"),
        ("group_users", "user_id"),
        ("role_users", "user_id"),
        ("user_attribute_user_values", "user_id"),
        ("content_metadata_access", "user_id"),
    ):
        _remove_all(world, table, column, user_id)
    for favorite in world["content_favorites"].where("user_id", user_id):
        remove_favorite(world, favorite["id"])
    if user_id in world["credentials_email"]:
        world["credentials_email"].remove(user_id)
    world["users"].remove(user_id)


def remove_group(world: World, group_id: str) -> None:
    """Remove a group with its memberships, nestings, role edges, access rows and attribute values."""
    for table, column in (
        ("group_users", "group_id"),
        ("group_groups", "parent_id"),
        ("group_groups", "group_id"),
        ("role_groups", "group_id"),
        ("content_metadata_access", "group_id"),
        ("user_attribute_group_values", "group_id"),
    ):
        _remove_all(world, table, column, group_id)
    world["groups"].remove(group_id)


def remove_role(world: World, role_id: str) -> None:
    """Remove a role; nobody holds it any more."""
    _remove_all(world, "role_users", "role_id", role_id)
    _remove_all(world, "role_groups", "role_id", role_id)
    world["roles"].remove(role_id)


def remove_attribute(world: World, attribute_id: str) -> None:
    """Remove a user attribute with all values."""
    _remove_all(world, "user_attribute_group_values", "user_attribute_id", attribute_id)
    _remove_all(world, "user_attribute_user_values", "user_attribute_id", attribute_id)
    world["user_attributes"].remove(attribute_id)


def remove_board(world: World, board_id: str) -> None:
    """Remove a board with its sections, items and access list."""
    for section in world["board_sections"].where("board_id", board_id):
        _remove_all(world, "board_items", "board_section_id", section["id"])
        world["board_sections"].remove(section["id"])
    board = world["boards"].remove(board_id)
    remove_metadata(world, board["content_metadata_id"])


def remove_agent(world: World, agent_id: str) -> None:
    """Remove an agent with its access list; golden queries stay."""
    remove_metadata(world, world["agents"].remove(agent_id)["content_metadata_id"])


def remove_section(world: World, section_id: str) -> None:
    """Remove a section with its items; the board's order no longer names it."""
    _remove_all(world, "board_items", "board_section_id", section_id)
    section = world["board_sections"].remove(section_id)
    board = world["boards"].get(section["board_id"])
    if board:
        world["boards"].change(board["id"], section_order=without(board["section_order"], section_id))


def remove_item(world: World, item_id: str) -> None:
    """Remove a board item; the section's order no longer names it."""
    item = world["board_items"].remove(item_id)
    section = world["board_sections"].get(item["board_section_id"])
    if section:
        orders = {name: without(section[name], item_id) for name in ("item_order", "visible_item_order")}
        world["board_sections"].change(section["id"], **orders)


def remove_favorite(world: World, favorite_id: str) -> None:
    """Remove a favourite; what it marked is no longer marked."""
    favorite = world["content_favorites"].remove(favorite_id)
    for table, column in _CONTENT.items():
        row = world[table].get(favorite[column])
        if row is not None and row.get("content_favorite_id") == favorite_id:
            world[table].change(row["id"], content_favorite_id=None, favorite_count=0)


def remove_metadata(world: World, metadata_id: str | None) -> None:
    """Remove content metadata with its access rows and favourites."""
    if metadata_id is None or metadata_id not in world["content_metadata"]:
        return
    _remove_all(world, "content_metadata_access", "content_metadata_id", metadata_id)
    for favorite in [row for row in world["content_favorites"] if row["content_metadata_id"] == metadata_id]:
        remove_favorite(world, favorite["id"])
    world["content_metadata"].remove(metadata_id)


def without(order: list[str] | None, gone: str) -> list[str]:
    """Return an order that no longer names *gone*."""
    return [one for one in order or () if one != gone]


def _remove_alerts_of_tile(world: World, tile_id: str) -> None:
    if world.bends.has("alerts_go_with_tile"):
        _remove_all(world, "alerts", "dashboard_element_id", tile_id)


def _remove_content(world: World, table: str, content_id: str) -> None:
    _remove_all(world, "scheduled_plans", _CONTENT[table], content_id)
    remove_metadata(world, world[table].rows[content_id]["content_metadata_id"])
    world[table].remove(content_id)


def _remove_personal(world: World, folder_id: str, actor_id: str) -> None:
    for child in world["folders"].where("parent_id", folder_id):
        _remove_personal(world, child["id"], actor_id)
    for table in _CONTENT:
        for row in world[table].where("folder_id", folder_id):
            _trash_with_plans(world, table, row, actor_id)
    _remove_folder_itself(world, folder_id)


def _trash_with_plans(world: World, table: str, row: Row, actor_id: str) -> None:
    if not row["deleted"]:
        trash(world, table, row["id"], actor_id)
    _remove_all(world, "scheduled_plans", _CONTENT[table], row["id"])


def _remove_folder_itself(world: World, folder_id: str) -> Row:
    folder = world["folders"].remove(folder_id)
    remove_metadata(world, folder["content_metadata_id"])
    for user in world["users"]:
        if user["home_folder_id"] == folder_id:
            world["users"].change(user["id"], home_folder_id=user["personal_folder_id"])
    return folder


def _remove_all(world: World, table: str, column: str, value: str) -> None:
    for row in world[table].where(column, value):
        world[table].remove(row[world[table].key])


def remove_external(world: World, app_id: str) -> None:
    """Delete an external OAuth application; no page says what becomes of the connections that sign in through it."""
    for row in list(world["connections"]):
        if row.get("oauth_application_id") == app_id:
            world["connections"].change(row[world["connections"].key], oauth_application_id=None)
    world["external_oauth_applications"].remove(app_id)


_REMOVALS = {
    "dashboards": remove_dashboard,
    "looks": remove_look,
    "dashboard_elements": remove_tile,
    "dashboard_layouts": remove_layout,
    "folders": remove_folder,
    "users": remove_user,
    "groups": remove_group,
    "roles": remove_role,
    "user_attributes": remove_attribute,
    "boards": remove_board,
    "agents": remove_agent,
    "board_sections": remove_section,
    "board_items": remove_item,
    "content_favorites": remove_favorite,
    "content_metadata": remove_metadata,
    "external_oauth_applications": remove_external,
}
