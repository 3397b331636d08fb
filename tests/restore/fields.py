"""Every field that the description of Looker's API gives to what can be restored, and values that it can take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from looker_simulator import Simulator, mutate, schema
from looker_simulator.table import Row
from lookervault_core.catalog import WRITES, uncompared
from lookervault_core.catalog.payloads import NESTED
from lookervault_core.catalog.tolerances import tolerates

# By the table of the simulator: the schema that says what can be written, and the type of the vault that its rows come back with.
KINDS: dict[str, tuple[str, str]] = {
    "users": ("User", "users"),
    "groups": ("GroupHierarchy", "groups"),
    "permission_sets": ("PermissionSet", "permission_sets"),
    "model_sets": ("ModelSet", "model_sets"),
    "roles": ("Role", "roles"),
    "user_attributes": ("UserAttribute", "user_attributes"),
    "folders": ("Folder", "folders"),
    "content_metadata": ("ContentMeta", "content_metadata"),
    "lookml_models": ("LookmlModel", "lookml_models"),
    "looks": ("LookWithQuery", "looks"),
    "dashboards": ("Dashboard", "dashboards"),
    "dashboard_elements": ("DashboardElement", "dashboards"),
    "dashboard_filters": ("DashboardFilter", "dashboards"),
    "dashboard_layouts": ("DashboardLayout", "dashboards"),
    "dashboard_layout_components": ("DashboardLayoutComponent", "dashboards"),
    "alerts": ("Alert", "alerts"),
    "boards": ("Board", "boards"),
    "board_sections": ("BoardSection", "boards"),
    "board_items": ("BoardItem", "boards"),
    "scheduled_plans": ("ScheduledPlan", "scheduled_plans"),
    "themes": ("Theme", "themes"),
    "color_collections": ("ColorCollection", "color_collections"),
    "connections": ("DBConnection", "connections"),
    "agents": ("Agent", "agents"),
    "golden_queries": ("GoldenQuery", "agents"),
    "projects": ("Project", "projects"),
    "integrations": ("Integration", "integrations"),
    "oauth_client_apps": ("OauthClientApp", "oauth_client_apps"),
    "legacy_features": ("LegacyFeature", "legacy_features"),
    "ssh_servers": ("SshServer", "ssh_servers"),
    "ssh_tunnels": ("SshTunnel", "ssh_tunnels"),
    "external_oauth_applications": ("ExternalOauthApplication", "external_oauth_applications"),
    "user_db_connections": ("UserDbConnection", "user_db_connections"),
}
# The release that is tried, and those that younger tables came with.
RELEASE = "26.12"
RELEASES = {"user_db_connections": "26.22"}
# What a field of the description is called in a document, where that is another name.
SHAPED = {
    ("Dashboard", "certification_metadata"): "certification",
    ("DashboardElement", "result_maker"): "filterables",
    ("LookWithQuery", "certification_metadata"): "certification",
}
# What Looker gives out once.
UNIQUE = ("client_id", "label", "name", "slug", "title")
# What Looker takes neither null nor blank for.
REQUIRED: dict[str, str] = {
    "alerts": "comparison_type cron dashboard_element_id destinations field investigative_content_id "
    "investigative_content_type owner_id threshold",
    "board_items": "board_section_id dashboard_id look_id",
    "board_sections": "item_order",
    "boards": "section_order",
    "dashboard_elements": "dashboard_layout_id type",
    "dashboard_filters": "name title type",
    "color_collections": "categoricalPalettes divergingPalettes label sequentialPalettes",
    "connections": "dialect_name",
    "dashboards": "folder_id slug title",
    "folders": "name parent_id",
    "groups": "name",
    "lookml_models": "allowed_db_connection_names",
    "looks": "folder_id title",
    "model_sets": "models name",
    "permission_sets": "name permissions",
    "roles": "name permission_set_id model_set_id",
    "ScheduledPlanDestination": "format type",
    "scheduled_plans": "crontab dashboard_id look_id lookml_dashboard_id name query_id scheduled_plan_destination",
    "themes": "name settings",
    "user_attributes": "label name type",
}
# What a row cannot change: what it is called by, or what it is the place of.
FIXED = {
    ("dashboard_layout_components", "dashboard_element_id"),
    ("dashboard_layouts", "active"),  # of one tab at a time, see below
    ("lookml_models", "name"),
    ("IntegrationParam", "name"),
}
# Structures that the description describes: each field of them is a trial of its own.
STRUCTURES = {
    ("Alert", "destinations"): "AlertDestination",
    ("Alert", "field"): "AlertField",
    ("Alert", "applied_dashboard_filters"): "AlertAppliedDashboardFilter",
    ("ColorCollection", "categoricalPalettes"): "DiscretePalette",
    ("ColorCollection", "divergingPalettes"): "ContinuousPalette",
    ("ColorCollection", "sequentialPalettes"): "ContinuousPalette",
    ("Agent", "context"): "Context",
    ("Agent", "sources"): "Source",
    ("Dashboard", "appearance"): "DashboardAppearance",
    ("Dashboard", "download_settings"): "DashboardDownloadSettings",
    ("Integration", "params"): "IntegrationParam",
    ("ScheduledPlan", "scheduled_plan_destination"): "ScheduledPlanDestination",
    ("Theme", "settings"): "ThemeSettings",
}
# Values that rows go by a grammar, or name something: two that there are, the second one on the live side.
VALUES: dict[str, tuple[Any, Any]] = {
    "comparison_type": ("EQUAL_TO", "CHANGES_BY"),
    "cron": ("0 5 * * *", "0 6 * * *"),
    "crontab": ("0 5 * * *", "0 6 * * *"),
    "datagroup": ("model_0::daily", "model_0::weekly"),
    "default_value": ("1", "2"),
    "disabled_reason": ("then", "now"),
    "locale": ("en", "de"),
    "begin_at": ("2026-03-22T12:00:00.000+00:00", "2026-04-22T12:00:00.000+00:00"),
    "end_at": ("2036-03-22T12:00:00.000+00:00", None),
    "note_display": ("above", "hover"),
    "note_state": ("expanded", "collapsed"),
    "query_timezone": ("UTC", "Europe/Berlin"),
    "refresh_interval": ("5 minutes", "1 hour"),
    "timezone": ("UTC", "Europe/Berlin"),
}


PARTS = ("dashboard_elements", "dashboard_filters", "dashboard_layouts", "dashboard_layout_components")
STANDARD = ("google", "looker-blocks", "google-theme")
EMPTY = (None, "", [], {})
# Numbers and names of what is not in the vault, which Looker does not look up.
LOOSE = ("bq_storage_project_id", "client_id", "lookml_link_id", "tenant_id")
# What goes only without something else.
WITHOUT: dict[tuple[str, str], Row] = {
    ("scheduled_plans", "datagroup"): {"crontab": None},
    ("scheduled_plans", "lookml_dashboard_id"): {"dashboard_id": None},
    ("scheduled_plans", "query_id"): {"dashboard_id": None},
}
# What a field names where no row of a seed names any.
NAMED = {
    ("alerts", "lookml_dashboard_id"): "lookml_dashboards",
    ("alerts", "query_id"): "queries",
    ("dashboard_elements", "filter_id"): "dashboard_filters",
    ("scheduled_plans", "lookml_dashboard_id"): "lookml_dashboards",
    ("scheduled_plans", "query_id"): "queries",
}
# What no row of a seed has.
GIVEN: dict[str, Row] = {
    "agents": {"workflow_params": {"polling_frequency_cron": "0 5 * * *", "destination": {"type": "email"}}},
    "connections": {"pdt_context_override": {"context": "pdt", "host": "pdt.example"}},
    "dashboards": {"download_settings": {"format_option": "csv", "value_options": "formatted", "rows_limit": 500}},
}
# Worked out from other rows; tests of their own change those.
COMPUTED = frozenset(
    {"email", "parent_group_ids", "permission_set", "model_set", "query", "result_maker", "service_account_name"}
)


# By the table of a query: its schema, and who shows it in which field.
QUERIES = {
    "queries": ("Query", "looks", "query_id"),
    "merge_queries": ("MergeQuery", "dashboard_elements", "merge_result_id"),
}


# The field within, and what the field has in the backup and on the live side.
Way = tuple[str, Any, Any]


class Trial(NamedTuple):
    """One object, a field of it, and what the field has in the backup and on the live side; `part` is the field within it."""

    row_id: str
    owner_id: str
    field: str
    then: Any
    now: Any
    part: str = ""


def prepared(simulator: Simulator, table: str) -> list[Trial]:
    """Return a trial for each field that counts and each way in which it can differ, each on an object of its own."""
    return [
        _trial(simulator, table, template, name, part, then, now)
        for name, (template, ways) in tried(simulator, table).items()
        for part, then, now in ways
    ]


def tried(simulator: Simulator, table: str) -> dict[str, tuple[Row, list[Way]]]:
    """Return the fields that count, each with the row that its trials copy and the ways in which it can differ."""
    props = simulator.world.api.properties(KINDS[table][0]).values()
    rows = {prop.name: _template(simulator, table, prop.name) for prop in props if is_tried(simulator, table, prop)}
    return {
        prop.name: (rows[prop.name], list(_ways(simulator, table, rows[prop.name], prop)))
        for prop in props
        if prop.name in rows
    }


def is_tried(simulator: Simulator, table: str, prop: schema.Property) -> bool:
    """Return whether a field counts and stands in the rows of a table; what is worked out from others has trials of its own."""
    schema_name, _ = KINDS[table]
    plain = prop.name not in NESTED.get(schema_name, {}) and (table, prop.name) not in FIXED
    stands = prop.name in next(iter(simulator.world[table]))
    return plain and stands and prop.name not in COMPUTED and uncompared.why(schema_name, prop.name) is None


def _ways(simulator: Simulator, table: str, row: Row, prop: schema.Property) -> Iterator[Way]:
    """Yield the field within, and values for then and now: another one, none, and a blank text against null, both ways."""
    inner = STRUCTURES.get((KINDS[table][0], prop.name))
    if inner is not None and row.get(prop.name):
        value = simulator.world.api.as_shown(KINDS[table][0], prop.name, row[prop.name])
        yield from _within(simulator, value, inner, (KINDS[table][1], prop.name))
        return
    pool = _pool(simulator, table, row, prop.name)
    value = row.get(prop.name)
    pairs = list(_pairs(pool[0] if value is None and (table, prop.name) in NAMED else value, prop, pool))
    if prop.name.endswith("_order"):  # it is tried on the one row that has something in it
        pairs = pairs[:1]
    yield from (("", then, now) for then, now in pairs if then or not _is_needed(table, prop))


def _pool(simulator: Simulator, table: str, row: Row, field: str) -> list[Any]:
    """Return what a field has in other rows, or the ids of what it can name."""
    world, named = simulator.world, NAMED.get((table, field))
    if named is None:
        return [one.get(field) for one in world[table]]
    beside = [one for one in world[named] if named not in PARTS or one["dashboard_id"] == row["dashboard_id"]]
    return [one[world[named].key] for one in beside]


def _is_needed(kind: str, prop: schema.Property) -> bool:
    return prop.name in REQUIRED.get(kind, "").split()


def _within(simulator: Simulator, value: Any, inner: str, place: tuple[str, str]) -> Iterator[Way]:
    """Yield one structure for then and one for now, which differ in one field of the schema *inner*."""
    first = value[0] if isinstance(value, list) else value
    for prop in simulator.world.api.properties(inner).values():
        if prop.write_only or not prop.writable or uncompared.why(inner, prop.name) or (inner, prop.name) in FIXED:
            continue
        for then, now in _pairs(first.get(prop.name), prop, []):
            ours, theirs = ({**first, prop.name: one} for one in (then, now))
            if not (then or now) and tolerates("blank is null", place[0], f"{place[1]}.{prop.name}"):
                continue
            if not then and (_is_needed(inner, prop) or not prop.nullable):
                continue
            if isinstance(value, list):
                yield prop.name, [ours, *value[1:]], [theirs, *value[1:]]
            else:
                yield prop.name, ours, theirs


def _pairs(value: Any, prop: schema.Property, pool: list[Any]) -> Iterator[tuple[Any, Any]]:
    value, other = VALUES.get(prop.name) or _two(value, prop, pool)
    if value is not None and value != other:
        yield value, other
    if value is not None and prop.nullable:
        yield value, None
    if prop.nullable and prop.name not in VALUES:
        if other is not None:
            yield None, other
        if prop.type == "s" and not prop.name.endswith("_id"):
            yield "", None
            yield None, ""


def _two(value: Any, prop: schema.Property, pool: list[Any]) -> tuple[Any, Any]:
    if prop.name.endswith("_id") and prop.name not in LOOSE:
        return value, next((one for one in pool if one not in (None, value)), None)
    if prop.type == "b":
        return bool(value), not value
    if prop.type in ("i", "f"):
        return (value if value is not None else 3), (value or 3) + 1
    if prop.type == "s":
        return value or "then", f"{value or ''} now"
    if isinstance(value, list) and len(value) > 1 and prop.name.endswith("_order"):
        return value, value[::-1]
    return value, _changed(value) if value else None


def _changed(value: Any) -> Any:
    """Return a structure with one leaf of it changed."""
    if isinstance(value, dict) and value:
        key = next((one for one in value if one != "id"), "id")
        return {**value, key: _changed(value[key])}
    if isinstance(value, list) and value:
        return [_changed(value[0]), *value[1:]]
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, (int, float)) else f"{value or ''} now"


def _trial(simulator: Simulator, table: str, template: Row, field: str, part: str, then: Any, now: Any) -> Trial:
    """Return a trial on a copy of *template*; an order of what is in it is tried on itself."""
    world = simulator.world
    if field.endswith("_order") or table == "content_metadata":
        row_id = template["id"]
        mutate(world, "update", table, row_id, {field: then})
        return Trial(row_id, _owner(simulator, table, row_id), field, then, now, part)
    free = f"copy_{len(world[table])}"
    if then and field in UNIQUE:
        then = f"{then}_{free}"
    names: Row = {name: free for name in ("name", "label", "client_id") if name in template and name != field}
    names |= WITHOUT.get((table, field), {})
    row_id = mutate(world, "create", table, template[world[table].key], {**names, field: then})
    if table == "dashboard_elements":
        place = world["dashboard_layout_components"].where("dashboard_element_id", template["id"])[0]["id"]
        mutate(world, "create", "dashboard_layout_components", place, {"dashboard_element_id": row_id})
    if table == "dashboards":  # its tiles are a table of their own
        for tile in list(world.parts("dashboard_elements", row_id))[1:]:
            mutate(world, "delete", "dashboard_elements", tile["id"])
    if table == "golden_queries":
        mutate(world, "create", "agents", None, {"name": free, "golden_query_ids": [int(row_id)]})
    return Trial(row_id, _owner(simulator, table, row_id), field, then, now, part)


def queries_tried(simulator: Simulator, table: str) -> list[Trial]:
    """Return a trial for each field of a query, on looks of its own, or of a merge query, on tiles."""
    kind, shown_by, field = QUERIES[table]
    world = simulator.world
    query = max(world[table], key=lambda row: len(str(row)))
    template = next(row for row in world[shown_by] if row.get(field) and is_ordinary(simulator, shown_by, row))
    trials = []
    for prop in simulator.world.api.properties(kind).values():
        if not prop.writable or prop.name in ("client_id", "source_queries"):
            continue
        for pair in _pairs(query.get(prop.name), prop, []):
            if pair[0] or not prop.required:
                then, now = (mutate(world, "create", table, query["id"], {prop.name: one}) for one in pair)
                row_id = mutate(world, "create", shown_by, template["id"], {field: then})
                trials.append(
                    Trial(row_id, _owner(simulator, shown_by, row_id), field, then, now, f"{prop.name} {pair}")
                )
    return trials


def _template(simulator: Simulator, table: str, field: str) -> Row:
    """Return the row of a table that has the most to say; for a field that names something, of those where it does."""
    world = simulator.world
    if table in PARTS:
        for one in list(world["dashboards"]):
            world.unpack(one["id"])
    rows = [row for row in world[table] if is_ordinary(simulator, table, row)]
    if (table, field) in NAMED:
        rows = [row for row in rows if _pool(simulator, table, row, field)]
    naming = [row for row in rows if field.endswith("_id") and row.get(field)] or rows
    fullest = max(naming, key=lambda row: sum(value not in EMPTY for value in row.values()))
    return {**fullest, **{name: value for name, value in GIVEN.get(table, {}).items() if fullest.get(name) in EMPTY}}


def is_ordinary(simulator: Simulator, table: str, row: Row) -> bool:
    """Return whether an object can be written at all, and is no service account, which knows a name only."""
    own = {"users": simulator.world.admin_user_id, "roles": simulator.world.admin_role_id}.get(table, "")
    shielded = row.get("id") in (*STANDARD, own) or any(row.get(s.field) == s.value for s in WRITES[table].protected)
    loose = row.get({"folders": "parent_id", "content_metadata": "folder_id"}.get(table, ""), True) is None
    first = table == "dashboard_layouts" and row["active"]  # there is one such tab on a dashboard
    gone = first or row.get("deleted") or row.get("_deleted") or row.get("deleted_at")
    return not (shielded or loose or gone or row.get("service_account_name") or row.get("credentials_embed"))


def _owner(simulator: Simulator, table: str, row_id: str) -> str:
    """Return the id of the item of the vault that an object comes back with."""
    world, row = simulator.world, simulator.world.find(table, row_id) or {}
    if table == "dashboard_layout_components":
        row = world.find("dashboard_layouts", row["dashboard_layout_id"]) or {}
    elif table == "golden_queries":
        return next((one["id"] for one in world["agents"] if one["golden_query_ids"] == [int(row_id)]), row_id)
    elif table == "board_items":
        row = world.find("board_sections", row["board_section_id"]) or {}
    return str(row.get({"dashboards": "dashboard_id", "boards": "board_id"}.get(KINDS[table][1], "")) or row_id)
