"""Which room each type has; a type without one is plain."""

from __future__ import annotations

from collections.abc import Mapping

from lookervault_core.families.access_lists import room as access_lists
from lookervault_core.families.agents import room as agents
from lookervault_core.families.appearance import room as appearance
from lookervault_core.families.boards import room as boards
from lookervault_core.families.connected import room as connected
from lookervault_core.families.dashboards import room as dashboards
from lookervault_core.families.delivery import room as delivery
from lookervault_core.families.folders import room as folders
from lookervault_core.families.groups import room as groups
from lookervault_core.families.looks import room as looks
from lookervault_core.families.models import room as models
from lookervault_core.families.roles import room as roles
from lookervault_core.families.room import Late, Room
from lookervault_core.families.settings import room as settings
from lookervault_core.families.user_attributes import room as user_attributes
from lookervault_core.families.users import room as users

# In the order of the second pass: what closes cycles first, what sends mail last.
ROOMS: Mapping[str, Room] = {
    **boards.ROOMS,
    **groups.ROOMS,
    **users.ROOMS,
    **access_lists.ROOMS,
    **agents.ROOMS,
    **appearance.ROOMS,
    **connected.ROOMS,
    **dashboards.ROOMS,
    **folders.ROOMS,
    **looks.ROOMS,
    **models.ROOMS,
    **roles.ROOMS,
    **settings.ROOMS,
    **user_attributes.ROOMS,
    **delivery.ROOMS,
}
_PLAIN = Room()


def room_of(content_type: str) -> Room:
    """Return the room of a type: the functions of its family; a plain one without functions if it has none."""
    return ROOMS.get(content_type, _PLAIN)


def late_writes() -> tuple[tuple[str, Late], ...]:
    """Return the writes of the second pass, in their order."""
    return tuple((name, write) for name, room in ROOMS.items() for write in room.late)
