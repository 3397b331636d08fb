"""What the plan needs beyond itself: items that can come along, and LookML models, connections and attributes that cannot.

Content without the latter can be written and shows errors, so they are warnings: the plan's reader decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lookervault_core.catalog import CONTENT, WRITES, lies_in_trash
from lookervault_core.diff.describe import called
from lookervault_core.diff.plan import Plan
from lookervault_core.diff.words import Names
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.folders.backed_up import owners_of_personal
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.planning.selection import item_of, with_own_parts


def in_trash(backup: Backup, destination: Destination, plan: Plan) -> dict[ContentKey, list[ContentKey]]:
    """Return, by what the plan makes or takes out of the trash, the dashboards and looks named in it that lie in the trash and did
    not when they were backed up."""
    named = {
        step.key: [one for one in destination.checked(backup.wanted(step.key)) if one.content_type in CONTENT]
        for step in plan.steps
        if step.action in ("create", "undelete")
    }
    comes = {step.key for step in plan.steps}
    asked = {one for ones in named.values() for one in ones if backup.has(one.content_type, one.id)} - comes
    for name in CONTENT:
        destination.read(name, [one.id for one in asked if one.content_type == name])
    trashed = {one for one in asked if _is_trashed_since(backup, destination, one)}
    found = {key: [one for one in ones if one in trashed] for key, ones in named.items()}
    return {key: ones for key, ones in found.items() if ones}


def _is_trashed_since(backup: Backup, destination: Destination, key: ContentKey) -> bool:
    try:
        wanted = backup.wanted(key)
    except (BlobDamaged, CodecError):
        return False
    found = destination.find(wanted)
    return found is not None and found.trashed and not lies_in_trash(wanted.decoded)


def told_of_trash(trashed: Mapping[ContentKey, Sequence[ContentKey]], names: Names) -> Iterator[str]:
    """Yield a warning for each object with something in it that lies in the trash."""
    for key, ones in trashed.items():
        shown = ", ".join(called(one.content_type, one.id, names) for one in ones)
        whole = called(key.content_type, key.id, names)
        yield f"{whole}: what it shows lies in the trash ({shown}); restore that too, or use --with-dependencies"


def dependencies(destination: Destination, plan: Plan, asked: set[ContentKey]) -> list[ContentKey]:
    """Return items of the backup that steps of *plan* need and that nobody has *asked* for yet."""
    backup = destination.backup
    needed = {item_of(backup, key) for step in plan.steps for key in step.needs}
    needed |= {key for keys in in_trash(backup, destination, plan).values() for key in keys}
    items = [key for key in needed if key is not None and key.content_type in WRITES]
    items += owners_of_personal(backup, items)
    return sorted({part for key in items for part in with_own_parts(backup, key)} - asked)
