"""The settings of the instance: one row for each document of them, read and written as a whole.

Paths, parameters and which operation writes which: OpenAPI 4.0.26.12. A PATCH leaves what it does not name, also within an object
of a document; a PUT sets what it does not name back.
"""

from typing import Any

import msgspec

from looker_simulator import schema
from looker_simulator.calls import Call, Operation, Reply, json_reply, not_found, refuse_off
from looker_simulator.shapes import show, shuffled
from looker_simulator.shapes_people import GROUP, ROLE, USER_ATTRIBUTE
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import Problems, gone, object_of, values_of, write

TABLE, ALLOWLIST = "instance_settings", "support_access_allowlist"


class Document(msgspec.Struct, frozen=True):
    """One document of settings: its shape, where it is read, and the call that writes it, if there is one."""

    shape: str
    read: str
    path: str
    write: str = ""
    method: str = "PATCH"
    written_at: str = ""


DOCUMENTS = {
    "setting": Document("Setting", "get_setting", "/setting", "set_setting"),
    "whitelabel_configuration": Document(
        "WhitelabelConfiguration",
        "whitelabel_configuration",
        "/whitelabel_configuration",
        "update_whitelabel_configuration",
        "PUT",
    ),
    "custom_welcome_email": Document(
        "CustomWelcomeEmail", "custom_welcome_email", "/custom_welcome_email", "update_custom_welcome_email"
    ),
    "digest_emails_enabled": Document(
        "DigestEmails", "digest_emails_enabled", "/digest_emails_enabled", "update_digest_emails_enabled"
    ),
    "internal_help_resources": Document(
        "InternalHelpResources",
        "internal_help_resources",
        "/internal_help_resources_enabled",
        "update_internal_help_resources",
        written_at="/internal_help_resources",
    ),
    "internal_help_resources_content": Document(
        "InternalHelpResourcesContent",
        "internal_help_resources_content",
        "/internal_help_resources_content",
        "update_internal_help_resources_content",
    ),
    "cloud_storage_configuration": Document(
        "BackupConfiguration", "cloud_storage_configuration", "/cloud_storage", "update_cloud_storage_configuration"
    ),
    "mobile_settings": Document("MobileSettings", "mobile_settings", "/mobile/settings"),
    "public_egress_ip_addresses": Document(
        "EgressIpAddresses", "public_egress_ip_addresses", "/public_egress_ip_addresses"
    ),
    "saml_config": Document("SamlConfig", "saml_config", "/saml_config", "update_saml_config"),
    "ldap_config": Document("LDAPConfig", "ldap_config", "/ldap_config", "update_ldap_config"),
    "oidc_config": Document("OIDCConfig", "oidc_config", "/oidc_config", "update_oidc_config"),
    "password_config": Document("PasswordConfig", "password_config", "/password_config", "update_password_config"),
    "session_config": Document("SessionConfig", "session_config", "/session_config", "update_session_config"),
}
_PROVIDERS = ("saml_config", "ldap_config", "oidc_config")
# What new users of a provider get: ids are written, objects are shown.
_GIVEN = {
    "default_new_user_roles": ("default_new_user_role_ids", "roles", ROLE),
    "default_new_user_groups": ("default_new_user_group_ids", "groups", GROUP),
}
_BETWEEN = {"min_length": (7, 100), "expiration_duration_days": (30, 365), "session_minutes": (5, 43200)}


def shown(world: World, name: str) -> Row:
    """Return a document as a caller sees it."""
    row, document = world[TABLE].rows[name], DOCUMENTS[name]
    found = {p.name: _value(world, row, p) for p in schema.shape(document.shape).values() if not p.write_only}
    if name in _PROVIDERS:
        found |= _provided(world, row)
    if name == "ldap_config":
        found["has_auth_password"] = bool(row.get("auth_password"))
    found |= {key: value for key, value in row.items() if key.startswith("x_")}
    if "_keys" in row:  # a twin shows what it was told of, also what no release has, and nothing else
        found = {key: found[key] if key in found else row.get(key) for key in row["_keys"]}
    return _disordered(world, found)


