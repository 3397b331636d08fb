"""Writes on dashboard tiles: what a tile shows, which filters it listens to, and the place that comes with it."""

from typing import Any

from looker_simulator import shapes_content as shape
from looker_simulator.cascades import remove_tile
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writes_parts import dashboard_of, touched, touching
from looker_simulator.writing import Change, Resource, blank

_PLAIN = ("text", "button", "extension", "markdown", "image", "group")  # tiles that show no data
_NO_SOURCE = "Must provide either a look_id, query_id, or result_maker_id for non-text dashboard element"
_SOURCES = ("query_id", "look_id", "merge_result_id")
_WIDTH, _HEIGHT, _COLUMNS = 8, 6, 3


def _check(change: Change) -> None:
    row = change.row
    dashboard = dashboard_of(change)
    change.refers("query_id", "queries")
    change.refers("look_id", "looks")
    change.refers("merge_result_id", "merge_queries")
    change.refers("image_id", "dashboard_images")
    if dashboard is not None:
        _same_dashboard(change, "dashboard_layout_id", "dashboard_layouts")
        _same_dashboard(change, "filter_id", "dashboard_filters")
    given = change.values.pop("result_maker", None)
    before = change.before["result_maker"] if change.before else None
    maker = before if given is None and not change.gives(*_SOURCES) else _maker(change, before, given or {})
    if maker is not before or "result_maker" in row:
        change.set(result_maker=maker, result_maker_id=maker["id"] if maker else None)
    if row.get("type") is None:
        change.set(type="vis" if maker else "text")
    judged = change.before is None or change.gives("type", *_SOURCES)
    if judged and maker is None and row["type"] not in _PLAIN:
        change.problems.invalid("type", _NO_SOURCE)


def _same_dashboard(change: Change, field: str, table: str) -> None:
    target = change.refers(field, table)
    if target is not None and target["dashboard_id"] != change.row["dashboard_id"] and field in change.values:
        change.problems.invalid(field, "It belongs to another dashboard.")


def _maker(change: Change, before: Row | None, given: Row) -> Row | None:
    """Return the result maker that Looker makes from what the tile shows.

    Of a given one only the wiring counts: ``filterables[].listen``, which the schema calls read-only, and a SQL query with how it
    is drawn.
    """
    row, world = change.row, change.world
    source: dict[str, Any] = {"query_id": None, "merge_result_id": None, "sql_query_id": None}
    if row.get("query_id"):
        query = world.find("queries", row["query_id"])
        source |= _of_query(query) if query else {}
    elif row.get("merge_result_id"):
        merged = world["merge_queries"].get(row["merge_result_id"])
        source |= {"merge_result_id": row["merge_result_id"]} | _copied(merged, "vis_config", "dynamic_fields", "sorts")
    elif row.get("look_id"):
        look = world["looks"].get(row["look_id"])
        source |= {"query_id": look["query_id"]} if look else {}
    else:
        source["sql_query_id"] = _sql_query(change, before, given)
        source |= _drawn(change, before, given) if source["sql_query_id"] else {}
    if not any(source[name] for name in ("query_id", "merge_result_id", "sql_query_id")):
        return None
    maker = blank(shape.RESULT_MAKER) | {"total": False} | source
    maker["filterables"] = _filterables(change, before, given, maker)
    if before is not None:
        maker["id"] = before["id"]
    else:
        world.result_makers += 1
        maker["id"] = str(world.result_makers)
    return maker


def _drawn(change: Change, before: Row | None, given: Row) -> Row:
    stood, taken = before or {}, {} if change.world.bends.has("sql_tiles_are_drawn_plain") else given
    names = (name for name in ("vis_config", "dynamic_fields", "sorts", "total") if name in stood or name in taken)
    return {name: taken.get(name, stood.get(name)) for name in names}


def _of_query(query: Row) -> Row:
    return {"query_id": query["id"]} | _copied(query, "vis_config", "dynamic_fields", "sorts")


def _copied(row: Row | None, *names: str) -> Row:
    return {name: row.get(name) for name in names} if row else {}


def _sql_query(change: Change, before: Row | None, given: Row) -> str | None:
    wanted = given.get("sql_query_id", before.get("sql_query_id") if before else None)
    if wanted is None:
        return None
    if not any(row["_id"] == str(wanted) for row in change.world["sql_queries"]):
        change.problems.invalid("result_maker", f"sql_query {wanted} does not exist.")
    return str(wanted)


def _filterables(change: Change, before: Row | None, given: Row, maker: Row) -> list[Row]:
    if isinstance(given.get("filterables"), list):
        return [_filterable(one) for one in given["filterables"] if isinstance(one, dict)]
    if before is not None and before.get("filterables"):
        return before["filterables"]
    query = change.world.find("queries", maker["query_id"]) if maker["query_id"] else None
    return [{"model": query["model"], "view": query["view"], "name": None, "listen": []}] if query else []


def _filterable(one: Row) -> Row:
    listen = [{name: to.get(name) for name in ("dashboard_filter_name", "field")} for to in one.get("listen") or ()]
    return {name: one.get(name) for name in ("model", "view", "name")} | {"listen": listen}


def _placed(change: Change) -> None:
    """Give a new tile its place, on its own tab or on the active one; a tile that changes tabs takes its place along."""
    world, row = change.world, change.row
    components = world["dashboard_layout_components"]
    if change.before is None:
        layout_id = row.get("dashboard_layout_id") or _active(world, row["dashboard_id"])
        taken = components.where("dashboard_layout_id", layout_id)
        place = {"dashboard_layout_id": layout_id, "dashboard_element_id": row["id"], "deleted": False}
        place |= {"row": len(taken) // _COLUMNS * _HEIGHT, "column": len(taken) % _COLUMNS * _WIDTH}
        components.add(blank(shape.COMPONENT) | place | {"width": _WIDTH, "height": _HEIGHT})
    elif row.get("dashboard_layout_id") and change.before["dashboard_layout_id"] != row["dashboard_layout_id"]:
        for place in components.where("dashboard_element_id", row["id"]):
            components.change(place["id"], dashboard_layout_id=row["dashboard_layout_id"], group_id=None)
    touched(change)


def _active(world: World, dashboard_id: str) -> str:
    return next(row["id"] for row in world.parts("dashboard_layouts", dashboard_id) if row["active"])


TILES = Resource(
    name="dashboard_element",
    table="dashboard_elements",
    path="/dashboard_elements",
    shape=shape.ELEMENT,
    body="DashboardElement",
    remove=remove_tile,
    check=_check,
    done=_placed,
    delete_guard=lambda call, row: touching("dashboard_elements", call, row),
)
OPERATIONS = TILES.operations()
