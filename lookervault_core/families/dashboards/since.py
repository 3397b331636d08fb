"""Take out of an undo's differences what people have changed on a dashboard since the restore. Pure."""

from __future__ import annotations

from lookervault_core.diff.difference import Difference
from lookervault_core.diff.rows import KEPT
from lookervault_core.families.dashboards.shape import PLACE, TAB, TILE


def leave_moved_tiles(dashboard: Difference, why: str) -> None:
    """Leave tiles that people have moved to another tab where they are, and name the loss of their places with *why*."""
    moved = {tile.source.id for tile in dashboard.of(TILE) if tile.lost.get("dashboard_layout_id") == why}
    for tab in dashboard.of(TAB) if moved else ():
        tab.children = [child for child in tab.children if child.live is not None or _tile_at(child) not in moved]


def _tile_at(place: Difference) -> str:
    return str(place.source.fields.get("dashboard_element_id")) if place.content_type == PLACE else ""


def leave_moved_tabs(dashboard: Difference, why: str) -> None:
    """Leave all tabs in the order that people have given them since the restore, and name the loss with *why*."""
    there = [tab for tab in dashboard.of(TAB) if tab.live is not None]
    moved = any(tab.lost.get("order") == why for tab in there)
    for tab in there if moved else ():
        if tab.changed.pop("order", None) is not None:
            tab.lost["order"] = why


def leave_order_of_tabs(dashboard: Difference) -> None:
    """Leave the tabs in their present order if a tab that the restore had made stays among them."""
    staying = [doc.id for kind, doc in dashboard.kept if kind == TAB]
    for tab in dashboard.of(TAB) if staying else ():
        if tab.live is not None and tab.changed.pop("order", None) is not None:
            tab.lost["order"] = f"it keeps its place beside tab {', '.join(staying)}: {KEPT}"
