"""How each content type is written: one row per type, beside its row in `catalog`.

Facts are from the OpenAPI description of API 4.0 (release 26.12) unless a row says otherwise. `writable` is the most that any
release takes; what the destination takes is narrower and read from its own specification at run time. Parts that have no
calls of their own here (members, access lists, queries) are written by the module of their family in `restore/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import CATALOG
from lookervault_core.families.users.providers import PROVIDERS
from lookervault_core.references import Ref
from lookervault_core.writes import Child, Collection, NaturalKey, Protected, Renewed, Verb, WriteCall, WriteFacts


def _crud(singular: str, path: str, *, replace: str = "") -> dict[str, Any]:
    """Return the usual three calls; *replace* names a different `update` operation that is a PUT."""
    verb: Verb = "PUT" if replace else "PATCH"
    return {
        "create": WriteCall(f"create_{singular}", "POST", path),
        "update": WriteCall(replace or f"update_{singular}", verb, path + "/{id}"),
        "delete": WriteCall(f"delete_{singular}", "DELETE", path + "/{id}"),
    }


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _within_query(path: str) -> tuple[Ref, ...]:
    """Return what the settings of a query name: colours, and content that its drills and custom fields link to."""
    return (
        Ref(f"{path}.vis_config", kind="colors"),
        Ref(f"{path}.vis_config", kind="links"),
        Ref(f"{path}.dynamic_fields", kind="links"),
    )


_OF_GROUPS = ("name", "can_add_to_content_metadata", "parent_group_ids")
# The password, the certificate and its type are written and never read (OpenAPI 4.0.26.12, DBConnection).
_CONNECTION = _words(
    "name named_driver_version_requested host port username uses_key_pair_auth database db_timezone query_timezone schema "
    "max_connections max_queries max_queries_per_user max_billing_gigabytes ssl verify_ssl tmp_db_name tmp_db_host "
    "jdbc_additional_params pool_timeout dialect_name user_db_credentials user_attribute_fields maintenance_cron "
    "sql_runner_precache_tables sql_writing_with_info_schema after_connect_statements pdt_context_override custom_local_port "
    "tunnel_id uses_tns pdt_concurrency disable_context_comment oauth_application_id always_retry_failed_builds "
    "uses_application_default_credentials impersonated_service_account cost_estimate_enabled pdt_api_control_enabled "
    "connection_pooling bq_storage_project_id bq_roles_verified query_holding_disabled service_name"
)
_UNREADABLE = "Looker never shows it, so no backup has it: enter it in Looker, or nothing can be queried"

_OWNER = Ref("user_id", "users", optional=True)
_FOLDER = Ref("folder_id", "folders")

_FACTS = (
    WriteFacts(
        name="users",
        schema="User",
        **_crud("user", "/users"),
        writable=_words(
            "first_name last_name is_disabled locale home_folder_id ui_state models_dir_validated can_manage_api3_creds"
        ),
        forced=("email", "service_account_name", *PROVIDERS),
        references=(Ref("home_folder_id", "folders", optional=True),),
        # A user is made without a login, which has a call of its own.
        natural=(
            NaturalKey(("email",)),
            NaturalKey(("external_user_id",)),
            NaturalKey(("service_account_name",)),
            NaturalKey(("first_name", "last_name", "is_disabled"), False, newborn=True),
        ),
        protected=(
            Protected("verified_looker_employee", True, "a login of Looker's own support", passing=True),
            Protected("presumed_looker_employee", True, "a login of Looker's own support", passing=True),
        ),
        late=("home_folder_id",),
        renewed=(
            Renewed(
                "password",
                "a new login by e-mail has none: send the user a link to set it",
                "credentials_email",
                "email",
            ),
            Renewed(
                "first_name, last_name, locale",
                "a service account is made with its name only (OpenAPI 4.0.26.12)",
                "service_account_name",
            ),
            Renewed("credentials_totp", "two-factor login must be set up again by its user", "credentials_totp"),
            Renewed("credentials_api3", "the API keys went with the user: make new ones in Looker", "credentials_api3"),
        ),
        additions={"email": "this login was added since the backup; --exact takes it away"},
        irremovable="Looker trashes what a deleted user owns and drops their schedules: disable or delete it in Looker",
    ),
    WriteFacts(
        name="user_attribute_values",
        forced=("hidden",),
        references=(
            Ref("values[].user_attribute_id", "user_attributes", optional=True),
            Ref("hidden[]", "user_attributes", optional=True),
        ),
        collections=(Collection("values", ("user_attribute_id",), unread="hidden"), Collection("hidden")),
        fixed={"hidden": "hidden values cannot be read through the API: none is written, none is taken away"},
    ),
    WriteFacts(
        name="groups",
        schema="Group",
        **_crud("group", "/groups"),
        writable=_words("name can_add_to_content_metadata"),
        forced=("parent_group_ids",),
        references=(Ref("parent_group_ids[]", "groups", optional=True),),
        # Two identity providers, or two embedding applications, may use one id; a name may be given to two groups of theirs.
        natural=(NaturalKey(("name",), unless="external_group_id"), NaturalKey(("external_group_id",), at_home=True)),
        protected=(
            # Groups are put into others by calls on those (OpenAPI 4.0.26.12, add_group_group).
            Protected("include_by_default", True, "the group of all users is Looker's own", _OF_GROUPS),
            # "Group membership controlled outside of Looker" (OpenAPI 4.0.26.12, Group): who is in it, no more.
            Protected("externally_managed", True, "its members come from the identity provider", _OF_GROUPS),
        ),
        collections=(Collection("parent_group_ids"),),
        late=("parent_group_ids",),
    ),
    WriteFacts(
        name="group_users", references=(Ref("members[]", "users", optional=True),), collections=(Collection("members"),)
    ),
    WriteFacts(
        name="permission_sets",
        schema="PermissionSet",
        **_crud("permission_set", "/permission_sets"),
        writable=_words("name permissions"),
        natural=(NaturalKey(("name",)),),
        protected=(
            Protected("built_in", True, "built into Looker"),
            Protected("all_access", True, "built into Looker"),
        ),
    ),
    WriteFacts(
        name="model_sets",
        schema="ModelSet",
        **_crud("model_set", "/model_sets"),
        writable=_words("name models"),
        natural=(NaturalKey(("name",)),),
        protected=(
            Protected("built_in", True, "built into Looker"),
            Protected("all_access", True, "built into Looker"),
        ),
    ),
    WriteFacts(
        name="roles",
        schema="Role",
        **_crud("role", "/roles"),
        writable=_words("name permission_set_id model_set_id"),
        references=(Ref("permission_set_id", "permission_sets"), Ref("model_set_id", "model_sets")),
        natural=(NaturalKey(("name",)),),
        protected=(
            Protected("internal", True, "a role of Looker's own"),
            Protected("name", "Admin", "the Admin role is Looker's own"),
        ),
    ),
    WriteFacts(
        name="role_groups",
        references=(Ref("members[]", "groups", optional=True),),
        collections=(Collection("members"),),
    ),
    WriteFacts(
        name="role_users", references=(Ref("members[]", "users", optional=True),), collections=(Collection("members"),)
    ),
    WriteFacts(
        name="user_attributes",
        schema="UserAttribute",
        **_crud("user_attribute", "/user_attributes"),
        writable=_words(
            "name label type default_value value_is_hidden user_can_view user_can_edit hidden_value_domain_whitelist "
            "needed_for_ci_run value_for_ci_run"
        ),
        natural=(NaturalKey(("name",)), NaturalKey(("label",))),
        protected=(Protected("is_system", True, "a system attribute"),),
        permanent=(Protected("is_permanent", True, "it is permanent, and Looker deletes no such attribute"),),
        lasting={
            "hidden_value_domain_whitelist": "it cannot change once it is set",
            "value_is_hidden": "Looker does not show hidden values again: make the attribute anew",
        },
    ),
    WriteFacts(
        name="user_attribute_group_values",
        forced=("hidden",),
        references=(Ref("values[].group_id", "groups", optional=True), Ref("hidden[]", "groups", optional=True)),
        collections=(Collection("values", ("group_id",), unread="hidden"), Collection("hidden")),
        fixed={"hidden": "hidden values cannot be read through the API: none is written, none is taken away"},
    ),
    WriteFacts(
        name="folders",
        schema="UpdateFolder",
        **_crud("folder", "/folders"),
        writable=_words("name parent_id"),
        references=(Ref("parent_id", "folders"),),
        natural=(NaturalKey(("parent_id", "name")),),
        protected=(
            Protected("is_shared_root", True, "a root folder"),
            Protected("is_users_root", True, "a root folder"),
            Protected("is_embed_shared_root", True, "a root folder"),
            Protected("is_embed_users_root", True, "a root folder"),
            Protected("id", "lookml", "the folder of LookML dashboards"),
            Protected("is_personal", True, "a personal folder: it comes and goes with its user"),
        ),
        level="parent_id",
    ),
    WriteFacts(
        name="content_metadata",
        schema="ContentMeta",
        update=WriteCall("update_content_metadata", "PATCH", "/content_metadata/{id}"),
        writable=("inherits",),
        # Looker takes `inherits` for folders and boards; looks and dashboards are seen by whoever sees their folder.
        protected=(
            Protected("content_type", "dashboard", "its folder says who sees it"),
            Protected("content_type", "look", "its folder says who sees it"),
        ),
        serial=True,
    ),
    WriteFacts(
        name="content_metadata_accesses",
        references=(
            Ref("accesses[].group_id", "groups", optional=True),
            Ref("accesses[].user_id", "users", optional=True),
        ),
        collections=(Collection("accesses", ("group_id", "user_id")),),
        # Looker passes each of these writes down the whole subtree.
        serial=True,
    ),
    WriteFacts(
        name="lookml_models",
        schema="LookmlModel",
        **_crud("lookml_model", "/lookml_models"),
        writable=_words("name project_name allowed_db_connection_names unlimited_db_connections"),
        natural=(NaturalKey(("name",)),),
        references=(Ref("allowed_db_connection_names[]", "connections", kind="name"),),
    ),
    WriteFacts(
        name="looks",
        schema="LookWithQuery",
        **_crud("look", "/looks"),
        writable=_words("title description user_id folder_id is_run_on_load public"),
        forced=("query", "certification"),
        references=(_OWNER, _FOLDER, Ref("description", kind="links"), *_within_query("query")),
        natural=(NaturalKey(("folder_id", "title")),),
        shows=("query", "description"),
        renewed=(
            Renewed(
                "public_slug", "Looker gives it a new public link: the old one is dead wherever it is used", "public"
            ),
        ),
        undelete={"deleted": False},
    ),
    WriteFacts(
        name="dashboards",
        schema="Dashboard",
        **_crud("dashboard", "/dashboards"),
        writable=_words(
            "title description hidden query_timezone refresh_interval user_id slug preferred_viewer "
            "alert_sync_with_dashboard_filter_enabled chat_enabled background_color crossfilter_enabled "
            "enable_viz_full_screen filters_bar_collapsed filters_location_top load_configuration lookml_link_id "
            "show_filters_bar show_title folder_id text_tile_text_color tile_background_color tile_text_color title_color "
            "appearance preserve_desktop_layout download_settings"
        ),
        forced=("certification",),
        references=(_OWNER, _FOLDER, Ref("description", kind="links")),
        natural=(NaturalKey(("slug",), in_trash=True), NaturalKey(("folder_id", "title"))),
        shows=("description",),
        protected=(Protected("readonly", True, "a LookML dashboard: it comes back with its LookML"),),
        children=(
            Child("dashboard_filters", "dashboard_filters"),
            Child("dashboard_layouts", "dashboard_layouts"),
            Child("dashboard_elements", "dashboard_elements"),
        ),
        undelete={"deleted": False},
    ),
    WriteFacts(
        name="dashboard_filters",
        schema="DashboardFilter",
        **_crud("dashboard_filter", "/dashboard_filters"),
        writable=_words(
            "name title type default_value model explore dimension row listens_to_filters allow_multiple_values required ui_config"
        ),
        natural=(NaturalKey(("name",)),),
        shows=_words("name title type model explore dimension default_value"),
    ),
    WriteFacts(
        name="dashboard_layouts",
        schema="DashboardLayout",
        **_crud("dashboard_layout", "/dashboard_layouts"),
        writable=_words("type active column_width width label description order lookml_link_id"),
        children=(Child("dashboard_layout_components", "dashboard_layout_components"),),
        natural=(NaturalKey(("label",), False),),
        shows=_words("label type description"),
    ),
    WriteFacts(
        name="dashboard_elements",
        schema="DashboardElement",
        **_crud("dashboard_element", "/dashboard_elements"),
        writable=_words(
            "body_text dashboard_layout_id look_id note_display note_state note_text filter_id refresh_interval "
            "subtitle_text title title_hidden title_text type rich_content_json extension_id aria_description "
            "certification_metadata"
        ),
        # `filterables[].listen` ties tiles to filters; the specification calls it read-only.
        forced=("query", "merge_query", "sql_query_id", "filterables", "sources"),
        references=(
            Ref("dashboard_layout_id", "dashboard_layouts", optional=True),
            Ref("filter_id", "dashboard_filters", optional=True),
            Ref("look_id", "looks"),
            *(
                Ref(field, kind="links")
                for field in _words("title_text subtitle_text body_text note_text rich_content_json")
            ),
            *_within_query("query"),
            *_within_query("merge_query"),
            *_within_query("merge_query.source_queries[].query"),
        ),
        natural=(NaturalKey(("type", "title", "title_text"), False),),
        shows=_words(
            "type title title_text subtitle_text body_text rich_content_json extension_id look_id query merge_query sql_query_id"
        ),
        # The body of a tile has it (OpenAPI 4.0.26.12); there is no call for it as there is for looks and dashboards.
        fixed={"certification_metadata": "Looker has no call that certifies a tile: certify it again by hand"},
    ),
    WriteFacts(
        name="dashboard_layout_components",
        schema="DashboardLayoutComponent",
        # Looker makes and removes a component together with its tile; there is no other way.
        update=WriteCall("update_dashboard_layout_component", "PATCH", "/dashboard_layout_components/{id}"),
        writable=_words("row column width height deleted granular_row granular_column granular_width granular_height"),
        forced=("dashboard_element_id",),
        references=(Ref("dashboard_element_id", "dashboard_elements"),),
        natural=(NaturalKey(("dashboard_element_id",)),),
    ),
    WriteFacts(
        name="alerts",
        schema="Alert",
        **_crud("alert", "/alerts", replace="update_alert"),
        writable=_words(
            "applied_dashboard_filters comparison_type cron query_id custom_url_base custom_url_params custom_url_label "
            "show_custom_url custom_title dashboard_element_id description enhancements destinations field is_disabled "
            "disabled_reason is_public investigative_content_type investigative_content_id lookml_dashboard_id "
            "lookml_link_id owner_id threshold"
        ),
        references=(
            Ref("dashboard_element_id", "dashboard_elements"),
            Ref("query_id", "queries", optional=True),
            Ref("owner_id", "users"),  # see `scheduled_plans`
            Ref("investigative_content_id", "dashboards", optional=True),
            Ref("destinations[].action_hub_integration_id", "integrations", optional=True, needs_one=True),
            Ref("description", kind="links"),
            Ref("custom_url_base", kind="links"),
        ),
        natural=(
            NaturalKey(
                ("dashboard_element_id", "lookml_link_id", "owner_id", "field", "comparison_type", "threshold", "cron"),
                False,
            ),
            # Alerts outlive their owners, and go on; and an owner may give one away.
            NaturalKey(
                ("dashboard_element_id", "lookml_link_id", "field", "comparison_type", "threshold", "cron"),
                False,
                ownerless="owner_id",
            ),
        ),
        shows=("custom_title", "description"),
        late=("is_disabled",),
        born={"is_disabled": True},
    ),
    WriteFacts(
        name="boards",
        schema="Board",
        **_crud("board", "/boards"),
        writable=_words("title description user_id"),
        forced=("section_order",),
        references=(
            _OWNER,
            Ref("description", kind="links"),
            Ref("section_order[]", "board_sections", optional=True),
        ),
        collections=(Collection("section_order"),),
        natural=(NaturalKey(("title",), False),),
        shows=("description",),
        children=(Child("board_sections", "board_sections"),),
        undelete={"deleted_at": None},
    ),
    WriteFacts(
        name="board_sections",
        schema="BoardSection",
        **_crud("board_section", "/board_sections"),
        writable=_words("title description deleted_at"),
        forced=("item_order",),
        references=(Ref("description", kind="links"), Ref("item_order[]", "board_items", optional=True)),
        collections=(Collection("item_order"),),
        children=(Child("board_items", "board_items"),),
        shows=("title", "description"),
        natural=(NaturalKey(("title",), False),),
    ),
    WriteFacts(
        name="board_items",
        schema="BoardItem",
        **_crud("board_item", "/board_items"),
        writable=_words(
            "board_section_id custom_description custom_title custom_url dashboard_id look_id lookml_dashboard_id order "
            "use_custom_description use_custom_title use_custom_url use_custom_image"
        ),
        references=(
            Ref("board_section_id", "board_sections", optional=True),
            Ref("dashboard_id", "dashboards"),
            Ref("look_id", "looks"),
            Ref("lookml_dashboard_id", "lookml_dashboards"),
            Ref("custom_url", kind="links"),
            Ref("custom_description", kind="links"),
        ),
        shows=_words("dashboard_id look_id lookml_dashboard_id custom_url custom_title custom_description"),
        natural=(NaturalKey(("dashboard_id", "look_id", "lookml_dashboard_id", "custom_url"), False),),
    ),
    WriteFacts(
        name="scheduled_plans",
        schema="ScheduledPlan",
        **_crud("scheduled_plan", "/scheduled_plans"),
        writable=_words(
            "name user_id run_as_recipient enabled look_id dashboard_id lookml_dashboard_id filters_string dashboard_filters "
            "require_results require_no_results require_change send_all_results crontab datagroup timezone "
            "scheduled_plan_destination include_links include_dashboard_summary custom_url_base custom_url_params "
            "custom_url_label show_custom_url pdf_paper_size pdf_landscape embed color_theme long_tables pdf_page_breaks "
            "tab_ids inline_table_width query_id"
        ),
        references=(
            # Without its owner it would belong to the API user, and send what an admin may see.
            Ref("user_id", "users"),
            Ref("look_id", "looks"),
            Ref("dashboard_id", "dashboards"),
            Ref("query_id", "queries"),
            Ref("color_theme", "themes", kind="name"),
            Ref("tab_ids[]", "dashboard_layouts", optional=True),
            # Not the messages of its destinations: to write those is to lose their secrets.
            Ref("custom_url_base", kind="links"),
            Ref("scheduled_plan_destination[].type", kind="hub"),
        ),
        natural=(
            NaturalKey(("name", "user_id", "look_id", "dashboard_id", "lookml_dashboard_id", "query_id"), False),
            # Many people have a plan of that name, but at the same times.
            NaturalKey(
                _words("name look_id dashboard_id lookml_dashboard_id query_id crontab datagroup timezone"),
                False,
                ownerless="user_id",
            ),
        ),
        shows=_words("crontab datagroup timezone filters_string"),
        # Their key or password is in secret_parameters (OpenAPI 4.0.26.12, ScheduledPlanDestination).
        # "Whether the plan in question should only be run once" (OpenAPI 4.0.26.12); one that is made so runs there and then.
        unsent={"run_once": "to write it would send the plan there and then"},
        secrets={"scheduled_plan_destination": ("s3", "sftp")},
        late=("enabled",),
        born={"enabled": False},
    ),
    WriteFacts(
        name="connections",
        schema="DBConnection",
        create=WriteCall("create_connection", "POST", "/connections"),
        delete=WriteCall("delete_connection", "DELETE", "/connections/{id}"),
        writable=_CONNECTION,
        forced=("has_password",),
        natural=(NaturalKey(("name",)),),
        protected=(
            Protected("managed", True, "Looker makes and manages it"),
            Protected("example", True, "an example of Looker's own"),
        ),
        fixed=dict.fromkeys(_CONNECTION, "one that is there is left alone: change it in Looker, which tests it")
        | {"has_password": "its password is in no backup: enter it in Looker"},
        renewed=(
            Renewed("password", _UNREADABLE, "has_password"),
            Renewed("certificate", _UNREADABLE, "uses_service_auth"),
            Renewed("certificate", _UNREADABLE, "uses_key_pair_auth"),
            Renewed("pdt_context_override.password", _UNREADABLE, "pdt_context_override"),
        ),
        irremovable="the models that use it would stop working: delete it in Looker",
    ),
    WriteFacts(
        name="themes",
        schema="Theme",
        **_crud("theme", "/themes"),
        writable=_words("begin_at end_at name settings"),
        references=(Ref("settings.color_collection_id", "color_collections", optional=True),),
        natural=(NaturalKey(("name", "begin_at", "end_at"), False),),
    ),
    WriteFacts(
        name="default_theme",
        # Takes the name of a theme that is active and has no end (OpenAPI 4.0.26.12, set_default_theme).
        update=WriteCall("set_default_theme", "PUT", "/themes/default?name={id}"),
        forced=("theme_id",),
        references=(Ref("theme_id", "themes"),),
    ),
    WriteFacts(
        name="color_collections",
        schema="ColorCollection",
        **_crud("color_collection", "/color_collections"),
        writable=_words("label categoricalPalettes sequentialPalettes divergingPalettes"),
        natural=(NaturalKey(("label",), False),),
        shows=_words("categoricalPalettes sequentialPalettes divergingPalettes"),
    ),
    WriteFacts(
        name="default_color_collection",
        update=WriteCall("set_default_color_collection", "PUT", "/color_collections/default?collection_id={id}"),
        forced=("color_collection_id",),
        references=(Ref("color_collection_id", "color_collections"),),
    ),
)

WRITES: Mapping[str, WriteFacts] = {facts.name: facts for facts in _FACTS}

# What lies in folders, has a trash, and sends mails and alerts.
CONTENT = ("dashboards", "looks")
CERTIFY = {
    "dashboards": WriteCall("update_dashboard_certification", "PATCH", "/dashboards/{id}/certification"),
    "looks": WriteCall("update_look_certification", "PATCH", "/looks/{id}/certification"),
}
CREATE_QUERY = WriteCall("create_query", "POST", "/queries", db_query=True)
CREATE_MERGE_QUERY = WriteCall("create_merge_query", "POST", "/merge_queries", db_query=True)


def links_of(content_type: str) -> tuple[Ref, ...]:
    """Return every reference of *content_type* and of what is nested in it, without those that may wait for later."""
    facts = WRITES[content_type]
    own = tuple(ref for ref in facts.references if ref.field not in facts.late)
    return own + tuple(ref for child in facts.children for ref in links_of(child.content_type))


def late_references(content_type: str) -> tuple[Ref, ...]:
    """Return the references of *content_type* to other types that are written in the second pass only."""
    facts = WRITES[content_type]
    return tuple(ref for ref in facts.references if ref.field in facts.late and ref.to != content_type)


def restore_order() -> tuple[str, ...]:
    """Return the types that are written, each after those it refers to; the catalog's order decides between equals."""
    names = [name for name in CATALOG if name in WRITES]
    waiting = {name: _needs(name) & set(names) - {name} for name in names}
    order: list[str] = []
    while waiting:
        ready = next((name for name in names if name in waiting and not waiting[name] - set(order)), None)
        if ready is None:
            raise ValueError(f"the references between {', '.join(waiting)} form a cycle that no `late` field breaks")
        order.append(ready)
        del waiting[ready]
    return tuple(order)


def _needs(name: str) -> set[str]:
    """Return the types that must stand before *name*: the owners of its parts and what its ids name."""
    needs = {owner_of(ref.to) for ref in links_of(name) if ref.to}
    if any(ref.kind == "colors" for ref in links_of(name)):
        needs.add("color_collections")
    parent = CATALOG[name].targets_from if CATALOG[name].is_part else None
    return needs | ({parent} if parent else set())


def owner_of(content_type: str) -> str:
    """Return the content type whose payload holds objects of *content_type*: itself, or the parent of a nested one."""
    for facts in _FACTS:
        if any(child.content_type == content_type for child in facts.children):
            return owner_of(facts.name)
    return content_type
