"""People, rights and user attributes by their natural keys. See ``oracle.py``."""

from typing import Any

from looker_simulator import jsontext, people
from looker_simulator.names import Names, keyed
from looker_simulator.seed.people import PROVIDERS
from looker_simulator.table import Row
from looker_simulator.world import World


def dump(world: World, names: Names) -> dict[str, Any]:
    """Return users, groups, roles, sets and user attributes."""
    return {
        "users": keyed([(names.user(row["id"]) or "", _user(world, names, row)) for row in world["users"]], _order),
        "groups": {row["name"]: _group(world, names, row) for row in world["groups"]},
        "roles": {row["name"]: _role(world, names, row) for row in world["roles"]},
        "permission_sets": {row["name"]: _set(names, "PermissionSet", row) for row in world["permission_sets"]},
        "model_sets": {row["name"]: _set(names, "ModelSet", row) for row in world["model_sets"]},
        "user_attributes": {row["name"]: _attribute(world, names, row) for row in world["user_attributes"]},
    }


_order = jsontext.dumps


def _set(names: Names, kind: str, row: Row) -> Any:
    """Return what is in a set; beside that only what nobody has heard of."""
    rows = sorted(row["permissions" if kind == "PermissionSet" else "models"] or ())
    more = names.invented(kind, row)
    return {"in it": rows} | more if more else rows


def _user(world: World, names: Names, row: Row) -> Row:
    login = world["credentials_email"].get(row["id"])
    columns = ("is_disabled", "locale", "can_manage_api3_creds")
    return (
        {name: row.get(name) for name in columns}
        | names.invented("User", row)
        | {
            "first_name": row["first_name"] or "",
            "last_name": row["last_name"] or "",
            "email_login": login["email"] if login else None,
            "logins": sorted(kind for kind, _ in PROVIDERS if row.get(f"credentials_{kind}")),
            "home": names.folder(row["home_folder_id"]),
            "groups": sorted(_name(world, "groups", one) for one in people.groups_of(world, row["id"])),
            "roles": sorted(_name(world, "roles", one) for one in people.roles_of(world, row["id"], direct_only=True)),
            "attribute_values": {
                names.named("user_attributes", one["user_attribute_id"]): _value(world, one)
                for one in world["user_attribute_user_values"].where("user_id", row["id"])
            },
        }
    )


def _value(world: World, row: Row) -> str | None:
    hidden = world["user_attributes"].rows[row["user_attribute_id"]]["value_is_hidden"]
    return "(hidden)" if hidden and row["value"] is not None else row["value"]


def _name(world: World, table: str, row_id: str) -> str:
    return world[table].rows[row_id]["name"]


def _group(world: World, names: Names, row: Row) -> Row:
    parents = world["group_groups"].where("group_id", row["id"])
    members = () if row["id"] == world.all_users_group_id else people.members_of(world, row["id"])
    return {
        "can_add_to_content_metadata": row["can_add_to_content_metadata"],
        **names.invented("Group", row),
        "parents": sorted(_name(world, "groups", edge["parent_id"]) for edge in parents),
        "members": sorted(names.user(user["id"]) or "" for user in members),
    }


def _role(world: World, names: Names, row: Row) -> Row:
    edges = world["role_groups"].where("role_id", row["id"])
    return {
        **names.invented("Role", row),
        "permission_set": names.named("permission_sets", row["permission_set_id"]),
        "model_set": names.named("model_sets", row["model_set_id"]),
        "groups": sorted(_name(world, "groups", edge["group_id"]) for edge in edges),
        "users": sorted(names.user(user["id"]) or "" for user in people.holders_of(world, row["id"], direct_only=True)),
    }


def _attribute(world: World, names: Names, row: Row) -> Row:
    values = sorted(
        world["user_attribute_group_values"].where("user_attribute_id", row["id"]), key=lambda one: one["rank"]
    )
    doc = names.written("UserAttribute", row, "name")
    return doc | {"group_values": [[names.named("groups", one["group_id"]), _value(world, one)] for one in values]}
