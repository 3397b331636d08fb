"""The account's table: what a backup does with every operation of Looker's API that reads, and why.

One entry for each reason. Operations are those of the OpenAPI description of API 4.0 (release 26.12) and of the SDK 26.22; a test
holds the table to both, and another one to the calls that the catalog makes. `extract/account.py` reads it. `UNMADE` lists the
operations that write and that LookerVault never calls."""

from __future__ import annotations

from typing import Literal

import msgspec

Fate = Literal["kept", "part", "derived", "secret", "statistics", "unwanted"]


class Entry(msgspec.Struct, frozen=True):
    """Operations that a backup treats alike. `by` is the content type that keeps their answers, or whose payloads contain them."""

    fate: Fate
    by: str
    operations: tuple[str, ...]
    reason: str


def _kept(by: str, operations: str, reason: str = "listed, and read one by one") -> Entry:
    return Entry("kept", by, tuple(operations.split()), reason)


def _part(by: str, operations: str, reason: str) -> Entry:
    return Entry("part", by, tuple(operations.split()), reason)


def _derived(operations: str, reason: str) -> Entry:
    return Entry("derived", "", tuple(operations.split()), reason)


def _secret(operations: str, reason: str) -> Entry:
    return Entry("secret", "", tuple(operations.split()), reason)


def _statistics(operations: str, reason: str) -> Entry:
    return Entry("statistics", "", tuple(operations.split()), reason)


def _unwanted(operations: str, reason: str) -> Entry:
    return Entry("unwanted", "", tuple(operations.split()), reason)


