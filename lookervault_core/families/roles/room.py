"""The rooms of roles and of who has them."""

from __future__ import annotations

from lookervault_core.families.roles.applying import apply_role_groups, apply_role_users
from lookervault_core.families.roles.guard import ADMIN, Caller, keep_own_role
from lookervault_core.families.room import Room
from lookervault_core.restore.identity.resolver import Destination


def _makes_admin(caller: Caller, _destination: Destination, role_id: str) -> str:
    return ADMIN if role_id in caller.admin_roles else ""


ROOMS = {
    "roles": Room(guards=keep_own_role, stays=_makes_admin),
    "role_groups": Room(apply=apply_role_groups, guards=keep_own_role),
    "role_users": Room(apply=apply_role_users, guards=keep_own_role),
}
