"""Seeds users, groups, permission and model sets, roles and user attributes."""

from looker_simulator import schema
from looker_simulator.options import Preset
from looker_simulator.seed import words
from looker_simulator.table import Row
from looker_simulator.world import World

# permission: parent. A selection of what all_permissions names.
PERMISSIONS = {
    "access_data": None, "see_lookml_dashboards": "access_data", "see_looks": "access_data",
    "see_user_dashboards": "see_looks", "explore": "see_looks", "create_table_calculations": "explore",
    "create_custom_fields": "explore", "save_content": "see_looks", "save_dashboards": "save_content",
    "create_public_looks": "save_content", "download_with_limit": "see_looks", "download_without_limit": "see_looks",
    "schedule_look_emails": "see_looks", "schedule_external_look_emails": "schedule_look_emails",
    "create_alerts": "see_looks", "follow_alerts": "see_looks", "send_to_s3": "see_looks", "send_to_sftp": "see_looks",
    "send_outgoing_webhook": "see_looks", "send_to_integration": "see_looks", "see_sql": "see_looks",
    "see_lookml": "see_looks", "develop": "see_lookml", "deploy": "develop", "support_access_toggle": "develop",
    "use_sql_runner": "see_lookml", "clear_cache_refresh": "access_data", "see_drill_overlay": "access_data",
    "manage_spaces": None, "manage_homepage": None, "manage_models": None, "manage_stereo": None, "see_queries": None,
    "see_logs": None, "see_users": None, "sudo": "see_users", "see_schedules": None, "see_pdts": None,
    "see_datagroups": None, "update_datagroups": "see_datagroups", "see_system_activity": None,
    "administer": None, "mobile_app_access": None, "manage_themes": None, "see_alerts": None,
    "manage_project_connections": None,
}  # fmt: skip
_VIEWER = ["access_data", "see_lookml_dashboards", "see_looks", "see_user_dashboards", "follow_alerts"]
_USER = [*_VIEWER, "explore", "save_content", "download_with_limit", "schedule_look_emails", "create_alerts"]
PROVIDERS = (
    ("saml", "CredentialsSaml"),
    ("oidc", "CredentialsOIDC"),
    ("google", "CredentialsGoogle"),
    ("ldap", "CredentialsLDAP"),
    ("workforce", "CredentialsWorkforce"),
)
_SYSTEM_ATTRIBUTES = ("email", "first_name", "last_name", "id", "locale", "name", "number_format")


def populate(world: World, preset: Preset) -> None:
    """Add everybody; afterwards the world knows its administrator, its viewer and All Users."""
    everybody = _group(world, "All Users", include_by_default=True)
    world.all_users_group_id = everybody
    _sets(world, preset)
    _users(world, preset)
    _groups(world, preset)
    _roles(world, preset)
    _attributes(world, preset)


def _sets(world: World, preset: Preset) -> None:
    sets = (
        ("Admin", list(PERMISSIONS), True),
        ("Developer", [*_USER, "see_lookml", "develop", "deploy"], True),
        ("User", _USER, True),
        ("Viewer", _VIEWER, True),
        ("Finance %_analysts", [*_USER, "see_sql", "send_to_s3"], False),
        ("Embed", _VIEWER[:3], False),
    )
    for name, permissions, built_in in sets:
        world["permission_sets"].add(
            schema.new(
                "PermissionSet",
                name=name,
                permissions=sorted(permissions),
                built_in=built_in,
                all_access=name == "Admin",
            )
        )
    models = [f"model_{n}" for n in range(preset.models)]
    for name, members, built_in in (
        ("All", models, True),
        ("First model only", models[:1], False),
        ("None", [], False),
    ):
        world["model_sets"].add(
            schema.new("ModelSet", name=name, models=members, built_in=built_in, all_access=name == "All")
        )


def _users(world: World, preset: Preset) -> None:
    for number in range(preset.users):
        user = _user(world, number, preset.users)
        if number == 0:
            world.admin_user_id = user
        elif number == 1:
            world.viewer_user_id = user


def _user(world: World, number: int, total: int) -> str:
    random = world.random
    first, last = words.pick(random, words.FIRST_NAMES), words.pick(random, words.LAST_NAMES)
    service, embed = number == total - 1, number == total - 2
    user = world["users"].add(
        schema.new(
            "User",
            first_name=None if embed else first,
            last_name="" if number % 9 == 8 else last,
            locale="en",
            is_disabled=number % 11 == 10,
            models_dir_validated=True,
            ui_state={"homepageGroupIdx": str(number)},
            credentials_api3=[],
            credentials_embed=[],
            sessions=[],
            looker_versions=["26.12.3"],
            allow_direct_roles=True,
            allow_normal_group_membership=True,
            allow_roles_from_normal_groups=True,
            can_manage_api3_creds=number == 0,
            roles_externally_managed=number % 7 == 6,
            is_service_account=service,
            service_account_name="nightly-exports" if service else None,
        )
    )
    user_id = user["id"]
    if embed:
        user["credentials_embed"] = [
            schema.new(
                "CredentialsEmbed",
                can={"show": True},
                id=user_id,
                external_user_id=f"acme|{number + 1}",
                type="embed",
                created_at=world.past(days=90),
            )
        ]
    elif number % 8 == 3:
        _signed_in(world, user, number)
    elif not service:
        world["credentials_email"].add(
            schema.new(
                "CredentialsEmail",
                user_id=user_id,
                email=f"user{number + 1}@example.com",
                created_at=world.past(days=400, hours=number),
                logged_in_at=world.past(days=number % 30),
            )
        )
    if number < 2 or service:  # a service account can sign in by a key only
        user["credentials_api3"] = [
            schema.new(
                "CredentialsApi3",
                can={"show": True},
                id=user_id,
                client_id="nightlyexportskey" if service else words.token(random, 20),
                type="api3",
                created_at=world.past(days=300),
            )
        ]
    return user_id


