"""Read operations on users, groups, roles, user attributes, scheduled plans and alerts.

Paths, parameters and activity types: OpenAPI 4.0.26.12. A key without the Admin role sees only its own user, its
own plans and alerts, and 404 where an admin reads rights (404 also means "no permission").
"""

from looker_simulator import people, schema
from looker_simulator import shapes_people as shape
from looker_simulator.calls import Call, Operation, Refused, Reply, json_reply, not_found
from looker_simulator.lists import Listing, answer, ids_of
from looker_simulator.reading import get, listing, shown
from looker_simulator.seed.people import PERMISSIONS
from looker_simulator.shapes import Shape, show
from looker_simulator.shapes_content import can
from looker_simulator.table import Row
from looker_simulator.world import World

_ANY = ("*",)


def _by_ids(call: Call, rows: list[Row]) -> list[Row]:
    wanted = call.params.get("ids")
    if not wanted:
        return rows
    chosen = set(ids_of(wanted))
    return [row for row in rows if row["id"] in chosen]


def _users(call: Call) -> list[Row]:
    users = call.world["users"]
    rows = _by_ids(call, list(users) if call.actor.admin else [users.rows[call.actor.user_id]])
    if call.params.get("group_id"):
        members = {user["id"] for user in people.members_of(call.world, call.params["group_id"])}
        rows = [row for row in rows if row["id"] in members]
    # criteria are matched against columns, and these two are worked out
    return [row | {"email": shape.email(call.world, row), "embed_user": bool(row["credentials_embed"])} for row in rows]


def _user_row(call: Call) -> Row:
    row = call.world["users"].get(call.path["user_id"])
    if row is None or not (call.actor.admin or row["id"] == call.actor.user_id):
        raise not_found()
    return row


def _user(call: Call) -> Reply:
    return shown(call, shape.USER, _user_row(call))


def _me(call: Call) -> Reply:
    return shown(call, shape.USER, call.world["users"].rows[call.actor.user_id])


def _credentials_email(call: Call) -> Reply:
    login = call.world["credentials_email"].get(_user_row(call)["id"])
    if login is None:
        raise not_found()
    return shown(call, shape.CREDENTIALS_EMAIL, login)


def _user_for_credential(call: Call) -> Reply:
    kind, wanted = call.path["credential_type"], call.path["credential_id"]
    for user in call.world["users"]:
        logins = user.get(f"credentials_{kind}") or []
        if isinstance(logins, list) and any(wanted in (login.get("external_user_id"), login["id"]) for login in logins):
            return shown(call, shape.USER, user)
        if kind == "email" and shape.email(call.world, user) == wanted:
            return shown(call, shape.USER, user)
    raise not_found()


def _user_roles(call: Call) -> Reply:
    ids = people.roles_of(call.world, _user_row(call)["id"], direct_only=call.flag("direct_association_only"))
    return answer(call, [call.world["roles"].rows[role_id] for role_id in ids], Listing(shape.ROLE))


def _user_values(call: Call) -> Reply:
    user = _user_row(call)
    wanted = ids_of(call.params.get("user_attribute_ids", ""))
    rows = []
    for attribute in call.world["user_attributes"]:
        if wanted and attribute["id"] not in wanted:
            continue
        value, source = _effective(call.world, user, attribute)
        if source is None and not call.flag("include_unset"):
            continue
        own = call.world["user_attribute_user_values"].where("user_attribute_id", attribute["id"])
        more = next((row for row in own if row["user_id"] == user["id"]), {})
        more = call.world.api.unheard_of("UserAttributeWithValue", more)
        rows.append(_user_value(attribute, user, value, source) | more)
    return answer(call, rows, Listing(shape.USER_VALUE))


def _user_value(attribute: Row, user: Row, value: str | None, source: str | None) -> Row:
    copied = ("name", "label", "user_can_edit", "value_is_hidden", "hidden_value_domain_whitelist")
    return schema.new(
        "UserAttributeWithValue",
        user_id=user["id"],
        user_attribute_id=attribute["id"],
        value=None if attribute["value_is_hidden"] else value,
        source=source,
        **{name: attribute[name] for name in copied},
    )


