"""Seeds queries: fields, filters, table calculations and the deep ``vis_config`` of a tile."""

from random import Random
from typing import Any

import msgspec

from looker_simulator import jsontext, schema
from looker_simulator.seed import words
from looker_simulator.table import Row
from looker_simulator.world import World

RATIO = msgspec.Raw(b"1.10")
BEYOND_64_BITS = msgspec.Raw(b"123456789012345678901234567890")
_VIS_TYPES = (
    "looker_column",
    "looker_line",
    "looker_bar",
    "looker_area",
    "looker_pie",
    "looker_grid",
    "single_value",
    "table",
    "looker_map",
    "marketplace_viz_radial_gauge::radial_gauge-marketplace",
)
_SWITCHES = (
    "x_axis_gridlines",
    "y_axis_gridlines",
    "show_view_names",
    "show_y_axis_labels",
    "show_y_axis_ticks",
    "show_x_axis_label",
    "show_x_axis_ticks",
    "x_axis_reversed",
    "y_axis_reversed",
    "plot_size_by_field",
    "show_value_labels",
    "show_null_points",
    "show_totals_labels",
    "show_silhouette",
    "show_row_numbers",
    "transpose",
    "truncate_text",
    "hide_totals",
    "hide_row_totals",
    "size_to_fit",
    "show_single_value_title",
    "show_comparison",
    "comparison_reverse_colors",
    "show_comparison_label",
    "enable_conditional_formatting",
    "conditional_formatting_include_totals",
    "conditional_formatting_include_nulls",
    "custom_color_enabled",
    "show_dropoff",
    "ordering_reversed",
    "interpolation_smooth",
    "swap_axes",
    "show_row_totals",
    "truncate_header",
    "minimum_column_width",
    "x_axis_zoom",
    "y_axis_zoom",
    "hidden_series_shown",
    "leftAxisLabelVisible",
)
_CHOICES = {
    "trellis": ("", "row", "pivot"),
    "stacking": ("", "normal", "percent"),
    "limit_displayed_rows": ("true", "false"),
    "legend_position": ("center", "left", "right"),
    "point_style": ("none", "circle", "circle_outline"),
    "label_density": ("25", "50", "100"),
    "x_axis_scale": ("auto", "ordinal", "time"),
    "y_axis_combined": ("yes", "no"),
    "y_axis_scale_mode": ("linear", "log"),
    "totals_color": ("#808080", "#1a73e8"),
    "table_theme": ("white", "gray", "editable"),
    "header_text_alignment": ("left", "center"),
    "header_font_size": ("12", "14"),
    "rows_font_size": ("11", "12"),
    "comparison_type": ("value", "change", "progress_percentage"),
    "y_axis_tick_density": ("default", "custom"),
}


def query(world: World, number: int, *, model: str, view: str) -> Row:
    """Return a new query on an explore, added to the world."""
    random = world.random
    dims = list(dict.fromkeys(f"{view}.{words.pick(random, words.DIMENSIONS)}" for _ in range(1 + number % 3)))
    measures = list(dict.fromkeys(f"{view}.{words.pick(random, words.MEASURES)}" for _ in range(1 + number % 4)))
    calc = number % 3 == 0
    row = schema.new(
        "Query",
        model=model,
        view=view,
        fields=dims + measures,
        pivots=[dims[0]] if number % 5 == 2 else None,
        fill_fields=None,
        filters={
            f"{view}.{words.pick(random, words.DIMENSIONS)}": words.pick(random, words.VALUES)
            for _ in range(number % 4)
        }
        or None,
        filter_expression="" if number % 17 == 3 else None,
        sorts=[f"{measures[0]} desc 0", dims[0]],
        limit=str((500, 5000, 50)[number % 3]),
        column_limit="50",
        total=True if number % 2 else None,
        row_total="right" if number % 5 == 2 else None,
        vis_config=vis_config(world, dims, measures),
        filter_config={},
        slug=words.token(random),
        client_id=words.token(random),
        dynamic_fields=_dynamic_fields(random, measures) if calc else None,
        query_timezone="America/Los_Angeles" if number % 6 == 0 else None,
    )
    row["id"] = world["queries"].new_id()
    return world["queries"].add(row)


