"""Types that are kept only to look things up in: no restore writes them."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import Call, ContentType

# Found by number wherever they are: nobody can delete them, and no listing names them.
ETERNAL = frozenset({"queries", "merge_queries", "sql_queries", "integrations", "integration_hubs"})
# Their ids are names, model and all: the same on every instance that has their LookML.
NAMED = frozenset({"lookml_dashboards"})

ROWS = (
    ContentType(
        name="integration_hubs",
        singular="integration_hub",
        payload="IntegrationHub",
        list=Call("all_integration_hubs", "/integration_hubs"),
        by_id=Call("integration_hub", "/integration_hubs/{id}"),
        census=Call("all_integration_hubs", "/integration_hubs", {"fields": "id"}),
        name_fields=("label", "url"),
        restorable=False,
        archive=True,
    ),
    ContentType(
        name="lookml_dashboards",
        singular="lookml_dashboard",
        payload="Dashboard",
        listing="paged",
        list=Call("search_lookml_dashboards", "/dashboards/lookml/search"),
        by_id=Call("dashboard", "/dashboards/{id}"),
        census=Call("all_dashboards", "/dashboards", {"fields": "id"}),
        sorts="id",
        page_size=100,
        name_fields=("title",),
        restorable=False,
        archive=True,
        lookml=True,
    ),
    ContentType(
        name="content_favorites",
        singular="content_favorite",
        payload="ContentFavorite",
        listing="paged",
        list=Call("search_content_favorites", "/content_favorite/search"),
        census=Call("search_content_favorites", "/content_favorite/search", {"fields": "id"}),
        by_id=Call("search_content_favorites", "/content_favorite/search", {"id": "{id}"}),
        unwrap=True,
        census_paged=True,
        sorts="id",
        name_fields=(),
        restorable=False,
        archive=True,
    ),
    ContentType(
        name="trashed_dashboards",
        singular="trashed_dashboard",
        payload="Dashboard",
        listing="paged",
        list=Call("search_dashboards", "/dashboards/search", {"deleted": "true"}),
        by_id=Call("dashboard", "/dashboards/{id}"),
        census=Call("search_dashboards", "/dashboards/search", {"deleted": "true", "fields": "id"}),
        census_paged=True,
        sorts="id",
        page_size=100,
        name_fields=("title",),
        full_keys=("dashboard_elements", "dashboard_filters", "dashboard_layouts"),
        shape="dashboard",
        restorable=False,
        by_folder=Call("search_dashboards", "/dashboards/search", {"deleted": "true", "folder_id": "{id}"}),
    ),
    ContentType(
        name="trashed_looks",
        search=Call("search_looks", "/looks/search", {"deleted": "true"}),
        singular="trashed_look",
        payload="LookWithQuery",
        listing="targets",
        # The search is thin (no query), so each trashed look is read by id.
        list=Call("look", "/looks/{id}"),
        many=False,
        targets_from="trashed_looks",
        page_size=50,
        by_id=Call("look", "/looks/{id}"),
        census=Call("search_looks", "/looks/search", {"deleted": "true", "fields": "id"}),
        proof=Call("search_looks", "/looks/search", {"deleted": "true"}),
        proof_by={"query": "query_id", "url": "id"},
        census_paged=True,
        name_fields=("title",),
        full_keys=("query",),
        shape="look",
        restorable=False,
        by_folder=Call("look", "/looks/{id}"),
    ),
)
