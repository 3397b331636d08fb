"""Writes on groups, permission sets, model sets and roles."""

from collections.abc import Callable

from looker_simulator import people
from looker_simulator import shapes_people as shape
from looker_simulator.calls import Call, Refused, Reply, json_reply, not_found
from looker_simulator.cascades import remove_group, remove_role
from looker_simulator.reading import shown
from looker_simulator.seed.people import PERMISSIONS
from looker_simulator.shapes import show
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writes_users import keep_an_admin
from looker_simulator.writing import Change, Resource, gone, ids_in, object_of, write


def _not_everybody(call: Call, row: Row) -> None:
    if row["id"] == call.world.all_users_group_id or row["include_by_default"]:
        raise Refused(403, "The group of all users cannot be changed")


def _check_group(change: Change) -> None:
    change.unique(change.world["groups"], "name", "Group")


GROUPS = Resource(
    name="group",
    table="groups",
    path="/groups",
    shape=shape.GROUP,
    body="Group",
    remove=remove_group,
    required=("name",),
    guard=_not_everybody,
    check=_check_group,
)


def _group(call: Call, row_id: str) -> Row:
    return GROUPS.row(call, row_id)


def _member(call: Call, table: str, field: str) -> Row:
    """Return the row that the body of an inclusion names; the schema calls its only field read-only."""
    row = call.world[table].get(object_of(call).get(field))
    if row is None:
        raise not_found()
    return row


def _add_user(call: Call) -> Reply:
    group, user = _group(call, call.path["group_id"]), _member(call, "users", "user_id")
    _not_everybody(call, group)
    edges = call.world["group_users"]
    if not any(edge["user_id"] == user["id"] for edge in edges.where("group_id", group["id"])):
        edges.add({"group_id": group["id"], "user_id": user["id"]})
    return shown(call, shape.USER, user)


def _remove_user(call: Call) -> Reply:
    group = _group(call, call.path["group_id"])
    _not_everybody(call, group)
    return _cut(call, "group_users", "group_id", group["id"], "user_id", call.path["user_id"])


def _add_group(call: Call) -> Reply:
    group, child = _group(call, call.path["group_id"]), _member(call, "groups", "group_id")
    _not_everybody(call, group)
    if child["id"] == group["id"] or group["id"] in _below(call.world, child["id"]):
        raise Refused(400, "A group cannot be inside itself")
    edges = call.world["group_groups"]
    if not any(edge["group_id"] == child["id"] for edge in edges.where("parent_id", group["id"])):
        edges.add({"parent_id": group["id"], "group_id": child["id"]})
    return shown(call, shape.GROUP, child)


def _below(world: World, group_id: str) -> set[str]:
    found: set[str] = set()
    waiting = [group_id]
    while waiting:
        children = {edge["group_id"] for edge in world["group_groups"].where("parent_id", waiting.pop())} - found
        found |= children
        waiting += children
    return found


def _remove_group(call: Call) -> Reply:
    group = _group(call, call.path["group_id"])
    return _cut(call, "group_groups", "parent_id", group["id"], "group_id", call.path["deleting_group_id"])


def _cut(call: Call, table: str, column: str, value: str, field: str, other: str) -> Reply:
    for edge in call.world[table].where(column, value):
        if edge[field] == other:
            call.world[table].remove(edge["id"])
            return gone()
    raise not_found()


def _not_built_in(_call: Call, row: Row) -> None:
    if row["built_in"] or row["all_access"]:
        raise Refused(405, "Built-in sets can't be modified")


def _unused(column: str) -> Callable[[Call, Row], None]:
    def guard(call: Call, row: Row) -> None:
        if any(role[column] == row["id"] for role in call.world["roles"]):
            raise Refused(405, "The set is used by a role")

    return guard


def _check_permission_set(change: Change) -> None:
    change.unique(change.world["permission_sets"], "name", "Permission set")
    had = (change.before or {}).get("permissions") or ()  # releases drop names that sets go on having
    unknown = [one for one in change.row["permissions"] or () if one not in PERMISSIONS and one not in had]
    if unknown:
        change.problems.invalid("permissions", f"Unknown permissions: {', '.join(unknown)}.")
    if change.gives("permissions") or change.before is None:
        change.set(permissions=sorted(set(change.row["permissions"] or ())))


