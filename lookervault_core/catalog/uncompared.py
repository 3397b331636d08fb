"""The fields that are not compared, each with its reason: one table, by the schemas of Looker's description.

Every other field that an object shows is compared, or holds what is compared as a type of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec

# volatile: Looker changes it by itself, or shows it otherwise to each caller; where only this differs, nothing has changed.
# derived: it follows from fields that are compared, here or in another object. birth: Looker gives it with the object, or it is a
# moment's.
# elsewhere: another type of the vault holds it, and it is compared there. secret: Looker takes it and never shows it.
Kind = Literal["volatile", "derived", "birth", "elsewhere", "secret"]


class Uncompared(msgspec.Struct, frozen=True):
    """Fields that are left out of a comparison, by schema (`*`: every schema that has them), and why nobody misses them."""

    kind: Kind
    reason: str
    fields: Mapping[str, str]


UNCOMPARED = (
    Uncompared("volatile", "what the caller may do with it", {"*": "can"}),
    Uncompared(
        "volatile",
        "counts how often it is used, and when it last was",
        {
            "BoardItem": "favorite_count view_count",
            "Dashboard": "favorite_count last_accessed_at last_viewed_at usage_count view_count",
            "Look": "favorite_count last_accessed_at last_viewed_at usage_count view_count",
            "CredentialsEmail": "logged_in_at",
            "CredentialsEmbed": "logged_in_at",
            "ScheduledPlan": "last_run_at last_run_status next_run_at",
            "User": "looker_versions sessions",
            "DBConnection": "last_reap_at last_regen_at",
        },
    ),
    Uncompared(
        "volatile", "how the last attempt to connect went", {"SshServer": "status", "SshTunnel": "last_attempt status"}
    ),
    Uncompared(
        "volatile",
        "counts other objects, which are compared themselves",
        {"DashboardElement": "alert_count", "Folder": "child_count", "Group": "user_count"},
    ),
    Uncompared(
        "volatile",
        "says something about the caller, not about the object",
        {
            "Alert": "followable followed",
            "BoardItem": "content_favorite_id",
            "BoardSection": "visible_item_order",
            "Dashboard": "content_favorite_id",
            "Group": "contains_current_user",
            "Look": "content_favorite_id",
        },
    ),
    Uncompared(
        "volatile", "the title of what it sends, which is compared there (26.18)", {"ScheduledPlan": "content_title"}
    ),
    Uncompared("volatile", "follows its owner", {"Dashboard": "is_owner_disabled", "Look": "is_owner_disabled"}),
    Uncompared(
        "volatile",
        "Looker's pages note in it what their user has opened and seen, or that the user's checkout was looked at",
        {"User": "models_dir_validated ui_state"},
    ),
    Uncompared(
        "volatile",
        "an address with a token, or with the host of the day",
        {
            "CredentialsEmail": "account_setup_url password_reset_url",
            "Look": "embed_url excel_file_url google_spreadsheet_formula image_embed_url",
            "Query": "expanded_share_url share_url",
            "User": "avatar_url avatar_url_without_sizing",
        },
    ),
    Uncompared(
        "volatile", "tells whether the hub answered when it was last asked", {"IntegrationHub": "fetch_error_message"}
    ),
    Uncompared(
        "birth",
        "says how far a login is: it is used up, or runs out, by itself",
        {
            "CredentialsEmail": "account_setup_url_expired created_at is_disabled password_reset_url_expired type url user_id "
            "user_url"
        },
    ),
    Uncompared(
        "birth",
        "a new password asked for at the next sign-in, which uses it up: a restore neither asks for one nor waives one",
        {"CredentialsEmail": "forced_password_reset_at_next_login"},
    ),
    Uncompared("birth", "its number: one that is made anew gets another, and what names it follows", {"*": "id"}),
    Uncompared(
        "birth",
        "who made, changed or threw it away, and when: Looker notes it by itself",
        {
            "Agent": "created_at updated_at",
            "Board": "created_at updated_at",
            "ProjectCISuite": "created_at updated_at",
            "GoldenQuery": "created_at created_by_user_id last_updated_at last_updated_by_user_id",
            "DBConnection": "created_at user_id",
            "ExternalOauthApplication": "created_at",
            "UserDbConnection": "created_at updated_at",
            "BoardSection": "created_at updated_at",
            "Dashboard": "created_at deleted_at deleter_id last_updater_id last_updater_name updated_at",
            "Folder": "created_at creator_id",
            "Look": "created_at deleted_at deleter_id last_updater_id updated_at",
            "ScheduledPlan": "created_at updated_at",
        },
    ),
    Uncompared(
        "birth",
        "a mark of where it comes from; no call sets it, and by it Looker's own objects are known and left alone",
        {
            "Agent": "studio_agent_id",
            "Project": "is_example",
            "DBConnection": "default_bq_connection example managed p4sa_name",
            "SshServer": "finger_print public_key sha_finger_print ssh_server_id",
            "SshTunnel": "tunnel_id",
            "UserDbConnection": "auth_type database dialect host jdbc_additional_params label name oauth_application_id port "
            "schema user_id",
            "Dashboard": "readonly",
            "Folder": "is_embed is_embed_shared_root is_embed_users_root is_personal is_personal_descendant "
            "is_shared_root is_users_root",
            "Group": "externally_managed",
            "ModelSet": "all_access built_in",
            "PermissionSet": "all_access built_in",
            "Role": "internal",
            "User": "is_iam_admin presumed_looker_employee verified_looker_employee",
            "UserAttribute": "is_permanent is_system",
        },
    ),
    Uncompared(
        "birth",
        "the tile of a LookML dashboard that it was made from: only to import or to synchronise that one sets it",
        {"DashboardElement": "lookml_link_id"},
    ),
    Uncompared(
        "birth", "what it was registered under, and is again where it is made anew", {"OauthClientApp": "client_guid"}
    ),
    Uncompared(
        "birth",
        "when people last took back its tokens: one that is made anew has given out none yet",
        {"OauthClientApp": "tokens_invalid_before"},
    ),
    Uncompared(
        "birth",
        "who allowed it to sign in for them: their own consent, which they give again; named as lost where it is made anew",
        {"OauthClientApp": "activated_users"},
    ),
    Uncompared(
        "birth",
        "what an identity provider or an embedding application knows it by; no call sets it, and the plan names it as lost where "
        "one is made anew",
        {"Folder": "external_id", "Group": "external_group_id"},
    ),
    Uncompared(
        "birth",
        "settings of the instance or of its identity provider decide it",
        {
            "User": "allow_direct_roles allow_normal_group_membership allow_roles_from_normal_groups roles_externally_managed"
        },
    ),
    Uncompared(
        "birth",
        "a link that Looker gives with a new object; the plan names it as lost where one is made anew",
        {"Look": "public_slug public_url"},
    ),
    Uncompared(
        "derived",
        "Looker works it out from fields that are compared",
        {
            "Agent": "created_by_avatar_url created_by_first_name created_by_last_name created_by_name golden_query_ids "
            "has_inaccessible_source",
            "Alert": "investigative_content_title owner_display_name",
            "BoardItem": "content_created_by content_updated_at description image_url location title url",
            "ContentMeta": "inheriting_id name slug",
            "GoldenQuery": "client_id explore fields filters limit model query_id sorts",
            "DBConnection": "dialect named_driver_version_actual pdts_enabled snippets supports_data_studio_link "
            "uses_instance_oauth uses_oauth uses_service_auth",
            "Dashboard": "edit_uri model refresh_interval_to_i url user_name",
            "DashboardElement": "body_text_as_html edit_uri note_text_as_html refresh_interval_to_i subtitle_text_as_html "
            "title_text_as_html",
            "DashboardFilter": "field",
            "DashboardLayout": "dashboard_title deleted",
            "DashboardLayoutComponent": "element_title element_title_hidden vis_type",
            "Integration": "delegate_oauth description icon_url integration_hub_id label privacy_link required_fields "
            "supported_action_types supported_download_settings supported_formats supported_formattings "
            "supported_visualization_formattings uses_oauth",
            "LegacyFeature": "approximate_disable_date approximate_end_of_life_date description disable_on_upgrade_to_version "
            "disallowed_as_of_version documentation_url enabled end_of_life_version has_disabled_on_upgrade name",
            "Project": "dependency_status has_production_counterpart uses_git",
            "MergeQuery": "result_maker_id",
            "Query": "has_table_calculations slug url",
            "ResultMaker": "query_id",
            "Look": "model short_url url user_name",
            "LookmlModel": "explores has_content label",
            "ModelSet": "url",
            "PermissionSet": "url",
            "Role": "url users_url",
            "ScheduledPlan": "title",
            "ScheduledPlanDestination": "looker_recipient scheduled_plan_id",
            "User": "display_name url",
            "UserAttributeGroupValue": "rank",
            "UserAttributeWithValue": "rank",
        },
    ),
    Uncompared(
        "birth",
        "the short address of a query, chosen or drawn by lot: what is made on another instance gets it where it is free",
        {"Query": "client_id"},
    ),
    Uncompared(
        "derived",
        "the object that it is part of, or that it describes: it comes and goes with that one",
        {
            "Agent": "content_metadata_id",
            "BoardItem": "content_metadata_id",
            "Board": "content_metadata_id",
            "BoardSection": "board_id",
            "ContentMeta": "agent_id content_type dashboard_id folder_id homepage_id look_id parent_id",
            "ContentMetaGroupUser": "content_metadata_id",
            "Dashboard": "content_metadata_id",
            "DashboardElement": "dashboard_id",
            "DashboardFilter": "dashboard_id",
            "DashboardLayout": "dashboard_id",
            "DashboardLayoutComponent": "dashboard_layout_id",
            "Folder": "content_metadata_id",
            "Look": "content_metadata_id",
            "UserAttributeGroupValue": "user_attribute_id",
            "UserAttributeWithValue": "user_id",
        },
    ),
    Uncompared(
        "derived",
        "a copy of another object for reading; what counts is which one, and that is compared by its id or structure",
        {
            "Dashboard": "folder",
            "DashboardElement": "group_id look merge_result_id query_id result_maker_id",
            "Look": "folder query_id",
            "MergeQuerySourceQuery": "query_id query_slug",
            "Role": "model_set permission_set",
            "ScheduledPlan": "user",
            "SshTunnel": "ssh_server_host ssh_server_name ssh_server_port ssh_server_user",
        },
    ),
    Uncompared(
        "derived",
        "a copy of the attribute, which is compared itself",
        {
            "UserAttributeGroupValue": "value_is_hidden",
            "UserAttributeWithValue": "hidden_value_domain_whitelist label name source user_can_edit value_is_hidden",
        },
    ),
    Uncompared(
        "derived",
        "what the tile shows says it, and is compared; of a tile of hand-written SQL, which no backup has, it is compared itself",
        {"ResultMaker": "dynamic_fields sorts total vis_config"},
    ),
    Uncompared(
        "birth",
        "whether its git repository is locked right now; no call locks or frees one",
        {"Project": "is_git_dev_locked"},
    ),
    Uncompared("derived", "one with a `service_account_name`, which is compared", {"User": "is_service_account"}),
    Uncompared(
        "birth",
        "when an API key was made: by its client id its purpose is compared, and whether it is disabled",
        {"CredentialsApi3": "created_at type url"},
    ),
    Uncompared("derived", "its `external_user_id` is compared", {"User": "credentials_embed"}),
    Uncompared("derived", "the project whose suite of CI it is", {"ProjectCISuite": "project_id"}),
    Uncompared(
        "birth",
        "the other half of a hook, at the git host or in dbt Cloud: it is given when that is set up there",
        {"ProjectCISuite": "change_request_trigger_hook_id dbt_cloud_webhook_id guid"},
    ),
    Uncompared(
        "secret",
        "the secret of a webhook, of which Looker only says that it is there",
        {"ProjectCISuite": "has_webhook_secret webhook_secret"},
    ),
    Uncompared(
        "derived",
        "what an alert saw when it last ran: Looker writes it at every run and shows nothing in it",
        {"Alert": "time_series_condition_state"},
    ),
    Uncompared(
        "elsewhere",
        "group_users, role_users and role_groups hold who is in it",
        {"Group": "role_ids", "User": "group_ids role_ids"},
    ),
    Uncompared("elsewhere", "dashboards and looks are types of their own", {"Folder": "dashboards looks"}),
    Uncompared(
        "elsewhere",
        "the personal folder comes and goes with its user",
        {"User": "personal_folder_id"},
    ),
    Uncompared(
        "elsewhere",
        "the folder of the group that the user was embedded with: it belongs to the group",
        {"User": "embed_group_folder_id embed_group_space_id"},
    ),
    Uncompared(
        "birth",
        "made with the user or by it alone; a two-factor login that goes with a user is named as lost",
        {"User": "credentials_totp"},
    ),
    Uncompared(
        "secret",
        "a link to the picture that was uploaded: whether it is still the same picture nothing tells",
        {"BoardItem": "custom_image_url"},
    ),
    Uncompared(
        "secret",
        "of settings, and of what is an archive: enter it in Looker",
        {
            "BackupConfiguration": "custom_s3_key custom_s3_secret",
            "HomepageItem": "custom_image_data_base64",
            "IntegrationHub": "authorization_token",
            "LDAPConfig": "auth_password test_ldap_password test_ldap_user",
            "OIDCConfig": "secret",
            "RepositoryCredential": "git_password",
        },
    ),
    Uncompared("secret", "how a call is meant, and nothing that stays", {"Setting": "override_warnings"}),
    Uncompared(
        "secret",
        "Looker takes it and never shows it; the plan names it as lost where it is lost",
        {
            "BoardItem": "custom_image_data_base64",
            "DBConnection": "certificate file_type password",
            "DBConnectionOverride": "certificate file_type password pdt_certificate pdt_file_type pdt_password",
            "ExternalOauthApplication": "client_secret",
            "Project": "deploy_secret git_password unset_deploy_secret",
            "ScheduledPlanDestination": "secret_parameters",
        },
    ),
)

# Schemas that show the same object with more or less of its fields.
SAME = {
    "DashboardBase": "Dashboard",
    "FolderBase": "Folder",
    "UpdateFolder": "Folder",
    "GroupHierarchy": "Group",
    "LookBasic": "Look",
    "ResultMakerWithIdVisConfigAndDynamicFields": "ResultMaker",
    "LookWithDashboards": "Look",
    "LookWithQuery": "Look",
    "UserPublic": "User",
}


def why(schema: str, field: str) -> Uncompared | None:
    """Return the row that leaves a field out of the comparison, or None for one that counts."""
    names = {"*", schema, SAME.get(schema, schema)}
    return next((row for row in UNCOMPARED if any(field in row.fields.get(name, "").split() for name in names)), None)


@cache
def volatile(schema: str) -> frozenset[str]:
    """Return the volatile fields of a schema."""
    names = {"*", schema, SAME.get(schema, schema)}
    rows = (row for row in UNCOMPARED if row.kind == "volatile")
    return frozenset(field for row in rows for name in names for field in row.fields.get(name, "").split())
