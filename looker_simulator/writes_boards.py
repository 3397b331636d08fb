"""Writes on boards, their sections, their items and on favourites."""

from looker_simulator import shapes_people as shape
from looker_simulator.calls import Call, Refused, Reply, not_found
from looker_simulator.cascades import remove_board, remove_favorite, remove_item, remove_section
from looker_simulator.reading import shown
from looker_simulator.seed.folders import grant, metadata
from looker_simulator.writing import Change, Problems, Resource, blank, gone, values_of, write

_TARGETS = ("dashboard_id", "look_id", "lookml_dashboard_id", "custom_url")


def _check_board(change: Change) -> None:
    change.refers("user_id", "users")
    if change.before is None and not change.row["user_id"]:
        change.set(user_id=change.call.actor.user_id)
    _check_order(change, "section_order", "board_sections", "board_id")


def _check_order(change: Change, field: str, table: str, column: str) -> None:
    """An order may name the object's own parts only; what it leaves out stays at the end."""
    parts = [row["id"] for row in change.world[table].where(column, change.row.get("id"))] if change.before else []
    if field not in change.values:
        return
    order = list(dict.fromkeys(change.values[field] or []))
    if any(one not in parts for one in order):
        change.problems.invalid(field, "It names something that is not part of this.")
    change.set(**{field: order + [one for one in parts if one not in order]})


def _new_board(change: Change) -> None:
    if change.before is None:
        meta = metadata(change.world, "homepage", None, inherits=False)
        grant(change.world, meta, "edit", user_id=change.call.actor.user_id)
        change.world["content_metadata"].change(meta, homepage_id=change.row["id"])
        change.world["boards"].change(change.row["id"], content_metadata_id=meta, section_order=[])


BOARDS = Resource(
    name="board",
    table="boards",
    path="/boards",
    shape=shape.BOARD,
    body="Board",
    remove=remove_board,
    check=_check_board,
    done=_new_board,
)


def _check_section(change: Change) -> None:
    if not change.row.get("board_id"):
        change.problems.missing("board_id")
    change.refers("board_id", "boards")
    _check_order(change, "item_order", "board_items", "board_section_id")
    if change.gives("item_order"):
        change.set(visible_item_order=change.row["item_order"])


def _placed_section(change: Change) -> None:
    """Append a new section to its board's order; a moved one leaves the old board's."""
    world, section = change.world, change.row
    if change.before is None:
        world["board_sections"].change(section["id"], item_order=[], visible_item_order=[])
    elif change.before["board_id"] == section["board_id"]:
        return
    for board in world["boards"]:
        order = [one for one in board["section_order"] or () if one != section["id"]]
        if board["id"] == section["board_id"]:
            order.append(section["id"])
        if order != board["section_order"]:
            world["boards"].change(board["id"], section_order=order, updated_at=world.now())


SECTIONS = Resource(
    name="board_section",
    table="board_sections",
    path="/board_sections",
    shape=shape.BOARD_SECTION,
    body="BoardSection",
    remove=remove_section,
    check=_check_section,
    done=_placed_section,
)


def _check_item(change: Change) -> None:
    if not change.row.get("board_section_id"):
        change.problems.missing("board_section_id")
    change.refers("board_section_id", "board_sections")
    change.refers("dashboard_id", "dashboards")
    change.refers("look_id", "looks")
    change.refers("lookml_dashboard_id", "lookml_dashboards")
    if not any(change.row.get(target) for target in _TARGETS):
        change.problems.invalid("dashboard_id", "Must provide a dashboard, a look, a LookML dashboard or a URL.")


def _placed_item(change: Change) -> None:
    world, item = change.world, change.row
    if change.before is not None and change.before["board_section_id"] == item["board_section_id"]:
        return
    for section in world["board_sections"]:
        order = [one for one in section["item_order"] or () if one != item["id"]]
        if section["id"] == item["board_section_id"]:
            order.append(item["id"])
        if order != section["item_order"]:
            world["board_sections"].change(section["id"], item_order=order, visible_item_order=order)


ITEMS = Resource(
    name="board_item",
    table="board_items",
    path="/board_items",
    shape=shape.BOARD_ITEM,
    body="BoardItem",
    remove=remove_item,
    check=_check_item,
    done=_placed_item,
)


def _create_favorite(call: Call) -> Reply:
    """Favourites are personal: nobody, not even an admin, writes another user's."""
    problems, world = Problems(), call.world
    values = values_of(call, "ContentFavorite", problems)
    for field in ("user_id", "content_metadata_id"):
        if not values.get(field):
            problems.missing(field)
    problems.stop()
    if values["user_id"] != call.actor.user_id:
        raise Refused(404, "Not found")
    meta = world["content_metadata"].get(values["content_metadata_id"])
    if meta is None:
        raise not_found()
    mine = world["content_favorites"].where("user_id", call.actor.user_id)
    if any(row["content_metadata_id"] == meta["id"] for row in mine):
        problems.taken("content_metadata_id", "Favorite")
        problems.stop()
    target = {name: meta[name] for name in ("dashboard_id", "look_id")} | {"board_id": meta["homepage_id"]}
    favorite = world["content_favorites"].add(blank(shape.FAVORITE) | values | target)
    for table, column in (("dashboards", "dashboard_id"), ("looks", "look_id")):
        if meta[column] in world[table]:
            world[table].change(meta[column], content_favorite_id=favorite["id"], favorite_count=1)
    return shown(call, shape.FAVORITE, favorite)


def _delete_favorite(call: Call) -> Reply:
    row = call.world["content_favorites"].get(call.path["content_favorite_id"])
    if row is None or row["user_id"] != call.actor.user_id:
        raise not_found()
    remove_favorite(call.world, row["id"])
    return gone()


_FAVORITE = "/content_favorite"
OPERATIONS = [
    *BOARDS.operations(),
    *SECTIONS.operations(),
    *ITEMS.operations(),
    write("create_content_favorite", "POST", _FAVORITE, _create_favorite, "content_favorites"),
    write(
        "delete_content_favorite", "DELETE", _FAVORITE + "/{content_favorite_id}", _delete_favorite, "content_favorites"
    ),
]
