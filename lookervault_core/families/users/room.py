"""The room of users."""

from __future__ import annotations

from lookervault_core.families.roles.guard import keep_own_login
from lookervault_core.families.room import Room
from lookervault_core.families.users.applying import apply_user, go_home

ROOMS = {"users": Room(apply=apply_user, late=(go_home,), guards=keep_own_login)}
