"""Seeds the settings of the instance."""

from looker_simulator import schema
from looker_simulator.settings import ALLOWLIST, DOCUMENTS, TABLE
from looker_simulator.table import Row
from looker_simulator.world import World

_COMPUTED = (
    "can",
    "default_new_user_roles",
    "default_new_user_groups",
    "groups",
    "user_attributes",
    "custom_welcome_email",
)


def populate(world: World) -> None:
    """Add every document, and whom support may sign in as."""
    given = _given(world)
    for name, document in DOCUMENTS.items():
        row = {key: value for key, value in schema.new(document.shape).items() if key not in _COMPUTED}
        world[TABLE].add(row | given.get(name, {}) | {"id": name})
    for number, email in enumerate(("support@example.com", "partner@example.com")):
        entry = {"email": email, "reason": f"Ticket {number}", "full_name": None, "created_date": world.past(days=20)}
        world[ALLOWLIST].add(entry)


def _given(world: World) -> dict[str, Row]:
    roles = [row["id"] for row in world["roles"] if row["name"] != "Admin"]
    groups = [row["id"] for row in world["groups"] if not row["include_by_default"]]
    attribute = next(row["id"] for row in world["user_attributes"] if not row["is_system"])
    mapping = {"id": "31", "looker_group_id": None, "looker_group_name": "Analysts", "name": "idp-analysts"}
    provider = {
        "default_new_user_role_ids": roles[:1],
        "default_new_user_group_ids": groups[:1],
        "groups_with_role_ids": [mapping | {"role_ids": roles[:2]}],
        "user_attributes_with_ids": [{"name": "department", "required": False, "user_attribute_ids": [attribute]}],
    }
    embed = schema.new(
        "EmbedConfig",
        domain_allowlist=["https://portal.example.com"],
        sso_auth_enabled=True,
        permissions={},
        embed_enabled=True,
    )
    tools = dict.fromkeys(schema.new("McpTools")) | {"enable_all": True}
    return {
        "setting": {
            "instance_config": {"feature_flags": {}, "license_features": {"embed": True}},
            "marketplace_site": "https://marketplace.example.com",
            "marketplace_automation": schema.new("MarketplaceAutomation", install_enabled=True),
            "privatelabel_configuration": schema.new("PrivatelabelConfiguration", show_help_menu=True),
            "embed_config": embed,
            "embed_enabled": True,
            "mcp_tools": tools,
            "timezone": "Europe/Berlin",
            "host_url": "https://looker.example.com",
            "email_domain_allowlist": ["example.com", "example.org"],
            "allow_user_timezones": True,
            "onboarding_enabled": True,
            "managed_certificate_uri": None,
        },
        "whitelabel_configuration": {
            "default_title": "Numbers of Example",
            "show_docs": True,
            "logo_file": "never shown",
        },
        "custom_welcome_email": {
            "enabled": True,
            "content": "<p>Welcome – schön</p>",
            "subject": "Welcome",
            "header": None,
        },
        "digest_emails_enabled": {"is_enabled": True},
        "internal_help_resources": {"enabled": True},
        "internal_help_resources_content": {"organization_name": "Example", "markdown_content": "# Whom to ask\n"},
        "cloud_storage_configuration": {"type": "custom-s3", "custom_s3_bucket": "backups"},
        "mobile_settings": {"mobile_feature_flags": [], "mobile_app_integration": True},
        "public_egress_ip_addresses": {"egress_ip_addresses": ["192.0.2.7", "192.0.2.8"]},
        "saml_config": provider
        | {
            "enabled": True,
            "alternate_email_login_allowed": True,
            "idp_url": "https://idp.example.com",
            "idp_cert_multi": {"signing": []},
        },
        "ldap_config": provider
        | {"auth_username": "cn=looker", "auth_password": "never shown", "connection_port": "636"},
        "oidc_config": provider | {"identifier": "looker", "secret": "never shown", "scopes": ["openid"]},
        "password_config": {"min_length": 12, "require_special": True, "expiration_duration_days": 90},
        "session_config": {"session_minutes": 720, "allow_persistent_sessions": True},
    }
