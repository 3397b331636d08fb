"""The room of what is connected with an instance."""

from __future__ import annotations

from lookervault_core.families.connected.applying import apply_app
from lookervault_core.families.room import Room

ROOMS = {"oauth_client_apps": Room(apply=apply_app)}
