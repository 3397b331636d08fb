"""Applications and integrations connected with an instance, and lists of settings; some only to look up and put back by hand."""

from __future__ import annotations

from typing import Any

from lookervault_core.catalog.vocabulary import (
    Call,
    Collection,
    ContentType,
    NaturalKey,
    Protected,
    RecreatedDifferently,
    Ref,
    WriteCall,
    WriteFacts,
    part,
    words,
)

_EXTERNAL = words("name client_id tenant_id dialect_name provider scopes bi_directional_data_access")
_OF_PROJECTS = words(
    "git_production_branch_name use_git_cookie_auth git_username_user_attribute git_password_user_attribute git_service_name "
    "git_application_server_http_port git_application_server_http_scheme pull_request_mode validation_required "
    "git_release_mgmt_enabled allow_warnings git_remote_url git_username"
)
_REMOTE = "Looker connects to it at once, with a key that the remote must know: change it in Looker"


def _kept(name: str, singular: str, call: Call, by_id: Call | None = None, **more: Any) -> ContentType:
    """Return the row of a type of which one call lists everything whole: the answer is its own proof."""
    is_archive = "writes" not in more
    return ContentType(
        name=name,
        singular=singular,
        list=call,
        by_id=by_id,
        restorable=not is_archive,
        archive=is_archive,
        optional=True,
        **more,
    )


def _of_project(name: str, call: Call, payload: str, **more: Any) -> ContentType:
    """Return the row of an archive of which there is one answer for each project."""
    facts = {"singular": name[:-1], "payload": payload, "optional": True, "restorable": False, "archive": True}
    return part(name, "projects", call, **facts, **more)


