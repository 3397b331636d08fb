"""The rooms of groups and of who is in them."""

from __future__ import annotations

from lookervault_core.diff.planning.protection import protection_reason
from lookervault_core.diff.planning.sides import Wanted
from lookervault_core.families.groups.applying import apply_group, apply_group_users, nest, take_out
from lookervault_core.families.roles.guard import ADMIN, Caller, keep_own_group
from lookervault_core.families.room import Room
from lookervault_core.restore.identity.resolver import Destination


def _without_members(wanted: Wanted, destination: Destination) -> str:
    """Everybody is in the group of all users, and the list of a protected group that is not there is named with the group."""
    if wanted.owner_protection is None:
        return ""
    group = destination.backup.readable("groups", wanted.key.id) or {}
    absent = destination.resolve("groups", wanted.key.id) is None
    return protection_reason("groups", group) if absent or group.get("include_by_default") else ""


def _makes_admin(caller: Caller, _destination: Destination, group_id: str) -> str:
    return ADMIN if group_id in caller.admin_groups else ""


ROOMS = {
    "groups": Room(apply=apply_group, late=(take_out, nest), guards=keep_own_group, stays=_makes_admin),
    "group_users": Room(apply=apply_group_users, skips=_without_members, guards=keep_own_group),
}
