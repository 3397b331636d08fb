"""How people name objects: types that hold content, types of people, and the type behind an address in the browser."""

from __future__ import annotations

from lookervault_core.catalog.rows import CATALOG

# What content lies in, and who makes and changes it.
HOLDER, PERSON = "folders", "users"
# What one object of a type can be called in an address beside the name of the type.
# What a look or a tile asks, kept under its id; nothing changes it there.
QUERY, MERGE_QUERY = "queries", "merge_queries"
# What asks for fields itself, what sends that, and what watches it.
ASKING = ("looks", "dashboards", "lookml_dashboards", "scheduled_plans")
# What else holds texts that people write and search for.
SAYING = ("boards", "users", "alerts", "agents")
DELIVERING, WATCHING = "scheduled_plans", "alerts"
# What tiles can show in the place of a query of their own.
SHOWN = "looks"
# What is nested in another object, in one word.
NOUNS = {
    "dashboard_elements": "tile",
    "dashboard_filters": "filter",
    "dashboard_layouts": "tab",
    "dashboard_layout_components": "place",
    "board_sections": "section",
    "board_items": "item",
    "golden_queries": "golden query",
}
_ADDRESSES = {"dashboards-next": "dashboards", "dashboards-legacy": "dashboards", "spaces": "folders"}
_SHOWN = frozenset({"dashboards", "looks", "folders", "boards", "users", "groups", "roles"})


def shown_at(segment: str) -> str | None:
    """Return the type that a segment of a Looker address is about: `looks` for `/looks/7`; None if it is about none."""
    name = _ADDRESSES.get(segment, segment)
    return name if name in _SHOWN and name in CATALOG else None


def origin_of(content_type: str) -> str:
    """Return the type that objects had before they were deleted, for a type that lists the trash; else *content_type* itself."""
    return next((name for name, row in CATALOG.items() if row.trash == content_type), content_type)


def parts_of(content_type: str) -> tuple[str, ...]:
    """Return the types whose items are lists that belong to one object of *content_type* and have its id, as a group's users."""
    return tuple(name for name, row in CATALOG.items() if row.is_answer and row.targets_from == content_type)
