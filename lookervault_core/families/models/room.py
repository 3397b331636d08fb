"""The room of connections."""

from __future__ import annotations

from lookervault_core.diff.planning.sides import Wanted
from lookervault_core.families.room import Room
from lookervault_core.restore.identity.resolver import Destination


def of_another_instance(_wanted: Wanted, destination: Destination) -> str:
    """Return why nothing that leads to a database is made on another instance."""
    same = destination.rules.same_instance
    return "" if same else "another instance asks databases of its own: make it there"


ROOMS = {"connections": Room(skips=of_another_instance)}
