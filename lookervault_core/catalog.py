"""One row per content type: where Looker lists it, what makes a payload whole, and what it is called.

Facts are from the OpenAPI description of API 4.0 (release 26.12) unless a row says otherwise. A fact about a content type
stands here and nowhere else: the code that extracts, verifies and restores reads these rows and has no type names of its own.
Rows stand in restore order; a part follows the type that it completes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Literal

import msgspec

from lookervault_core.diff.payloads import may_differ
from lookervault_core.errors import UsageError

Listing = Literal["paged", "whole", "targets"]
Shape = Literal["plain", "look", "dashboard", "merge_query", "plan"]

SINGLE = "default"
PART_PAGE = 5_000  # rows of a list that belongs to one object


class Call(msgspec.Struct, frozen=True):
    """One read operation: its `operationId`, its path below /api/4.0 and fixed query parameters.

    `{id}` in the path or in a parameter stands for the id (or the target) asked for; `{head}` and `{tail}` for what stands
    before and behind its `::`.
    """

    operation: str
    path: str
    params: Mapping[str, str | int | bool] = {}
    db_query: bool = False

    @property
    def is_whole(self) -> bool:
        """Return whether the call asks for a whole listing, and not for what one id names."""
        return "{" not in self.path and "{id}" not in self.params.values()


class ContentType(msgspec.Struct, frozen=True):
    """How one content type is listed, read, named and completed.

    `listing`: `paged` walks limit and offset; `whole` is one call that returns everything; `targets` makes one call per
    entry of `targets_from`. With `many` such a call returns rows that are items; without, the answer itself is the item and
    the target is its id. `census` is the independent listing of ids that proves completeness; a part has none, its ids
    follow from what was captured. `by_id` reads one whole item; `unwrap` takes the only row of a list answer.
    `full_keys` are missing from a thin payload; such an item is read again by id. `by_folder` lists one folder, for
    captures that are narrowed to folders; the census then names the folder of each id. `proof` lists whole rows, but for
    the fields that `proof_by` names with the field that decides each: an object whose row is as the vault has it is not
    read again by an incremental run. Types without one are read whole each time: nothing says that updated_at moves with
    every change.
    `exists` tells by its 404 that an object of an `unwrap` type is gone, which an empty list does not.
    What `has_slugs` is also shown under the slug that names it beside its number.
    Of a `single` part there is one for the whole instance; its id is `SINGLE`. An `unsorted` listing takes limit and offset but
    no sorts: it is asked for in one call, and what a server leaves out of a long one is looked for. An `archive` is kept to look
    things up in: nothing of it can ever be restored. Of a type whose `list` may leave out what is switched off, `every_state`
    lists all of it where a release has it, `other_states` the rest where another parameter does, and `listed_on` says by type
    of content which call names what is on one object of it.
    `volatile` are the paths of what may differ between two payloads of an object that has not changed.
    """

    name: str
    singular: str
    list: Call
    listing: Listing = "whole"
    by_id: Call | None = None
    unwrap: bool = False
    exists: Call | None = None
    census: Call | None = None
    census_paged: bool = False
    id_field: str = "id"
    name_fields: tuple[str, ...] = ("name",)
    sorts: str | None = None
    page_size: int = 500
    many: bool = True
    targets_from: str | None = None
    part_of: str | None = None
    full_keys: tuple[str, ...] = ()
    shape: Shape = "plain"
    proof: Call | None = None
    proof_by: Mapping[str, str] = {}
    restorable: bool = True
    lookml: bool | None = None
    by_folder: Call | None = None
    volatile: frozenset[str] = frozenset()
    single: bool = False
    has_slugs: bool = False
    unsorted: bool = False
    archive: bool = False
    every_state: Call | None = None
    other_states: tuple[Call, ...] = ()
    listed_on: Mapping[str, Call] = {}

    @property
    def is_part(self) -> bool:
        return self.part_of is not None


_ANYBODYS = {"all_users": True, "fields": "id,enabled"}


def _part(name: str, of: str, call: Call, **more: Any) -> ContentType:
    """Return the row of a part: one answer per `of` item, kept under the id of that item."""
    facts: dict[str, Any] = {
        "singular": name,
        "listing": "targets",
        "by_id": call,
        "many": False,
        "targets_from": of,
        "part_of": of,
        "name_fields": (),
        "page_size": 100,
    }
    return ContentType(name=name, list=call, **(facts | more))


_ROWS = (
    ContentType(
        name="users",
        singular="user",
        listing="paged",
        list=Call("all_users", "/users"),
        by_id=Call("user", "/users/{id}"),
        census=Call("search_users", "/users/search", {"fields": "id"}),
        census_paged=True,
        sorts="id",
        page_size=200,
        name_fields=("display_name", "email"),
    ),
    _part(
        "user_attribute_values",
        "users",
        # Effective values with their `source`: only those set on the user may ever be written back.
        Call("user_attribute_user_values", "/users/{id}/attribute_values"),
    ),
    ContentType(
        name="groups",
        singular="group",
        listing="paged",
        # The only listing that also has parent_group_ids and role_ids.
        list=Call("search_groups_with_hierarchy", "/groups/search/with_hierarchy"),
        by_id=Call("search_groups_with_hierarchy", "/groups/search/with_hierarchy", {"id": "{id}"}),
        unwrap=True,
        exists=Call("group", "/groups/{id}"),
        census=Call("all_groups", "/groups", {"fields": "id"}),
        census_paged=True,
        sorts="id",
        full_keys=("parent_group_ids", "role_ids"),
    ),
    # The direct members only; the one part that Looker pages.
    _part("group_users", "groups", Call("all_group_users", "/groups/{id}/users", {"fields": "id"}), sorts="id"),
    ContentType(
        name="permission_sets",
        singular="permission_set",
        list=Call("all_permission_sets", "/permission_sets"),
        by_id=Call("permission_set", "/permission_sets/{id}"),
        census=Call("search_permission_sets", "/permission_sets/search", {"fields": "id"}),
        census_paged=True,
    ),
    ContentType(
        name="model_sets",
        singular="model_set",
        list=Call("all_model_sets", "/model_sets"),
        by_id=Call("model_set", "/model_sets/{id}"),
        census=Call("search_model_sets", "/model_sets/search", {"fields": "id"}),
        census_paged=True,
    ),
    ContentType(
        name="roles",
        singular="role",
        list=Call("all_roles", "/roles"),
        by_id=Call("role", "/roles/{id}"),
        census=Call("search_roles", "/roles/search", {"fields": "id"}),
        census_paged=True,
    ),
    _part("role_groups", "roles", Call("role_groups", "/roles/{id}/groups", {"fields": "id"})),
    _part(
        "role_users",
        "roles",
        # Without direct_association_only the users inherited through groups are mixed in.
        Call("role_users", "/roles/{id}/users", {"fields": "id", "direct_association_only": True}),
    ),
    ContentType(
        name="user_attributes",
        singular="user_attribute",
        list=Call("all_user_attributes", "/user_attributes"),
        by_id=Call("user_attribute", "/user_attributes/{id}"),
        census=Call("all_user_attributes", "/user_attributes", {"fields": "id"}),
        name_fields=("label", "name"),
    ),
    _part(
        "user_attribute_group_values",
        "user_attributes",
        Call("all_user_attribute_group_values", "/user_attributes/{id}/group_values"),
    ),
    ContentType(
        name="folders",
        singular="folder",
        list=Call("all_folders", "/folders"),
        by_id=Call("folder", "/folders/{id}"),
        census=Call("search_folders", "/folders/search", {"fields": "id"}),
        census_paged=True,
    ),
    ContentType(
        name="content_metadata",
        singular="content_metadata",
        listing="targets",
        list=Call("all_content_metadatas", "/content_metadata", {"parent_id": "{id}"}),
        by_id=Call("content_metadata", "/content_metadata/{id}"),
        targets_from="folders",
        part_of="folders",
    ),
    _part(
        "content_metadata_accesses",
        "content_metadata",
        Call("all_content_metadata_accesses", "/content_metadata_access", {"content_metadata_id": "{id}"}),
        part_of="folders",
    ),
    ContentType(
        name="lookml_models",
        singular="lookml_model",
        # all_lookml_models pages but cannot sort, so it is read in one call.
        list=Call("all_lookml_models", "/lookml_models", {"include_internal": True, "include_self_service": True}),
        by_id=Call("lookml_model", "/lookml_models/{id}"),
        census=Call(
            "all_lookml_models",
            "/lookml_models",
            {"include_internal": True, "include_self_service": True, "fields": "name"},
        ),
        id_field="name",
        unsorted=True,
    ),
    _part(
        "explores",
        "lookml_models",
        Call("lookml_model_explore", "/lookml_models/{head}/explores/{tail}"),
        part_of=None,
        singular="explore",
        name_fields=("label", "name"),
        restorable=False,
        archive=True,
    ),
    ContentType(
        name="looks",
        singular="look",
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
    ),
    ContentType(
        name="dashboards",
        singular="dashboard",
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
    ),
    _part(
        "merge_queries",
        "dashboards",
        Call("merge_query", "/merge_queries/{id}", db_query=True),
        singular="merge_query",
        shape="merge_query",
    ),
    _part(
        "queries",
        "merge_queries",
        Call("query", "/queries/{id}", db_query=True),
        singular="query",
        has_slugs=True,
        part_of="dashboards",
    ),
    ContentType(
        name="alerts",
        singular="alert",
        # search_alerts has no sorts, so it is never paged; without all_owners only the caller's own alerts come back.
        list=Call("search_alerts", "/alerts/search", {"all_owners": True}),
        by_id=Call("get_alert", "/alerts/{id}"),
        census=Call("search_alerts", "/alerts/search", {"all_owners": True, "fields": "id"}),
        # No page says that the search gives disabled ones without being asked for them.
        other_states=(Call("search_alerts", "/alerts/search", {"all_owners": True, "disabled": True}),),
        name_fields=("custom_title", "description"),
        unsorted=True,
    ),
    ContentType(
        name="boards",
        singular="board",
        list=Call("all_boards", "/boards"),
        by_id=Call("board", "/boards/{id}"),
        census=Call("search_boards", "/boards/search", {"fields": "id"}),
        census_paged=True,
        name_fields=("title",),
        full_keys=("board_sections",),
    ),
    ContentType(
        name="scheduled_plans",
        singular="scheduled_plan",
        # Without all_users only the caller's own plans come back.
        list=Call("all_scheduled_plans", "/scheduled_plans", {"all_users": True}, db_query=True),
        by_id=Call("scheduled_plan", "/scheduled_plans/{id}", db_query=True),
        census=Call("all_scheduled_plans", "/scheduled_plans", {"all_users": True, "fields": "id"}, db_query=True),
        # From release 26.18 on (SDK 26.18); before that two tools ask System Activity for disabled plans.
        every_state=Call(
            "search_scheduled_plans", "/scheduled_plans/search", {"all_users": True, "all_states": True}, db_query=True
        ),
        listed_on={
            name: Call(f"scheduled_plans_for_{of}", f"/scheduled_plans/{of}/{{id}}", _ANYBODYS, db_query=True)
            for name, of in (("dashboards", "dashboard"), ("looks", "look"), ("lookml_dashboards", "lookml_dashboard"))
        },
        shape="plan",
    ),
    ContentType(
        name="themes",
        singular="theme",
        list=Call("all_themes", "/themes"),
        by_id=Call("theme", "/themes/{id}"),
        census=Call("all_themes", "/themes", {"fields": "id"}),
    ),
    # The operation that has replaced this one wants a theme_type, of which nothing says what there is.
    _part("default_theme", "themes", Call("default_theme", "/themes/default"), single=True),
    ContentType(
        name="color_collections",
        singular="color_collection",
        list=Call("all_color_collections", "/color_collections"),
        by_id=Call("color_collection", "/color_collections/{id}"),
        census=Call("all_color_collections", "/color_collections", {"fields": "id"}),
        name_fields=("label",),
    ),
    _part(
        "default_color_collection",
        "color_collections",
        Call("default_color_collection", "/color_collections/default"),
        single=True,
    ),
    ContentType(
        name="connections",
        singular="connection",
        list=Call("all_connections", "/connections"),
        by_id=Call("connection", "/connections/{id}"),
        census=Call("all_connections", "/connections", {"fields": "name"}),
        id_field="name",
    ),
    ContentType(
        name="integration_hubs",
        singular="integration_hub",
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
        singular="trashed_look",
        listing="targets",
        # The search is thin (no query), so each trashed look is read by id.
        list=Call("look", "/looks/{id}"),
        many=False,
        targets_from="trashed_looks",
        page_size=50,
        by_id=Call("look", "/looks/{id}"),
        census=Call("search_looks", "/looks/search", {"deleted": "true", "fields": "id"}),
        census_paged=True,
        name_fields=("title",),
        full_keys=("query",),
        shape="look",
        restorable=False,
        by_folder=Call("look", "/looks/{id}"),
    ),
)

CATALOG: Mapping[str, ContentType] = {
    row.name: msgspec.structs.replace(row, volatile=may_differ(row.name)) for row in _ROWS
}
_ALIASES = {row.singular: row.name for row in _ROWS}
_GROUPS = {
    "trash": ("trashed_dashboards", "trashed_looks"),
    "models": ("lookml_models",),
    "schedules": ("scheduled_plans",),
}


def row(name: str, known: Iterable[str] = CATALOG) -> ContentType:
    """Return the row of the content type called *name*, plural or singular; UsageError names the likely one, or those of the
    *known* ones that the caller can do something with."""
    key = name.strip().lower().replace("-", "_")
    found = CATALOG.get(_ALIASES.get(key, key))
    if found is None:
        likely = get_close_matches(key, [*CATALOG, *_ALIASES], n=1)
        meant = f"did you mean {_ALIASES.get(likely[0], likely[0])}?" if likely else f"known are {', '.join(known)}"
        raise UsageError(f"unknown content type {name!r}; {meant}")
    return found


def with_parts(names: Iterable[str] | None, exclude: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the types to capture for *names* (None: all), in catalog order, each with its parts.

    `trash` stands for both trashed types. Excluding a type excludes its parts.
    """
    wanted = expand(names) if names else {r.name for r in _ROWS if not r.is_part}
    refused = expand(exclude)
    kept = wanted - refused
    kept |= {source for name in kept for source in _sources(name)} - refused
    kept |= {r.name for r in _ROWS if r.part_of in kept and r.name not in refused}
    return tuple(r.name for r in _ROWS if r.name in kept and not _sources(r.name) & refused)


def _sources(name: str) -> set[str]:
    """Return the types that the targets of *name* are computed from, all the way up."""
    source = CATALOG[name].targets_from
    return {source} | _sources(source) if source and source != name else set()


def expand(names: Iterable[str]) -> set[str]:
    """Return the types that *names* stand for, without their parts; UsageError if one is unknown."""
    return {row(member).name for name in names for member in _GROUPS.get(name.strip().lower(), (name,))}
