"""Seeds groups of tiles (26.18), which are places that other places name (SDK 26.18, `DashboardLayoutComponent.group_id`).

No page shows what such a place has for a tile: here it has none, and where the bend `groups_are_tiles` says so a tile of a type of
its own, as in LookML, where groups are among the elements of a dashboard (Google, "LookML dashboard parameters", 26.20).
"""

from looker_simulator import schema
from looker_simulator.api import is_at_least
from looker_simulator.seed.dashboards import element
from looker_simulator.table import Row
from looker_simulator.world import World

SINCE, GROUP = "26.18", "group"
_EVERY, _MEMBERS = 4, 2


def populate(world: World) -> None:
    """Put two tiles of some dashboards into a group, where the release has groups."""
    if not is_at_least(world.api.release, SINCE):
        return
    rich = [row for row in world["dashboards"] if not row["deleted"] and row["id"] not in world.packed]
    for row in rich[2::_EVERY]:
        _group(world, row)


def _group(world: World, dashboard: Row) -> None:
    components = world["dashboard_layout_components"]
    tab = next(row for row in world.parts("dashboard_layouts", dashboard["id"]) if row["active"])
    members = [row for row in components.where("dashboard_layout_id", tab["id"]) if not row["deleted"]][:_MEMBERS]
    if len(members) == _MEMBERS:
        where = {"row": 60, "column": 0, "width": 24, "height": 12}
        tile = _tile(world, dashboard["id"], tab["id"])
        place = schema.new(
            "DashboardLayoutComponent", dashboard_layout_id=tab["id"], dashboard_element_id=tile, **where
        )
        group = components.add(place)
        for row in members:
            components.change(row["id"], group_id=group["id"])


def _tile(world: World, dashboard_id: str, tab_id: str) -> str | None:
    if not world.bends.has("groups_are_tiles"):
        return None
    return element(world, dashboard_id, GROUP, tab_id, title="Group")["id"]
