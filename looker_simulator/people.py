"""Who is in which group, holds which role and may see which folder: worked out from the edge tables."""

from looker_simulator.table import Row
from looker_simulator.world import World


def groups_of(world: World, user_id: str) -> list[str]:
    """Return the ids of the groups a user is a direct member of; All Users always is one of them."""
    direct = [edge["group_id"] for edge in world["group_users"].where("user_id", user_id)]
    return list(dict.fromkeys([world.all_users_group_id, *direct]))


def all_groups_of(world: World, user_id: str) -> set[str]:
    """Return the ids of the groups a user belongs to, also through groups in groups."""
    found: set[str] = set()
    waiting = groups_of(world, user_id)
    while waiting:
        group_id = waiting.pop()
        if group_id not in found:
            found.add(group_id)
            waiting += [edge["parent_id"] for edge in world["group_groups"].where("group_id", group_id)]
    return found


def members_of(world: World, group_id: str) -> list[Row]:
    """Return the direct members of a group."""
    if group_id == world.all_users_group_id:
        return list(world["users"])
    return [world["users"].rows[edge["user_id"]] for edge in world["group_users"].where("group_id", group_id)]


def roles_of(world: World, user_id: str, *, direct_only: bool = False) -> list[str]:
    """Return the ids of a user's roles: given directly, then through groups unless *direct_only*."""
    roles = [edge["role_id"] for edge in world["role_users"].where("user_id", user_id)]
    if not direct_only:
        for group_id in sorted(all_groups_of(world, user_id), key=int):
            roles += [edge["role_id"] for edge in world["role_groups"].where("group_id", group_id)]
    return list(dict.fromkeys(roles))


def holders_of(world: World, role_id: str, *, direct_only: bool) -> list[Row]:
    """Return the users who hold a role, also through their groups unless *direct_only*."""
    users = {edge["user_id"]: None for edge in world["role_users"].where("role_id", role_id)}
    if not direct_only:
        waiting = [edge["group_id"] for edge in world["role_groups"].where("role_id", role_id)]
        for group_id in _with_subgroups(world, waiting):
            users |= {user["id"]: None for user in members_of(world, group_id)}
    return [world["users"].rows[user_id] for user_id in users]


def is_admin(world: World, user_id: str) -> bool:
    """Return whether a user holds the Admin role."""
    return world.admin_role_id in roles_of(world, user_id)


def visible_folders(world: World, user_id: str) -> set[str]:
    """Return the ids of the folders a user may see.

    A folder's access rows are those of the nearest folder upwards that does not inherit.
    """
    groups = all_groups_of(world, user_id)

    def sees(folder: Row) -> bool:
        meta = world["content_metadata"].rows[folder["content_metadata_id"]]
        rows = world["content_metadata_access"].where("content_metadata_id", inheriting_id(world, meta) or meta["id"])
        return any(row["user_id"] == user_id or row["group_id"] in groups for row in rows)

    return {folder["id"] for folder in world["folders"] if sees(folder)}


def inheriting_id(world: World, meta: Row) -> str | None:
    """Return the id of the content metadata whose access rows count for *meta*; None if it has its own."""
    if not meta["inherits"]:
        return None
    above = world["content_metadata"].get(meta["parent_id"])
    while above is not None and above["inherits"]:
        above = world["content_metadata"].get(above["parent_id"])
    return above["id"] if above else None


def _with_subgroups(world: World, group_ids: list[str]) -> dict[str, None]:
    found: dict[str, None] = {}
    while group_ids:
        group_id = group_ids.pop()
        if group_id not in found:
            found[group_id] = None
            group_ids += [edge["group_id"] for edge in world["group_groups"].where("parent_id", group_id)]
    return found
