"""The room of what is connected with an instance."""

from __future__ import annotations

from lookervault_core.families.connected.applying import apply_app
from lookervault_core.families.models.room import of_another_instance
from lookervault_core.families.room import Room

_WAY = Room(skips=of_another_instance)
# What connections go through.
ROOMS = {
    "oauth_client_apps": Room(apply=apply_app),
    "external_oauth_applications": _WAY,
    "ssh_servers": _WAY,
    "ssh_tunnels": _WAY,
    "user_db_connections": _WAY,
}