def _check_model_set(change: Change) -> None:
    change.unique(change.world["model_sets"], "name", "Model set")
    if change.row["models"] is None:
        change.set(models=[])


def _removal(table: str) -> Callable[[World, str], object]:
    return lambda world, row_id: world[table].remove(row_id)


PERMISSION_SETS = Resource(
    name="permission_set",
    table="permission_sets",
    path="/permission_sets",
    shape=shape.PERMISSION_SET,
    body="PermissionSet",
    remove=_removal("permission_sets"),
    required=("name",),
    guard=_not_built_in,
    delete_guard=_unused("permission_set_id"),
    check=_check_permission_set,
)
MODEL_SETS = Resource(
    name="model_set",
    table="model_sets",
    path="/model_sets",
    shape=shape.MODEL_SET,
    body="ModelSet",
    remove=_removal("model_sets"),
    required=("name",),
    guard=_not_built_in,
    delete_guard=_unused("model_set_id"),
    check=_check_model_set,
)


def _not_internal(call: Call, row: Row) -> None:
    if row["id"] == call.world.admin_role_id or row["internal"]:
        raise Refused(405, "This role can't be modified")


def _check_role(change: Change) -> None:
    """The nested sets that a role shows count for nothing: ``permission_set_id`` and ``model_set_id`` do."""
    for name in ("permission_set", "model_set"):
        change.values.pop(name, None)
        if change.before is None:
            change.row.pop(name, None)
    change.unique(change.world["roles"], "name", "Role")
    for field, table in (("permission_set_id", "permission_sets"), ("model_set_id", "model_sets")):
        change.row.setdefault(field, None)
        if change.row[field] is None and (change.before is None or field in change.values):
            change.problems.missing(field)
        change.refers(field, table)


ROLES = Resource(
    name="role",
    table="roles",
    path="/roles",
    shape=shape.ROLE,
    body="Role",
    remove=remove_role,
    required=("name",),
    guard=_not_internal,
    check=_check_role,
)


def _set_groups(call: Call) -> Reply:
    role, world, wanted = ROLES.row(call, call.path["role_id"]), call.world, ids_in(call)
    _replace(world, "role_groups", role["id"], "group_id", "groups", wanted)
    return json_reply([show(world, shape.GROUP, world["groups"].rows[one]) for one in wanted])


def _set_users(call: Call) -> Reply:
    role, world, wanted = ROLES.row(call, call.path["role_id"]), call.world, ids_in(call)
    _replace(world, "role_users", role["id"], "user_id", "users", wanted)
    return json_reply([show(world, shape.USER, world["users"].rows[one]) for one in wanted])


def _replace(world: World, edges: str, role_id: str, field: str, table: str, wanted: list[str]) -> None:
    """Make *wanted* the whole set. Raises Refused: 404 for an unknown id, 422 if nobody would be an admin any more."""
    if any(one not in world[table] for one in wanted):
        raise not_found()
    before = world[edges].where("role_id", role_id)
    for edge in before:
        world[edges].remove(edge["id"])
    made = [world[edges].add({"role_id": role_id, field: one}) for one in wanted]
    if role_id == world.admin_role_id and not people.holders_of(world, role_id, direct_only=False):
        for edge in made:
            world[edges].remove(edge["id"])
        for edge in before:
            world[edges].add(edge)
        keep_an_admin(world, {row["id"] for row in world["users"]})


OPERATIONS = [
    *GROUPS.operations(),
    write("add_group_user", "POST", "/groups/{group_id}/users", _add_user, "users"),
    write("delete_group_user", "DELETE", "/groups/{group_id}/users/{user_id}", _remove_user, "users"),
    write("add_group_group", "POST", "/groups/{group_id}/groups", _add_group, "groups"),
    write(
        "delete_group_from_group", "DELETE", "/groups/{group_id}/groups/{deleting_group_id}", _remove_group, "groups"
    ),
    *PERMISSION_SETS.operations(),
    *MODEL_SETS.operations(),
    *ROLES.operations(),
    write("set_role_groups", "PUT", "/roles/{role_id}/groups", _set_groups, "groups"),
    write("set_role_users", "PUT", "/roles/{role_id}/users", _set_users, "users"),
]
