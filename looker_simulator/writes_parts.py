"""Writes on the parts of a dashboard that are not tiles: filters, tabs and the places of tiles on them."""

from looker_simulator import shapes_content as shape
from looker_simulator.calls import Call, Refused, detail
from looker_simulator.cascades import remove_layout
from looker_simulator.seed.tile_groups import GROUP
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import Change, Resource


def dashboard_of(change: Change) -> Row | None:
    """Return the dashboard that a part belongs to; a part never changes its dashboard."""
    if change.before is not None:
        change.set(dashboard_id=change.before["dashboard_id"])
        return change.world["dashboards"].get(change.before["dashboard_id"])
    wanted = change.row.get("dashboard_id") or ""
    if wanted in change.world["lookml_dashboards"]:
        raise Refused(405, "LookML dashboards cannot be changed")
    found = change.world["dashboards"].get(wanted)
    if found is None:
        change.problems.invalid("dashboard_id", "Dashboard does not exist.")
    else:
        change.world.unpack(wanted)
    return found


def touch(world: World, dashboard_id: str, actor_id: str) -> None:
    """Move the dashboard's ``updated_at`` after a change of a part, if the instance is one that does so."""
    world.show_anew(dashboard_id)
    moves = world.options.tiles_touch_dashboard and not world.bends.has("parts_leave_updated_at")
    if moves and dashboard_id in world["dashboards"]:
        world["dashboards"].change(dashboard_id, updated_at=world.now(), last_updater_id=actor_id)


def touched(change: Change) -> None:
    """Do :func:`touch` for the dashboard of a part that was written."""
    touch(change.world, change.row["dashboard_id"], change.call.actor.user_id)


def touching(table: str, call: Call, row: Row) -> None:
    """Do :func:`touch` for the dashboard of a part that is about to be deleted."""
    layout = row if "dashboard_id" in row else call.world.find("dashboard_layouts", row["dashboard_layout_id"])
    if layout is not None and table:
        touch(call.world, layout["dashboard_id"], call.actor.user_id)


def _check_filter(change: Change) -> None:
    row = change.row
    if dashboard_of(change) is None:
        return
    siblings = [one for one in change.world.parts("dashboard_filters", row["dashboard_id"]) if one["id"] != row["id"]]
    if any(one["title"] == row["title"] or one["name"] == row["name"] for one in siblings):
        change.problems.add("title", "already_exists", "Filter with this title already exists.")
    if change.before is None and "row" not in change.values:
        change.set(row=len(siblings))
    if change.gives("dimension"):
        change.set(field={"name": row["dimension"]} if row["dimension"] else None)
    if row.get("listens_to_filters") is None:
        change.set(listens_to_filters=[])


def _check_layout(change: Change) -> None:
    if dashboard_of(change) is None:
        return
    siblings = change.world.parts("dashboard_layouts", change.row["dashboard_id"])
    if change.before is None:
        kind = change.row.get("type") or "newspaper"
        order = change.row["order"] if change.row["order"] is not None else len(siblings)
        change.set(type=kind, active=bool(change.row["active"]), order=order)
    elif change.before["active"] and not change.row["active"]:
        change.problems.invalid("active", "Another layout has to be made active instead.")


def _one_active(change: Change) -> None:
    if change.row["active"]:
        for sibling in change.world.parts("dashboard_layouts", change.row["dashboard_id"]):
            if sibling["id"] != change.row["id"] and sibling["active"]:
                change.world["dashboard_layouts"].change(sibling["id"], active=False)
    touched(change)


def _delete_layout_guard(call: Call, row: Row) -> None:
    if row["active"]:
        raise Refused(
            422,
            "Validation Failed",
            [detail("active", "invalid", "The active layout of a dashboard cannot be deleted.")],
        )
    touching("dashboard_layouts", call, row)


def _check_component(change: Change) -> None:
    world, before = change.world, change.before or {}
    for field, table in (("dashboard_layout_id", "dashboard_layouts"), ("dashboard_element_id", "dashboard_elements")):
        target = change.refers(field, table)
        if not change.row[field] and before[field]:
            change.problems.missing(field)
        home = world["dashboard_layouts"].rows[before["dashboard_layout_id"]]["dashboard_id"]
        if target is not None and target["dashboard_id"] != home:
            change.problems.invalid(field, "It belongs to another dashboard.")
    if change.row["dashboard_element_id"] != before["dashboard_element_id"]:
        change.problems.invalid("dashboard_element_id", "A component cannot change its tile.")
    _check_group(change)


def _check_group(change: Change) -> None:
    """A place can be in a group on its own tab: in a place without a tile, or with one that is a group."""
    group = change.refers("group_id", "dashboard_layout_components")
    if group is None or not change.gives("group_id"):
        return
    same_tab = group["dashboard_layout_id"] == change.row["dashboard_layout_id"]
    tile = change.world["dashboard_elements"].get(group["dashboard_element_id"] or "") or {"type": GROUP}
    if tile["type"] != GROUP or not same_tab or group["id"] == change.row["id"]:
        change.problems.invalid("group_id", "It is not a group on this layout.")


def _moved(change: Change) -> None:
    layout = change.world["dashboard_layouts"].rows[change.row["dashboard_layout_id"]]
    touch(change.world, layout["dashboard_id"], change.call.actor.user_id)


def _remove_filter(world: World, filter_id: str) -> None:
    world["dashboard_filters"].remove(filter_id)


def _never(_world: World, _row_id: str) -> None:
    raise AssertionError("components go with their tile")


FILTERS = Resource(
    name="dashboard_filter",
    table="dashboard_filters",
    path="/dashboard_filters",
    shape=shape.FILTER,
    body="DashboardFilter",
    new_body="CreateDashboardFilter",
    remove=_remove_filter,
    required=("name", "title", "type"),
    check=_check_filter,
    done=touched,
    delete_guard=lambda call, row: touching("dashboard_filters", call, row),
)
LAYOUTS = Resource(
    name="dashboard_layout",
    table="dashboard_layouts",
    path="/dashboard_layouts",
    shape=shape.LAYOUT,
    body="DashboardLayout",
    remove=remove_layout,
    check=_check_layout,
    done=_one_active,
    delete_guard=_delete_layout_guard,
)
COMPONENTS = Resource(
    name="dashboard_layout_component",
    table="dashboard_layout_components",
    path="/dashboard_layout_components",
    shape=shape.COMPONENT,
    body="DashboardLayoutComponent",
    remove=_never,
    check=_check_component,
    done=_moved,
)

OPERATIONS = [
    *FILTERS.operations(),
    *LAYOUTS.operations(),
    *COMPONENTS.operations(without=("create", "delete")),
]
