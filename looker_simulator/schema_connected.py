"""Shapes of what is connected with an instance: applications, tunnels, features, the home page, database logins, suites of CI.

Notation: see ``schema.py``. Source: OpenAPI 4.0.26.12, components.schemas; what is younger: the models of the SDK 26.22.
"""

TABLE = {
    "OauthClientApp": (
        "can:{b} client_guid:s redirect_uri!:s display_name!:s description!:s enabled!:b group_id!?:s "
        "tokens_invalid_before:t activated_users:[UserPublic]"
    ),
    "ExternalOauthApplication": (
        "can:{b} id:s name!:s client_id!:s client_secret*:s tenant_id!?:s dialect_name!?:s "
        "bi_directional_data_access!?:b created_at:t provider!?:s scopes!?:s"
    ),
    "SshServer": (
        "ssh_server_id:s ssh_server_name!:s ssh_server_host!:s ssh_server_port!:i ssh_server_user!:s finger_print:s "
        "sha_finger_print:s public_key:s status:s"
    ),
    "SshTunnel": (
        "tunnel_id:s ssh_server_id!:s ssh_server_name:s ssh_server_host:s ssh_server_port:i ssh_server_user:s "
        "last_attempt:s local_host_port!:i database_host!:s database_port!:i status:s"
    ),
    "HomepageSection": (
        "can:{b} created_at?:t deleted_at!?:t detail_url?:s homepage_id!?:s homepage_items?:[HomepageItem] id:s "
        "is_header:b item_order!?:[s] title!?:s updated_at?:t description!?:s visible_item_order?:[s]"
    ),
    "LegacyFeature": (
        "can:{b} id:s name?:s description?:s enabled_locally!:b enabled:b disallowed_as_of_version?:s "
        "disable_on_upgrade_to_version?:s end_of_life_version?:s documentation_url?:s approximate_disable_date?:t "
        "approximate_end_of_life_date?:t has_disabled_on_upgrade:b"
    ),
    "HomepageItem": (
        "can:{b} content_created_by?:s content_favorite_id?:s content_metadata_id?:s content_updated_at?:s "
        "custom_description!?:s custom_image_data_base64*?:s custom_image_url?:s custom_title!?:s custom_url!?:s "
        "dashboard_id!?:s description?:s favorite_count?:i homepage_section_id!?:s id:s image_url?:s location?:s "
        "look_id!?:s lookml_dashboard_id!?:s order!?:i section_fetch_time?:f title?:s url?:s "
        "use_custom_description!:b use_custom_image!:b use_custom_title!:b use_custom_url!:b view_count?:i"
    ),
    "ProjectWorkspace": (
        "can:{b} project_id:s workspace_id:s git_status:s git_head:s dependency_status:s git_branch!:GitBranch "
        "lookml_type:s"
    ),
    "GitBranch": (
        "can:{b} name!:s remote:s remote_name:s error:s message:s owner_name:s readonly:b personal:b is_local:b is_remote:b "
        "is_production:b ahead_count:i behind_count:i commit_at:i ref!:s remote_ref:s"
    ),
    "RepositoryCredential": (
        "can:{b} id:s root_project_id:s remote_url:s git_username!?:s git_password*?:s ssh_public_key!?:s is_configured:b"
    ),
    "UserDbConnection": (
        "can:{b} id:s name:s label:s user_id:i dialect:s auth_type:s host:s port:s database:s schema:s "
        "jdbc_additional_params:s oauth_application_id?:i enabled!:b created_at?:t updated_at?:t"
    ),
    "ProjectCISuite": (
        "can:{b} id:s name!:s project_id?:s created_at?:t updated_at?:t schedule_trigger_is_enabled!?:b "
        "schedule_trigger_crontab!?:s schedule_trigger_timezone!?:s alerting_enabled!?:b "
        "alert_email_addresses!?:[s] alert_on_failed_status!?:b alert_on_error_status!?:b "
        "alert_on_passed_status!?:b alert_on_cancelled_status!?:b change_request_trigger_is_enabled!?:b "
        "change_request_trigger_hook_id?:s change_request_trigger_target_branch!?:s guid?:s "
        "dbt_cloud_trigger_is_enabled!?:b dbt_cloud_trigger_job_id!?:i dbt_cloud_trigger_user_attribute_id!?:s "
        "dbt_cloud_webhook_id?:s webhook_secret*?:s has_webhook_secret?:b assert_validator_config_is_enabled!?:b "
        "assert_validator_config_concurrency!?:i assert_validator_config_selectors!?:[s] "
        "assert_validator_config_exclusions!?:[s] content_validator_config_is_enabled!?:b "
        "content_validator_config_exclude_personal!?:b content_validator_config_incremental!?:b "
        "content_validator_config_exclude_folders!?:[s] content_validator_config_include_folders!?:[s] "
        "content_validator_config_selectors!?:[s] content_validator_config_exclusions!?:[s] "
        "lookml_validator_config_is_enabled!?:b lookml_validator_config_severity!?:s "
        "lookml_validator_config_timeout!?:i style_validator_config_is_enabled!?:b "
        "style_validator_config_incremental!?:b sql_validator_config_is_enabled!?:b "
        "sql_validator_config_fail_fast!?:b sql_validator_config_incremental!?:b "
        "sql_validator_config_ignore_hidden!?:b sql_validator_config_query_concurrency!?:i "
        "sql_validator_config_chunk_size!?:i sql_validator_config_selectors!?:[s] "
        "sql_validator_config_exclusions!?:[s] upstream_trigger_is_enabled!?:b upstream_projects!?:[s]"
    ),
}
