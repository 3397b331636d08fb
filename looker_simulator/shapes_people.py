"""The shapes of users, groups, roles, access rows, user attributes, plans, alerts and boards.

Names and types: OpenAPI 4.0.26.12.
"""

from typing import Any

from looker_simulator import people
from looker_simulator.shapes import define, show
from looker_simulator.shapes_content import can, user_name
from looker_simulator.table import Row
from looker_simulator.world import World

_TARGETS = {
    "folder_id": ("folders", "name"),
    "dashboard_id": ("dashboards", "title"),
    "look_id": ("looks", "title"),
    "agent_id": ("agents", "name"),
    "homepage_id": ("boards", "title"),
}


def _email_login(world: World, row: Row) -> Row | None:
    login = world["credentials_email"].get(row["id"])
    return show(world, CREDENTIALS_EMAIL, login) if login else None


def email(world: World, row: Row) -> str | None:
    """Return a user's e-mail address: that of the e-mail login, else the one on the user."""
    login = world["credentials_email"].get(row["id"])
    return login["email"] if login else row["email"]


def _roles(world: World, group_id: str) -> list[str]:
    return [edge["role_id"] for edge in world["role_groups"].where("group_id", group_id)]


def _in_group(world: World, row: Row) -> bool:
    return row["id"] in people.groups_of(world, world.admin_user_id)


def _user_count(world: World, row: Row) -> int:
    if row["id"] == world.all_users_group_id:
        return len(world["users"])
    return world["group_users"].count("group_id", row["id"])


def _role_set(table: str, column: str) -> Any:
    def found(world: World, row: Row) -> Row | None:
        stored = world[table].get(row[column])
        shape = PERMISSION_SET if table == "permission_sets" else MODEL_SET
        return show(world, shape, stored) if stored else None

    return found


def _meta_name(world: World, row: Row) -> str | None:
    for column, (table, name) in _TARGETS.items():
        if row[column] is not None:
            return (world[table].get(row[column]) or {}).get(name)
    return None


def _destinations(world: World, row: Row) -> list[Row]:
    return [show(world, DESTINATION, item) for item in row["scheduled_plan_destination"]]


def _plan_user(world: World, row: Row) -> Row | None:
    user = world["users"].get(row["user_id"])
    return show(world, USER_PUBLIC, user) if user else None


def _plan_title(world: World, row: Row) -> str | None:
    for column, table in (
        ("dashboard_id", "dashboards"),
        ("look_id", "looks"),
        ("lookml_dashboard_id", "lookml_dashboards"),
    ):
        if row[column] is not None:
            return (world[table].get(row[column]) or {}).get("title")
    return None


def _alert_title(world: World, row: Row) -> str | None:
    return (world["dashboards"].get(row["investigative_content_id"]) or {}).get("title")


def _board_sections(world: World, row: Row) -> list[Row]:
    return [show(world, BOARD_SECTION, item) for item in world["board_sections"].where("board_id", row["id"])]


def _board_items(world: World, row: Row) -> list[Row]:
    return [show(world, BOARD_ITEM, item) for item in world["board_items"].where("board_section_id", row["id"])]


def _item_target(world: World, row: Row) -> Row:
    if row["dashboard_id"]:
        return world["dashboards"].get(row["dashboard_id"]) or {}
    return (world["looks"].get(row["look_id"]) if row["look_id"] else None) or {}


def _of_target(column: str) -> Any:
    return lambda world, row: _item_target(world, row).get(column)


def _item_title(world: World, row: Row) -> str | None:
    return row["custom_title"] if row["use_custom_title"] else _item_target(world, row).get("title")


def _item_url(_world: World, row: Row) -> str:
    if row["custom_url"]:
        return row["custom_url"]
    kinds = (("dashboard_id", "dashboards"), ("look_id", "looks"), ("lookml_dashboard_id", "dashboards"))
    return next((f"/{kind}/{row[column]}" for column, kind in kinds if row[column]), "")


