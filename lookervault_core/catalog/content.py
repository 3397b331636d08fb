"""Looks and dashboards, with the queries in them."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    OWNER,
    Call,
    Child,
    ContentType,
    NaturalKey,
    Protected,
    RecreatedDifferently,
    Ref,
    WriteCall,
    WriteFacts,
    crud,
    part,
    within_query,
    words,
)

# What lies in folders, has a trash, and sends mails and alerts.
CONTENT = ("dashboards", "looks")
# What mails and messages go out from content by, and what a folder has in it.
DELIVERIES = ("scheduled_plans", "alerts")
IN_FOLDERS = ("folders", *CONTENT, *DELIVERIES)
CERTIFY = {
    "dashboards": WriteCall("update_dashboard_certification", "PATCH", "/dashboards/{id}/certification"),
    "looks": WriteCall("update_look_certification", "PATCH", "/looks/{id}/certification"),
}
CREATE_QUERY = WriteCall("create_query", "POST", "/queries", db_query=True)
CREATE_MERGE_QUERY = WriteCall("create_merge_query", "POST", "/merge_queries", db_query=True)
# The fields that hold a whole query, and the type of what is in them. Those are made along with what shows them.
STRUCTURES = {"query": "queries", "merge_query": "merge_queries"}
MADE_BY = {"queries": CREATE_QUERY, "merge_queries": CREATE_MERGE_QUERY}

ROWS = (
    ContentType(
        name="looks",
        poll=Call("search_looks", "/looks/search", {"deleted": "false", "fields": "id,updated_at"}),
        search=Call("search_looks", "/looks/search", {"deleted": "false"}),
        singular="look",
        payload="LookWithQuery",
        trash="trashed_looks",
        listing="targets",
        # The only bulk route that carries the query; all_looks and search_looks leave it out.
        list=Call("folder_looks", "/folders/{id}/looks"),
        by_id=Call("look", "/looks/{id}"),
        census=Call("all_looks", "/looks", {"fields": "id,folder_id"}),
        targets_from="looks",
        name_fields=("title",),
        full_keys=("query",),
        shape="look",
        # The whole look but for its query, and a query never changes under its id.
        proof=Call("search_looks", "/looks/search", {"deleted": "false"}),
        proof_by={"query": "query_id", "url": "id"},
        by_folder=Call("folder_looks", "/folders/{id}/looks"),
        writes=WriteFacts(
            schema="LookWithQuery",
            **crud("look", "/looks"),
            writable=words("title description user_id folder_id is_run_on_load public"),
            forced=("query", "certification"),
            references=(OWNER, Ref("folder_id", "folders"), Ref("description", kind="links"), *within_query("query")),
            natural=(NaturalKey(("folder_id", "title")),),
            shows=("query", "description"),
            recreated_differently=(
                RecreatedDifferently(
                    "public_slug",
                    "Looker gives it a new public link: the old one is dead wherever it is used",
                    "public",
                ),
            ),
            undelete={"deleted": False},
        ),
    ),
    ContentType(
        name="dashboards",
        poll=Call("search_dashboards", "/dashboards/search", {"deleted": "false", "fields": "id,updated_at"}),
        census_too=("lookml_dashboards",),
        singular="dashboard",
        payload="Dashboard",
        trash="trashed_dashboards",
        listing="paged",
        list=Call("search_dashboards", "/dashboards/search", {"deleted": "false"}),
        by_id=Call("dashboard", "/dashboards/{id}"),
        census=Call("all_dashboards", "/dashboards", {"fields": "id"}),
        sorts="id",
        page_size=100,
        name_fields=("title",),
        full_keys=("dashboard_elements", "dashboard_filters", "dashboard_layouts"),
        shape="dashboard",
        lookml=False,
        by_folder=Call("search_dashboards", "/dashboards/search", {"deleted": "false", "folder_id": "{id}"}),
        writes=WriteFacts(
            schema="Dashboard",
            **crud("dashboard", "/dashboards"),
            writable=words(
                "title description hidden query_timezone refresh_interval user_id slug preferred_viewer "
                "alert_sync_with_dashboard_filter_enabled chat_enabled background_color crossfilter_enabled "
                "enable_viz_full_screen filters_bar_collapsed filters_location_top load_configuration lookml_link_id "
                "show_filters_bar show_title folder_id text_tile_text_color tile_background_color tile_text_color title_color "
                "appearance preserve_desktop_layout download_settings"
            ),
            forced=("certification",),
            references=(OWNER, Ref("folder_id", "folders"), Ref("description", kind="links")),
            natural=(NaturalKey(("slug",), in_trash=True), NaturalKey(("folder_id", "title"))),
            shows=("description",),
            protected=(Protected("readonly", True, "a LookML dashboard: it comes back with its LookML"),),
            children=(
                Child("dashboard_filters", "dashboard_filters", work=True),
                Child("dashboard_layouts", "dashboard_layouts", comes_with=True),
                Child("dashboard_elements", "dashboard_elements", named=True, work=True),
            ),
            undelete={"deleted": False},
        ),
    ),
    part(
        "merge_queries",
        "dashboards",
        Call("merge_query", "/merge_queries/{id}", db_query=True),
        singular="merge_query",
        shape="merge_query",
        payload="MergeQuery",
        immutable=True,
        linked=True,
    ),
    part(
        "queries",
        "merge_queries",
        Call("query", "/queries/{id}", db_query=True),
        singular="query",
        has_slugs=True,
        immutable=True,
        linked=True,
        part_of="dashboards",
        payload="Query",
    ),
    # The call is in the public reference from 26.16 on, what names pictures in the SDK from 26.18 on. No page says what a slug is:
    # the last part of the address that a tile shows is taken for it. Nor that the picture under one stays the same.
    part(
        "dashboard_images",
        "dashboards",
        Call("get_dashboard_image", "/dashboards/{head}/images/{tail}", media=True),
        singular="dashboard_image",
        linked=True,
        audited=True,
        restorable=False,
        archive=True,
    ),
)

NESTED = (
    WriteFacts(
        name="dashboard_filters",
        label="filters",
        schema="DashboardFilter",
        read=Call("dashboard_filter", "/dashboard_filters/{id}"),
        **crud("dashboard_filter", "/dashboard_filters"),
        writable=words(
            "name title type default_value model explore dimension row listens_to_filters allow_multiple_values required ui_config"
        ),
        natural=(NaturalKey(("name",)),),
        shows=words("name title type model explore dimension default_value"),
    ),
    WriteFacts(
        name="dashboard_layouts",
        label="tabs",
        # Looker makes one active layout together with the dashboard: it is the one that the backup has as active.
        made_along="active",
        schema="DashboardLayout",
        read=Call("dashboard_layout", "/dashboard_layouts/{id}"),
        **crud("dashboard_layout", "/dashboard_layouts"),
        writable=words("type active column_width width label description order lookml_link_id"),
        children=(Child("dashboard_layout_components", "dashboard_layout_components", comes_with=True),),
        natural=(NaturalKey(("label",), False),),
        shows=words("label type description"),
    ),
    WriteFacts(
        name="dashboard_elements",
        label="tiles",
        schema="DashboardElement",
        read=Call("dashboard_element", "/dashboard_elements/{id}"),
        **crud("dashboard_element", "/dashboard_elements"),
        writable=words(
            "body_text dashboard_layout_id look_id note_display note_state note_text filter_id refresh_interval "
            "subtitle_text title title_hidden title_text type rich_content_json extension_id aria_description "
            "certification_metadata"
        ),
        # `filterables[].listen` ties tiles to filters; the specification calls it read-only.
        # That of a tile of hand-written SQL also says how it is drawn: a SQL query is in no backup.
        forced=words("query merge_query sql_query_id filterables sources vis_config dynamic_fields sorts total"),
        references=(
            Ref("dashboard_layout_id", "dashboard_layouts", optional=True),
            Ref("filter_id", "dashboard_filters", optional=True),
            Ref("look_id", "looks"),
            *(
                Ref(field, kind="links")
                for field in words("title_text subtitle_text body_text note_text rich_content_json")
            ),
            *within_query("query"),
            *within_query("merge_query"),
            *within_query("merge_query.source_queries[].query"),
            *within_query(),
        ),
        natural=(NaturalKey(("type", "title", "title_text"), False),),
        shows=words(
            "type title title_text subtitle_text body_text rich_content_json extension_id look_id query merge_query sql_query_id"
        ),
        away={
            "image_id": "no call uploads a picture: `lookervault show dashboard_images` gives the backup's; put it on in Looker"
        },
        # The body of a tile has it (OpenAPI 4.0.26.12); there is no call for it as there is for looks and dashboards.
        fixed={"certification_metadata": "Looker has no call that certifies a tile: certify it again by hand"},
    ),
    WriteFacts(
        name="dashboard_layout_components",
        label="places",
        made_with="dashboard_elements",
        schema="DashboardLayoutComponent",
        # Looker makes and removes a component together with its tile; there is no other way.
        update=WriteCall("update_dashboard_layout_component", "PATCH", "/dashboard_layout_components/{id}"),
        writable=words(
            "row column width height deleted granular_row granular_column granular_width granular_height group_id"
        ),
        forced=("dashboard_element_id",),
        # Tiles are in a group by naming its place (SDK 26.18), which may be one without a tile.
        references=(
            Ref("dashboard_element_id", "dashboard_elements"),
            Ref("group_id", "dashboard_layout_components", optional=True),
        ),
        natural=(NaturalKey(("dashboard_element_id",)),),
    ),
)
