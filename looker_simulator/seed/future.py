"""Gives every row a value in each field that is newer than the simulator's own seed, or that was invented."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from looker_simulator.api import Api
from looker_simulator.future import draw
from looker_simulator.schema import Property
from looker_simulator.table import Row
from looker_simulator.world import World

# By the table of the rows: the shape that says what can be written, and the fields in which objects stand, by their shapes.
ROWS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "users": ("User", {}),
    "groups": ("Group", {}),
    "permission_sets": ("PermissionSet", {}),
    "model_sets": ("ModelSet", {}),
    "roles": ("Role", {}),
    "user_attributes": ("UserAttribute", {}),
    "folders": ("UpdateFolder", {}),
    "content_metadata": ("ContentMeta", {}),
    "lookml_models": ("LookmlModel", {}),
    "queries": ("Query", {}),
    "merge_queries": ("MergeQuery", {"source_queries": "MergeQuerySourceQuery"}),
    "looks": ("LookWithQuery", {}),
    "dashboards": (
        "Dashboard",
        {"appearance": "DashboardAppearance", "download_settings": "DashboardDownloadSettings"},
    ),
    "dashboard_elements": ("DashboardElement", {}),
    "dashboard_filters": ("DashboardFilter", {}),
    "dashboard_layouts": ("DashboardLayout", {}),
    "dashboard_layout_components": ("DashboardLayoutComponent", {}),
    "boards": ("Board", {}),
    "board_sections": ("BoardSection", {}),
    "board_items": ("BoardItem", {}),
    "scheduled_plans": ("ScheduledPlan", {"scheduled_plan_destination": "ScheduledPlanDestination"}),
    "alerts": ("Alert", {"destinations": "AlertDestination"}),
    "connections": ("DBConnection", {}),
    "agents": ("Agent", {}),
    "ci_suites": ("ProjectCISuite", {}),
    "golden_queries": ("GoldenQuery", {}),
    "themes": ("Theme", {"settings": "ThemeSettings"}),
    "color_collections": ("ColorCollection", {"categoricalPalettes": "DiscretePalette"}),
}


def endow(world: World) -> None:
    """Draw the values, from a source of their own: the rest of the instance is as it is without them."""
    if not any(_newer(world.api, kind) for table in ROWS for kind in _kinds(table)):
        return
    random = Random(f"values of the future {world.options.seed}")
    for dashboard_id in list(world.packed):
        world.unpack(dashboard_id)
    for table in ROWS:
        for row in list(world[table]):
            if not row.get("is_personal"):  # nobody can write such a folder
                world[table].change(row[world[table].key], **drawn(world.api, random, table, row))


def drawn(api: Api, random: Random, table: str, row: Row, *, anew: bool = False) -> dict[str, Any]:
    """Return values for a row's newer fields; *anew* gives none the value that it has."""
    kind, inside = ROWS[table]
    values = dict(_values(api, random, kind, row, anew=anew))
    for field, inner in inside.items():
        if row.get(field) and _newer(api, inner):
            values[field] = _within(api, random, inner, row[field], anew=anew)
    return values


def has_newer(api: Api, table: str) -> bool:
    """Return whether the rows of a table have newer fields of their own, or in what stands in them."""
    return any(_newer(api, kind) for kind in _kinds(table))


def _within(api: Api, random: Random, kind: str, value: Any, *, anew: bool) -> Any:
    if isinstance(value, list):
        return [_within(api, random, kind, one, anew=anew) for one in value]
    return value | dict(_values(api, random, kind, value, anew=anew))


def _values(api: Api, random: Random, kind: str, row: Row, *, anew: bool) -> Iterator[tuple[str, Any]]:
    for prop in _newer(api, kind):
        yield prop.name, draw(random, prop, but=row.get(prop.name)) if anew else draw(random, prop)


def _newer(api: Api, kind: str) -> list[Property]:
    """Return what can be drawn: no ids of what there is none of."""
    return [*api.newer(kind), *(prop for prop in api.beyond(kind) if prop.writable)]


def _kinds(table: str) -> list[str]:
    kind, inside = ROWS[table]
    return [kind, *inside.values()]