ROWS = (
    _kept(
        "projects",
        "project",
        Call("all_projects", "/projects"),
        Call("project", "/projects/{id}"),
        payload="Project",
        only_here={"git_remote_url": "no remote repository has their LookML, and no backup: only Looker has it"},
        writes=WriteFacts(
            schema="Project",
            update=WriteCall("update_project", "PATCH", "/projects/{id}"),
            writable=("name", *_OF_PROJECTS),
            natural=(NaturalKey(("name",)),),
            away=dict.fromkeys(_OF_PROJECTS, "how an instance deals with its git is its own: set it in Looker"),
            fixed={"git_remote_url": _REMOTE, "git_username": "it goes with a password that is in no backup"},
            protected=(Protected("is_example", True, "an example of Looker's own"),),
            absent="a project is made in Looker, and its remote must know the new key",
        ),
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
        writes=WriteFacts(
            schema="Integration",
            update=WriteCall("update_integration", "PATCH", "/integrations/{id}"),
            writable=words("enabled params installed_delegate_oauth_targets"),
            forced=("secrets",),
            fixed={"secrets": "Looker never shows it, so no backup has it: enter it in Looker"},
            absent="it comes with its action hub",
        ),
    ),
    _kept(
        "oauth_client_apps",
        "oauth_client_app",
        Call("all_oauth_client_apps", "/oauth_client_apps"),
        Call("oauth_client_app", "/oauth_client_apps/{id}"),
        payload="OauthClientApp",
        id_field="client_guid",
        name_fields=("display_name",),
        writes=WriteFacts(
            schema="OauthClientApp",
            create=WriteCall("register_oauth_client_app", "POST", "/oauth_client_apps/{id}"),
            update=WriteCall("update_oauth_client_app", "PATCH", "/oauth_client_apps/{id}"),
            delete=WriteCall("delete_oauth_client_app", "DELETE", "/oauth_client_apps/{id}"),
            writable=words("redirect_uri display_name description enabled group_id"),
            references=(Ref("group_id", "groups"),),
            natural=(NaturalKey(("client_guid",)),),
            made_by_name=True,
            recreated_differently=(
                RecreatedDifferently(
                    "activated_users", "its users allow it again when they next sign in", "activated_users"
                ),
            ),
        ),
    ),
    _kept(
        "external_oauth_applications",
        "external_oauth_application",
        Call("all_external_oauth_applications", "/external_oauth_applications"),
        payload="ExternalOauthApplication",
        writes=WriteFacts(
            schema="ExternalOauthApplication",
            create=WriteCall("create_external_oauth_application", "POST", "/external_oauth_applications"),
            writable=_EXTERNAL,
            natural=(NaturalKey(("client_id",), False),),
            fixed=dict.fromkeys(_EXTERNAL, "the only call that changes one is for its secret: change it in Looker"),
            recreated_differently=(
                RecreatedDifferently(
                    "client_secret", "Looker never shows it, so no backup has it: enter it in Looker", "client_id"
                ),
            ),
            irremovable="connections sign in through it: delete it in Looker",
        ),
    ),
    _kept(
        "ssh_servers",
        "ssh_server",
        Call("all_ssh_servers", "/ssh_servers"),
        Call("ssh_server", "/ssh_server/{id}"),
        payload="SshServer",
        id_field="ssh_server_id",
        name_fields=("ssh_server_name",),
        writes=WriteFacts(
            schema="SshServer",
            create=WriteCall("create_ssh_server", "POST", "/ssh_servers"),
            update=WriteCall("update_ssh_server", "PATCH", "/ssh_server/{id}"),
            delete=WriteCall("delete_ssh_server", "DELETE", "/ssh_server/{id}"),
            writable=words("ssh_server_name ssh_server_host ssh_server_port ssh_server_user"),
            natural=(NaturalKey(("ssh_server_name",), False),),
            irremovable="tunnels and connections go through it: delete it in Looker",
        ),
    ),
    _kept(
        "ssh_tunnels",
        "ssh_tunnel",
        Call("all_ssh_tunnels", "/ssh_tunnels"),
        Call("ssh_tunnel", "/ssh_tunnel/{id}"),
        payload="SshTunnel",
        id_field="tunnel_id",
        name_fields=("database_host",),
        writes=WriteFacts(
            schema="SshTunnel",
            create=WriteCall("create_ssh_tunnel", "POST", "/ssh_tunnels"),
            update=WriteCall("update_ssh_tunnel", "PATCH", "/ssh_tunnel/{id}"),
            delete=WriteCall("delete_ssh_tunnel", "DELETE", "/ssh_tunnel/{id}"),
            writable=words("ssh_server_id local_host_port database_host database_port"),
            references=(Ref("ssh_server_id", "ssh_servers"),),
            natural=(NaturalKey(("ssh_server_id", "database_host", "database_port"), False),),
            irremovable="connections go through it: delete it in Looker",
        ),
    ),
    _kept(
        "legacy_features",
        "legacy_feature",
        Call("all_legacy_features", "/legacy_features"),
        Call("legacy_feature", "/legacy_features/{id}"),
        payload="LegacyFeature",
        writes=WriteFacts(
            schema="LegacyFeature",
            update=WriteCall("update_legacy_feature", "PATCH", "/legacy_features/{id}"),
            writable=("enabled_locally",),
            natural=(NaturalKey(("name",)),),
            absent="this release of Looker does not have it any more, or not yet",
        ),
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
        writes=WriteFacts(
            schema="UserDbConnection",
            update=WriteCall("update_user_db_connection", "PATCH", "/user_db_connections/{id}"),
            writable=("enabled",),
            absent="only whose it is can make it, with a secret of their own",
            irremovable="it is its user's own",
        ),
    ),
    # An API session starts in production (OpenAPI 4.0.26.12, workspace): it shows what is deployed there.
    _of_project(
        "project_workspaces", Call("project_workspace", "/projects/{id}/current_workspace"), "ProjectWorkspace"
    ),
    _of_project(
        "repository_credentials",
        Call("get_all_repository_credentials", "/projects/{id}/credentials"),
        "RepositoryCredential",
        audited=True,
    ),
    # In the public reference of 26.18, and not in that of 26.12.
    part(
        "ci_suites",
        "projects",
        Call("get_continuous_integration_suites", "/projects/{id}/continuous_integration/suites"),
        singular="ci_suite",
        payload="ProjectCISuite",
        unsorted=True,
        audited=True,
        optional=True,
        since="26.13",
        writes=WriteFacts(
            references=(
                Ref("rows[].dbt_cloud_trigger_user_attribute_id", "user_attributes", optional=True),
                Ref("rows[].content_validator_config_exclude_folders[]", "folders", optional=True),
                Ref("rows[].content_validator_config_include_folders[]", "folders", optional=True),
            ),
            collections=(Collection("suites", ("name", "nth")),),
            joins=("suite {0}", "suite {0} is gone"),
            forced=("secrets",),
            fixed={"secrets": "Looker never shows a webhook's secret, so no backup has it: enter it in Looker"},
        ),
    ),
)
