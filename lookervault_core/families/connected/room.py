"""The room of what is connected with an instance."""

from __future__ import annotations

from lookervault_core.diff.planning.sides import Wanted
from lookervault_core.families.connected.applying import apply_app, apply_suites
from lookervault_core.families.models.room import of_another_instance
from lookervault_core.families.room import Room
from lookervault_core.restore.identity.resolver import Destination


def _of_no_project(wanted: Wanted, destination: Destination) -> str:
    """A project is made by people, and its suites of CI can be put back then."""
    there = destination.resolve("projects", wanted.key.id) is not None
    return "" if there else "its project is not there: make that in Looker, and restore this again"


_WAY = Room(skips=of_another_instance)
# What connections go through.
ROOMS = {
    "oauth_client_apps": Room(apply=apply_app),
    "external_oauth_applications": _WAY,
    "ssh_servers": _WAY,
    "ssh_tunnels": _WAY,
    "user_db_connections": _WAY,
    "ci_suites": Room(apply=apply_suites, skips=_of_no_project),
}
