"""What is to happen to one item, where more than the two payloads has a say in it."""

from __future__ import annotations

import msgspec

from lookervault_core.catalog import lies_in_trash
from lookervault_core.diff.difference import NEW, Difference, Rules
from lookervault_core.diff.plan import Found, PlanOptions, Step, Wanted, plan_step
from lookervault_core.diff.protection import protection
from lookervault_core.documents import decode
from lookervault_core.families.appearance.palettes import palettes, palettes_gone
from lookervault_core.restore.identity.finding import in_full
from lookervault_core.restore.identity.resolver import Destination


def judged(
    wanted: Wanted, found: Found | None, destination: Destination, rules: Rules, options: PlanOptions
) -> tuple[Step, Found | None]:
    """Return the step for an item; where queries differ by what a listing shows of them, they are read in full first."""
    step = plan_step(wanted, found, destination.resolve, rules, options)
    if found is None or not any("query" in change.path for change in step.fields):
        return step, found
    found = in_full(destination.live, wanted.key.content_type, found)
    options = msgspec.structs.replace(options, live_merges=destination.live.merge)
    return plan_step(wanted, found, destination.resolve, rules, options), found


def without_equals(one: Difference) -> Difference | None:
    """Return a difference without what is equal, or None if something in it is to be made or removed."""
    if one.live is None or one.lacks or one.extras or NEW in str(one.changed):
        return None
    children = [without_equals(child) for child in one.children if not child.empty]
    if None in children:
        return None
    source, live = (msgspec.structs.replace(doc, children={}) for doc in (one.source, one.live))
    return msgspec.structs.replace(one, source=source, live=live, children=children)


def writes_the_same(one: Step, other: Step) -> bool:
    def written(step: Step) -> object:
        return step.action, [field.values for field in step.fields], step.lost

    return written(one) == written(other)


def shield_of(wanted: Wanted, destination: Destination) -> str:
    """Return why an item needs no look at the live side, or ""."""
    if wanted.key.content_type == "content_metadata":
        return protection("content_metadata", wanted.decoded) or _of_trashed_board(wanted.key.id, destination)
    if wanted.key.content_type == "content_metadata_accesses":
        return _of_trashed_board(wanted.key.id, destination)
    if wanted.owner_shield is not None and wanted.key.content_type == "group_users":
        return _without_members(wanted, destination)
    if wanted.key.content_type == "connections" and not destination.rules.same_instance:
        return "another instance asks databases of its own: make the connection there"
    if wanted.key.content_type == "color_collections" and wanted.key.id in destination.live.standard_colors:
        return "one of Looker's own collections"
    return ""


def _without_members(wanted: Wanted, destination: Destination) -> str:
    """Everybody is in the group of all users, and the list of a protected group that is not there is named with the group."""
    group = destination.backup.readable("groups", wanted.key.id) or {}
    absent = destination.resolve("groups", wanted.key.id) is None
    return protection("groups", group) if absent or group.get("include_by_default") else ""


def _of_trashed_board(metadata_id: str, destination: Destination) -> str:
    """Who might see a board that lay in the trash goes with it: it is not made again."""
    backup = destination.backup
    board_id = str((backup.readable("content_metadata", metadata_id) or {}).get("homepage_id") or "")
    board = backup.readable("boards", board_id) or {}
    gone = lies_in_trash(board) and destination.resolve("boards", board_id) is None
    return "its board lay in the trash when it was backed up, and is gone" if gone else ""


def note_palettes(destination: Destination, wanted: Wanted, found: Found, *, writes: bool) -> None:
    """Note which palettes of a collection that is there have other ids than in the backup, or are to get some. On its own instance
    those alone that it has no more."""
    if wanted.key.content_type != "color_collections" or not found.payload:
        return
    live = decode(found.payload)
    pairs = palettes(wanted.decoded, live)
    ours = destination.rules.same_instance and found.id == wanted.key.id
    gone = palettes_gone(wanted, live) if ours else pairs.keys()
    if ours and writes:
        destination.pending.update(gone)
        return
    for palette in gone & pairs.keys():
        destination.remember(palette, pairs[palette], lasting=False)