def merge_query(world: World, number: int, sources: list[Row]) -> Row:
    """Return a new merge of *sources*, the first being the primary one."""
    row = schema.new(
        "MergeQuery",
        column_limit="50",
        limit="500",
        total=True,
        pivots=[],
        sorts=["q1.count desc"],
        dynamic_fields=_dynamic_fields(world.random, [sources[0]["fields"][-1]]),
        vis_config=vis_config(world, sources[0]["fields"][:1], sources[0]["fields"][-1:]),
        source_queries=[
            {
                "merge_fields": [{"field_name": source["fields"][0], "source_field_name": sources[0]["fields"][0]}]
                if n
                else [],
                "name": f"q{n + 1}",
                "query_id": source["id"],
                "query_slug": source["slug"],
            }
            for n, source in enumerate(sources)
        ],
        result_maker_id=str(number + 1),
    )
    return world["merge_queries"].add(row)


def sql_query(world: World, sql: str, connection: str | None, model: str | None = None, vis: Any = None) -> Row:
    """Return a new SQL Runner query. Tiles name it by a number that no call shows together with its slug."""
    world.sql_queries += 1
    number = str(world.options.id_offset + world.sql_queries)
    values = {"slug": words.token(world.random), "sql": sql, "model_name": model, "vis_config": vis, "_id": number}
    values["connection"] = {"name": connection} if connection else None
    world.result_makers += 1
    return world["sql_queries"].add(schema.new("SqlQuery") | values | {"result_maker_id": str(world.result_makers)})


def vis_config(world: World, dims: list[str], measures: list[str]) -> dict[str, Any]:
    """Return visualization settings, some forty of them, with numbers that must keep their notation."""
    random = world.random
    config: dict[str, Any] = {name: random.random() < 0.5 for name in _SWITCHES if random.random() < 0.35}
    config |= {name: words.pick(random, choices) for name, choices in _CHOICES.items() if random.random() < 0.4}
    config |= {
        "type": words.pick(random, _VIS_TYPES),
        "defaults_version": 1,
        "font_size": RATIO,
        "y_axis_max": int(random.random() * 9000),
        "threshold": BEYOND_64_BITS if random.random() < 0.05 else None,
        "color_application": _colors(world),
        "series_types": dict.fromkeys(measures[1:], "line"),
        "series_colors": {name: words.color(random) for name in measures},
        "series_labels": {name: words.title(random) for name in measures},
        "series_cell_visualizations": {
            measures[0]: {"is_active": True, "palette": {"palette_id": "google-sequential-0"}}
        },
        "y_axes": [_axis(random, name) for name in measures[:2]],
        "conditional_formatting": [_rule(world, measures[0])] if random.random() < 0.4 else [],
        "column_order": [*dims, *measures],
        "hidden_fields": [],
        "custom_value_format": {"": None, "default": "0.00\\%"},
        "single_value_title": words.title(random),
    }
    return config


def _axis(random: Random, measure: str) -> dict[str, Any]:
    return {
        "label": words.title(random),
        "orientation": "left",
        "series": [{"axisId": measure, "id": measure, "name": measure.split(".")[1].replace("_", " ").title()}],
        "showLabels": True,
        "showValues": random.random() < 0.7,
        "maxValue": int(random.random() * 100_000),
        "unpinAxis": False,
        "tickDensity": "default",
        "type": "linear",
    }


def _rule(world: World, measure: str) -> dict[str, Any]:
    return {
        "type": "along a scale...",
        "value": int(world.random.random() * 1000),
        "background_color": words.color(world.random),
        "font_color": None,
        "color_application": _colors(world) | {"options": {"steps": 5, "mirror": False}},
        "bold": False,
        "fields": [measure],
    }


def _colors(world: World) -> dict[str, Any]:
    collections = list(world["color_collections"])
    collection = collections[int(world.random.random() * len(collections))]
    return {"collection_id": collection["id"], "palette_id": collection["categoricalPalettes"][0]["id"]}


def _dynamic_fields(random: Random, measures: list[str]) -> str:
    return jsontext.dumps(
        [
            {
                "category": "table_calculation",
                "expression": f"${{{measures[0]}}} / offset(${{{measures[0]}}}, {1 + int(random.random() * 12)}) - 1",
                "label": words.title(random),
                "value_format": None,
                "value_format_name": "percent_1",
                "_kind_hint": "measure",
                "table_calculation": f"calc_{random.getrandbits(24):x}",
                "_type_hint": "number",
            }
        ]
    ).decode()
