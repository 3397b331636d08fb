"""The shapes of LookML models, themes, colours, connections, projects and integrations.

Names and types: OpenAPI 4.0.26.12.
"""

from looker_simulator.shapes import define, show
from looker_simulator.shapes_content import can
from looker_simulator.table import Row
from looker_simulator.world import World


def _explores(world: World, row: Row) -> list[Row]:
    return [show(world, NAV_EXPLORE, explore) for explore in world["explores"].where("model_name", row["name"])]


def _connection_names(world: World, row: Row) -> list[str] | None:
    if world.bends.has("computed_connection_names") and row["unlimited_db_connections"]:
        return list(world["connections"].rows)
    return row["allowed_db_connection_names"]


def _dialect(world: World, row: Row) -> Row:
    name = row["dialect_name"] or ""
    return show(
        world, DIALECT, {"name": name, "label": name.title(), "connection_tests": ["connect", "query", "tmp_table"]}
    ) | {
        "supports_cost_estimate": True,
        "supports_streaming": True,
        "has_ssl_support": True,
        "supports_persistent_derived_tables": True,
        "supports_multiple_databases": False,
        "supports_inducer": False,
        "automatically_run_sql_runner_snippets": True,
        "persistent_table_indexes": "",
        "persistent_table_sortkeys": "",
        "persistent_table_distkey": "",
    }


NAV_EXPLORE = define("LookmlModelNavExplore", {})
EXPLORE = define("LookmlModelExplore", {})
LOOKML_MODEL = define(
    "LookmlModel",
    {
        "can": can,
        "allowed_db_connection_names": _connection_names,
        "explores": _explores,
        "has_content": lambda world, row: world["explores"].count("model_name", row["name"]) > 0,
    },
)
THEME_SETTINGS = define("ThemeSettings", {})
THEME = define("Theme", {"can": can})
COLOR_COLLECTION = define("ColorCollection", {})
DIALECT = define("Dialect", {})
CONNECTION = define(
    "DBConnection",
    {"can": can, "dialect": _dialect, "has_password": lambda _, row: bool(row.get("password"))},
)
PROJECT = define("Project", {"can": can})
DATAGROUP = define("Datagroup", {"can": can})
INTEGRATION_HUB = define("IntegrationHub", {"can": can})
INTEGRATION = define("Integration", {"can": can})
