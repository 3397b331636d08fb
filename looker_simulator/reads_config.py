"""Read operations on LookML, themes, colours, connections, integrations and the instance itself.

Paths, parameters and activity types: OpenAPI 4.0.26.12.
"""

from looker_simulator import jsontext, schema, spec
from looker_simulator import shapes_config as shape
from looker_simulator.calls import Call, Operation, Refused, Reply, detail, json_reply, not_found
from looker_simulator.lists import Listing, answer
from looker_simulator.reading import get, listing, shown
from looker_simulator.shapes import show
from looker_simulator.table import Row

_THEME_SEARCH = {"id": "ids", "name": "text", "begin_at": "text", "end_at": "text"}
THEME_TYPES = ("internal", "embed", "all")
STANDARD_COLLECTIONS = ("google", "looker-blocks", "google-theme")


def _models(call: Call) -> Reply:
    return answer(call, list(call.world["lookml_models"]), Listing(shape.LOOKML_MODEL, paged=True))


def _explore(call: Call) -> Reply:
    row = call.world["explores"].get(f"{call.path['lookml_model_name']}::{call.path['explore_name']}")
    if row is None or row.get("_named_only"):
        raise not_found()
    return shown(call, shape.EXPLORE, row)


def _custom(call: Call) -> list[Row]:
    return [row for row in call.world["color_collections"] if row["id"] not in STANDARD_COLLECTIONS]


def _standard(call: Call) -> list[Row]:
    return [row for row in call.world["color_collections"] if row["id"] in STANDARD_COLLECTIONS]


def _default_collection(call: Call) -> Reply:
    return shown(
        call, shape.COLOR_COLLECTION, call.world["color_collections"].rows[call.world.default_color_collection_id]
    )


def _default_theme(call: Call) -> Reply:
    return shown(call, shape.THEME, call.world["themes"].rows[call.world.default_theme_id])


def _default_theme_by_type(call: Call) -> Reply:
    return shown(call, shape.THEME, call.world["themes"].rows[call.world.theme_of(theme_type(call))])


def theme_type(call: Call) -> str:
    """Return the type of theme that a call is about."""
    kind = call.params.get("theme_type")
    if kind not in THEME_TYPES:
        raise Refused(422, "Validation Failed", [detail("theme_type", "invalid", "No such type of theme.")])
    return kind


def _active_themes(call: Call) -> list[Row]:
    now, name = call.world.now(), call.params.get("name")
    rows = [row for row in call.world["themes"] if (row["begin_at"] or "") <= now and (row["end_at"] or "~") > now]
    return [row for row in rows if not name or row["name"] == name]


def _integrations(call: Call) -> list[Row]:
    hub = call.params.get("integration_hub_id")
    return [row for row in call.world["integrations"] if not hub or row["integration_hub_id"] == hub]


def _content_validation(call: Call) -> Reply:
    world = call.world
    return json_reply(
        schema.new(
            "ContentValidation",
            content_with_errors=[],
            computation_time=0.1,
            total_looks_validated=len(world["looks"]),
            total_dashboard_elements_validated=len(world["dashboard_elements"]),
            total_dashboard_filters_validated=len(world["dashboard_filters"]),
            total_scheduled_plans_validated=len(world["scheduled_plans"]),
            total_alerts_validated=len(world["alerts"]),
            total_explores_validated=len(world["explores"]),
        )
    )


def _versions(call: Call) -> Reply:
    base = call.url.partition("/api/")[0].removesuffix("/versions").partition("?")[0]
    version = {
        "version": "4.0",
        "full_version": f"4.0.{call.world.api.release}",
        "status": "current",
        "swagger_url": f"{base}/api/4.0/swagger.json",
    }
    return json_reply(
        {
            "looker_release_version": f"{call.world.api.release}.3",
            "current_version": version,
            "supported_versions": [version],
            "api_server_url": base,
            "web_server_url": base,
        }
    )


def _api_spec(call: Call) -> Reply:
    if call.path.get("api_version", "4.0") != "4.0":
        raise not_found()
    openapi = call.path.get("specification", "swagger.json").startswith("openapi")
    document = spec.document(call.world.api, call.world.operations, openapi=openapi)
    for name in filter(None, call.world.bends.value("describes").split("+")):
        document["paths"][f"/{name}"] = {"get": {"operationId": name, "parameters": []}}
    return Reply(call.world.api.says(jsontext.dumps(document)))