def _disordered(world: World, value: Any) -> Any:
    """Return a document with its sets, also those in its rows, in the order of the day."""
    if isinstance(value, list):
        return [_disordered(world, one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: shuffled(world, key, _disordered(world, one)) for key, one in value.items()}


def _value(world: World, row: Row, prop: schema.Property) -> Any:
    if prop.name == "can":
        return {"show": True, "update": True}
    if prop.type in DOCUMENTS_WITHIN:
        return shown(world, DOCUMENTS_WITHIN[prop.type])
    return row.get(prop.name, schema.empty(prop))


# A document that another one shows as well.
DOCUMENTS_WITHIN = {"CustomWelcomeEmail": "custom_welcome_email"}


def _provided(world: World, row: Row) -> Row:
    """Return what a provider's document shows of the objects that it names by ids."""
    found: Row = {}
    for field, (ids, table, shape) in _GIVEN.items():
        there = (world[table].get(one) for one in row.get(ids) or ())
        found[field] = [show(world, shape, one) for one in there if one is not None]
    groups = row.get("groups_with_role_ids") or []
    found["groups"] = [
        {key: one.get(key) for key in ("id", "looker_group_id", "looker_group_name", "name")}
        | {"roles": _those(world, "roles", ROLE, one.get("role_ids"))}
        for one in groups
    ]
    attributes = row.get("user_attributes_with_ids") or []
    found["user_attributes"] = [
        {"name": one.get("name"), "required": bool(one.get("required"))}
        | {"user_attributes": _those(world, "user_attributes", USER_ATTRIBUTE, one.get("user_attribute_ids"))}
        for one in attributes
    ]
    return found


def _those(world: World, table: str, shape: Any, ids: Any) -> list[Row]:
    return [show(world, shape, row) for one in ids or () if (row := world[table].get(one)) is not None]


def _read(name: str) -> Operation:
    document = DOCUMENTS[name]

    def handler(call: Call) -> Reply:
        return json_reply(shown(call.world, name))

    return Operation(document.read, "GET", document.path, handler, admin_only=True)


def _write(name: str) -> Operation:
    document = DOCUMENTS[name]

    def handler(call: Call) -> Reply:
        refuse_off(call.world, document.read)
        problems = Problems()
        values = values_of(call, document.shape, problems)
        before = call.world[TABLE].rows[name]
        _check(call, name, values, problems)
        problems.stop()
        call.world[TABLE].change(
            name, **(_replaced(document, values) if document.method == "PUT" else _merged(before, values))
        )
        if call.flag("send_test_welcome_email"):
            call.world.fired.append({"id": name, "mail": "a test of the welcome mail"})
        return json_reply(shown(call.world, name))

    return write(document.write, document.method, document.written_at or document.path, handler)


def _replaced(document: Document, values: Row) -> Row:
    kept = ("logo_file", "favicon_file")
    properties = schema.shape(document.shape).values()
    return {p.name: schema.empty(p) for p in properties if p.writable and p.name not in kept} | values


def _merged(before: Row, values: Row) -> Row:
    """Return what a document becomes; an object within it keeps the keys that are not named."""
    return {
        field: {**before[field], **_merged(before[field], value)}
        if isinstance(value, dict) and isinstance(before.get(field), dict)
        else value
        for field, value in values.items()
    }


def _check(call: Call, name: str, values: Row, problems: Problems) -> None:
    world = call.world
    for field, (least, most) in _BETWEEN.items():
        if values.get(field) is not None and not least <= int(values[field]) <= most:
            problems.invalid(field, f"{field} must be between {least} and {most}.")
    for ids, table, _ in _GIVEN.values():
        if any(one not in world[table] for one in values.get(ids) or ()):
            problems.invalid(ids, f"{ids} names what does not exist.")
    for row in values.get("groups_with_role_ids") or ():
        if any(str(one) not in world["roles"] for one in row.get("role_ids") or ()):
            problems.invalid("groups_with_role_ids", "A role does not exist.")
        row["id"] = row.get("id") or str(100 + len(str(row.get("name"))))
    if values.get("host_url") and not values.get("override_warnings"):
        problems.invalid("host_url", "The host does not answer; give override_warnings to set it all the same.")
    if values.pop("marketplace_terms_accepted", None):
        values["marketplace_terms_accepted"] = True  # nobody can decline them again
    values.pop("override_warnings", None)
    if name in _PROVIDERS:
        values |= {"modified_at": world.now(), "modified_by": call.actor.user_id}


def _entries(call: Call) -> Reply:
    return json_reply(_allowed(call.world))


def _allowed(world: World) -> list[Row]:
    names = schema.shape("SupportAccessAllowlistEntry")
    return [{name: row.get(name) for name in names} for row in world[ALLOWLIST]]


def _add_entries(call: Call) -> Reply:
    emails, problems = object_of(call).get("emails") or [], Problems()
    if not emails:
        problems.missing("emails")
    problems.stop()
    there = {row["email"] for row in call.world[ALLOWLIST]}
    for email in emails:
        if email not in there:
            row = {"email": email, "reason": object_of(call).get("reason"), "full_name": None}
            call.world[ALLOWLIST].add(row | {"created_date": call.world.now()})
    return json_reply(_allowed(call.world))


def _remove_entry(call: Call) -> Reply:
    if call.path["entry_id"] not in call.world[ALLOWLIST]:
        raise not_found()
    call.world[ALLOWLIST].remove(call.path["entry_id"])
    return gone()


OPERATIONS = [
    *(_read(name) for name in DOCUMENTS),
    *(_write(name) for name, document in DOCUMENTS.items() if document.write),
    Operation("get_support_access_allowlist_entries", "GET", "/support_access/allowlist", _entries, admin_only=True),
    write("add_support_access_allowlist_entries", "POST", "/support_access/allowlist", _add_entries),
    write("delete_support_access_allowlist_entry", "DELETE", "/support_access/allowlist/{entry_id}", _remove_entry),
]