def _signed_in(world: World, user: Row, number: int) -> None:
    """Give a user no login but that of an identity provider."""
    kind, shape = PROVIDERS[number // 8 % len(PROVIDERS)]
    address = f"user{number + 1}@example.com"
    login = schema.new(shape, can={"show": True}, type=kind, email=address, is_disabled=False)
    login |= {"created_at": world.past(days=200, hours=number), "logged_in_at": world.past(days=number % 30)}
    user |= {f"credentials_{kind}": login, "email": address}


def _group(world: World, name: str, **values: object) -> str:
    return world["groups"].add(schema.new("Group", name=name, can_add_to_content_metadata=True, **values))["id"]


def _groups(world: World, preset: Preset) -> None:
    users = list(world["users"].rows)
    groups = []
    for number in range(preset.groups - 1):
        external = number % 5 == 3
        name = words.TEAMS[number % len(words.TEAMS)] + (f" {number}" if number >= len(words.TEAMS) else "")
        groups.append(
            _group(world, name, externally_managed=external, external_group_id=f"idp-{number}" if external else None)
        )
        for user_id in world.random.sample(users, min(len(users), 2 + number % 8)):
            world["group_users"].add({"group_id": groups[-1], "user_id": user_id})
    for number in range(1, len(groups), 3):  # chains of nested groups
        world["group_groups"].add({"parent_id": groups[number - 1], "group_id": groups[number]})
        if number + 1 < len(groups):
            world["group_groups"].add({"parent_id": groups[number], "group_id": groups[number + 1]})


def _roles(world: World, preset: Preset) -> None:
    sets, models = list(world["permission_sets"]), list(world["model_sets"])
    names = ["Admin", "Developer", "User", "Viewer"]
    for number in range(preset.roles):
        name = names[number] if number < 4 else f"{words.TEAMS[number % len(words.TEAMS)]} analysts {number}"
        role = world["roles"].add(
            schema.new(
                "Role",
                name=name,
                permission_set_id=sets[number % len(sets)]["id"],
                model_set_id=models[0 if number < 4 else number % len(models)]["id"],
            )
        )
        role["internal"] = False
        _give(world, role["id"], number)
    world.admin_role_id = next(iter(world["roles"]))["id"]


def _give(world: World, role_id: str, number: int) -> None:
    users = list(world["users"].rows)
    holders = {0: users[:1] + users[4:5], 3: users[1:2]}.get(number, users[2 + number :: 7])
    for user_id in holders:
        world["role_users"].add({"role_id": role_id, "user_id": user_id})
    groups = list(world["groups"].rows)[1:]
    if number and groups:
        world["role_groups"].add({"role_id": role_id, "group_id": groups[number % len(groups)]})


def _attributes(world: World, preset: Preset) -> None:
    for name in _SYSTEM_ATTRIBUTES:
        world["user_attributes"].add(
            schema.new(
                "UserAttribute",
                name=name,
                label=name.replace("_", " ").title(),
                type="string",
                is_system=True,
                is_permanent=True,
                user_can_view=True,
            )
        )
    kinds = ("string", "number", "advanced_filter_string", "yesno", "zipcode")
    for number in range(preset.user_attributes):
        hidden = number % 4 == 2
        attribute = world["user_attributes"].add(
            schema.new(
                "UserAttribute",
                name=f"attribute_{number}",
                label=f"Attribute {number} – {words.pick(world.random, words.SUBJECTS)}",
                type=kinds[number % len(kinds)],
                default_value=None if hidden else f"default {number}" if number % 2 else None,
                value_is_hidden=hidden,
                user_can_view=not hidden,
                user_can_edit=number % 3 == 0,
                hidden_value_domain_whitelist="my.example.com" if hidden else None,
            )
        )
        _attribute_values(world, attribute["id"], number, hidden)


def _attribute_values(world: World, attribute_id: str, number: int, hidden: bool) -> None:
    groups = list(world["groups"].rows)[1:]
    for rank, group_id in enumerate(groups[number % 3 : number % 3 + 3]):
        world["user_attribute_group_values"].add(
            schema.new(
                "UserAttributeGroupValue",
                group_id=group_id,
                user_attribute_id=attribute_id,
                rank=rank,
                value_is_hidden=hidden,
                value=f"group value {rank}",
            )
        )
    for user_id in list(world["users"].rows)[number % 5 :: 9]:
        world["user_attribute_user_values"].add(
            {
                "user_attribute_id": attribute_id,
                "user_id": user_id,
                "value": f"own value of {int(user_id) - world.options.id_offset}",
            }
        )
