"""The room of users."""

from __future__ import annotations

from lookervault_core.catalog import WRITES
from lookervault_core.families.roles.guard import keep_own_login
from lookervault_core.families.room import Removal, Room
from lookervault_core.families.users.applying import apply_user, go_home
from lookervault_core.families.users.owning import owns_anything_now


def _owns_anything(removal: Removal, user_id: str) -> str:
    owns = owns_anything_now(removal.live, user_id, removal.made, removal.outliving)
    return WRITES["users"].irremovable if owns else ""


ROOMS = {"users": Room(apply=apply_user, late=(go_home,), guards=keep_own_login, held=_owns_anything)}
