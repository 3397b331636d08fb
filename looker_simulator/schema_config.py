"""Shapes of LookML models, themes, colours, connections and the instance itself.

Notation: see ``schema.py``. Source: OpenAPI 4.0.26.12, components.schemas.
"""

TABLE = {
    "LookmlModel": (
        "can:{b} allowed_db_connection_names!?:[s] explores?:[LookmlModelNavExplore] has_content:b label?:s name!?:s "
        "project_name!?:s unlimited_db_connections!:b"
    ),
    "LookmlModelNavExplore": "name?:s description?:s label?:s hidden:b group_label?:s",
    "LookmlModelExplore": (
        "id:s name?:s description?:s label?:s title?:s scopes?:[s] can_total:b can_develop:b can_see_lookml:b "
        "lookml_link?:s can_save:b can_explain:b can_pivot_in_db:b can_subtotal:b has_timezone_support:b "
        "self_service_explore_data!:SelfServiceModelUploadData supports_cost_estimate:b connection_name?:s "
        "dialect_name?:s null_sort_treatment?:s files?:[s] source_file?:s project_name?:s model_name?:s view_name?:s "
        "hidden:b sql_table_name?:s access_filter_fields?:[s] access_filters?:[LookmlModelExploreAccessFilter] "
        "aliases?:[LookmlModelExploreAlias] always_filter?:[LookmlModelExploreAlwaysFilter] "
        "conditionally_filter?:[LookmlModelExploreConditionallyFilter] index_fields?:[s] "
        "sets?:[LookmlModelExploreSet] tags?:[s] errors?:[LookmlModelExploreError] fields!:LookmlModelExploreFieldset "
        "joins?:[LookmlModelExploreJoins] group_label?:s "
        "supported_measure_types:[LookmlModelExploreSupportedMeasureType] always_join?:[s]"
    ),
    "LookmlModelExploreFieldset": (
        "dimensions?:[LookmlModelExploreField] measures?:[LookmlModelExploreField] filters?:[LookmlModelExploreField] "
        "parameters?:[LookmlModelExploreField]"
    ),
    "LookmlModelExploreField": (
        "align:s available_custom_timeframes?:[s] timeframe_labels?:{s} can_filter:b category?:s "
        "default_filter_value?:s description?:s dimension_group?:s drill_fields?:[s] "
        "enumerations?:[LookmlModelExploreFieldEnumeration] error?:s field_group_label?:s field_group_variant?:s "
        "fill_style?:s fiscal_month_offset:i has_allowed_values:b has_drills_metadata:b hidden:b is_filter:b "
        "is_fiscal:b is_numeric:b is_timeframe:b can_time_filter:b time_interval!:LookmlModelExploreFieldTimeInterval "
        "label:s label_from_parameter?:s label_short:s lookml_link?:s links?:[LookmlFieldLink] "
        "map_layer!:LookmlModelExploreFieldMapLayer measure:b name:s strict_value_format:b parameter:b "
        "period_over_period_params!:LookmlModelExploreFieldPeriodOverPeriodParams permanent?:b primary_key:b "
        "project_name?:s requires_refresh_on_sort:b scope:s sortable:b source_file:s source_file_path:s sql?:s "
        "sql_case?:[LookmlModelExploreFieldSqlCase] filters?:[LookmlModelExploreFieldMeasureFilters] "
        "suggest_dimension:s suggest_explore:s suggestable:b suggestions?:[s] synonyms?:[s] tags:[s] type:s "
        "user_attribute_filter_types:[s] value_format?:s value_format_name?:s view:s view_label:s dynamic:b "
        "week_start_day:s times_used:i original_view:s datatype?:s convert_tz?:b"
    ),
    "LookmlModelExploreJoins": (
        "name?:s dependent_fields?:[s] fields?:[s] foreign_key?:s from?:s outer_only?:b relationship?:s "
        "required_joins?:[s] sql_foreign_key?:s sql_on?:s sql_table_name?:s type?:s view_label?:s"
    ),
    "Theme": "can:{b} begin_at!?:t end_at!?:t id:s name!:s settings!:ThemeSettings",
    "ThemeSettings": (
        "background_color!:s base_font_size!?:s color_collection_id!:s font_color!?:s font_family!:s font_source!?:s "
        "info_button_color!:s primary_button_color!:s show_filters_bar!:b show_title!:b text_tile_text_color!:s "
        "tile_background_color!:s text_tile_background_color!:s tile_text_color!:s title_color!:s "
        "warn_button_color!:s tile_title_alignment!:s tile_shadow!:b show_last_updated_indicator!:b "
        "show_reload_data_icon!:b show_dashboard_menu!:b show_filters_toggle!:b show_dashboard_header!:b "
        "center_dashboard_title!:b dashboard_title_font_size!:s box_shadow!:s page_margin_top!:s "
        "page_margin_bottom!:s page_margin_sides!:s show_explore_header!:b show_explore_title!:b "
        "show_explore_last_run!:b show_explore_timezone!:b show_explore_run_stop_button!:b "
        "show_explore_actions_button!:b show_look_header!:b show_look_title!:b show_look_last_run!:b "
        "show_look_timezone!:b show_look_run_stop_button!:b show_look_actions_button!:b tile_title_font_size!:s "
        "column_gap_size!:s row_gap_size!:s border_radius!:s background_image_url!?:s background_image_id!?:s "
        "background_opacity!?:f"
    ),
    "ColorCollection": (
        "id:s label!:s categoricalPalettes!:[DiscretePalette] sequentialPalettes!:[ContinuousPalette] "
        "divergingPalettes!:[ContinuousPalette]"
    ),
    "DiscretePalette": "id:s label!?:s type!:s colors!:[s]",
    "ContinuousPalette": "id:s label!?:s type!:s stops!:[ColorStop]",
    "ColorStop": "color!:s offset!:i",
    "DBConnection": (
        "can:{b} name!:s dialect!:Dialect snippets:[Snippet] pdts_enabled:b named_driver_version_requested!?:s "
        "named_driver_version_actual?:s host!?:s port!?:s username!?:s password*?:s has_password:b uses_oauth:b "
        "uses_key_pair_auth!:b uses_instance_oauth:b uses_service_auth:b certificate*?:s file_type*?:s database!?:s "
        "db_timezone!?:s query_timezone!?:s schema!?:s max_connections!?:i max_queries!?:i max_queries_per_user!?:i "
        "max_billing_gigabytes!?:s ssl!:b verify_ssl!:b tmp_db_name!?:s tmp_db_host!?:s jdbc_additional_params!?:s "
        "pool_timeout!?:i dialect_name!?:s supports_data_studio_link:b created_at?:s user_id?:s example:b "
        "user_db_credentials!?:b user_attribute_fields!?:[s] maintenance_cron!?:s last_regen_at?:s last_reap_at?:s "
        "sql_runner_precache_tables!:b sql_writing_with_info_schema!:b after_connect_statements!?:s "
        "pdt_context_override!:DBConnectionOverride managed:b custom_local_port!?:i tunnel_id!?:s uses_tns!?:b "
        "pdt_concurrency!?:i disable_context_comment!?:b oauth_application_id!?:s always_retry_failed_builds!?:b "
        "uses_application_default_credentials!?:b impersonated_service_account!?:s cost_estimate_enabled!?:b "
        "pdt_api_control_enabled!?:b connection_pooling!:b default_bq_connection:b bq_storage_project_id!?:s "
        "bq_roles_verified!?:b p4sa_name?:s query_holding_disabled!:b service_name!?:s service_account_auth_enabled!?:b "
        "user_attr_certificate!?:s"
    ),
    "Dialect": (
        "name:s label:s supports_cost_estimate:b cost_estimate_style?:s persistent_table_indexes:s "
        "persistent_table_sortkeys:s persistent_table_distkey:s supports_streaming:b "
        "automatically_run_sql_runner_snippets:b connection_tests:[s] supports_inducer:b "
        "supports_multiple_databases:b supports_persistent_derived_tables:b has_ssl_support:b"
    ),
    "Snippet": "name:s label:s sql:s",
    "DBConnectionOverride": (
        "context!:s host!?:s pdt_host!?:s port!?:s pdt_port!?:s username!?:s pdt_username!?:s password*?:s "
        "pdt_password*?:s has_password:b certificate*?:s pdt_certificate*?:s file_type*?:s pdt_file_type*?:s "
        "database!?:s pdt_database!?:s schema!?:s pdt_schema!?:s jdbc_additional_params!?:s "
        "pdt_jdbc_additional_params!?:s after_connect_statements!?:s pdt_after_connect_statements!?:s "
        "pdt_service_name!?:s"
    ),
    "Project": (
        "can:{b} id:s name!:s uses_git:b is_git_dev_locked:b git_remote_url!?:s git_username!?:s git_password*?:s "
        "git_production_branch_name!:s use_git_cookie_auth!:b git_username_user_attribute!?:s "
        "git_password_user_attribute!?:s git_service_name!?:s git_application_server_http_port!?:i "
        "git_application_server_http_scheme!?:s deploy_secret*?:s unset_deploy_secret*:b pull_request_mode!:s "
        "validation_required!:b git_release_mgmt_enabled!:b allow_warnings!:b is_example:b "
        "has_production_counterpart:b dependency_status!?:s"
    ),
    "Datagroup": (
        "can:{b} created_at?:i id:s model_name?:s name?:s stale_before!?:i trigger_check_at?:i trigger_error?:s "
        "trigger_value?:s triggered_at!?:i"
    ),
    "IntegrationHub": (
        "can:{b} id:s url!:s label:s official:b fetch_error_message?:s authorization_token*?:s "
        "has_authorization_token:b legal_agreement_signed:b legal_agreement_required:b legal_agreement_text?:s"
    ),
    "Integration": (
        "can:{b} id:s integration_hub_id:s label:s description?:s enabled!:b params!:[IntegrationParam] "
        "supported_formats:[s] supported_action_types:[s] supported_formattings:[s] "
        "supported_visualization_formattings:[s] supported_download_settings:[s] icon_url?:s uses_oauth?:b "
        "required_fields:[IntegrationRequiredField] privacy_link?:s delegate_oauth?:b "
        "installed_delegate_oauth_targets!:[s]"
    ),
    "IntegrationParam": (
        "name!?:s label?:s description?:s required:b has_value:b value!?:s user_attribute_name!?:s sensitive?:b "
        "per_user:b delegate_oauth_url?:s"
    ),
    "IntegrationRequiredField": "tag?:s any_tag?:[s] all_tags?:[s]",
    "ApiVersion": (
        "looker_release_version:s current_version!:ApiVersionElement supported_versions:[ApiVersionElement] "
        "api_server_url:s web_server_url:s"
    ),
    "ApiVersionElement": "version?:s full_version?:s status?:s swagger_url?:s",
    "ContentValidation": (
        "content_with_errors?:[ContentValidatorError] computation_time?:f total_looks_validated?:i "
        "total_dashboard_elements_validated?:i total_dashboard_filters_validated?:i "
        "total_scheduled_plans_validated?:i total_alerts_validated?:i total_explores_validated?:i"
    ),
    "Timezone": "value?:s label?:s group?:s",
    "Locale": "code?:s native_name?:s english_name?:s",
}
