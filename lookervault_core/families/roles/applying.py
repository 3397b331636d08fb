"""Write who has a role: Looker's calls replace all its users, or all its groups."""

from __future__ import annotations

from lookervault_core.catalog import WriteCall
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.lists import compare_list
from lookervault_core.restore.applying.context import (
    Context,
)

_SET_ROLE_GROUPS = WriteCall("set_role_groups", "PUT", "/roles/{id}/groups")
_SET_ROLE_USERS = WriteCall("set_role_users", "PUT", "/roles/{id}/users")


def apply_role_users(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Replace the users of a role."""
    return _replace_members(ctx, wanted, _SET_ROLE_USERS)


def apply_role_groups(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Replace the groups of a role."""
    return _replace_members(ctx, wanted, _SET_ROLE_GROUPS)


def _replace_members(ctx: Context, wanted: Wanted, call: WriteCall) -> str:
    role_id, difference = compare_list(ctx, wanted)
    if "members" in difference.changed:
        ctx.writer.change(call, wanted.key, role_id, difference.changed["members"])
    return role_id
