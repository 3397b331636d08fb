"""Every response has the properties and the JSON types that the official API description names."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_DEFAULT = Path(__file__).parents[2].parent / "shared" / "looker-openapi-4.0.json"
_SPEC = Path(os.environ.get("LOOKERVAULT_OPENAPI", _DEFAULT))
_JSON = {"string": str, "integer": int, "boolean": bool, "number": (int, float), "object": dict, "array": list}

needs_spec = pytest.mark.skipif(not _SPEC.exists(), reason="the API description is not at hand")


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return json.loads(_SPEC.read_text())


# Operations and shapes that the description is too old for (SDK 26.22).
_YOUNGER = {
    "all_user_db_connections", "UserDbConnection", "workforce_config", "get_dashboard_image", "Image",
    "get_continuous_integration_suites", "get_continuous_integration_suite", "ProjectCISuite",
}  # fmt: skip


def _operations(looker) -> list[Any]:
    routes = looker.app._routes._by_shape.values()
    return [
        operation
        for choices in routes
        for _, operation in choices
        if operation.method == "GET" and operation.id not in _YOUNGER
    ]


def _samples(looker) -> dict[str, str]:
    world = looker.world

    def first(table: str) -> str:
        return next(iter(world[table].rows))

    linked = next(row for row in world["scheduled_plans"] if row["look_id"])
    sample = {
        "color_collections": "collection_id", "users": "user_id", "groups": "group_id", "roles": "role_id",
        "permission_sets": "permission_set_id", "model_sets": "model_set_id", "folders": "folder_id", "queries": "query_id",
        "dashboards": "dashboard_id", "dashboard_elements": "dashboard_element_id", "themes": "theme_id",
        "dashboard_filters": "dashboard_filter_id", "dashboard_layouts": "dashboard_layout_id", "boards": "board_id",
        "dashboard_layout_components": "dashboard_layout_component_id", "board_sections": "board_section_id",
        "board_items": "board_item_id", "scheduled_plans": "scheduled_plan_id", "alerts": "alert_id",
        "user_attributes": "user_attribute_id", "content_metadata": "content_metadata_id", "merge_queries": "merge_query_id",
        "content_favorites": "content_favorite_id", "lookml_models": "lookml_model_name", "connections": "connection_name",
        "projects": "project_id", "integration_hubs": "integration_hub_id", "integrations": "integration_id", "agents": "agent_id",
        "oauth_client_apps": "client_guid", "ssh_servers": "ssh_server_id", "ssh_tunnels": "ssh_tunnel_id",
        "legacy_features": "legacy_feature_id",
    }  # fmt: skip
    found = {name: first(table) for table, name in sample.items()}
    query = world["queries"].rows[found["query_id"]]
    return found | {
        "slug": query["slug"],
        "look_id": linked["look_id"],
        "lookml_dashboard_id": "model_0::overview",
        "explore_name": world["explores"].where("model_name", found["lookml_model_name"])[0]["name"],
        "api_version": "4.0",
        "specification": "swagger.json",
        "root_project_id": next(iter(world["projects"]))["id"],
        "credential_type": "email",
        "credential_id": "user1@example.com",
        "folder_id": next(row["folder_id"] for row in world["looks"]),
    }


def _schema_of(spec: dict[str, Any], operation_id: str) -> dict[str, Any] | None:
    for methods in spec["paths"].values():
        for described in methods.values():
            if described["operationId"] == operation_id:
                content = described["responses"]["200"].get("content", {}).get("application/json")
                return content and content["schema"]
    raise AssertionError(f"the API has no operation {operation_id}")


def _faults(spec: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if "$ref" in schema:
        if value is not None:
            yield from _object_faults(
                spec, spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]], value, where
            )
    elif value is None:
        if not schema.get("nullable") and schema.get("type") != "any":
            yield f"{where} is null"
    elif schema.get("type") in _JSON:
        kind = _JSON[schema["type"]]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            yield f"{where} is {value!r}, not {schema['type']}"
        elif schema["type"] == "array":
            for n, item in enumerate(value):
                yield from _faults(spec, schema["items"], item, f"{where}[{n}]")


def _object_faults(spec: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is not an object"
        return
    for name, item in value.items():
        if name in schema["properties"]:
            prop = schema["properties"][name]
            if prop.get("x-looker-write-only"):
                yield f"{where}.{name} is write-only"
            yield from _faults(spec, prop, item, f"{where}.{name}")
        elif not name.startswith("x_"):
            yield f"{where}.{name} is unknown"


@needs_spec
def test_every_read_operation_answers_in_the_described_shape(looker, api, spec) -> None:
    samples, found = _samples(looker), []
    for operation in _operations(looker):
        path = operation.path.format(**samples)
        reply = api.ask(path, all_users="true", all_owners="true", parent_id=samples["content_metadata_id"], include_unset="true",
                        content_metadata_id=samples["content_metadata_id"], theme_type="embed")  # fmt: skip
        if operation.id in ("folder_parent", "sql_query"):  # the sample folder may be a root; there are no SQL queries
            continue
        assert reply.status_code == 200, (operation.id, path, reply.text)
        schema = _schema_of(spec, operation.id)
        if (
            operation.id == "search_lookml_dashboards"
        ):  # the description names one DashboardLookml, and Looker sends a list of dashboards
            schema = {"type": "array", "items": {"$ref": "#/components/schemas/Dashboard"}}
        if schema and operation.id != "api_spec":
            found += [f"{operation.id}: {fault}" for fault in _faults(spec, schema, reply.json(), "")]
    assert "\n".join(sorted({re.sub(r"\[\d+\]", "[]", fault) for fault in found})) == ""


@needs_spec
def test_every_operation_has_the_described_path_and_activity(looker, spec) -> None:
    for operation in _operations(looker):
        if operation.path == "/swagger.json":
            continue
        described = spec["paths"][operation.path][operation.method.lower()]
        assert described["operationId"] == operation.id
        assert described["x-looker-activity-type"] == operation.activity, operation.id


@needs_spec
def test_the_instance_describes_the_same_writable_properties(api, spec) -> None:
    own = api.get("/api_spec/4.0/swagger.json")["definitions"]
    for name, described in own.items():
        if name in _YOUNGER:
            continue
        theirs = {
            key for key, prop in spec["components"]["schemas"][name]["properties"].items() if not prop.get("readOnly")
        }
        assert {key for key, prop in described["properties"].items() if not prop.get("readOnly")} == theirs, name


def test_all_dashboards_is_a_stub_that_includes_lookml_dashboards(api) -> None:
    rows = api.get("/dashboards")
    assert {len(row) for row in rows} == {17}
    assert any("::" in row["id"] for row in rows)
    assert "updated_at" not in rows[0]


def test_only_folder_looks_and_look_show_the_query(api) -> None:
    look = api.get("/looks/search", limit=1, sorts="id")[0]
    assert "query" not in look
    assert all("query" not in row for row in api.get("/looks"))
    assert api.get(f"/looks/{look['id']}")["query"]["id"] == look["query_id"]
    assert {row["query"]["id"] for row in api.get(f"/folders/{look['folder_id']}/looks")} >= {look["query_id"]}


def test_search_dashboards_shows_everything_in_a_dashboard(api) -> None:
    rows = api.get("/dashboards/search")
    tiles = [tile for row in rows for tile in row["dashboard_elements"]]
    assert {tile["type"] for tile in tiles} == {"vis", "text", "button", "extension"}
    sources = ("query", "look", "merge_result_id")
    blank = [tile for tile in tiles if tile["type"] == "vis" and not any(tile[source] for source in sources)]
    assert [bool(tile["result_maker"]["sql_query_id"]) for tile in blank] == [True]
    assert any(maker["filterables"][0]["listen"] for maker in (tile["result_maker"] for tile in tiles) if maker)
    assert not any("::" in row["id"] for row in rows)


def test_secrets_are_never_shown(looker, api) -> None:
    assert all(row["has_password"] for row in api.get("/connections"))
    for path in ("/connections", "/projects", "/scheduled_plans?all_users=true", "/integrations"):
        assert "never shown" not in api.ask(path).text


def test_an_older_release_describes_fewer_writable_properties(fresh) -> None:
    _, api = fresh(release="26.4")
    dashboard = api.get("/api_spec/4.0/swagger.json")["definitions"]["Dashboard"]["properties"]
    assert dashboard["user_id"]["readOnly"] is True
    assert "chat_enabled" not in dashboard
