"""Shapes of people, rights, deliveries and alerts.

Notation: see ``schema.py``. Source: OpenAPI 4.0.26.12, components.schemas.
"""

TABLE = {
    "User": (
        "can:{b} avatar_url?:s avatar_url_without_sizing?:s credentials_api3?:[CredentialsApi3] "
        "credentials_email!:CredentialsEmail credentials_embed?:[CredentialsEmbed] "
        "credentials_google!:CredentialsGoogle credentials_ldap!:CredentialsLDAP "
        "credentials_looker_openid!:CredentialsLookerOpenid credentials_oidc!:CredentialsOIDC "
        "credentials_saml!:CredentialsSaml credentials_totp!:CredentialsTotp "
        "credentials_workforce!:CredentialsWorkforce display_name?:s email?:s embed_group_space_id?:s first_name!?:s "
        "group_ids?:[s] home_folder_id!?:s id:s is_disabled!:b last_name!?:s locale!?:s looker_versions?:[s] "
        "models_dir_validated!?:b personal_folder_id?:s presumed_looker_employee:b role_ids?:[s] sessions?:[Session] "
        "ui_state!?:{s} verified_looker_employee:b roles_externally_managed:b allow_direct_roles:b "
        "allow_normal_group_membership:b allow_roles_from_normal_groups:b embed_group_folder_id?:s is_iam_admin:b "
        "can_manage_api3_creds!:b is_service_account:b service_account_name?:s url?:s is_embed_user:b"
    ),
    "UserPublic": "can:{b} id:s first_name:s last_name:s display_name?:s avatar_url:s url?:s",
    "ServiceAccount": (
        "can:{b} id:s service_account_name!:s is_service_account:b is_disabled!:b group_ids?:[s] role_ids?:[s] "
        "credentials_api3?:[CredentialsApi3] created_at?:t url?:s"
    ),
    "CredentialsEmail": (
        "can:{b} created_at?:s email!?:s forced_password_reset_at_next_login!:b user_id?:s is_disabled:b "
        "logged_in_at?:s password_reset_url?:s account_setup_url?:s password_reset_url_expired:b "
        "account_setup_url_expired:b type?:s url?:s user_url?:s"
    ),
    "CredentialsEmailSearch": (
        "can:{b} created_at?:s email!?:s forced_password_reset_at_next_login!:b user_id?:s is_disabled:b "
        "logged_in_at?:s password_reset_url?:s account_setup_url?:s password_reset_url_expired:b "
        "account_setup_url_expired:b type?:s url?:s user_url?:s"
    ),
    "CredentialsApi3": "can:{b} id:s client_id?:s created_at?:s is_disabled:b type?:s purpose!?:s url?:s",
    "CredentialsEmbed": (
        "can:{b} created_at?:s external_group_id?:s external_user_id?:s id:s is_disabled:b logged_in_at?:s type?:s "
        "url?:s"
    ),
    "CredentialsSaml": "can:{b} created_at?:s email?:s is_disabled:b logged_in_at?:s saml_user_id?:s type?:s url?:s",
    "CredentialsOIDC": "can:{b} created_at?:s email?:s is_disabled:b logged_in_at?:s oidc_user_id?:s type?:s url?:s",
    "CredentialsGoogle": (
        "can:{b} created_at?:s domain?:s email?:s google_user_id?:s is_disabled:b logged_in_at?:s type?:s url?:s"
    ),
    "CredentialsLDAP": (
        "can:{b} created_at?:s email?:s is_disabled:b logged_in_at?:s ldap_dn?:s ldap_id?:s type?:s url?:s"
    ),
    "CredentialsWorkforce": "can:{b} created_at?:s email?:s is_disabled:b logged_in_at?:s type?:s workforce_user_id?:s url?:s",
    "Session": (
        "can:{b} id:s ip_address?:s browser?:s operating_system?:s city?:s state?:s country?:s credentials_type?:s "
        "extended_at?:s extended_count?:i sudo_user_id?:s created_at?:s expires_at?:s url?:s"
    ),
    "Group": (
        "can:{b} can_add_to_content_metadata!:b contains_current_user:b external_group_id?:s externally_managed:b "
        "id:s include_by_default:b name!?:s user_count?:i"
    ),
    "GroupSearch": (
        "can:{b} can_add_to_content_metadata!:b contains_current_user:b external_group_id?:s externally_managed:b "
        "id:s include_by_default:b name!?:s user_count?:i roles?:[Role]"
    ),
    "GroupHierarchy": (
        "can:{b} can_add_to_content_metadata!:b contains_current_user:b external_group_id?:s externally_managed:b "
        "id:s include_by_default:b name!?:s user_count?:i parent_group_ids?:[s] role_ids?:[s]"
    ),
    "Role": (
        "can:{b} id:s name!?:s permission_set!:PermissionSet permission_set_id*?:s model_set!:ModelSet "
        "model_set_id*?:s internal:b url?:s users_url?:s"
    ),
    "RoleSearch": (
        "can:{b} id:s name!?:s permission_set!:PermissionSet permission_set_id*?:s model_set!:ModelSet "
        "model_set_id*?:s internal:b user_count?:i url?:s users_url?:s"
    ),
    "PermissionSet": "can:{b} all_access:b built_in:b id:s name!?:s permissions!?:[s] url?:s",
    "ModelSet": "can:{b} all_access:b built_in:b id:s models!?:[s] name!?:s url?:s",
    "Permission": "can:{b} permission?:s parent?:s description?:s",
    "UserAttribute": (
        "can:{b} id:s name!+?:s label!+?:s type!+?:s default_value!?:s is_system:b is_permanent:b value_is_hidden!:b "
        "user_can_view!:b user_can_edit!:b hidden_value_domain_whitelist!?:s needed_for_ci_run!:b "
        "value_for_ci_run!?:s"
    ),
    "UserAttributeGroupValue": "can:{b} id:s group_id?:s user_attribute_id?:s value_is_hidden:b rank?:i value?:s",
    "UserAttributeWithValue": (
        "can:{b} name?:s label?:s rank?:i value!?:s user_id?:s user_can_edit:b value_is_hidden:b user_attribute_id?:s "
        "source?:s hidden_value_domain_whitelist?:s"
    ),
    "GroupIdForGroupInclusion": "group_id?:s",
    "GroupIdForGroupUserInclusion": "user_id?:s",
    "ScheduledPlan": (
        "name!?:s user_id!?:s run_as_recipient!:b enabled!:b look_id!?:s dashboard_id!?:s lookml_dashboard_id!?:s "
        "filters_string!?:s dashboard_filters!?:s require_results!:b require_no_results!:b require_change!:b "
        "send_all_results!:b crontab!?:s datagroup!?:s timezone!?:s "
        "scheduled_plan_destination!?:[ScheduledPlanDestination] run_once!:b include_links!:b "
        "include_dashboard_summary!:b custom_url_base!?:s custom_url_params!?:s custom_url_label!?:s "
        "show_custom_url!:b pdf_paper_size!?:s pdf_landscape!:b embed!:b color_theme!?:s long_tables!:b "
        "pdf_page_breaks!:b tab_ids!?:[s] inline_table_width!?:i query_id!?:s id:s created_at?:t updated_at?:t "
        "title?:s user!:UserPublic next_run_at?:t last_run_at?:t can:{b} include_filters!:b content_title?:s last_run_status?:s"
    ),
    "ScheduledPlanDestination": (
        "id:s scheduled_plan_id!?:s format!?:s apply_formatting!:b apply_vis!:b address!?:s looker_recipient:b "
        "type!?:s parameters!?:s secret_parameters*?:s message!?:s include_filters!?:b"
    ),
    "Alert": (
        "applied_dashboard_filters!?:[AlertAppliedDashboardFilter] comparison_type!+:s cron!+:s query_id!?:s "
        "custom_url_base!?:s custom_url_params!?:s custom_url_label!?:s show_custom_url!:b custom_title!?:s "
        "dashboard_element_id!?:s description!?:s enhancements!?:s destinations!+?:[AlertDestination] "
        "field!+:AlertField followed:b followable:b id:s is_disabled!:b disabled_reason!?:s is_public!:b "
        "investigative_content_type!?:s investigative_content_id!?:s investigative_content_title?:s "
        "lookml_dashboard_id!?:s lookml_link_id!?:s owner_id!+:s owner_display_name?:s threshold!+:f "
        "time_series_condition_state!:AlertConditionState"
    ),
    "AlertPatch": "owner_id!?:s is_disabled!?:b disabled_reason!?:s is_public!?:b threshold!?:f enhancements!?:s",
    "AlertAppliedDashboardFilter": "filter_title!+?:s field_name!+:s filter_value!+:s filter_description?:s",
    "AlertDestination": "destination_type!+:s email_address!?:s action_hub_integration_id!?:s action_hub_form_params_json!?:s",
    "AlertField": "title!+:s name!+:s filter!?:[AlertFieldFilter]",
    "AlertFieldFilter": "field_name!+:s field_value!+:o filter_value!?:s",
    "AlertConditionState": "previous_time_series_id*?:s latest_time_series_id*?:s",
    "ApiSession": "can:{b} workspace_id!?:s sudo_user_id?:s",
    "AccessToken": "access_token:s token_type:s expires_in:i refresh_token?:s",
}
