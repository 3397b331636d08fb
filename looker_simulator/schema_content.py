"""Shapes of content: dashboards, looks, queries, folders, boards.

Notation: see ``schema.py``. Source: OpenAPI 4.0.26.12, components.schemas.
"""

TABLE = {
    "Report": (
        "can:{b} id!:s title!?:s user_id!?:s created_at?:t updated_at?:t last_viewed_at?:t favorite!:b favorite_count?:i "
        "view_count?:i folder!:FolderBase folder_id!?:s url?:s user_name?:s deleted_at?:t last_accessed_at?:t deleter_user_id?:s "
        "deleter_user_name?:s schedule_count?:i"
    ),
    "DashboardBase": (
        "can:{b} content_favorite_id?:s content_metadata_id?:s description?:s hidden:b id:s model!:LookModel "
        "query_timezone?:s readonly:b refresh_interval?:s refresh_interval_to_i?:i folder!:FolderBase title?:s "
        "user_id?:s slug?:s preferred_viewer?:s certification_metadata!:Certification"
    ),
    "Dashboard": (
        "can:{b} content_favorite_id?:s content_metadata_id?:s description!?:s hidden!:b id:s model!:LookModel "
        "query_timezone!?:s readonly:b refresh_interval!?:s refresh_interval_to_i?:i folder!:FolderBase title!?:s "
        "user_id!?:s slug!?:s preferred_viewer!?:s certification_metadata!:Certification "
        "alert_sync_with_dashboard_filter_enabled!:b chat_enabled!:b background_color!?:s created_at?:t "
        "crossfilter_enabled!:b dashboard_elements?:[DashboardElement] dashboard_filters?:[DashboardFilter] "
        "dashboard_layouts?:[DashboardLayout] deleted!:b deleted_at?:t deleter_id?:s edit_uri?:s "
        "enable_viz_full_screen!:b favorite_count?:i filters_bar_collapsed!:b filters_location_top!:b "
        "last_accessed_at?:t last_viewed_at?:t updated_at?:t last_updater_id?:s last_updater_name?:s user_name?:s "
        "load_configuration!?:s lookml_link_id!?:s show_filters_bar!?:b show_title!?:b folder_id!?:s "
        "text_tile_text_color!?:s tile_background_color!?:s tile_text_color!?:s title_color!?:s view_count?:i "
        "appearance!:DashboardAppearance usage_count?:i is_owner_disabled:b url?:s preserve_desktop_layout!:b "
        "download_settings!:DashboardDownloadSettings layout_granularity!?:s style!?:s"
    ),
    "DashboardElement": (
        "can:{b} body_text!?:s body_text_as_html?:s dashboard_id!?:s dashboard_layout_id!?:s edit_uri?:s id:s "
        "look!:LookWithQuery look_id!?:s lookml_link_id?:s merge_result_id!?:s note_display!?:s note_state!?:s "
        "note_text!?:s note_text_as_html?:s query!:Query query_id!?:s filter_id!?:s refresh_interval!?:s "
        "refresh_interval_to_i?:i result_maker!:ResultMakerWithIdVisConfigAndDynamicFields result_maker_id!?:s "
        "subtitle_text!?:s title!?:s title_hidden!:b title_text!?:s type!?:s alert_count?:i rich_content_json!?:s "
        "title_text_as_html?:s subtitle_text_as_html?:s extension_id!?:s aria_description!?:s "
        "certification_metadata!:Certification group_id?:s image_id!?:s images?:[Image]"
    ),
    "Image": "can:{b} id:s file_name?:s format?:s label?:s url?:s created_at?:t updated_at?:t",
    "ResultMakerWithIdVisConfigAndDynamicFields": (
        "id:s dynamic_fields!?:s filterables!?:[ResultMakerFilterables] sorts!?:[s] merge_result_id!?:s total!:b "
        "query_id?:s sql_query_id!?:s query!:Query vis_config!?:{o}"
    ),
    "ResultMakerFilterables": "model!?:s view!?:s name!?:s listen?:[ResultMakerFilterablesListen]",
    "ResultMakerFilterablesListen": "dashboard_filter_name!?:s field!?:s",
    "DashboardFilter": (
        "can:{b} id:s dashboard_id?:s name!?:s title!?:s type!?:s default_value!?:s model!?:s explore!?:s "
        "dimension!?:s field?:{o} row!?:i listens_to_filters!?:[s] allow_multiple_values!:b required!:b "
        "ui_config!?:{o}"
    ),
    "DashboardLayout": (
        "can:{b} id:s dashboard_id!?:s type!?:s active!:b column_width!?:i width!?:i deleted:b dashboard_title?:s "
        "dashboard_layout_components?:[DashboardLayoutComponent] label!?:s description!?:s order!?:i "
        "lookml_link_id!?:s"
    ),
    "DashboardLayoutComponent": (
        "can:{b} id:s dashboard_layout_id!?:s dashboard_element_id!?:s row!?:i column!?:i width!?:i height!?:i "
        "deleted!:b element_title?:s element_title_hidden:b vis_type?:s granular_row!?:i granular_column!?:i "
        "granular_width!?:i granular_height!?:i group_id!?:s"
    ),
    "DashboardAppearance": (
        "page_side_margins!?:i page_background_color!?:s tile_title_alignment!?:s tile_space_between!?:i "
        "tile_background_color!?:s tile_shadow!?:b key_color!?:s modern_vis2026!?:b show_dashboard_header!?:b show_title!?:b "
        "show_filters_bar!?:b show_filters_toggle!?:b show_reload_data_icon!?:b show_dashboard_menu!?:b "
        "show_last_updated_indicator!?:b background_opacity!?:f"
    ),
    "DashboardDownloadSettings": (
        "format_option!?:s value_options!?:s result_options!?:s limit_options!?:s rows_limit!?:i columns_limit!?:i "
        "append_excel_metadata!?:b include_filters!?:b"
    ),
    "DashboardLookml": "dashboard_id?:s folder_id*?:s lookml!?:s",
    "CreateDashboardFilter": (
        "id:s dashboard_id!+?:s name!+?:s title!+?:s type!+?:s default_value!?:s model!?:s explore!?:s dimension!?:s "
        "field?:{o} row!?:i listens_to_filters!?:[s] allow_multiple_values!:b required!:b ui_config!?:{o}"
    ),
    "Certification": "certification_status!?:s ui_status?:s user_name?:s notes!?:s updated_at?:t",
    "LookModel": "id:s label?:s",
    "Look": (
        "can:{b} content_metadata_id?:s id:s title!?:s user_id!?:s certification_metadata!:Certification "
        "content_favorite_id?:s created_at?:t deleted!:b deleted_at?:t deleter_id?:s description!?:s embed_url?:s "
        "excel_file_url?:s favorite_count?:i google_spreadsheet_formula?:s image_embed_url?:s is_run_on_load!:b "
        "last_accessed_at?:t last_updater_id?:s last_viewed_at?:t model!:LookModel public!:b public_slug?:s "
        "public_url?:s query_id!?:s short_url?:s folder!:FolderBase folder_id!?:s updated_at?:t user_name?:s "
        "view_count?:i usage_count?:i is_owner_disabled:b"
    ),
    "LookBasic": "can:{b} content_metadata_id?:s id:s title?:s user_id!?:s certification_metadata!:Certification",
    "LookWithQuery": (
        "can:{b} content_metadata_id?:s id:s title!?:s user_id!?:s certification_metadata!:Certification "
        "content_favorite_id?:s created_at?:t deleted!:b deleted_at?:t deleter_id?:s description!?:s embed_url?:s "
        "excel_file_url?:s favorite_count?:i google_spreadsheet_formula?:s image_embed_url?:s is_run_on_load!:b "
        "last_accessed_at?:t last_updater_id?:s last_viewed_at?:t model!:LookModel public!:b public_slug?:s "
        "public_url?:s query_id!?:s short_url?:s folder!:FolderBase folder_id!?:s updated_at?:t user_name?:s "
        "view_count?:i usage_count?:i is_owner_disabled:b query!:Query url?:s"
    ),
    "LookWithDashboards": (
        "can:{b} content_metadata_id?:s id:s title!?:s user_id!?:s certification_metadata!:Certification "
        "content_favorite_id?:s created_at?:t deleted!:b deleted_at?:t deleter_id?:s description!?:s embed_url?:s "
        "excel_file_url?:s favorite_count?:i google_spreadsheet_formula?:s image_embed_url?:s is_run_on_load!:b "
        "last_accessed_at?:t last_updater_id?:s last_viewed_at?:t model!:LookModel public!:b public_slug?:s "
        "public_url?:s query_id!?:s short_url?:s folder!:FolderBase folder_id!?:s updated_at?:t user_name?:s "
        "view_count?:i usage_count?:i is_owner_disabled:b dashboards?:[DashboardBase]"
    ),
    "Query": (
        "can:{b} id:s model!+:s view!+:s fields!?:[s] pivots!?:[s] fill_fields!?:[s] filters!?:{s} "
        "filter_expression!?:s sorts!?:[s] limit!?:s column_limit!?:s total!?:b row_total!?:s subtotals!?:[s] "
        "vis_config!?:{o} filter_config!?:{o} visible_ui_sections!?:s slug?:s dynamic_fields!?:s client_id!?:s "
        "share_url?:s expanded_share_url?:s url?:s query_timezone!?:s has_table_calculations:b"
    ),
    "MergeQuery": (
        "can:{b} column_limit!?:s dynamic_fields!?:s id:s pivots!?:[s] result_maker_id?:s sorts!?:[s] "
        "source_queries!?:[MergeQuerySourceQuery] total!:b limit!?:s vis_config!?:{s}"
    ),
    "MergeQuerySourceQuery": "merge_fields!?:[MergeFields] name!?:s query_id!?:s query_slug!?:s",
    "MergeFields": "field_name!?:s source_field_name!?:s",
    "SqlQuery": (
        "can:{b} slug:s last_runtime?:f run_count:i browser_limit:i sql:s last_run_at?:s connection!:DBConnectionBase "
        "model_name?:s creator!:UserPublic explore_url?:s plaintext:b vis_config!?:{o} result_maker_id!?:s"
    ),
    "DBConnectionBase": "can:{b} name:s dialect!:Dialect snippets:[Snippet] pdts_enabled:b",
    "FolderBase": (
        "name!+:s parent_id!?:s id:s content_metadata_id?:s created_at?:t creator_id?:s child_count?:i external_id?:s "
        "is_embed:b is_embed_shared_root:b is_embed_users_root:b is_personal:b is_personal_descendant:b "
        "is_shared_root:b is_users_root:b can:{b}"
    ),
    "Folder": (
        "name!+:s parent_id!?:s id:s content_metadata_id?:s created_at?:t creator_id?:s child_count?:i external_id?:s "
        "is_embed:b is_embed_shared_root:b is_embed_users_root:b is_personal:b is_personal_descendant:b "
        "is_shared_root:b is_users_root:b can:{b} dashboards?:[DashboardBase] looks?:[LookWithDashboards]"
    ),
    "CreateFolder": "name!+:s parent_id!+:s",
    "UpdateFolder": "name!:s parent_id!:s",
    "ContentMeta": (
        "can:{b} id:s name?:s parent_id?:s dashboard_id?:s look_id?:s folder_id?:s homepage_id?:s agent_id?:s "
        "content_type?:s inherits!:b inheriting_id?:s slug?:s"
    ),
    "ContentMetaGroupUser": "can:{b} id:s content_metadata_id?:s permission_type?:s group_id?:s user_id?:s",
    "ContentFavorite": (
        "id:s user_id!:s content_metadata_id!:s look_id?:s dashboard_id?:s look!:LookBasic dashboard!:DashboardBase "
        "board_id?:s lookml_dashboard_id?:s lookml_dashboard!:DashboardBase"
    ),
    "Board": (
        "can:{b} content_metadata_id?:s created_at?:t deleted_at!?:t description!?:s board_sections?:[BoardSection] "
        "id:s section_order!?:[s] title!?:s updated_at?:t user_id!?:s primary_homepage:b"
    ),
    "BoardSection": (
        "can:{b} created_at?:t deleted_at!?:t description!?:s board_id!?:s board_items?:[BoardItem] id:s "
        "item_order!?:[s] visible_item_order?:[s] title!?:s updated_at?:t"
    ),
    "BoardItem": (
        "can:{b} content_created_by?:s content_favorite_id?:s content_metadata_id?:s content_updated_at?:s "
        "custom_description!?:s custom_title!?:s custom_url!?:s dashboard_id!?:s description?:s favorite_count?:i "
        "board_section_id!?:s id:s image_url?:s location?:s look_id!?:s lookml_dashboard_id!?:s order!?:i title?:s "
        "url:s use_custom_description!:b use_custom_title!:b use_custom_url!:b view_count?:i "
        "custom_image_data_base64*?:s custom_image_url?:s use_custom_image!:b"
    ),
}