def _timezones(_: Call) -> Reply:
    return json_reply(
        [{"value": name, "label": name, "group": "All"} for name in ("UTC", "America/Los_Angeles", "Europe/Berlin")]
    )


def _locales(_: Call) -> Reply:
    return json_reply([{"code": "en", "native_name": "English", "english_name": "English"}])


def _session(_: Call) -> Reply:
    return json_reply({"can": {"view": True}, "workspace_id": "production", "sudo_user_id": None})


def _datagroups(call: Call) -> Reply:
    return json_reply([show(call.world, shape.DATAGROUP, row) for row in call.world["datagroups"]])


OPERATIONS = [
    Operation("versions", "GET", "/versions", _versions, "none", open=True),
    Operation("api_spec", "GET", "/api_spec/{api_version}/{specification}", _api_spec, "none", open=True),
    Operation("api_spec", "GET", "/swagger.json", _api_spec, "none", open=True),
    Operation("session", "GET", "/session", _session),
    Operation("all_timezones", "GET", "/timezones", _timezones),
    Operation("all_locales", "GET", "/locales", _locales),
    Operation("content_validation", "GET", "/content_validation", _content_validation, admin_only=True),
    Operation("all_lookml_models", "GET", "/lookml_models", _models, table="lookml_models"),
    get("lookml_model", "/lookml_models/{lookml_model_name}", "lookml_models", shape.LOOKML_MODEL),
    Operation(
        "lookml_model_explore",
        "GET",
        "/lookml_models/{lookml_model_name}/explores/{explore_name}",
        _explore,
        table="explores",
    ),
    listing("all_projects", "/projects", "projects", Listing(shape.PROJECT), admin_only=True),
    get("project", "/projects/{project_id}", "projects", shape.PROJECT, admin_only=True),
    listing("all_connections", "/connections", "connections", Listing(shape.CONNECTION), admin_only=True),
    get("connection", "/connections/{connection_name}", "connections", shape.CONNECTION, admin_only=True),
    Operation("all_datagroups", "GET", "/datagroups", _datagroups, table="datagroups"),
    listing("all_themes", "/themes", "themes", Listing(shape.THEME)),
    listing(
        "search_themes",
        "/themes/search",
        "themes",
        Listing(shape.THEME, paged=True, sorts=("*",), search=_THEME_SEARCH),
    ),
    listing("active_themes", "/themes/active", "themes", Listing(shape.THEME), rows=_active_themes),
    Operation("default_theme", "GET", "/themes/default", _default_theme, table="themes"),
    Operation("default_theme_by_type", "GET", "/themes/default_theme", _default_theme_by_type, table="themes"),
    get("theme", "/themes/{theme_id}", "themes", shape.THEME),
    listing(
        "all_color_collections",
        "/color_collections",
        "color_collections",
        Listing(shape.COLOR_COLLECTION),
        admin_only=True,
    ),
    listing(
        "color_collections_custom",
        "/color_collections/custom",
        "color_collections",
        Listing(shape.COLOR_COLLECTION),
        rows=_custom,
        admin_only=True,
    ),
    listing(
        "color_collections_standard",
        "/color_collections/standard",
        "color_collections",
        Listing(shape.COLOR_COLLECTION),
        rows=_standard,
        admin_only=True,
    ),
    Operation(
        "default_color_collection",
        "GET",
        "/color_collections/default",
        _default_collection,
        table="color_collections",
        admin_only=True,
    ),
    get(
        "color_collection",
        "/color_collections/{collection_id}",
        "color_collections",
        shape.COLOR_COLLECTION,
        admin_only=True,
    ),
    listing(
        "all_integration_hubs", "/integration_hubs", "integration_hubs", Listing(shape.INTEGRATION_HUB), admin_only=True
    ),
    get(
        "integration_hub",
        "/integration_hubs/{integration_hub_id}",
        "integration_hubs",
        shape.INTEGRATION_HUB,
        admin_only=True,
    ),
    listing(
        "all_integrations",
        "/integrations",
        "integrations",
        Listing(shape.INTEGRATION),
        rows=_integrations,
        admin_only=True,
    ),
    get("integration", "/integrations/{integration_id}", "integrations", shape.INTEGRATION, admin_only=True),
]
