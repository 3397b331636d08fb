"""Items that are planned before what they name: they are planned again once it is known what the restore makes."""

from __future__ import annotations

from lookervault_core.catalog import late_references
from lookervault_core.diff.plan import Step
from lookervault_core.diff.references import find
from lookervault_core.model import ContentKey
from lookervault_core.restore.identity.changed_ids import LINKING
from lookervault_core.restore.identity.resolver import Destination


def links_ahead(destination: Destination, step: Step) -> bool:
    """Return whether an item links to what turned out since to be made: one that is there, or onto another instance any."""
    stands = step.action in ("update", "undelete") or step.is_as_in_backup
    if not destination.rules.same_instance:
        return step.content_type in LINKING and bool(step.lost) and (stands or step.action == "create")
    moved = destination.moved
    linking = stands and step.content_type in LINKING
    return linking and moved.makes_content and moved.linked_by(destination.backup.wanted(step.key))


def names_ahead(destination: Destination, step: Step) -> bool:
    """Return whether an item names, in a field of the second pass, something of a later type that is there or to be made by now."""
    refs = late_references(step.content_type)
    kinds = {ref.to for ref in refs}
    if any(need.content_type in kinds and destination.resolve(need.content_type, need.id) for need in step.needs):
        return True
    if not any(map(destination.pending.of, kinds)):
        return False
    named = find(destination.backup.wanted(step.key).decoded, refs)
    return any(ContentKey(one.content_type, one.id) in destination.pending for one in named)
