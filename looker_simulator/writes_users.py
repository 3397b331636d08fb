"""Writes on users: themselves, their e-mail login, their roles and their attribute values."""

from looker_simulator import people, schema
from looker_simulator import shapes_people as shape
from looker_simulator.calls import Call, Refused, Reply, json_reply, not_found
from looker_simulator.cascades import remove_user
from looker_simulator.reading import shown
from looker_simulator.seed.folders import folder, grant
from looker_simulator.shapes import show
from looker_simulator.shapes_content import user_name
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import (
    Change,
    Problems,
    Resource,
    blank,
    gone,
    ids_in,
    object_of,
    values_of,
    write,
)

_NAMES = ("first_name", "last_name")


def _check(change: Change) -> None:
    for name in _NAMES:
        if name in change.values and change.row[name] is None:
            change.set(**{name: ""})  # a name that is cleared comes back empty
    for name, prop in schema.shape("User").items():
        if name.startswith("credentials_") and prop.type[0].isupper():  # logins have calls of their own
            change.values.pop(name, None)
            change.row.pop(name, None)
    if change.before is not None and change.before["is_service_account"]:
        raise Refused(404, "A service account is updated by update_service_account")
    change.refers("home_folder_id", "folders")
    if change.before is None:
        change.set(**new_user())


def new_user() -> Row:
    """Return what every user has when it comes into being."""
    flags = ("allow_direct_roles", "allow_normal_group_membership", "allow_roles_from_normal_groups")
    return dict.fromkeys(flags, True) | {
        "credentials_api3": [],
        "credentials_embed": [],
        "sessions": [],
        "looker_versions": [],
        "models_dir_validated": True,
    }


def _welcome(change: Change) -> None:
    if change.before is None:
        personal_folder(change.world, change.row)


def personal_folder(world: World, user: Row) -> str:
    """Return the id of the folder that comes into being with a user, which is home unless the body named another."""
    root = next(row["id"] for row in world["folders"] if row["is_users_root"])
    name = user_name(world, user["id"]) or ""
    own = folder(world, name, root, access="", is_personal=True, creator_id=user["id"])
    world["folders"].change(own, created_at=world.now())
    grant(world, world["folders"].rows[own]["content_metadata_id"], "edit", user_id=user["id"])
    world["users"].change(user["id"], personal_folder_id=own, home_folder_id=user["home_folder_id"] or own)
    return own


USERS = Resource(
    name="user",
    table="users",
    path="/users",
    shape=shape.USER,
    body="User",
    remove=remove_user,
    check=_check,
    done=_welcome,
)


def _user(call: Call) -> Row:
    return USERS.row(call, call.path["user_id"])


def _delete_user(call: Call) -> Reply:
    user, world = _user(call), call.world
    if user["id"] == call.actor.user_id:
        raise Refused(403, "You cannot delete yourself")
    admins = people.holders_of(world, world.admin_role_id, direct_only=False)
    if [row["id"] for row in admins] == [user["id"]]:
        raise Refused(403, "The last admin cannot be deleted")
    remove_user(world, user["id"], call.actor.user_id)
    return gone()


def _create_embed_user(call: Call) -> Reply:
    world, external = call.world, object_of(call).get("external_user_id")
    if not external:
        raise Refused(400, "external_user_id is required")
    for row in world["users"]:
        if any(login["external_user_id"] == external for login in row["credentials_embed"]):
            return shown(call, shape.USER_PUBLIC, row)
    user = world["users"].add(blank(shape.USER) | new_user() | {"first_name": None, "last_name": None})
    login = schema.new("CredentialsEmbed", id=user["id"], external_user_id=external, type="embed")
    login |= {"can": {"show": True}, "created_at": world.now()}
    world["users"].change(user["id"], credentials_embed=[login])
    return shown(call, shape.USER_PUBLIC, user)


def _service_account(call: Call) -> Row:
    user = _user(call)
    if not user["is_service_account"]:
        raise not_found()
    return user


def _service_values(call: Call, *, new: bool) -> Row:
    problems = Problems()
    values = values_of(call, "ServiceAccount", problems)
    if not values.get("service_account_name", not new):
        problems.missing("service_account_name")
    problems.stop()
    return values


def _create_service_account(call: Call) -> Reply:
    values, world = _service_values(call, new=True), call.world
    user = world["users"].add(
        blank(shape.USER) | new_user() | {"is_service_account": True, "is_disabled": False} | values
    )
    personal_folder(world, user)
    return shown(call, shape.SERVICE_ACCOUNT, user)


def _update_service_account(call: Call) -> Reply:
    user, values = _service_account(call), _service_values(call, new=False)
    return shown(call, shape.SERVICE_ACCOUNT, call.world["users"].change(user["id"], **values))


def _delete_service_account(call: Call) -> Reply:
    _service_account(call)
    return _delete_user(call)


def _login(call: Call) -> Row:
    login = call.world["credentials_email"].get(_user(call)["id"])
    if login is None:
        raise not_found()
    return login


def _email_values(call: Call, user_id: str) -> Row:
    problems = Problems()
    values = values_of(call, "CredentialsEmail", problems)
    if "email" in values and "@" not in (values["email"] or ""):
        problems.invalid("email", "Email is invalid.")
    elif any(row["user_id"] != user_id for row in call.world["credentials_email"].where("email", values.get("email"))):
        problems.taken("email", "User with this email")
    problems.stop()
    return values


