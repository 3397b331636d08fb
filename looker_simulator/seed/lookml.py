"""Seeds what comes from LookML and its surroundings: connections, projects, models, explores, LookML dashboards."""

from typing import Any

from looker_simulator import schema
from looker_simulator.options import Preset
from looker_simulator.seed import queries, words
from looker_simulator.shapes import show
from looker_simulator.shapes_content import COMPONENT, ELEMENT, FILTER, LAYOUT
from looker_simulator.table import Row
from looker_simulator.world import World


def populate(world: World, preset: Preset) -> None:
    """Add connections, projects, datagroups, models and their explores."""
    for number, dialect in enumerate(("bigquery_standard_sql", "snowflake", "postgres")):
        _connection(world, number, dialect)
    for number in range(max(1, preset.models // 2)):
        _project(world, number)
    for number in range(preset.models):
        _model(world, number, preset)


def dashboards(world: World, preset: Preset) -> None:
    """Add one LookML dashboard for every other model; they are read-only and have no slug."""
    for number in range(0, preset.models, 2):
        _dashboard(world, f"model_{number}", "overview")
    _dashboard(world, "model_0", "operations")


def _connection(world: World, number: int, dialect: str) -> None:
    row = schema.new(
        "DBConnection",
        name=("warehouse", "lake", "crm_replica")[number],
        dialect_name=dialect,
        host=f"db{number}.internal.example",
        port=str(5432 + number),
        username="looker",
        database="analytics",
        schema="public",
        max_connections=30,
        ssl=True,
        verify_ssl=True,
        tmp_db_name="scratch",
        pool_timeout=120,
        created_at=world.past(days=700),
        user_id=world.admin_user_id,
        user_attribute_fields=[],
        snippets=[],
        db_timezone="UTC",
        pdts_enabled=True,
    )
    for column in ("can", "dialect", "has_password"):
        del row[column]
    world["connections"].add(row | {"password": "never shown", "certificate": None})


def _project(world: World, number: int) -> None:
    name = f"project_{number}"
    row = schema.new(
        "Project",
        id=name,
        name=name,
        uses_git=True,
        git_remote_url=f"git@git.example:looker/{name}.git",
        git_production_branch_name="main",
        git_service_name="github",
        pull_request_mode="recommended",
        validation_required=True,
        dependency_status="lock_optional",
        has_production_counterpart=True,
    )
    world["projects"].add(row | {"deploy_secret": "never shown"})


def _model(world: World, number: int, preset: Preset) -> None:
    name, project = f"model_{number}", f"project_{number // 2 % max(1, preset.models // 2)}"
    connection = list(world["connections"].rows)[number % 3]
    row = schema.new(
        "LookmlModel",
        name=name,
        label=name.replace("_", " ").title(),
        project_name=project,
        allowed_db_connection_names=[connection],
        unlimited_db_connections=number % 3 == 2,
    )
    for column in ("can", "explores", "has_content"):
        del row[column]
    world["lookml_models"].add(row)
    group = f"{name}::nightly"
    world["datagroups"].add(
        schema.new(
            "Datagroup",
            model_name=name,
            name="nightly",
            trigger_value=group,
            created_at=1_700_000_000,
            triggered_at=1_780_000_000,
            trigger_check_at=1_780_000_500,
        )
    )
    for n in range(preset.explores_per_model):
        _explore(
            world,
            name,
            project,
            connection,
            words.VIEWS[(number + n) % len(words.VIEWS)] + ("" if n < len(words.VIEWS) else f"_{n}"),
        )


def _explore(world: World, model: str, project: str, connection: str, view: str) -> None:
    fieldset = schema.new(
        "LookmlModelExploreFieldset",
        dimensions=[_field(view, name, "string", "dimension") for name in words.DIMENSIONS],
        measures=[_field(view, name, "number", "measure") for name in words.MEASURES],
        filters=[],
        parameters=[],
    )
    row = schema.new(
        "LookmlModelExplore",
        id=f"{model}::{view}",
        name=view,
        label=view.replace("_", " ").title(),
        title=view.title(),
        model_name=model,
        project_name=project,
        view_name=view,
        connection_name=connection,
        description=words.pick(world.random, words.SENTENCES),
        fields=fieldset,
        can_save=True,
        can_total=True,
        can_explain=True,
        scopes=[view],
        joins=[],
        sets=[],
        files=[],
        errors=None,
        supported_measure_types=[],
        access_filters=[],
        access_filter_fields=[],
        aliases=[],
        tags=[],
        index_fields=[],
        source_file=f"{model}.model.lkml",
        group_label=None,
    )
    world["explores"].add(row)


def _field(view: str, name: str, kind: str, category: str) -> Row:
    label = name.replace("_", " ").title()
    return schema.new(
        "LookmlModelExploreField",
        name=f"{view}.{name}",
        label=label,
        label_short=label,
        type=kind,
        category=category,
        view=view,
        measure=category == "measure",
        is_filter=False,
        is_numeric=kind == "number",
        sql=f"${{TABLE}}.{name}",
        **_LISTS,
    )


_LISTS: dict[str, Any] = {
    prop.name: [] for prop in schema.shape("LookmlModelExploreField").values() if prop.type.startswith("[")
}


def _dashboard(world: World, model: str, name: str) -> None:
    dashboard_id = f"{model}::{name}"
    row = schema.new(
        "Dashboard",
        id=dashboard_id,
        title=f"{name.title()} of {model}",
        folder_id="lookml",
        readonly=True,
        model={"id": model, "label": model.replace("_", " ").title()},
        preferred_viewer="dashboards-next",
        lookml_link_id=None,
        show_title=True,
        show_filters_bar=True,
    )
    for column in (
        "can",
        "folder",
        "user_name",
        "is_owner_disabled",
        "last_updater_name",
        "edit_uri",
        "url",
        "refresh_interval_to_i",
    ):
        del row[column]
    explore = world["explores"].where("model_name", model)[0]
    tiles = [_tile(world, dashboard_id, explore, n) for n in range(3)]
    places = [
        show(
            world,
            COMPONENT,
            schema.new(
                "DashboardLayoutComponent",
                id=f"{dashboard_id}::c{n}",
                dashboard_layout_id=dashboard_id,
                dashboard_element_id=tile["id"],
                row=n * 6,
                column=0,
                width=24,
                height=6,
            ),
        )
        for n, tile in enumerate(tiles)
    ]
    layout = show(
        world,
        LAYOUT,
        schema.new("DashboardLayout", id=dashboard_id, dashboard_id=dashboard_id, type="newspaper", active=True),
    )
    row["dashboard_elements"] = tiles
    row["dashboard_filters"] = [
        show(
            world,
            FILTER,
            schema.new(
                "DashboardFilter",
                id=f"{dashboard_id}::f0",
                dashboard_id=dashboard_id,
                name="Region",
                title="Region",
                type="string_filter",
                row=0,
            ),
        )
    ]
    row["dashboard_layouts"] = [layout | {"dashboard_layout_components": places, "dashboard_title": row["title"]}]
    world["lookml_dashboards"].add(row)


def _tile(world: World, dashboard_id: str, explore: Row, n: int) -> Row:
    query = queries.query(world, n, model=explore["model_name"], view=explore["name"])
    row = schema.new(
        "DashboardElement",
        id=f"{dashboard_id}::e{n}",
        dashboard_id=dashboard_id,
        type="vis",
        title=words.title(world.random),
        query_id=query["id"],
        lookml_link_id=f"{dashboard_id}::e{n}",
    )
    return show(world, ELEMENT, row)
