"""Which function brings an item of a type back. Each returns the id of the live object."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lookervault_core.diff.plan import Found, Wanted
from lookervault_core.families.access_lists.applying import apply_accesses, apply_metadata
from lookervault_core.families.appearance.applying import apply_colors, apply_default_colors, apply_default_theme
from lookervault_core.families.boards.applying import apply_board, remove_section
from lookervault_core.families.dashboards.applying import apply_dashboard
from lookervault_core.families.delivery.applying import apply_alert, apply_plan, switch
from lookervault_core.families.looks.applying import apply_look
from lookervault_core.families.settings.applying import apply_setting
from lookervault_core.families.users import applying as access
from lookervault_core.restore.applying.context import Context, Deferred, apply_plain

Apply = Callable[[Context, Wanted, Found | None], str]

APPLY: Mapping[str, Apply] = {
    "users": access.apply_user,
    "user_attribute_values": access.apply_user_values,
    "groups": access.apply_group,
    "group_users": access.apply_group_users,
    "permission_sets": apply_plain,
    "model_sets": apply_plain,
    "roles": apply_plain,
    "role_groups": access.apply_role_groups,
    "role_users": access.apply_role_users,
    "user_attributes": access.apply_attribute,
    "user_attribute_group_values": access.apply_group_values,
    "folders": apply_plain,
    "content_metadata": apply_metadata,
    "content_metadata_accesses": apply_accesses,
    "lookml_models": apply_plain,
    "connections": apply_plain,
    "color_collections": apply_colors,
    "default_color_collection": apply_default_colors,
    "themes": apply_plain,
    "default_theme": apply_default_theme,
    "instance_settings": apply_setting,
    "looks": apply_look,
    "dashboards": apply_dashboard,
    "alerts": apply_alert,
    "boards": apply_board,
    "scheduled_plans": apply_plan,
}

# The second pass, in this order: what closes cycles first, what sends mail last.
LATE: tuple[tuple[str, Callable[[Context, Deferred], None]], ...] = (
    ("boards", remove_section),
    ("groups", access.take_out),
    ("groups", access.nest),
    ("users", access.go_home),
    ("alerts", switch),
    ("scheduled_plans", switch),
)
