"""Changes to the instance that do not come through its API: what other people do while a backup runs."""

from typing import Any

from looker_simulator import cascades, schema
from looker_simulator.faults import Fault
from looker_simulator.seed.folders import grant, metadata, of_agent
from looker_simulator.seed.words import token
from looker_simulator.table import Row, Table
from looker_simulator.world import World

ACTIONS = ("create", "update", "delete", "trash", "undelete")
_CONTENT = {"dashboards": "dashboard_id", "looks": "look_id"}


def mutate(world: World, action: str, type: str, id: str | None = None, values: Row | None = None) -> str:
    """Return the id of the object created, changed or removed.

    ``create`` copies the object *id* (default: the first one) with everything in it and sets *values* on the copy.
    ``delete`` is for good and takes along what cannot be without the object; ``trash`` and ``undelete`` exist for
    dashboards and looks. Raises ValueError for an unknown action, type or id.
    """
    if type not in world.tables or action not in ACTIONS:
        raise ValueError(
            f"cannot {action} {type}: actions are {', '.join(ACTIONS)}; types are {', '.join(world.tables)}"
        )
    with world.lock:
        table = world[type]
        row = world.find(type, id) if id is not None else _first(table)
        if row is None:
            raise ValueError(f"{type} {id}: there is no such object")
        if type == "dashboards":
            world.unpack(row["id"])
        return _ACT[action](world, table, row, values or {})


def churn(world: World, rule: Fault) -> None:
    """Let the instance change as a churn rule says."""
    if rule.hook is not None:
        rule.hook(world)
        return
    action = ("create", "delete")[rule.fired % 2 == 0] if rule.action == "alternate" else rule.action
    mutate(world, action, rule.type or "dashboards", rule.id)


def _first(table: Table) -> Row | None:
    return next((row for row in table if not row.get("deleted") and not row.get("_deleted")), None)


def _create(world: World, table: Table, row: Row, values: Row) -> str:
    copy = {name: value for name, value in row.items() if name != table.key} | values
    for name in ("title", "name", "label"):
        if isinstance(copy.get(name), str) and name not in values:
            copy[name] += f" copy {table.next_id}"
    if table.key != "id":
        copy.setdefault(table.key, f"{row[table.key]}_copy_{world.generation}")
    if "slug" in row and "slug" not in values:
        copy["slug"] = token(world.random)
    if "updated_at" in row:
        copy["updated_at"] = world.now()
    if "created_at" in row:
        copy["created_at"] = world.now()
    if table.name in _CONTENT:
        _new_metadata(world, table, copy)
    new = table.add(copy)[table.key]
    if table.name == "dashboards":
        _copy_parts(world, row["id"], new)
    elif table.name == "boards":
        _open_board(world, new)
    elif table.name == "agents":
        table.change(new, content_metadata_id=of_agent(world, new, copy["created_by_user_id"]))
    return new


def _open_board(world: World, board_id: str) -> None:
    """Give a copied board an access list of its own, and none of the sections that are the other one's."""
    meta = metadata(world, "homepage", None, inherits=False)
    grant(world, meta, "edit", user_id=world.admin_user_id)
    world["content_metadata"].change(meta, homepage_id=board_id)
    world["boards"].change(board_id, content_metadata_id=meta, section_order=[])


def _new_metadata(world: World, table: Table, copy: Row) -> None:
    copy[table.key] = table.new_id()
    folder = world["folders"].get(copy["folder_id"])
    parent = folder["content_metadata_id"] if folder else None
    meta = schema.new("ContentMeta", parent_id=parent, content_type=table.name[:-1], inherits=True)
    meta[_CONTENT[table.name]] = copy[table.key]
    copy["content_metadata_id"] = world["content_metadata"].add(meta)["id"]


def _copy_parts(world: World, source: str, target: str) -> None:
    new_ids: dict[str, str] = {}
    for part in ("dashboard_filters", "dashboard_layouts", "dashboard_elements"):
        for row in world.parts(part, source):
            copy = row | {"id": None, "dashboard_id": target}
            if copy.get("dashboard_layout_id"):
                copy["dashboard_layout_id"] = new_ids[f"dashboard_layouts{row['dashboard_layout_id']}"]
            new_ids[part + row["id"]] = world[part].add(copy)["id"]
    for layout in world.parts("dashboard_layouts", source):
        places = world["dashboard_layout_components"].where("dashboard_layout_id", layout["id"])
        for row in sorted(places, key=lambda one: bool(one["dashboard_element_id"])):  # groups first
            tile = new_ids.get(f"dashboard_elements{row['dashboard_element_id']}")
            if tile or not row["dashboard_element_id"]:
                place = {
                    "id": None,
                    "dashboard_layout_id": new_ids["dashboard_layouts" + layout["id"]],
                    "dashboard_element_id": tile,
                    "group_id": new_ids.get(f"groups{row['group_id']}"),
                }
                new_ids[f"groups{row['id']}"] = world["dashboard_layout_components"].add(row | place)["id"]


def _update(world: World, table: Table, row: Row, values: Row) -> str:
    stamped: dict[str, Any] = {"updated_at": world.now()} if "updated_at" in row else {}
    table.change(row[table.key], **stamped | values)
    return row[table.key]


def _delete(world: World, table: Table, row: Row, _values: Row) -> str:
    themes = (world.default_theme_id, *world.default_themes.values())
    defaults = {"themes": themes, "color_collections": (world.default_color_collection_id,)}
    if row[table.key] in defaults.get(table.name, ()):
        raise ValueError(f"{table.name} {row[table.key]} is the default, which Looker never deletes")
    cascades.remove(world, table.name, row[table.key])
    return row[table.key]


def _trash(world: World, table: Table, row: Row, _values: Row) -> str:
    if table.name not in _CONTENT:
        raise ValueError(f"{table.name} have no trash")
    cascades.trash(world, table.name, row["id"], world.admin_user_id)
    return row["id"]


def _undelete(_world: World, table: Table, row: Row, _values: Row) -> str:
    table.change(row["id"], deleted=False, deleted_at=None, deleter_id=None)
    return row["id"]


_ACT = {"create": _create, "update": _update, "delete": _delete, "trash": _trash, "undelete": _undelete}
