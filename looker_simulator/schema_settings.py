"""Shapes of the settings of the instance.

Notation: see ``schema.py``. Source: OpenAPI 4.0.26.12, components.schemas.
"""

TABLE = {
    "Setting": (
        "instance_config!:InstanceConfig extension_framework_enabled!:b extension_load_url_enabled!:b "
        "marketplace_auto_install_enabled!:b marketplace_automation!:MarketplaceAutomation marketplace_enabled!:b "
        "marketplace_site:s marketplace_terms_accepted!:b privatelabel_configuration!:PrivatelabelConfiguration "
        "custom_welcome_email!:CustomWelcomeEmail onboarding_enabled!:b timezone!:s allow_user_timezones!:b "
        "data_connector_default_enabled!:b host_url!:s override_warnings*:b email_domain_allowlist!:[s] "
        "embed_cookieless_v2!:b embed_enabled:b embed_config!:EmbedConfig login_notification_enabled:b "
        "login_notification_text?:s dashboard_auto_refresh_restriction!:b dashboard_auto_refresh_minimum_interval!?:s "
        "managed_certificate_uri!?:[s] content_certification_documentation_link!?:s revoke_certification_on_edits!:b "
        "automated_mfa_enabled!:b is_content_certification_enabled!:b auto_certify_lookml_content!:b "
        "ca_agent_observability!:b mcp_tools!:McpTools"
    ),
    "WhitelabelConfiguration": (
        "id:s logo_file!?:s logo_url?:s favicon_file!?:s favicon_url?:s default_title!?:s show_help_menu!:b "
        "show_docs!:b show_email_sub_options!:b allow_looker_mentions!:b allow_looker_links!:b "
        "custom_welcome_email_advanced!:b setup_mentions!:b alerts_logo!:b alerts_links!:b folders_mentions!:b"
    ),
    "SamlConfig": (
        "can:{b} enabled!:b idp_cert!?:s idp_cert_multi!:SamlIdpCertMulti multi_certs_supported!?:b idp_url!?:s "
        "idp_issuer!?:s idp_audience!?:s allowed_clock_drift!?:i user_attribute_map_email!?:s "
        "user_attribute_map_first_name!?:s user_attribute_map_last_name!?:s new_user_migration_types!?:s "
        "alternate_email_login_allowed!:b test_slug?:s modified_at?:s modified_by?:s default_new_user_roles?:[Role] "
        "default_new_user_groups?:[Group] default_new_user_role_ids*?:[s] default_new_user_group_ids*?:[s] "
        "set_roles_from_groups!:b groups_attribute!?:s groups?:[SamlGroupRead] "
        "groups_with_role_ids!?:[SamlGroupWrite] auth_requires_role!:b user_attributes?:[SamlUserAttributeRead] "
        "user_attributes_with_ids!?:[SamlUserAttributeWrite] groups_finder_type!?:s groups_member_value!?:s "
        "bypass_login_page!:b allow_normal_group_membership!:b allow_roles_from_normal_groups!:b "
        "allow_direct_roles!:b url?:s"
    ),
    "LDAPConfig": (
        "can:{b} alternate_email_login_allowed!:b auth_password*?:s auth_requires_role!:b auth_username!?:s "
        "connection_host!?:s connection_port!?:s connection_tls!:b connection_tls_no_verify!:b "
        "default_new_user_group_ids*?:[s] default_new_user_groups?:[Group] default_new_user_role_ids*?:[s] "
        "default_new_user_roles?:[Role] enabled!:b force_no_page!:b groups?:[LDAPGroupRead] groups_base_dn!?:s "
        "groups_finder_type!?:s groups_member_attribute!?:s groups_objectclasses!?:s groups_user_attribute!?:s "
        "groups_with_role_ids!?:[LDAPGroupWrite] has_auth_password:b merge_new_users_by_email!:b modified_at?:s "
        "modified_by?:s set_roles_from_groups!:b test_ldap_password*?:s test_ldap_user*?:s "
        "user_attribute_map_email!?:s user_attribute_map_first_name!?:s user_attribute_map_last_name!?:s "
        "user_attribute_map_ldap_id!?:s user_attributes?:[LDAPUserAttributeRead] "
        "user_attributes_with_ids!?:[LDAPUserAttributeWrite] user_bind_base_dn!?:s user_custom_filter!?:s "
        "user_id_attribute_names!?:s user_objectclass!?:s allow_normal_group_membership!:b "
        "allow_roles_from_normal_groups!:b allow_direct_roles!:b url?:s"
    ),
    "OIDCConfig": (
        "can:{b} alternate_email_login_allowed!:b audience!?:s auth_requires_role!:b authorization_endpoint!?:s "
        "default_new_user_group_ids*?:[s] default_new_user_groups?:[Group] default_new_user_role_ids*?:[s] "
        "default_new_user_roles?:[Role] enabled!:b groups?:[OIDCGroupRead] groups_attribute!?:s "
        "groups_with_role_ids!?:[OIDCGroupWrite] identifier!?:s issuer!?:s modified_at?:t modified_by?:s "
        "new_user_migration_types!?:s scopes!?:[s] secret*?:s set_roles_from_groups!:b test_slug?:s "
        "token_endpoint!?:s user_attribute_map_email!?:s user_attribute_map_first_name!?:s "
        "user_attribute_map_last_name!?:s user_attributes?:[OIDCUserAttributeRead] "
        "user_attributes_with_ids!?:[OIDCUserAttributeWrite] userinfo_endpoint!?:s allow_normal_group_membership!:b "
        "allow_roles_from_normal_groups!:b allow_direct_roles!:b url?:s"
    ),
    "PasswordConfig": (
        "can:{b} min_length!?:i require_numeric!:b require_upperlower!:b require_special!:b expiration_enabled!:b "
        "expiration_duration_days!?:i policy_enabled_at?:t"
    ),
    "SessionConfig": (
        "can:{b} allow_persistent_sessions!:b session_minutes!?:i unlimited_sessions_per_user!:b "
        "use_inactivity_based_logout!:b track_session_location!:b"
    ),
    "CustomWelcomeEmail": "enabled!:b content!?:s subject!?:s header!?:s",
    "DigestEmails": "is_enabled!:b",
    "InternalHelpResources": "can:{b} enabled!:b",
    "InternalHelpResourcesContent": "can:{b} organization_name!?:s markdown_content!?:s",
    "SupportAccessAllowlistEntry": "id:s email!?:s full_name?:s reason!?:s created_date?:t",
    "BackupConfiguration": (
        "can:{b} type!?:s custom_s3_bucket!?:s custom_s3_bucket_region!?:s custom_s3_key*?:s custom_s3_secret*?:s "
        "url?:s"
    ),
    "MobileSettings": (
        "mobile_force_authentication:b mobile_app_integration:b mobile_feature_flags?:[MobileFeatureFlags]"
    ),
    "EgressIpAddresses": "egress_ip_addresses?:[s]",
    "InstanceConfig": "feature_flags:{b} license_features:{b}",
    "MarketplaceAutomation": "install_enabled!:b update_looker_enabled!:b update_third_party_enabled!:b",
    "PrivatelabelConfiguration": (
        "logo_file!?:s logo_url?:s favicon_file!?:s favicon_url?:s default_title!?:s show_help_menu!:b show_docs!:b "
        "show_email_sub_options!:b allow_looker_mentions!:b allow_looker_links!:b custom_welcome_email_advanced!:b "
        "setup_mentions!:b alerts_logo!:b alerts_links!:b folders_mentions!:b"
    ),
    "EmbedConfig": (
        "domain_allowlist!?:[s] alert_url_allowlist!?:[s] alert_url_param_owner!?:s alert_url_label!?:s "
        "sso_auth_enabled!:b embed_cookieless_v2!:b embed_content_navigation!:b embed_content_management!:b "
        "strict_sameorigin_for_login!:b look_filters!:b hide_look_navigation!:b permissions?:{o} embed_enabled:b"
    ),
    "McpTools": (
        "enable_all!:b add_dashboard_element!:McpToolSetting add_dashboard_filter!:McpToolSetting "
        "create_project_file!:McpToolSetting delete_project_file!:McpToolSetting dev_mode!:McpToolSetting "
        "generate_embed_url!:McpToolSetting get_connection_databases!:McpToolSetting "
        "get_connection_schemas!:McpToolSetting get_connection_table_columns!:McpToolSetting "
        "get_connection_tables!:McpToolSetting get_connections!:McpToolSetting get_dashboards!:McpToolSetting "
        "get_dimensions!:McpToolSetting get_explores!:McpToolSetting get_filters!:McpToolSetting "
        "get_looks!:McpToolSetting get_measures!:McpToolSetting get_models!:McpToolSetting "
        "get_parameters!:McpToolSetting get_project_file!:McpToolSetting get_project_files!:McpToolSetting "
        "get_projects!:McpToolSetting health_analyze!:McpToolSetting health_pulse!:McpToolSetting "
        "health_vacuum!:McpToolSetting make_dashboard!:McpToolSetting make_look!:McpToolSetting query!:McpToolSetting "
        "query_sql!:McpToolSetting query_url!:McpToolSetting run_dashboard!:McpToolSetting run_look!:McpToolSetting "
        "update_project_file!:McpToolSetting validate_project!:McpToolSetting get_project_directories!:McpToolSetting "
        "create_project_directory!:McpToolSetting delete_project_directory!:McpToolSetting "
        "get_lookml_tests!:McpToolSetting run_lookml_tests!:McpToolSetting create_view_from_table!:McpToolSetting"
    ),
    "SamlIdpCertMulti": "signing!?:[s]",
    "SamlGroupRead": "id:s looker_group_id?:s looker_group_name?:s name?:s roles?:[Role] url?:s",
    "SamlGroupWrite": "id!?:s looker_group_id?:s looker_group_name!?:s name!?:s role_ids!?:[s] url?:s",
    "SamlUserAttributeRead": "name?:s required:b user_attributes?:[UserAttribute] url?:s",
    "SamlUserAttributeWrite": "name!?:s required!:b user_attribute_ids!?:[s] url?:s",
    "LDAPGroupRead": "id:s looker_group_id?:s looker_group_name?:s name?:s roles?:[Role] url?:s",
    "LDAPGroupWrite": "id!?:s looker_group_id?:s looker_group_name!?:s name!?:s role_ids!?:[s] url?:s",
    "LDAPUserAttributeRead": "name?:s required:b user_attributes?:[UserAttribute] url?:s",
    "LDAPUserAttributeWrite": "name!?:s required!:b user_attribute_ids!?:[s] url?:s",
    "OIDCGroupRead": "id:s looker_group_id?:s looker_group_name?:s name?:s roles?:[Role]",
    "OIDCGroupWrite": "id!?:s looker_group_id?:s looker_group_name!?:s name!?:s role_ids!?:[s]",
    "OIDCUserAttributeRead": "name?:s required:b user_attributes?:[UserAttribute]",
    "OIDCUserAttributeWrite": "name!?:s required!:b user_attribute_ids!?:[s]",
    "MobileFeatureFlags": "feature_flag_name?:s feature_flag_state:b",
    "McpToolSetting": "enabled!:b description?:s category?:s access_level?:s",
}