def _effective(world: World, user: Row, attribute: Row) -> tuple[str | None, str | None]:
    """Return value and source: the user's own, else of the group with the lowest rank, else the default."""
    if attribute["is_system"]:
        value = shape.email(world, user) if attribute["name"] == "email" else user.get(attribute["name"])
        return value, "System"
    for row in world["user_attribute_user_values"].where("user_attribute_id", attribute["id"]):
        if row["user_id"] == user["id"]:
            return row["value"], world.bends.value("source_words", "User")
    groups = people.all_groups_of(world, user["id"])
    values = world["user_attribute_group_values"].where("user_attribute_id", attribute["id"])
    values = [row for row in values if row["group_id"] in groups]
    if values:
        return min(values, key=lambda row: row["rank"])["value"], "Group"
    return attribute["default_value"], "Default" if attribute["default_value"] is not None else None


def _groups(call: Call) -> list[Row]:
    rows = _by_ids(call, list(call.world["groups"]))
    if call.actor.admin:
        return rows
    own = people.all_groups_of(call.world, call.actor.user_id)
    return [row for row in rows if row["id"] in own]


def _group_row(call: Call) -> Row:
    row = call.world["groups"].get(call.path["group_id"])
    if row is None or not (call.actor.admin or row["id"] in people.all_groups_of(call.world, call.actor.user_id)):
        raise not_found()
    return row


def _group(call: Call) -> Reply:
    return shown(call, shape.GROUP, _group_row(call))


def _group_users(call: Call) -> Reply:
    rows = people.members_of(call.world, _group_row(call)["id"])
    if not call.actor.admin:
        rows = [row for row in rows if row["id"] == call.actor.user_id]
    return answer(call, rows, Listing(shape.USER, paged=True, sorts=_ANY))


def _group_groups(call: Call) -> Reply:
    edges = call.world["group_groups"].where("parent_id", _group_row(call)["id"])
    return answer(call, [call.world["groups"].rows[edge["group_id"]] for edge in edges], Listing(shape.GROUP))


def _roles(call: Call) -> list[Row]:
    return _by_ids(call, list(call.world["roles"]))


def _role_users(call: Call) -> Reply:
    role = call.world["roles"].get(call.path["role_id"])
    if role is None:
        raise not_found()
    rows = people.holders_of(call.world, role["id"], direct_only=call.flag("direct_association_only"))
    return answer(call, rows, Listing(shape.USER))


def _role_groups(call: Call) -> Reply:
    role = call.world["roles"].get(call.path["role_id"])
    if role is None:
        raise not_found()
    edges = call.world["role_groups"].where("role_id", role["id"])
    return answer(call, [call.world["groups"].rows[edge["group_id"]] for edge in edges], Listing(shape.GROUP))


def _group_values(call: Call) -> Reply:
    attribute = call.world["user_attributes"].get(call.path["user_attribute_id"])
    if attribute is None:
        raise not_found()
    rows = call.world["user_attribute_group_values"].where("user_attribute_id", attribute["id"])
    rows = [
        row | ({"value": None, "value_is_hidden": True} if attribute["value_is_hidden"] else {"value_is_hidden": False})
        for row in sorted(rows, key=lambda row: row["rank"])
    ]
    return json_reply([show(call.world, shape.GROUP_VALUE, row, call.fields) for row in rows])


def _plans(call: Call) -> list[Row]:
    plans = call.world["scheduled_plans"]
    owner = call.params.get("user_id") or call.actor.user_id
    if not call.actor.admin:
        owner = call.actor.user_id
    elif call.flag("all_users"):
        return list(plans)
    return plans.where("user_id", owner)


def _plans_for(operation_id: str, path: str, column: str) -> Operation:
    def rows(call: Call) -> list[Row]:
        return [row for row in _plans(call) if row[column] == call.path[column]]

    return listing(operation_id, path, "scheduled_plans", Listing(shape.SCHEDULED_PLAN), rows=rows, activity="db_query")


