"""Seeds groups of tiles (26.18): a place without a tile, which other places name. No call makes one."""

from looker_simulator import schema
from looker_simulator.api import is_at_least
from looker_simulator.table import Row
from looker_simulator.world import World

SINCE = "26.18"
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
        group = components.add(
            schema.new("DashboardLayoutComponent", dashboard_layout_id=tab["id"], row=60, column=0, width=24, height=12)
        )
        for row in members:
            components.change(row["id"], group_id=group["id"])
