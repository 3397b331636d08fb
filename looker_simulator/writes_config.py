"""Writes on LookML model configurations, connections, themes and colour collections."""

import re
from collections.abc import Iterable
from itertools import count

from looker_simulator import shapes_config as shape
from looker_simulator.calls import Call, Refused, Reply, not_found
from looker_simulator.reading import shown
from looker_simulator.reads_config import STANDARD_COLLECTIONS, theme_type
from looker_simulator.seed.words import uuid
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import Change, Problems, Resource, blank, write

_THEME_NAME = re.compile(r"\w+", re.ASCII)
_PALETTES = {"categoricalPalettes": "categorical", "sequentialPalettes": "sequential", "divergingPalettes": "diverging"}


def _check_model(change: Change) -> None:
    _named(change, "lookml_models", "Model")
    if change.row.get("allowed_db_connection_names") is None:
        change.set(allowed_db_connection_names=[])
    if change.gives("name"):
        change.set(label=change.row["name"].replace("_", " ").title() if change.row["name"] else None)


def _named(change: Change, table: str, what: str) -> None:
    """The name is the key: it must be new, and a renamed row moves."""
    before: str = change.before["name"] if change.before else ""
    if change.row["name"] != before and change.row["name"] in change.world[table]:
        change.problems.taken("name", f"{what} with this name")
    elif before and change.row["name"] != before and not change.problems.found:
        change.world[table].add(change.world[table].remove(before) | {"name": change.row["name"]})


def _removed_model(world: World, name: str) -> None:
    world["lookml_models"].remove(name)  # its explores come from LookML, which stays


MODELS = Resource(
    name="lookml_model",
    table="lookml_models",
    path="/lookml_models",
    shape=shape.LOOKML_MODEL,
    body="LookmlModel",
    remove=_removed_model,
    required=("name",),
    check=_check_model,
    parameter="lookml_model_name",
)


def _check_connection(change: Change) -> None:
    _named(change, "connections", "Connection")
    change.values.pop("dialect", None)
    if change.before is None:
        change.row.pop("dialect", None)
        change.set(user_id=change.call.actor.user_id, snippets=[])
        if not change.row.get("dialect_name"):
            change.problems.add("dialect", "missing_field", "This field is required.")


def _removed_connection(world: World, name: str) -> None:
    world["connections"].remove(name)


CONNECTIONS = Resource(
    name="connection",
    table="connections",
    path="/connections",
    shape=shape.CONNECTION,
    body="DBConnection",
    remove=_removed_connection,
    required=("name",),
    check=_check_connection,
    parameter="connection_name",
)


def _check_theme(change: Change) -> None:
    """Names need not be unique: one name may stand for several spans of time."""
    name, before = change.row["name"], change.before
    if name and not _THEME_NAME.fullmatch(name):
        change.problems.invalid("name", "Name can only have alphanumeric characters and underscores.")
    if change.row["begin_at"] and change.row["end_at"] and change.row["begin_at"] >= change.row["end_at"]:
        change.problems.invalid("end_at", "end_at must be after begin_at.")
    default = before is not None and before["id"] == change.world.default_theme_id
    if default and (change.row["end_at"] or (change.row["begin_at"] or "") > change.world.now()):
        change.problems.invalid("end_at", "The default theme must be active and stay so.")
    if change.before is None or change.gives("settings"):
        kept = (before or {}).get("settings") or blank(shape.THEME_SETTINGS)
        taken = kept.keys() | {prop.name for prop in change.world.api.beyond("ThemeSettings")}
        settings = kept | {k: v for k, v in (change.values.get("settings") or {}).items() if k in taken}
        if settings["color_collection_id"] and settings["color_collection_id"] not in change.world["color_collections"]:
            change.problems.invalid("color_collection_id", "Color collection does not exist.")
        change.set(settings=settings)


def _not_default_theme(call: Call, row: Row) -> None:
    if row["id"] in (call.world.default_theme_id, *call.world.default_themes.values()):
        raise Refused(404, "The default theme cannot be deleted")


