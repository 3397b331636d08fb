"""The rooms of access metadata and access lists."""

from __future__ import annotations

from lookervault_core.catalog import CATALOG, lies_in_trash
from lookervault_core.diff.planning.protection import protection_reason
from lookervault_core.diff.planning.sides import Wanted
from lookervault_core.families.access_lists.applying import apply_accesses, apply_metadata
from lookervault_core.families.access_lists.metadata import owner_of
from lookervault_core.families.room import Room
from lookervault_core.restore.identity.resolver import Destination


def _of_what_was_trashed(wanted: Wanted, destination: Destination) -> str:
    """Who might see a board that lay in the trash goes with it: it is not made again. The same of an agent."""
    backup = destination.backup
    owner = owner_of(backup.readable("content_metadata", wanted.key.id) or {})
    if owner is None or not lies_in_trash(backup.readable(owner.content_type, owner.id)):
        return ""
    gone = destination.resolve(owner.content_type, owner.id) is None
    kind = CATALOG[owner.content_type].singular
    return f"its {kind} lay in the trash when it was backed up, and is gone" if gone else ""


def _needs_no_look(wanted: Wanted, destination: Destination) -> str:
    return protection_reason("content_metadata", wanted.decoded) or _of_what_was_trashed(wanted, destination)


ROOMS = {
    "content_metadata": Room(apply=apply_metadata, skips=_needs_no_look),
    "content_metadata_accesses": Room(apply=apply_accesses, skips=_of_what_was_trashed),
}