USER = define(
    "User",
    {
        "can": can,
        "credentials_email": _email_login,
        "display_name": lambda world, row: user_name(world, row["id"]),
        "email": email,
        "group_ids": lambda world, row: people.groups_of(world, row["id"]),
        "role_ids": lambda world, row: people.roles_of(world, row["id"]),
        "avatar_url": lambda _, row: f"https://avatars.looker.example/{row['id']}?s=156",
        "avatar_url_without_sizing": lambda _, row: f"https://avatars.looker.example/{row['id']}",
        "url": lambda _, row: f"/api/4.0/users/{row['id']}",
        "is_iam_admin": lambda _, _row: False,
    },
    on_demand=("is_iam_admin",),
)
USER_PUBLIC = define(
    "UserPublic",
    dict(USER.computed)
    | {"first_name": lambda _, row: row["first_name"] or "", "last_name": lambda _, row: row["last_name"] or ""},
)
SERVICE_ACCOUNT = define(
    "ServiceAccount", {name: USER.computed[name] for name in ("can", "group_ids", "role_ids") if name in USER.computed}
)
CREDENTIALS_EMAIL = define(
    "CredentialsEmail",
    {
        "can": can,
        "type": lambda _, _row: "email",
        "url": lambda _, row: f"/api/4.0/users/{row['user_id']}/credentials_email",
        "user_url": lambda _, row: f"/api/4.0/users/{row['user_id']}",
    },
)
CREDENTIALS_EMAIL_SEARCH = define(
    "CredentialsEmailSearch", dict(CREDENTIALS_EMAIL.computed) | {"type": lambda _, _row: "email"}
)
_GROUP = {"can": can, "user_count": _user_count, "contains_current_user": _in_group}
GROUP = define("Group", _GROUP)
GROUP_SEARCH = define(
    "GroupSearch",
    _GROUP
    | {"roles": lambda world, row: [show(world, ROLE, world["roles"].rows[role]) for role in _roles(world, row["id"])]},
)
GROUP_HIERARCHY = define(
    "GroupHierarchy",
    _GROUP
    | {
        "parent_group_ids": lambda world, row: [
            e["parent_id"] for e in world["group_groups"].where("group_id", row["id"])
        ],
        "role_ids": lambda world, row: _roles(world, row["id"]),
    },
)
PERMISSION_SET = define("PermissionSet", {"can": can, "url": lambda _, row: f"/api/4.0/permission_sets/{row['id']}"})
MODEL_SET = define("ModelSet", {"can": can, "url": lambda _, row: f"/api/4.0/model_sets/{row['id']}"})
_ROLE = {
    "can": can,
    "permission_set": _role_set("permission_sets", "permission_set_id"),
    "model_set": _role_set("model_sets", "model_set_id"),
    "url": lambda _, row: f"/api/4.0/roles/{row['id']}",
    "users_url": lambda _, row: f"/api/4.0/roles/{row['id']}/users",
}
ROLE = define("Role", _ROLE)
ROLE_SEARCH = define(
    "RoleSearch",
    _ROLE | {"user_count": lambda world, row: len(people.holders_of(world, row["id"], direct_only=False))},
)
USER_ATTRIBUTE = define("UserAttribute", {"can": can})
GROUP_VALUE = define("UserAttributeGroupValue", {"can": can})
USER_VALUE = define("UserAttributeWithValue", {"can": can})
CONTENT_META = define(
    "ContentMeta",
    {"can": can, "name": _meta_name, "inheriting_id": people.inheriting_id},
)
ACCESS = define("ContentMetaGroupUser", {"can": can})
FAVORITE = define("ContentFavorite", {})
DESTINATION = define("ScheduledPlanDestination", {})
SCHEDULED_PLAN = define(
    "ScheduledPlan",
    {"can": can, "user": _plan_user, "title": _plan_title, "scheduled_plan_destination": _destinations},
)
ALERT = define(
    "Alert",
    {
        "owner_display_name": lambda world, row: user_name(world, row["owner_id"]),
        "investigative_content_title": _alert_title,
    },
)
BOARD = define("Board", {"can": can, "board_sections": _board_sections})
BOARD_SECTION = define("BoardSection", {"can": can, "board_items": _board_items})
BOARD_ITEM = define(
    "BoardItem",
    {
        "can": can,
        "title": _item_title,
        "url": _item_url,
        "description": _of_target("description"),
        "view_count": _of_target("view_count"),
        "favorite_count": _of_target("favorite_count"),
        "content_metadata_id": _of_target("content_metadata_id"),
        "content_updated_at": _of_target("updated_at"),
        "content_created_by": lambda world, row: user_name(world, _item_target(world, row).get("user_id")),
    },
)