THEMES = Resource(
    name="theme",
    table="themes",
    path="/themes",
    shape=shape.THEME,
    body="Theme",
    remove=lambda world, row_id: world["themes"].remove(row_id),
    required=("name",),
    check=_check_theme,
    delete_guard=_not_default_theme,
)


def _set_default_theme(call: Call) -> Reply:
    row = _lasting(call)
    call.world.default_theme_id = row["id"]
    call.world.generation += 1
    return shown(call, shape.THEME, row)


def _set_default_theme_by_type(call: Call) -> Reply:
    row, kind = _lasting(call), theme_type(call)
    if kind == "all":
        return _set_default_theme(call)
    call.world.default_themes[kind] = row["id"]
    call.world.generation += 1
    return shown(call, shape.THEME, row)


def _lasting(call: Call) -> Row:
    """Return the theme of the name that a call has, if it is active and has no end."""
    world, name = call.world, call.params.get("name")
    now = world.now()
    for row in world["themes"]:
        if row["name"] == name and (row["begin_at"] or "") <= now and row["end_at"] is None:
            return row
    problems = Problems()
    problems.invalid("name", "There is no active theme of this name without an end.")
    problems.stop()
    raise AssertionError("a problem stops")


def _not_standard(_call: Call, row: Row) -> None:
    if row["id"] in STANDARD_COLLECTIONS:
        raise Refused(403, "Standard color collections can't be modified")


def _check_collection(change: Change) -> None:
    if change.before is None:
        change.set(id=uuid(change.world.random))
    for field, kind in _PALETTES.items():
        if change.before is None or field in change.values:
            given = [one for one in change.row[field] or () if isinstance(one, dict)]
            change.set(**{field: _palettes(given, kind, (change.before or {}).get(field) or (), change.row["id"])})


def _palettes(given: list[Row], kind: str, before: Iterable[Row], collection_id: str) -> list[Row]:
    """Return palettes under ids of the instance's own: the old one where it names one that is there, else by its place."""
    kept = {one["id"] for one in before} & {one.get("id") for one in given}
    made: list[Row] = []
    for number, one in enumerate(given):
        body = "stops" if "stops" in one else "colors"
        free = (f"{collection_id}-{kind}-{n}" for n in count(number))
        taken = kept | {other["id"] for other in made}
        own = one["id"] if one.get("id") in kept else next(name for name in free if name not in taken)
        rest = {key: value for key, value in one.items() if key not in ("id", "label", "type", "colors", "stops")}
        made.append({"id": own, "label": one.get("label"), "type": kind.title(), body: one.get(body) or [], **rest})
    return made


def _not_default_collection(call: Call, row: Row) -> None:
    if row["id"] == call.world.default_color_collection_id:
        raise Refused(403, "The default color collection cannot be deleted")


COLLECTIONS = Resource(
    name="color_collection",
    table="color_collections",
    path="/color_collections",
    shape=shape.COLOR_COLLECTION,
    body="ColorCollection",
    remove=lambda world, row_id: world["color_collections"].remove(row_id),
    required=("label",),
    guard=_not_standard,
    check=_check_collection,
    delete_guard=_not_default_collection,
    parameter="collection_id",
)


def _set_default_collection(call: Call) -> Reply:
    row = call.world["color_collections"].get(call.params.get("collection_id", ""))
    if row is None:
        raise not_found()
    call.world.default_color_collection_id = row["id"]
    call.world.generation += 1
    return shown(call, shape.COLOR_COLLECTION, row)


OPERATIONS = [
    *MODELS.operations(),
    *CONNECTIONS.operations(),
    *THEMES.operations(),
    write("set_default_theme", "PUT", "/themes/default", _set_default_theme, "themes"),
    write("set_default_theme_by_type", "PUT", "/themes/default_theme", _set_default_theme_by_type, "themes"),
    *COLLECTIONS.operations(),
    write(
        "set_default_color_collection",
        "PUT",
        "/color_collections/default",
        _set_default_collection,
        "color_collections",
    ),
]
