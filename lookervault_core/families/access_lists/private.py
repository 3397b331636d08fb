"""What Looker itself does to access lists: it copies rows into one that a restore makes private, and drops one when its folder
inherits again."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

import msgspec

from lookervault_core.catalog import ACCESSES, CONTENT, METADATA
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.diff.planning.sides import Found
from lookervault_core.diff.wording.describe import FieldChange
from lookervault_core.diff.wording.words import Names, Place, changed, kind_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.failures import DependencyMissing
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live

COPIED = "Looker copies into it who sees the folder above: those rows go"


def is_private(backup: Backup, metadata_id: str) -> bool:
    """Return whether a folder or board has an access list of its own in the backup."""
    return not (backup.decoded(METADATA, metadata_id) or {}).get("inherits", True)


def gets_copies(backup: Backup, key: ContentKey, writing: Container[ContentKey]) -> bool:
    """Return whether *key* is an access list that Looker is going to fill, because its folder or board stops inheriting one."""
    return key.content_type == ACCESSES and ContentKey(METADATA, key.id) in writing and is_private(backup, key.id)


def dropped_with(live: Live, key: ContentKey, found: Found | None) -> Iterator[tuple[ContentKey, Found]]:
    """Yield the access list of *found*, metadata with a list of its own now: Looker drops it once the metadata inherits one.

    An undo needs the list."""
    if (
        key.content_type == METADATA
        and found is not None
        and found.payload
        and not decode(found.payload).get("inherits", True)
    ):
        yield ContentKey(ACCESSES, key.id), Found(found.id, live.read(ACCESSES, found.id) or b"[]")


def naming_dropped(step: Step, dropped: Mapping[ContentKey, Found], names: Names) -> Step:
    """Return *step*, in which metadata inherits a list again, with the rows of its own list shown as removed: Looker drops
    them."""
    rows = [row for one in dropped.values() for row in decode(one.payload or b"[]")]
    if not rows:
        return step
    rows = document(ACCESSES, rows, step.id).fields["accesses"]
    place = Place(
        ACCESSES, "accesses", "accesses", f"{names(METADATA, step.id, False) or kind_of(METADATA)} ({step.id})"
    )
    text = changed(place, rows, [], None, names)
    return msgspec.structs.replace(step, fields=(*step.fields, FieldChange("accesses", rows, [], text)))


def lists_to_clear(plan: Plan, backup: Backup, destination: Destination, copied: Container[str]) -> Iterator[Step]:
    """Yield a step for each access list that Looker filled and that the restore does not include: it removes the *copied* rows."""
    written = {step.id for step in plan.of(ACCESSES)}
    for step in plan.of(METADATA):
        live_id = destination.renamed(METADATA, step.id)
        if live_id is not None and live_id in copied and step.id not in written and backup.has(ACCESSES, step.id):
            yield msgspec.structs.replace(step, content_type=ACCESSES)


def require_closed(backup: Backup, step: Step, failed: Container[ContentKey]) -> None:
    """Raise DependencyMissing if *step* would put content into a folder that is not private yet, although it is in the backup.

    That is so where the access metadata or list of the folder, or of the folder above from which it inherits, has *failed*.
    Content that lies there already may be written."""
    moves = any(change.path == "folder_id" for change in step.fields)
    if step.content_type not in CONTENT or (step.action == "update" and not moves):
        return
    folders, seen = backup.rows("folders"), set[str]()
    folder_id = backup.rows(step.content_type)[step.id].folder_id
    while folder_id and folder_id in folders and folder_id not in seen:
        seen.add(folder_id)
        metadata_id = str((backup.decoded("folders", folder_id) or {}).get("content_metadata_id") or "")
        if is_private(backup, metadata_id):
            if any(ContentKey(name, metadata_id) in failed for name in (METADATA, ACCESSES)):
                raise DependencyMissing(
                    f"{step.key}: folder {folder_id} is not private yet; restore who may see it first"
                )
            return
        folder_id = folders[folder_id].folder_id