def _plan(call: Call) -> Reply:
    row = call.world["scheduled_plans"].get(call.path["scheduled_plan_id"])
    if row is None or not (call.actor.admin or row["user_id"] == call.actor.user_id):
        raise not_found()
    return shown(call, shape.SCHEDULED_PLAN, row)


def _alerts(call: Call) -> list[Row]:
    alerts = call.world["alerts"]
    rows = (
        list(alerts) if call.actor.admin and call.flag("all_owners") else alerts.where("owner_id", call.actor.user_id)
    )
    disabled = call.params.get("disabled")
    return rows if not disabled else [row for row in rows if row["is_disabled"] == call.flag("disabled")]


def _search_alerts(call: Call) -> Reply:
    group_by = call.params.get("group_by")
    if group_by not in (None, "", "dashboard", "owner"):
        raise Refused(400, "group_by must be dashboard or owner")
    return answer(call, _alerts(call), Listing(shape.ALERT, paged=True))


def _alert(call: Call) -> Reply:
    row = call.world["alerts"].get(call.path["alert_id"])
    if row is None or not (call.actor.admin or row["owner_id"] == call.actor.user_id or row["is_public"]):
        raise not_found()
    return shown(call, shape.ALERT, row)


def _permissions(call: Call) -> Reply:
    rows = [
        {"can": can(call.world, {}), "permission": name, "parent": parent, "description": None}
        for name, parent in PERMISSIONS.items()
    ]
    return json_reply(rows)


_NAMED = {"id": "ids", "name": "text"}
_GROUP_SEARCH = _NAMED | {"external_group_id": "text", "externally_managed": "bool"}
_SET_SEARCH = _NAMED | {"all_access": "bool", "built_in": "bool"}
_USER_SEARCH = {
    "id": "ids",
    "first_name": "text",
    "last_name": "text",
    "email": "text",
    "is_disabled": "bool",
    "embed_user": "bool",
    "verified_looker_employee": "bool",
    "can_manage_api3_creds": "bool",
    "is_service_account": "bool",
}
_PLAN_SEARCH = {"name": "text", "dashboard_id": "ids", "look_id": "ids", "lookml_dashboard_id": "text"}


def _group_search(operation_id: str, path: str, group: Shape) -> Operation:
    return listing(
        operation_id, path, "groups", Listing(group, paged=True, sorts=_ANY, search=_GROUP_SEARCH), rows=_groups
    )


