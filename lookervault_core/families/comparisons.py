"""The table of each type's comparison functions; a type without an entry is plain. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from lookervault_core.families.access_lists import comparison as access_lists
from lookervault_core.families.boards import comparison as boards
from lookervault_core.families.comparison import Comparison
from lookervault_core.families.connected import suites
from lookervault_core.families.dashboards import comparison as dashboards
from lookervault_core.families.settings import leaving as settings
from lookervault_core.families.user_attributes import comparison as attribute_values
from lookervault_core.families.user_attributes import whitelist as user_attributes
from lookervault_core.families.users import logins as users

_COMPARISONS: Mapping[str, Comparison] = {
    **access_lists.COMPARISONS,
    **attribute_values.COMPARISONS,
    **boards.COMPARISONS,
    **dashboards.COMPARISONS,
    **settings.COMPARISONS,
    **suites.COMPARISONS,
    **user_attributes.COMPARISONS,
    **users.COMPARISONS,
}
_PLAIN = Comparison()


def comparison_of(content_type: str) -> Comparison:
    """Return the functions with which a family compares objects of a type; an empty set of them for a plain type."""
    return _COMPARISONS.get(content_type, _PLAIN)
