"""The API description that the instance gives of itself: every shape's properties and which of them can be written."""

from typing import Any

from looker_simulator import schema

# (shape, property): (first release that has it, first release in which it can be written). Told by
# comparing the API descriptions of the releases.
_SINCE: dict[tuple[str, str], tuple[str, str]] = {
    ("Dashboard", "certification_metadata"): ("25.20", "25.20"),
    ("LookWithQuery", "certification_metadata"): ("25.20", "25.20"),
    ("DashboardElement", "dashboard_layout_id"): ("25.20", "25.20"),
    ("DashboardElement", "aria_description"): ("25.20", "25.20"),
    ("DashboardLayout", "label"): ("25.20", "25.20"),
    ("DashboardLayout", "description"): ("25.20", "25.20"),
    ("DashboardLayout", "order"): ("25.20", "25.20"),
    ("User", "can_manage_api3_creds"): ("25.20", "25.20"),
    ("DashboardElement", "certification_metadata"): ("26.4", "26.4"),
    ("DashboardLayoutComponent", "granular_row"): ("26.4", "26.4"),
    ("DashboardLayoutComponent", "granular_column"): ("26.4", "26.4"),
    ("DashboardLayoutComponent", "granular_width"): ("26.4", "26.4"),
    ("DashboardLayoutComponent", "granular_height"): ("26.4", "26.4"),
    ("MergeQuery", "limit"): ("26.4", "26.4"),
    ("Role", "internal"): ("26.4", ""),
    ("Alert", "enhancements"): ("26.6", "26.6"),
    ("Dashboard", "user_id"): ("4.0", "26.8"),
    ("Dashboard", "download_settings"): ("26.8", "26.8"),
    ("DashboardElement", "filter_id"): ("26.8", "26.8"),
    ("DashboardLayout", "lookml_link_id"): ("26.8", "26.8"),
    ("DashboardLayoutComponent", "deleted"): ("4.0", "26.8"),
    ("ScheduledPlan", "pdf_page_breaks"): ("26.8", "26.8"),
    ("ScheduledPlan", "tab_ids"): ("26.8", "26.8"),
    ("Alert", "query_id"): ("26.8", "26.8"),
    ("UserAttribute", "needed_for_ci_run"): ("26.8", "26.8"),
    ("UserAttribute", "value_for_ci_run"): ("26.8", "26.8"),
    ("Dashboard", "chat_enabled"): ("26.10", "26.10"),
    ("Dashboard", "preserve_desktop_layout"): ("26.10", "26.10"),
    ("Board", "user_id"): ("4.0", "26.10"),
    ("User", "credentials_workforce"): ("26.10", "26.10"),
    ("ScheduledPlan", "include_dashboard_summary"): ("26.12", "26.12"),
}
_TYPES: dict[str, dict[str, Any]] = {
    "s": {"type": "string"},
    "i": {"type": "integer", "format": "int64"},
    "f": {"type": "number", "format": "double"},
    "b": {"type": "boolean"},
    "t": {"type": "string", "format": "date-time"},
    "o": {"type": "object"},
}


def known(release: str, shape: str, name: str) -> bool:
    """Return whether *release* has the property at all."""
    return _at_least(release, _SINCE.get((shape, name), ("0", "0"))[0])


def writable(release: str, shape: str, name: str) -> bool:
    """Return whether *release* takes the property in a request body."""
    prop = schema.shape(shape)[name]
    since = _SINCE.get((shape, name), ("0", "0"))[1]
    return prop.writable and bool(since) and _at_least(release, since)


def document(release: str, *, openapi: bool) -> dict[str, Any]:
    """Return the description of *release*: Swagger 2.0 (``definitions``) or OpenAPI 3 (``components.schemas``).

    It is trimmed to the shapes; of the paths it has those whose parameters differ from release to release.
    """
    prefix = "#/components/schemas/" if openapi else "#/definitions/"
    shapes = {name: _shape(release, name, prefix) for name in schema.shape_names()}
    info = {
        "version": f"4.0.{release}",
        "title": "Looker API 4.0 Reference",
        "x-looker-release-version": f"{release}.3",
    }
    if openapi:
        return {"openapi": "3.0.0", "info": info, "paths": _paths(release), "components": {"schemas": shapes}}
    return {"swagger": "2.0", "info": info, "basePath": "/api/4.0", "paths": _paths(release), "definitions": shapes}


def has_all_states(release: str) -> bool:
    """Return whether the search for plans can be asked for those of every state (SDK 26.18)."""
    return _at_least(release, "26.18")


def _paths(release: str) -> dict[str, Any]:
    names = ["user_id", "fields", "all_users", "limit", "offset", "sorts", "name", "dashboard_id", "look_id"]
    names += ["all_states", "enabled", "run_once", "last_run_status"] if has_all_states(release) else []
    parameters = [{"name": name, "in": "query", "required": False} for name in names]
    return {"/scheduled_plans/search": {"get": {"operationId": "search_scheduled_plans", "parameters": parameters}}}


def _shape(release: str, name: str, prefix: str) -> dict[str, Any]:
    properties = {
        p.name: _property(release, name, p, prefix) for p in schema.shape(name).values() if known(release, name, p.name)
    }
    required = [p.name for p in schema.shape(name).values() if p.required]
    return {"properties": properties, "x-looker-status": "stable"} | ({"required": required} if required else {})


def _property(release: str, shape: str, prop: schema.Property, prefix: str) -> dict[str, Any]:
    described = _type(prop.type, prefix)
    if not writable(release, shape, prop.name):
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


def _at_least(release: str, wanted: str) -> bool:
    return [int(part) for part in release.split(".")] >= [int(part) for part in wanted.split(".")]
