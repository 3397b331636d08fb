"""Seeds dashboards with everything in them: filters, tabs, tiles of every kind and their places."""

from looker_simulator import jsontext, schema
from looker_simulator.options import Preset
from looker_simulator.seed import queries, words
from looker_simulator.seed.folders import metadata
from looker_simulator.seed.looks import content_row, places_for_content, trash
from looker_simulator.table import Row
from looker_simulator.world import World

RICH = 60  # so many dashboards of an instance are made one by one; the rest come from seed/bulk.py
_FILTER_TYPES = ("field_filter", "date_filter", "string_filter", "number_filter")
_KINDS = ("vis", "vis", "text", "vis", "look", "vis", "merge", "vis", "button", "vis", "vis", "extension")


def populate(world: World, preset: Preset) -> None:
    """Add up to RICH dashboards and the trashed ones (in the trash they are rich up to RICH as well)."""
    places = places_for_content(world)
    rich = min(preset.dashboards, RICH)
    trashed = min(preset.trashed_dashboards, RICH // 4)
    for number in range(rich + trashed):
        row = dashboard_row(world, number, places)
        if number >= rich:
            trash(world, row)
        add(world, row)
        add_parts(world, row, number, tiles=30 if number == 3 else 3 + number % 11)


def dashboard_row(world: World, number: int, places: list[tuple[str, str | None]]) -> Row:
    """Return the dashboard's own columns, not stored yet."""
    row = content_row(world, "Dashboard", number, places)
    row |= {
        "slug": words.token(world.random),
        "preferred_viewer": "dashboards-next",
        "refresh_interval": "5 minutes" if number % 6 == 1 else None,
        "load_configuration": "prefetch_cache_run",
        "show_title": True,
        "show_filters_bar": number % 4 != 0,
        "crossfilter_enabled": number % 2 == 0,
        "background_color": words.color(world.random) if number % 5 == 0 else None,
        "query_timezone": "UTC" if number % 7 == 0 else None,
        "lookml_link_id": "model_0::overview" if number % 20 == 6 else None,
        "preserve_desktop_layout": number % 8 == 0,
    }
    if number % 5 == 2:
        row["appearance"] = schema.new(
            "DashboardAppearance", page_side_margins=80, tile_shadow=True, key_color="#4285F4"
        )
    return row


def add(world: World, row: Row) -> Row:
    """Return the stored dashboard with its content metadata."""
    parent = world["folders"].rows[row["folder_id"]]["content_metadata_id"]
    row["content_metadata_id"] = metadata(world, "dashboard", parent)
    world["dashboards"].add(row)
    world["content_metadata"].change(row["content_metadata_id"], dashboard_id=row["id"])
    return row


def add_parts(world: World, dashboard: Row, number: int, *, tiles: int) -> None:
    """Give a dashboard its filters, tabs, tiles and components, some of the odd kinds."""
    filters = [filter_row(world, dashboard["id"], number, n)["name"] for n in range(number % 6)]
    layouts = [
        layout_row(world, dashboard["id"], n, tabs=number % 6 == 2)
        for n in range(1 + (number % 3 if number % 6 == 2 else 0))
    ]
    for n in range(tiles):
        layout = layouts[n % len(layouts)]
        tile = _tile(world, dashboard["id"], number + n, layout["id"] if len(layouts) > 1 else None, filters)
        if not (number % 5 == 3 and n == tiles - 1):  # the odd tile has no place
            component(world, layout["id"], tile["id"], n)
    if number % 7 == 2:
        _trashed_tile(world, dashboard["id"], layouts[0]["id"], number)


def component(world: World, layout_id: str, tile_id: str, n: int) -> Row:
    """Return a new place for a tile on a layout."""
    row = schema.new(
        "DashboardLayoutComponent",
        dashboard_layout_id=layout_id,
        dashboard_element_id=tile_id,
        row=n // 3 * 6,
        column=n % 3 * 8,
        width=8,
        height=6,
    )
    return world["dashboard_layout_components"].add(row)


def query_tile(world: World, dashboard_id: str, number: int, layout_id: str | None, filters: list[str]) -> Row:
    """Return a new tile that shows a query of its own."""
    explore = _explore(world, number)
    query = queries.query(world, number, model=explore["model_name"], view=explore["name"])
    maker = _maker(world, filters, query, query_id=query["id"], vis_config=query["vis_config"], sorts=query["sorts"])
    note = {"note_text": words.pick(world.random, words.SENTENCES), "note_state": "collapsed", "note_display": "hover"}
    return element(
        world,
        dashboard_id,
        "vis",
        layout_id,
        title=words.title(world.random),
        query_id=query["id"],
        result_maker=maker,
        result_maker_id=maker["id"],
        **(note if number % 4 == 0 else {}),
    )


def _tile(world: World, dashboard_id: str, number: int, layout_id: str | None, filters: list[str]) -> Row:
    kind = _KINDS[number % len(_KINDS)]
    if kind == "look":
        return _look_tile(world, dashboard_id, number, layout_id, filters)
    if kind == "merge":
        return _merge_tile(world, dashboard_id, number, layout_id, filters)
    if kind == "vis":
        return query_tile(world, dashboard_id, number, layout_id, filters)
    return element(world, dashboard_id, kind, layout_id, **_plain(world, kind))


def _plain(world: World, kind: str) -> Row:
    if kind == "text":
        return {
            "title_text": words.title(world.random),
            "subtitle_text": "",
            "body_text": " ".join(words.SENTENCES[:3]),
        }
    if kind == "extension":
        return {"extension_id": "project::extension", "title": None}
    link = {
        "text": "Open the overview",
        "href": f"/dashboards/{world.options.id_offset + 1}?Region=EMEA",
        "newTab": True,
        "style": "FILLED",
        "size": "MEDIUM",
    }
    return {"rich_content_json": jsontext.dumps(link | {"align": "CENTER"}).decode()}


def _look_tile(world: World, dashboard_id: str, number: int, layout_id: str | None, filters: list[str]) -> Row:
    looks = [look for look in world["looks"] if not look["deleted"]]
    look = looks[number % len(looks)]
    query = world["queries"].rows[look["query_id"]]
    maker = _maker(world, filters, query, query_id=query["id"])
    return element(
        world,
        dashboard_id,
        "vis",
        layout_id,
        title=look["title"],
        look_id=look["id"],
        result_maker=maker,
        result_maker_id=maker["id"],
    )


def _merge_tile(world: World, dashboard_id: str, number: int, layout_id: str | None, filters: list[str]) -> Row:
    explores = [_explore(world, number + n) for n in range(2 + number % 2)]
    sources = [queries.query(world, number + n, model=e["model_name"], view=e["name"]) for n, e in enumerate(explores)]
    merged = queries.merge_query(world, number, sources)
    maker = _maker(world, filters, sources[0], merge_result_id=merged["id"], vis_config=merged["vis_config"])
    return element(
        world,
        dashboard_id,
        "vis",
        layout_id,
        title=f"Merged {words.title(world.random)}",
        merge_result_id=merged["id"],
        result_maker=maker,
        result_maker_id=maker["id"],
    )


def _trashed_tile(world: World, dashboard_id: str, layout_id: str, number: int) -> None:
    tile = query_tile(world, dashboard_id, number, layout_id, [])
    tile["_deleted"] = True
    component(world, layout_id, tile["id"], 0)["deleted"] = True


def _maker(world: World, filters: list[str], query: Row, **values: object) -> Row:
    listen = [
        {"dashboard_filter_name": name, "field": f"{query['view']}.{words.pick(world.random, words.DIMENSIONS)}"}
        for name in filters[: 1 + len(filters) // 2]
    ]
    row = schema.new("ResultMakerWithIdVisConfigAndDynamicFields", dynamic_fields=query["dynamic_fields"], **values)
    del row["query"]
    row["filterables"] = [{"model": query["model"], "view": query["view"], "name": None, "listen": listen}]
    world.result_makers += 1
    row["id"] = str(world.result_makers)
    return row


def element(world: World, dashboard_id: str, kind: str, layout_id: str | None, **values: object) -> Row:
    """Return a new tile of any kind."""
    row = schema.new("DashboardElement", dashboard_id=dashboard_id, dashboard_layout_id=layout_id, type=kind, **values)
    for column in ("can", "look", "query", "alert_count"):
        del row[column]
    return world["dashboard_elements"].add(row)


def filter_row(world: World, dashboard_id: str, number: int, n: int) -> Row:
    """Return the dashboard's new *n*-th filter; every other one listens to the one before it."""
    explore = _explore(world, number)
    name = f"{words.pick(world.random, words.SUBJECTS)} {n}" if n != 1 else "Wörking «days» % /_"
    row = schema.new(
        "DashboardFilter",
        dashboard_id=dashboard_id,
        name=name,
        title=name,
        type=_FILTER_TYPES[n % 4],
        row=n,
        default_value=words.pick(world.random, words.VALUES),
        allow_multiple_values=True,
        required=n == 4,
        ui_config={"type": "advanced", "display": "popover", "options": []},
    )
    siblings = world["dashboard_filters"].where("dashboard_id", dashboard_id)
    row["listens_to_filters"] = [siblings[-1]["name"]] if siblings and n % 2 else []
    if row["type"] == "field_filter":
        dimension = f"{explore['name']}.{words.pick(world.random, words.DIMENSIONS)}"
        row |= {
            "model": explore["model_name"],
            "explore": explore["name"],
            "dimension": dimension,
            "field": {"name": dimension},
        }
    return world["dashboard_filters"].add(row)


def layout_row(world: World, dashboard_id: str, n: int, *, tabs: bool) -> Row:
    """Return the dashboard's new *n*-th layout; the first is the active one."""
    row = schema.new(
        "DashboardLayout",
        dashboard_id=dashboard_id,
        type="newspaper",
        active=n == 0,
        column_width=None,
        width=1200 if tabs else None,
        label=f"Tab {n + 1} – {words.title(world.random)}" if tabs else None,
        order=n if tabs else None,
    )
    for column in ("can", "dashboard_title", "dashboard_layout_components"):
        del row[column]
    return world["dashboard_layouts"].add(row)


def _explore(world: World, number: int) -> Row:
    explores = list(world["explores"])
    return explores[number % len(explores)]
