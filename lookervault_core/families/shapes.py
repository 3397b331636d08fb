"""Which shape the payloads of each type are compared in; a type without one is compared as it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from lookervault_core.families.access_lists import shape as access_lists
from lookervault_core.families.appearance import shape as appearance
from lookervault_core.families.boards import shape as boards
from lookervault_core.families.connected import shape as connected
from lookervault_core.families.connected import suites
from lookervault_core.families.dashboards import shape as dashboards
from lookervault_core.families.delivery import shape as delivery
from lookervault_core.families.groups import shape as groups
from lookervault_core.families.looks import shape as looks
from lookervault_core.families.models import connections as models
from lookervault_core.families.roles import shape as roles
from lookervault_core.families.settings import shape as settings
from lookervault_core.families.shape import Shape
from lookervault_core.families.user_attributes import shape as user_attributes
from lookervault_core.families.users import shape as users

_SHAPES: Mapping[str, Shape] = {
    **access_lists.SHAPES,
    **appearance.SHAPES,
    **boards.SHAPES,
    **connected.SHAPES,
    **dashboards.SHAPES,
    **delivery.SHAPES,
    **groups.SHAPES,
    **looks.SHAPES,
    **models.SHAPES,
    **roles.SHAPES,
    **settings.SHAPES,
    **suites.SHAPES,
    **user_attributes.SHAPES,
    **users.SHAPES,
}
_PLAIN = Shape()


def shape_of(content_type: str) -> Shape:
    """Return the shape of a type: the functions that make of a payload the fields to compare."""
    return _SHAPES.get(content_type, _PLAIN)
