"""The API description that the instance gives of itself: the properties of every shape, and the calls that write them."""

from collections.abc import Iterable
from typing import Any

from looker_simulator import schema
from looker_simulator.api import Api, has_all_states
from looker_simulator.calls import Operation

_TYPES: dict[str, dict[str, Any]] = {
    "s": {"type": "string"},
    "i": {"type": "integer", "format": "int64"},
    "f": {"type": "number", "format": "double"},
    "b": {"type": "boolean"},
    "t": {"type": "string", "format": "date-time"},
    "o": {"type": "object"},
}


def document(api: Api, operations: Iterable[Operation], *, openapi: bool) -> dict[str, Any]:
    """Return the description of an instance: Swagger 2.0 (``definitions``) or OpenAPI 3 (``components.schemas``).

    It is trimmed to the shapes; of the paths it has the calls with a body, and those whose parameters differ from release to
    release.
    """
    prefix = "#/components/schemas/" if openapi else "#/definitions/"
    shapes = {name: _shape(api, name, prefix) for name in schema.shape_names()}
    info = {
        "version": f"4.0.{api.release}",
        "title": "Looker API 4.0 Reference",
        "x-looker-release-version": f"{api.release}.3",
    }
    paths = _searches(api.release) | _writes(operations, prefix)
    if openapi:
        return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": shapes}}
    return {"swagger": "2.0", "info": info, "basePath": "/api/4.0", "paths": paths, "definitions": shapes}


def _searches(release: str) -> dict[str, Any]:
    names = ["user_id", "fields", "all_users", "limit", "offset", "sorts", "name", "dashboard_id", "look_id"]
    names += ["all_states", "enabled", "run_once", "last_run_status"] if has_all_states(release) else []
    parameters = [{"name": name, "in": "query", "required": False} for name in names]
    return {"/scheduled_plans/search": {"get": {"operationId": "search_scheduled_plans", "parameters": parameters}}}


def _writes(operations: Iterable[Operation], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in operations:
        if one.body:
            described = {"operationId": one.id} | _body({"$ref": prefix + one.body}, prefix)
            found.setdefault(one.path, {})[one.method.lower()] = described
    return found


def _body(reference: dict[str, Any], prefix: str) -> dict[str, Any]:
    if prefix == "#/definitions/":
        return {"parameters": [{"name": "body", "in": "body", "required": True, "schema": reference}]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference}}}}


def _shape(api: Api, name: str, prefix: str) -> dict[str, Any]:
    known = api.properties(name)
    properties = {prop.name: _property(prop, prefix) for prop in known.values()}
    required = [prop.name for prop in known.values() if prop.required]
    return {"properties": properties, "x-looker-status": "stable"} | ({"required": required} if required else {})


def _property(prop: schema.Property, prefix: str) -> dict[str, Any]:
    described = _type(prop.type, prefix)
    if prop.choices:
        described["enum"] = list(prop.choices)
    if not prop.writable:
        described["readOnly"] = True
    if prop.write_only:
        described["x-looker-write-only"] = True
    if prop.nullable:
        described["x-looker-nullable" if prefix == "#/definitions/" else "nullable"] = True
    return described


def _type(kind: str, prefix: str) -> dict[str, Any]:
    if kind.startswith("["):
        return {"type": "array", "items": _type(kind[1:-1], prefix)}
    if kind.startswith("{"):
        return {"type": "object", "additionalProperties": _type(kind[1:-1], prefix)}
    return dict(_TYPES[kind]) if kind in _TYPES else {"$ref": prefix + kind}