def _create_email(call: Call) -> Reply:
    user, logins = _user(call), call.world["credentials_email"]
    if user["id"] in logins:
        raise Refused(409, "The user has an email login already")
    values = {"email": None} | _email_values(call, user["id"])
    if not values["email"]:
        problems = Problems()
        problems.missing("email")
        problems.stop()
    row = blank(shape.CREDENTIALS_EMAIL) | values | {"user_id": user["id"], "created_at": call.world.now()}
    call.world.rendered.clear()
    return shown(call, shape.CREDENTIALS_EMAIL, logins.add(row))


def _update_email(call: Call) -> Reply:
    login = _login(call)
    values = _email_values(call, login["user_id"])
    return shown(call, shape.CREDENTIALS_EMAIL, call.world["credentials_email"].change(login["user_id"], **values))


def _delete_email(call: Call) -> Reply:
    call.world["credentials_email"].remove(_login(call)["user_id"])
    return gone()


def _set_roles(call: Call) -> Reply:
    user, world, wanted = _user(call), call.world, ids_in(call)
    if any(role_id not in world["roles"] for role_id in wanted):
        raise not_found()
    edges = world["role_users"].where("user_id", user["id"])
    lost = {edge["role_id"] for edge in edges} - set(wanted)
    if world.admin_role_id in lost:
        keep_an_admin(world, {user["id"]})
    for edge in edges:
        world["role_users"].remove(edge["id"])
    for role_id in wanted:
        world["role_users"].add({"role_id": role_id, "user_id": user["id"]})
    roles = [world["roles"].rows[role_id] for role_id in people.roles_of(world, user["id"])]
    return json_reply([show(world, shape.ROLE, role, call.fields) for role in roles])


def keep_an_admin(world: World, leaving: set[str]) -> None:
    """Raise Refused (422) if nobody would hold the Admin role once the users *leaving* do not."""
    holders = {row["id"] for row in people.holders_of(world, world.admin_role_id, direct_only=False)}
    if not holders - leaving:
        problems = Problems()
        problems.invalid("user_id", "The last admin cannot lose the Admin role.")
        problems.stop()


def _attribute(call: Call) -> Row:
    row = call.world["user_attributes"].get(call.path["user_attribute_id"])
    if row is None:
        raise not_found()
    return row


def _own_value(call: Call, user: Row, attribute: Row) -> Row | None:
    rows = call.world["user_attribute_user_values"].where("user_id", user["id"])
    return next((row for row in rows if row["user_attribute_id"] == attribute["id"]), None)


def _set_value(call: Call) -> Reply:
    user, attribute, problems = _user(call), _attribute(call), Problems()
    values = values_of(call, "UserAttributeWithValue", problems)
    if attribute["is_system"]:
        raise Refused(403, "System attributes cannot be set")
    if "value" not in values:
        problems.missing("value")
    problems.stop()
    table, own = call.world["user_attribute_user_values"], _own_value(call, user, attribute)
    more = call.world.api.unheard_of("UserAttributeWithValue", values)
    if own is None:
        table.add({"user_attribute_id": attribute["id"], "user_id": user["id"], "value": values["value"]} | more)
    else:
        table.change(own["id"], value=values["value"], **more)
    copied = ("name", "label", "user_can_edit", "value_is_hidden", "hidden_value_domain_whitelist")
    row = schema.new("UserAttributeWithValue") | {name: attribute[name] for name in copied}
    row |= {"user_id": user["id"], "user_attribute_id": attribute["id"], "source": "User"}
    return shown(call, shape.USER_VALUE, row | {"value": None if attribute["value_is_hidden"] else values["value"]})


def _delete_value(call: Call) -> Reply:
    own = _own_value(call, _user(call), _attribute(call))
    if own is None:
        raise not_found()
    call.world["user_attribute_user_values"].remove(own["id"])
    return gone()


_SERVICE = "/users/service_accounts"
_LOGIN = "/users/{user_id}/credentials_email"
_VALUE = "/users/{user_id}/attribute_values/{user_attribute_id}"
OPERATIONS = [
    *USERS.operations(without=("delete",)),
    write("delete_user", "DELETE", "/users/{user_id}", _delete_user, "users"),
    write("create_embed_user", "POST", "/users/embed_user", _create_embed_user, "users"),
    write("create_service_account", "POST", _SERVICE, _create_service_account, "users", body="ServiceAccount"),
    write(
        "update_service_account",
        "PATCH",
        _SERVICE + "/{user_id}",
        _update_service_account,
        "users",
        body="ServiceAccount",
    ),
    write("delete_service_account", "DELETE", _SERVICE + "/{user_id}", _delete_service_account, "users"),
    write("create_user_credentials_email", "POST", _LOGIN, _create_email, "credentials_email", body="CredentialsEmail"),
    write(
        "update_user_credentials_email", "PATCH", _LOGIN, _update_email, "credentials_email", body="CredentialsEmail"
    ),
    write("delete_user_credentials_email", "DELETE", _LOGIN, _delete_email, "credentials_email"),
    write("set_user_roles", "PUT", "/users/{user_id}/roles", _set_roles, "roles"),
    write(
        "set_user_attribute_user_value",
        "PATCH",
        _VALUE,
        _set_value,
        "user_attribute_user_values",
        body="UserAttributeWithValue",
    ),
    write("delete_user_attribute_user_value", "DELETE", _VALUE, _delete_value, "user_attribute_user_values"),
]
