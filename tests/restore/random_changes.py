"""What can happen on a bad day: the tables that `random_days.py` draws its changes from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from looker_simulator.table import Row
from looker_simulator.world import World

KINDS = {
    "users": "User", "groups": "Group", "roles": "Role", "permission_sets": "PermissionSet", "model_sets": "ModelSet",
    "user_attributes": "UserAttribute", "folders": "Folder", "looks": "LookWithQuery", "dashboards": "Dashboard",
    "dashboard_elements": "DashboardElement", "dashboard_filters": "DashboardFilter", "dashboard_layouts": "DashboardLayout",
    "dashboard_layout_components": "DashboardLayoutComponent", "boards": "Board", "board_sections": "BoardSection",
    "board_items": "BoardItem", "scheduled_plans": "ScheduledPlan", "alerts": "Alert", "themes": "Theme",
    "color_collections": "ColorCollection",
}  # fmt: skip

# How often each is deleted.
DELETED = dict.fromkeys(KINDS, 2) | {
    "dashboard_layout_components": 0,  # there is no such call
    "content_metadata_access": 2,
}

# How often each is made: as a copy of one of its kind.
ADDED = dict.fromkeys(KINDS, 1) | {"users": 0, "dashboard_layout_components": 0}

# What is written and not shown by that name, or shown as an object, and has to be there when a copy is made.
NEEDED = ("dashboard_id", "permission_set_id", "model_set_id", "field", "settings")

# Whose names are exchanged: table, column, path, weight.
EXCHANGED = (
    ("dashboards", "title", "/dashboards/{id}", 1),
    ("dashboards", "slug", "/dashboards/{id}", 1),
    ("looks", "title", "/looks/{id}", 1),
    ("folders", "name", "/folders/{id}", 1),
    ("groups", "name", "/groups/{id}", 1),
    ("roles", "name", "/roles/{id}", 1),
    ("permission_sets", "name", "/permission_sets/{id}", 1),
    ("model_sets", "name", "/model_sets/{id}", 1),
    ("user_attributes", "name", "/user_attributes/{id}", 1),
    ("user_attributes", "label", "/user_attributes/{id}", 1),
    ("dashboard_filters", "title", "/dashboard_filters/{id}", 1),
    ("credentials_email", "email", "/users/{user_id}/credentials_email", 1),
)

# Changes by one call: weight, call, body. ``{folders[id]}`` is the id of a folder, the same one wherever one change names it,
# ``{other_folders[id]}`` that of another, ``{trashed_looks[id]}`` that of one that the day put into the trash; of a tuple one
# value is taken.
CALLS: dict[str, tuple[int, str, Any]] = {
    "join a group": (1, "POST /groups/{groups[id]}/users", {"user_id": "{users[id]}"}),
    "leave a group": (1, "DELETE /groups/{group_users[group_id]}/users/{group_users[user_id]}", None),
    "nest a group": (1, "POST /groups/{groups[id]}/groups", {"group_id": "{other_groups[id]}"}),
    "free a group": (1, "DELETE /groups/{group_groups[parent_id]}/groups/{group_groups[group_id]}", None),
    "set a role's users": (1, "PUT /roles/{roles[id]}/users", (["{users[id]}"], ["{users[id]}", "{other_users[id]}"])),
    "set a role's groups": (1, "PUT /roles/{roles[id]}/groups", (["{groups[id]}", "{other_groups[id]}"], [])),
    "close a folder": (2, "PATCH /content_metadata/{folders[content_metadata_id]}", {"inherits": (True, False)}),
    "close a board": (1, "PATCH /content_metadata/{boards[content_metadata_id]}", {"inherits": (True, False)}),
    "let a group in": (1, "POST /content_metadata_access", {
        "content_metadata_id": ("{folders[content_metadata_id]}", "{boards[content_metadata_id]}"),
        "group_id": "{groups[id]}", "permission_type": ("view", "edit")}),
    "let a user in": (1, "POST /content_metadata_access", {
        "content_metadata_id": ("{folders[content_metadata_id]}", "{boards[content_metadata_id]}"),
        "user_id": "{users[id]}", "permission_type": ("view", "edit")}),
    "give a group a value": (1, "PATCH /groups/{groups[id]}/attribute_values/{user_attributes[id]}", {"value": ("1", "é", None)}),
    "take a group's value": (1, "DELETE /groups/{groups[id]}/attribute_values/{user_attributes[id]}", None),
    "give a user a value": (1, "PATCH /users/{users[id]}/attribute_values/{user_attributes[id]}", {"value": ("1", "", "é", None)}),
    "take a user's value": (1, "DELETE /users/{users[id]}/attribute_values/{user_attributes[id]}", None),
    "take a login": (1, "DELETE /users/{users[id]}/credentials_email", None),
    "change a login": (1, "PATCH /users/{users[id]}/credentials_email", {"email": ("new1@example.com", "new2@example.com")}),
    "lock a user": (1, "PATCH /users/{users[id]}", {"is_disabled": (True, False)}),
    "move a folder": (1, "PATCH /folders/{folders[id]}", {"parent_id": "{other_folders[id]}"}),
    "move a dashboard": (1, "PATCH /dashboards/{dashboards[id]}", {"folder_id": "{folders[id]}"}),
    "move a look": (1, "PATCH /looks/{looks[id]}", {"folder_id": "{folders[id]}"}),
    "move a board item": (1, "PATCH /board_items/{board_items[id]}", {"board_section_id": "{board_sections[id]}"}),
    "trash a dashboard": (2, "PATCH /dashboards/{dashboards[id]}", {"deleted": True}),
    "trash a look": (2, "PATCH /looks/{looks[id]}", {"deleted": True}),
    "fetch a dashboard": (1, "PATCH /dashboards/{trashed_dashboards[id]}", {"deleted": False}),
    "fetch a look": (1, "PATCH /looks/{trashed_looks[id]}", {"deleted": False}),
    "trash a board": (1, "PATCH /boards/{boards[id]}", {"deleted_at": "2026-07-01T00:00:00.000+00:00"}),
    "trash a section": (1, "PATCH /board_sections/{board_sections[id]}", {"deleted_at": "2026-07-01T00:00:00.000+00:00"}),
    "certify a dashboard": (1, "PATCH /dashboards/{dashboards[id]}/certification", {
        "certification_status": ("certified", "revoked")}),
    "show a query": (1, "PATCH /dashboard_elements/{dashboard_elements[id]}", {
        "query_id": "{queries[id]}", "look_id": None, "merge_result_id": None}),
    "show a look": (1, "PATCH /dashboard_elements/{dashboard_elements[id]}", {
        "query_id": None, "look_id": "{looks[id]}", "merge_result_id": None}),
    "show a merge": (1, "PATCH /dashboard_elements/{dashboard_elements[id]}", {
        "query_id": None, "look_id": None, "merge_result_id": "{merge_queries[id]}"}),
    "open another tab": (1, "PATCH /dashboard_layouts/{dashboard_layouts[id]}", {"active": True}),
    "switch a plan": (1, "PATCH /scheduled_plans/{scheduled_plans[id]}", {"enabled": (True, False)}),
    "reschedule a plan": (1, "PATCH /scheduled_plans/{scheduled_plans[id]}", {"crontab": "0 5 * * *", "datagroup": None}),
    "send something else": (1, "PATCH /scheduled_plans/{scheduled_plans[id]}", {
        "dashboard_id": "{dashboards[id]}", "look_id": None, "lookml_dashboard_id": None, "query_id": None}),
    "send elsewhere": (1, "PATCH /scheduled_plans/{scheduled_plans[id]}", {
        "scheduled_plan_destination": [{"type": "email", "address": "z@example.com", "format": "wysiwyg_pdf"}]}),
    "switch an alert": (1, "PATCH /alerts/{alerts[id]}", {"is_disabled": (True, False)}),
    "give an alert away": (1, "PATCH /alerts/{alerts[id]}", {"owner_id": "{users[id]}"}),
    "take another theme": (1, "PUT /themes/default?name={themes[name]}", None),
    "take other colours": (1, "PUT /color_collections/default?collection_id={color_collections[id]}", None),
    "open a model": (1, "PATCH /lookml_models/{lookml_models[name]}", {
        "allowed_db_connection_names": [], "unlimited_db_connections": (True, False)}),
}  # fmt: skip

# Rows that are left alone.
SPARED: dict[str, Callable[[World, Row], bool]] = {
    "users": lambda world, row: row["id"] == world.admin_user_id,  # the API user
    "group_users": lambda world, row: row["user_id"] == world.admin_user_id,
    "credentials_email": lambda world, row: row["user_id"] == world.admin_user_id,
    "roles": lambda world, row: row["id"] == world.admin_role_id,
    "user_attributes": lambda _, row: row["is_system"],
}

# Fields that an edit leaves alone: a grammar, or a call of their own above.
LEFT_ALONE = {
    *("crontab", "cron", "timezone", "type", "comparison_type", "slug", "address", "format"),
    *("deleted", "is_disabled", "lookml_link_id", "can_manage_api3_creds"),
    "run_once",  # sends the plan there and then
}
TILE_SOURCES = {"query_id", "look_id", "merge_result_id"}

REFERENCES = {
    "folder_id": "folders", "parent_id": "folders", "home_folder_id": "folders", "user_id": "users", "owner_id": "users",
    "query_id": "queries", "look_id": "looks", "dashboard_id": "dashboards", "merge_result_id": "merge_queries",
    "dashboard_layout_id": "dashboard_layouts", "filter_id": "dashboard_filters", "board_id": "boards",
    "board_section_id": "board_sections", "permission_set_id": "permission_sets", "model_set_id": "model_sets",
    "dashboard_element_id": "dashboard_elements", "investigative_content_id": "dashboards",
}  # fmt: skip
IN_THE_SAME_DASHBOARD = ("dashboard_layout_id", "filter_id")
LISTS = ("permissions", "models", "section_order", "item_order", "tab_ids")
VALUES: dict[str, tuple[Any, ...]] = {
    "s": ("", "x", "Ünïcödé ☃ 𝒳", "a/b", " lead", "<b>&", "L" * 3000, "null", "0", "/dashboards/1", "A", "B", "'", "\u2028\t"),
    "b": (True, False),
    "i": (0, 1, 7),
    "f": (0, 1.5, 2.0),
}  # fmt: skip