OPERATIONS = [
    Operation("me", "GET", "/user", _me, table="users"),
    listing("all_users", "/users", "users", Listing(shape.USER, paged=True, sorts=_ANY), rows=_users),
    listing(
        "search_users",
        "/users/search",
        "users",
        Listing(shape.USER, paged=True, sorts=_ANY, search=_USER_SEARCH),
        rows=_users,
    ),
    Operation("user", "GET", "/users/{user_id}", _user, table="users"),
    Operation(
        "user_credentials_email",
        "GET",
        "/users/{user_id}/credentials_email",
        _credentials_email,
        table="credentials_email",
    ),
    Operation(
        "user_for_credential",
        "GET",
        "/users/credential/{credential_type}/{credential_id}",
        _user_for_credential,
        table="users",
        admin_only=True,
    ),
    listing(
        "search_credentials_email",
        "/credentials_email/search",
        "credentials_email",
        Listing(shape.CREDENTIALS_EMAIL_SEARCH, paged=True, sorts=_ANY, search={"id": "ids:user_id", "email": "text"}),
        admin_only=True,
    ),
    Operation("user_roles", "GET", "/users/{user_id}/roles", _user_roles, table="roles"),
    Operation("user_attribute_user_values", "GET", "/users/{user_id}/attribute_values", _user_values),
    listing("all_groups", "/groups", "groups", Listing(shape.GROUP, paged=True, sorts=_ANY), rows=_groups),
    _group_search("search_groups", "/groups/search", shape.GROUP),
    _group_search("search_groups_with_roles", "/groups/search/with_roles", shape.GROUP_SEARCH),
    _group_search("search_groups_with_hierarchy", "/groups/search/with_hierarchy", shape.GROUP_HIERARCHY),
    Operation("group", "GET", "/groups/{group_id}", _group, table="groups"),
    Operation("all_group_users", "GET", "/groups/{group_id}/users", _group_users, table="users"),
    Operation("all_group_groups", "GET", "/groups/{group_id}/groups", _group_groups, table="groups"),
    listing("all_roles", "/roles", "roles", Listing(shape.ROLE), rows=_roles, admin_only=True),
    listing(
        "search_roles",
        "/roles/search",
        "roles",
        Listing(shape.ROLE, paged=True, sorts=_ANY, search=_NAMED),
        admin_only=True,
    ),
    listing(
        "search_roles_with_user_count",
        "/roles/search/with_user_count",
        "roles",
        Listing(shape.ROLE_SEARCH, paged=True, sorts=_ANY, search=_NAMED),
        admin_only=True,
    ),
    get("role", "/roles/{role_id}", "roles", shape.ROLE, admin_only=True),
    Operation("role_users", "GET", "/roles/{role_id}/users", _role_users, table="users", admin_only=True),
    Operation("role_groups", "GET", "/roles/{role_id}/groups", _role_groups, table="groups", admin_only=True),
    listing(
        "all_permission_sets", "/permission_sets", "permission_sets", Listing(shape.PERMISSION_SET), admin_only=True
    ),
    listing(
        "search_permission_sets",
        "/permission_sets/search",
        "permission_sets",
        Listing(shape.PERMISSION_SET, paged=True, sorts=_ANY, search=_SET_SEARCH),
        admin_only=True,
    ),
    get(
        "permission_set",
        "/permission_sets/{permission_set_id}",
        "permission_sets",
        shape.PERMISSION_SET,
        admin_only=True,
    ),
    listing("all_model_sets", "/model_sets", "model_sets", Listing(shape.MODEL_SET), admin_only=True),
    listing(
        "search_model_sets",
        "/model_sets/search",
        "model_sets",
        Listing(shape.MODEL_SET, paged=True, sorts=_ANY, search=_SET_SEARCH),
        admin_only=True,
    ),
    get("model_set", "/model_sets/{model_set_id}", "model_sets", shape.MODEL_SET, admin_only=True),
    Operation("all_permissions", "GET", "/permissions", _permissions),
    listing(
        "all_user_attributes",
        "/user_attributes",
        "user_attributes",
        Listing(shape.USER_ATTRIBUTE, sorts=("name", "label")),
        admin_only=True,
    ),
    get(
        "user_attribute",
        "/user_attributes/{user_attribute_id}",
        "user_attributes",
        shape.USER_ATTRIBUTE,
        admin_only=True,
    ),
    Operation(
        "all_user_attribute_group_values",
        "GET",
        "/user_attributes/{user_attribute_id}/group_values",
        _group_values,
        table="user_attribute_group_values",
        admin_only=True,
    ),
    listing(
        "all_scheduled_plans",
        "/scheduled_plans",
        "scheduled_plans",
        Listing(shape.SCHEDULED_PLAN),
        rows=_plans,
        activity="db_query",
    ),
    listing(
        "search_scheduled_plans",
        "/scheduled_plans/search",
        "scheduled_plans",
        Listing(shape.SCHEDULED_PLAN, paged=True, sorts=_ANY, search=_PLAN_SEARCH),
        rows=_plans,
        activity="db_query",
    ),
    Operation("scheduled_plan", "GET", "/scheduled_plans/{scheduled_plan_id}", _plan, "db_query", "scheduled_plans"),
    _plans_for("scheduled_plans_for_look", "/scheduled_plans/look/{look_id}", "look_id"),
    _plans_for("scheduled_plans_for_dashboard", "/scheduled_plans/dashboard/{dashboard_id}", "dashboard_id"),
    _plans_for(
        "scheduled_plans_for_lookml_dashboard",
        "/scheduled_plans/lookml_dashboard/{lookml_dashboard_id}",
        "lookml_dashboard_id",
    ),
    Operation("search_alerts", "GET", "/alerts/search", _search_alerts, table="alerts"),
    Operation("get_alert", "GET", "/alerts/{alert_id}", _alert, table="alerts"),
]
