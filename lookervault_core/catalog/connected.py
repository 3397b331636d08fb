"""What is connected with an instance, or set for it as a list: kept to look things up in, and to put back by hand."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import Call, ContentType


def _kept(
    name: str, singular: str, call: Call, by_id: Call | None = None, **more: str | tuple[str, ...]
) -> ContentType:
    """Return the row of a type of which one call lists everything whole: the answer is its own proof."""
    return ContentType(
        name=name,
        singular=singular,
        list=call,
        by_id=by_id,
        restorable=False,
        archive=True,
        optional=True,
        **more,  # ty: ignore[invalid-argument-type]
    )


ROWS = (
    _kept(
        "projects", "project", Call("all_projects", "/projects"), Call("project", "/projects/{id}"), payload="Project"
    ),
    _kept(
        "datagroups",
        "datagroup",
        Call("all_datagroups", "/datagroups"),
        Call("datagroup", "/datagroups/{id}"),
        payload="Datagroup",
    ),
    _kept(
        "integrations",
        "integration",
        Call("all_integrations", "/integrations"),
        Call("integration", "/integrations/{id}"),
        payload="Integration",
        name_fields=("label",),
    ),
    _kept(
        "oauth_client_apps",
        "oauth_client_app",
        Call("all_oauth_client_apps", "/oauth_client_apps"),
        Call("oauth_client_app", "/oauth_client_apps/{id}"),
        payload="OauthClientApp",
        id_field="client_guid",
        name_fields=("display_name",),
    ),
    _kept(
        "external_oauth_applications",
        "external_oauth_application",
        Call("all_external_oauth_applications", "/external_oauth_applications"),
        payload="ExternalOauthApplication",
    ),
    _kept(
        "ssh_servers",
        "ssh_server",
        Call("all_ssh_servers", "/ssh_servers"),
        Call("ssh_server", "/ssh_server/{id}"),
        payload="SshServer",
        id_field="ssh_server_id",
        name_fields=("ssh_server_name",),
    ),
    _kept(
        "ssh_tunnels",
        "ssh_tunnel",
        Call("all_ssh_tunnels", "/ssh_tunnels"),
        Call("ssh_tunnel", "/ssh_tunnel/{id}"),
        payload="SshTunnel",
        id_field="tunnel_id",
        name_fields=("database_host",),
    ),
    _kept(
        "legacy_features",
        "legacy_feature",
        Call("all_legacy_features", "/legacy_features"),
        Call("legacy_feature", "/legacy_features/{id}"),
        payload="LegacyFeature",
    ),
    _kept(
        "homepage_sections",
        "homepage_section",
        Call("all_primary_homepage_sections", "/primary_homepage_sections"),
        payload="HomepageSection",
        name_fields=("title",),
    ),
    # From release 26.22 on (SDK 26.22).
    _kept(
        "user_db_connections",
        "user_db_connection",
        Call("all_user_db_connections", "/user_db_connections"),
        payload="UserDbConnection",
    ),
)