TABLE: tuple[Entry, ...] = (
    # People and access
    _kept("users", "all_users user search_users"),
    _derived("search_users_names user_for_credential me", "users, found by something else"),
    _part(
        "users",
        "user_credentials_email search_credentials_email user_credentials_google user_credentials_ldap "
        "user_credentials_looker_openid user_credentials_oidc user_credentials_saml user_credentials_totp "
        "user_credentials_embed all_user_credentials_embeds user_credentials_api3 all_user_credentials_api3s",
        "a user's own payload has the logins; what opens them is never shown",
    ),
    _kept("user_attribute_values", "user_attribute_user_values", "one call for each user"),
    _kept("groups", "search_groups_with_hierarchy group all_groups"),
    _derived("search_groups search_groups_with_roles all_group_groups", "groups, and what `groups` has of them"),
    _kept("group_users", "all_group_users", "one call for each group"),
    _kept("permission_sets", "all_permission_sets permission_set search_permission_sets"),
    _kept("model_sets", "all_model_sets model_set search_model_sets"),
    _kept("roles", "all_roles role search_roles"),
    _kept("role_groups", "role_groups", "one call for each role"),
    _kept("role_users", "role_users", "one call for each role"),
    _derived("user_roles search_roles_with_user_count", "what `role_users` and `role_groups` have, by user or counted"),
    _kept("user_attributes", "all_user_attributes user_attribute"),
    _kept("user_attribute_group_values", "all_user_attribute_group_values", "one call for each attribute"),
    # Content
    _kept("folders", "all_folders folder search_folders"),
    _derived(
        "folder_ancestors folder_children folder_children_search folder_parent folder_dashboards",
        "folders and content, by their place, which each of them names",
    ),
    _kept("content_metadata", "all_content_metadatas content_metadata", "what inherits, by folder, board and agent"),
    _kept("content_metadata_accesses", "all_content_metadata_accesses", "the access list of what does not inherit"),
    _kept("looks", "folder_looks look all_looks search_looks"),
    _kept("dashboards", "search_dashboards dashboard all_dashboards"),
    _part(
        "dashboards",
        "search_dashboard_elements dashboard_element dashboard_dashboard_elements dashboard_filter "
        "dashboard_dashboard_filters dashboard_layout dashboard_dashboard_layouts dashboard_layout_component "
        "dashboard_layout_dashboard_layout_components",
        "tiles, filters and layouts are in their dashboard's payload, but for deleted tiles",
    ),
    _kept("merge_queries", "merge_query", "those that tiles name"),
    _kept(
        "dashboard_images", "get_dashboard_image", "the pictures on tiles, byte for byte; an archive: no call takes one"
    ),
    _kept(
        "queries",
        "query",
        "those that merge queries, plans and alerts name; others are in their tile's or look's payload",
    ),
    _derived("query_for_slug", "a query that a tile, look or plan names, by its slug"),
    _kept("lookml_dashboards", "search_lookml_dashboards"),
    _kept("boards", "all_boards board search_boards"),
    _part(
        "boards",
        "all_board_sections board_section all_board_items board_item",
        "sections and items are in their board's payload",
    ),
    _kept("alerts", "search_alerts get_alert"),
    _kept(
        "scheduled_plans",
        "all_scheduled_plans scheduled_plan search_scheduled_plans scheduled_plans_for_dashboard "
        "scheduled_plans_for_look scheduled_plans_for_lookml_dashboard",
        "plans of everybody; those that are off are asked for where no listing has them",
    ),
    _derived("scheduled_plans_for_space", "the plans on the content of one folder"),
    _kept("content_favorites", "search_content_favorites"),
    _derived("content_favorite", "one of the favourites that the search lists"),
    _kept("themes", "all_themes theme"),
    _kept("default_theme", "default_theme", "which theme is the default"),
    _kept(
        "default_themes",
        "default_theme_by_type",
        "which one is the default of Looker itself, and which of what is embedded",
    ),
    _derived("active_themes search_themes theme_or_default", "themes, by what is in force"),
    _kept("color_collections", "all_color_collections color_collection"),
    _kept(
        "color_collections", "color_collections_standard", "tells Looker's own collections from those that people made"
    ),
    _kept("default_color_collection", "default_color_collection", "which collection is the default"),
    _derived("color_collections_custom color_collections_active", "colour collections, by kind"),
    _kept("agents", "search_agents get_agent", "with their golden queries, which no call lists"),
    _derived("agent_lookml", "the agent as LookML text, made from its payload"),
    # LookML and databases
    _kept("lookml_models", "all_lookml_models lookml_model"),
    _kept("explores", "lookml_model_explore", "one call for each explore; an archive"),
    _kept("connections", "all_connections connection"),
    _kept("projects", "all_projects project", "one call lists all of them"),
    _kept("ci_suites", "get_continuous_integration_suites", "one call for each project"),
    _derived("get_continuous_integration_suite", "one of the suites that the project's list shows whole"),
    _kept("project_workspaces", "project_workspace", "which commit is in production, by project; an archive"),
    _kept(
        "repository_credentials",
        "get_all_repository_credentials",
        "the remotes that a project imports, and who signs in to them, without passwords; an archive",
    ),
    _kept("datagroups", "all_datagroups datagroup", "they come with LookML; when each was triggered is in its payload"),
    _kept("ssh_servers", "all_ssh_servers ssh_server", "one call lists all of them"),
    _kept("ssh_tunnels", "all_ssh_tunnels ssh_tunnel", "one call lists all of them"),
    _kept("user_db_connections", "all_user_db_connections", "one call lists all of them"),
    _derived(
        "connection_columns connection_databases connection_features connection_schemas connection_search_columns "
        "connection_tables get_model model_fieldname_suggestions",
        "asked of the database, or worked out from LookML, whenever somebody wants it",
    ),
    _unwanted("get_self_service_model_allowed_connections", "what an admin has allowed: no call sets it"),
    _unwanted(
        "get_self_service_model_lookml",
        "LookML that Looker makes of what somebody uploaded (a sheet, a CSV): nothing takes it back, so upload it again",
    ),
    _derived(
        "manifest all_project_files project_file dashboard_lookml dashboard_aggregate_table_lookml all_lookml_tests "
        "project_validation_results",
        "from LookML, which is in git as far as it is committed and pushed, or LookML made from content",
    ),
    _derived(
        "git_branch find_git_branch all_git_branches all_workspaces workspace async_deploy_status "
        "all_git_connection_tests get_git_diagnostic_report",
        "the state of a git checkout. What is not pushed, or of a project without a remote, is on Looker's machine alone",
    ),
    _derived(
        "graph_derived_tables_for_model graph_derived_tables_for_view check_pdt_build",
        "the state of derived tables, which come from LookML",
    ),
    _secret("git_deploy_key", "the public half of a key whose private half nobody is shown"),
    _secret("ssh_public_key", "the public half of the instance's own key: another instance has another one"),
    # The instance
    _kept("integration_hubs", "all_integration_hubs integration_hub"),
    _kept("integrations", "all_integrations integration", "one call lists all of them"),
    _kept("oauth_client_apps", "all_oauth_client_apps oauth_client_app", "one call lists all of them"),
    _kept("external_oauth_applications", "all_external_oauth_applications", "one call lists all of them"),
    _kept(
        "instance_settings",
        "get_setting whitelabel_configuration saml_config ldap_config oidc_config password_config session_config "
        "workforce_config custom_welcome_email digest_emails_enabled internal_help_resources "
        "internal_help_resources_content get_support_access_allowlist_entries cloud_storage_configuration mobile_settings "
        "public_egress_ip_addresses",
        "one item for each document; secrets are never shown",
    ),
    _kept("legacy_features", "all_legacy_features legacy_feature", "one call lists all of them"),
    _kept("homepage_sections", "all_primary_homepage_sections", "one call lists all of them"),
    _derived(
        "all_locales all_permissions all_timezones api_spec sql_interface_metadata",
        "what the release offers, the same wherever it runs",
    ),
    _derived("all_dialect_infos versions", "what the release offers, and where and with which drivers it runs"),
    _derived("smtp_status support_access_status get_integration_hub_health", "how something is at the moment"),
    _unwanted(
        "saml_test_config oidc_test_config workforce_test_config",
        "a configuration that somebody tries out, gone within the hour",
    ),
    # What happens on an instance
    _statistics("search_content_views", "how often content is looked at; nothing can write it"),
    _statistics("alert_notifications", "what alerts have sent to the API user"),
    _statistics("all_user_sessions user_session session", "who is signed in now"),
    _statistics("all_user_login_lockouts search_user_login_lockouts", "who is locked out now, for minutes"),
    _statistics("all_running_queries", "what runs now"),
    _statistics(
        "search_continuous_integration_runs get_continuous_integration_run get_ci_run", "what runs of CI came to"
    ),
    _statistics("artifact_usage", "how much extensions store"),
    _derived(
        "content_thumbnail vector_thumbnail render_task render_task_results query_task query_task_results "
        "query_task_multi_results",
        "drawn or worked out on demand",
    ),
    _derived(
        "content_validation search_content content_summary",
        "worked out from content, favourites and plans that are kept, and from how often content is looked at",
    ),
    _unwanted(
        "run_look run_query run_url_encoded_query run_sql_interface_query run_git_connection_test run_lookml_test "
        "test_ssh_server test_ssh_tunnel start_pdt_build stop_pdt_build",
        "it runs something",
    ),
    _unwanted("validate_embed_url dashboard_filter_state", "about one address that somebody opened"),
    _unwanted(
        "sql_query",
        "a query of SQL Runner is read by its slug alone, and a tile names its number. System Activity may know both: only a "
        "query would tell, and a backup runs none",
    ),
    _unwanted(
        "search_conversations get_conversation all_conversation_messages get_conversation_message "
        "get_conversation_message_responses",
        "what people have asked agents: each is its author's own",
    ),
    _unwanted(
        "search_reports",
        "names of Studio reports: no call reads one whole; asked before a folder goes, which would take them along",
    ),
    _unwanted(
        "artifact_namespaces artifact search_artifacts artifact_value",
        "what extensions that Looker itself has built store: only those may use these calls, as their description says",
    ),
)

