"""What a user may do with something on the instance, worked out the plain way: one question, one walk through the tables.

A list is that of the nearest metadata upwards that does not inherit; a group's members are those of all groups in it; content also
takes the permission to see or to save it. Nobody who is disabled may do anything, an administrator everything.
"""

from looker_simulator.table import Row
from looker_simulator.world import World

_SEE = {"dashboards": ("see_user_dashboards",), "looks": ("see_looks",)}
_SAVE = {"dashboards": ("save_content", "save_dashboards"), "looks": ("save_content", "save_looks")}


def may(world: World, user_id: str, table: str, row_id: str) -> str:
    """Return "edit", "view" or "" for a user and a folder, board, dashboard or look."""
    if world["users"].rows[user_id]["is_disabled"]:
        return ""
    if _has_role(world, user_id, world.admin_role_id):
        return "edit"
    row = world[table].rows[row_id]
    owner = world["folders"].get(row["folder_id"]) if table in _SEE else row
    found = _listed(world, user_id, world["content_metadata"].get(owner["content_metadata_id"])) if owner else ""
    if table not in _SEE or not found:
        return found
    if not _permits(world, user_id, _SEE[table]):
        return ""
    return "view" if found == "edit" and not _permits(world, user_id, _SAVE[table]) else found


def _listed(world: World, user_id: str, meta: Row | None) -> str:
    if meta is None:
        return ""
    if meta["inherits"]:
        return _listed(world, user_id, world["content_metadata"].get(meta["parent_id"]))
    rows = world["content_metadata_access"].where("content_metadata_id", meta["id"])
    mine = {row["permission_type"] for row in rows if _is_meant(world, user_id, row)}
    return "edit" if "edit" in mine else "view" if "view" in mine else ""


def _is_meant(world: World, user_id: str, row: Row) -> bool:
    return row["user_id"] == user_id or (bool(row["group_id"]) and _is_in(world, user_id, row["group_id"]))


def _is_in(world: World, user_id: str, group_id: str) -> bool:
    if group_id == world.all_users_group_id:
        return True
    if any(edge["group_id"] == group_id for edge in world["group_users"].where("user_id", user_id)):
        return True
    return any(_is_in(world, user_id, edge["group_id"]) for edge in world["group_groups"].where("parent_id", group_id))


def _has_role(world: World, user_id: str, role_id: str) -> bool:
    if any(edge["role_id"] == role_id for edge in world["role_users"].where("user_id", user_id)):
        return True
    return any(_is_in(world, user_id, edge["group_id"]) for edge in world["role_groups"].where("role_id", role_id))


def _permits(world: World, user_id: str, wanted: tuple[str, ...]) -> bool:
    roles = [row for row in world["roles"] if _has_role(world, user_id, row["id"])]
    sets = [world["permission_sets"].get(row["permission_set_id"]) for row in roles]
    return any(name in one["permissions"] for one in sets if one for name in wanted)