# What writes and is never made, by the reason.
_UNMADE: dict[str, str] = {
    "it writes a secret that nothing shows, so no backup has it: enter it in Looker": (
        "create_embed_secret delete_embed_secret create_git_deploy_key set_smtp_settings "
        "update_repository_credential delete_repository_credential update_external_oauth_application "
        "create_user_credentials_api3 update_user_credentials_api3 delete_user_credentials_api3 "
        "create_user_credentials_totp create_user_credentials_email_password_reset "
        "send_user_credentials_email_password_reset force_password_reset_at_next_login_for_all_users "
        "create_oauth_application_user_state"
    ),
    "it belongs to one user: only they, or who signs in in their name, could do it, and nothing here signs in as somebody else": (
        "activate_app_user deactivate_app_user invalidate_tokens create_content_favorite "
        "delete_content_favorite follow_alert unfollow_alert read_alert_notification register_mobile_device "
        "deregister_mobile_device update_mobile_device_registration create_conversation "
        "create_conversation_message delete_conversation delete_conversation_message update_conversation "
        "update_conversation_message"
    ),
    "an exact restore leaves it alone: others may need it": (
        "delete_connection_override delete_external_oauth_application delete_integration_hub "
        "delete_service_account delete_user_db_connection delete_user_credentials_embed "
        "delete_user_credentials_google delete_user_credentials_ldap delete_user_credentials_looker_openid "
        "delete_user_credentials_oidc delete_user_credentials_saml delete_user_credentials_totp "
        "wipeout_user_emails"
    ),
    "an archive to put things back by hand: it needs a key or a consent that no backup has": (
        "create_integration_hub update_integration_hub accept_integration_hub_legal_agreement create_project"
    ),
    "only extensions that Looker itself has built may use it, as its description says": (
        "update_artifacts delete_artifact purge_artifacts"
    ),
    "no call shows what it writes, so that no backup has it": ("update_self_service_explore_certification upload_data"),
    "what it writes comes with LookML, and is kept as an archive": (
        "update_datagroup import_lookml_dashboard import_dashboard_from_lookml "
        "create_dashboard_from_lookml sync_lookml_dashboard lock_all validate_project"
    ),
    "the certification of a LookML dashboard is in its archive, to be given again by hand": (
        "update_lookml_certification"
    ),
    "another call that is made does the same": ("copy_dashboard copy_look move_dashboard move_look set_user_roles"),
    "it works in a checkout of git, whose history is the remote repository's": (
        "async_deploy_ref_to_production create_git_branch delete_git_branch update_git_branch "
        "deploy_ref_to_production deploy_to_production pull_project_from_production pull_project_from_remote "
        "reset_project_to_production reset_project_to_remote tag_ref create_git_diagnostic_report repair_git_diagnostic_report"
    ),
    "it runs or draws something, or sends it": (
        "cancel_continuous_integration_run create_continuous_integration_run "
        "duplicate_continuous_integration_run connection_cost_estimate conversational_analytics_chat "
        "create_dashboard_element_render_task create_dashboard_render_task create_look_render_task "
        "create_query_render_task create_query_task create_sql_interface_query create_sql_query "
        "run_inline_query run_key_driver_analysis run_sql_query create_digest_email_send enqueue_alert "
        "perform_data_action fetch_remote_data_action_form scheduled_plan_run_once "
        "scheduled_plan_run_once_by_id kill_query create_ci_run"
    ),
    "it tries something out": (
        "create_oidc_test_config delete_oidc_test_config create_saml_test_config delete_saml_test_config "
        "create_workforce_test_config delete_workforce_test_config fetch_and_parse_saml_idp_metadata "
        "parse_saml_idp_metadata fetch_integration_form test_connection test_connection_config "
        "test_integration test_ldap_config_auth test_ldap_config_connection test_ldap_config_user_auth "
        "test_ldap_config_user_info update_custom_welcome_email_test validate_theme"
    ),
    "it is about who is signed in now": (
        "acquire_embed_cookieless_session delete_embed_cookieless_session "
        "generate_tokens_for_cookieless_session create_embed_url_as_me create_sso_embed_url "
        "create_dashboard_filter_state delete_user_login_lockout delete_user_session login_user "
        "update_session disable_support_access enable_support_access"
    ),
}
UNMADE = tuple((name, reason) for reason, names in _UNMADE.items() for name in names.split())
