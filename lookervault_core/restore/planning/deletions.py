"""Find live objects that the backup lacks: an exact restore of whole types, or of a folder, removes them.

Only if the backup is known to have all objects of the type, and only on its own instance: on another one they are somebody
else's. Dashboards and looks go to the trash. A folder is removed only if nothing lies in it, its trash included, for Looker
deletes that too."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lookervault_core.catalog import CATALOG, CONTENT, FOLDERS, PARTS, WRITES, trash_of
from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.plan import Plan, Step
from lookervault_core.diff.planning.protection import permanence, protection_reason
from lookervault_core.diff.planning.sides import Found
from lookervault_core.families.folders.beyond import FolderTree
from lookervault_core.families.folders.holding import FOR_GOOD, FULL
from lookervault_core.families.folders.others import Others
from lookervault_core.families.known_names import name_in
from lookervault_core.families.roles.guard import Caller
from lookervault_core.families.rooms import room_of
from lookervault_core.families.users.belongings import Belongings
from lookervault_core.families.users.outliving import Outliving
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.by_natural_key import in_full
from lookervault_core.restore.identity.resolver import Destination
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.restore.request import Selection
from lookervault_core.restore.undoing.by_journal import Made
from lookervault_core.restore.undoing.edited_since import EditedSince, Stays, staying

UNLISTED = "it is older than the backup, so no listing named it then; remove it in Looker if it is to go"
UNTOLD = (
    "the backup was taken where no listing shows what is switched off, and nothing tells whether this was there then; remove it in"
    " Looker if it is to go"
)
SURPLUS = "the backup does not have it"
_TOLD = 10
_OWNERS = frozenset(ref.to for facts in WRITES.values() for ref in facts.references if ref.is_owner)


class Deletions:
    """Finds the live objects that the backup lacks, once all of its items are matched.

    With *made* it is an undo: it removes what its restore made, or took out of the trash. *written* has the item that matches
    each live object that the restore writes: one that is moved back to its own folder does not keep a folder from being removed.
    Objects that people have *edited* since, or hung something on, stay: `kept` says of each why."""

    def __init__(
        self,
        backup: Backup,
        live: Live,
        destination: Destination,
        caller: Caller,
        made: Made | None,
        written: Mapping[ContentKey, ContentKey],
        edited: EditedSince,
    ) -> None:
        self._others = Others(live, backup, destination, made.objects if made is not None else None, written)
        self._tree = FolderTree(self._others)
        outlived = made.outlived if made is not None else frozenset()
        self._belongings = Belongings(self._others, Outliving(backup, destination, outlived))
        self._whole, self._edited = made, edited
        self.kept: Mapping[ContentKey, Stays] = {}
        self._backup = backup
        self._live = live
        self._destination = destination
        self._caller = caller
        self._made = made.objects if made is not None else None

    def steps(self, selection: Selection) -> Iterator[Step]:
        """Yield a step for each object that the backup lacks: `remove`, or `skip` with the reason why it stays."""
        found = dict(self._named([key for key in selection.deletions if key.content_type in selection.allowed()]))
        for name in selection.whole_types():
            if self._backup.is_whole(name):
                found |= dict(self._beyond(name))
        if selection.folders:
            found |= dict(self._in_folders(selection))
        if self._whole is not None:
            self.kept = staying(self._edited, self._live, self._backup, self._whole, found)
            self._made = self._others.made = self._whole.objects - self.kept.keys()
        for key, payload in found.items():
            yield self._step(key, decode(payload))

    def before(self, step: Step) -> Iterator[tuple[ContentKey, Found]]:
        """Yield the live state of an object that is to go, with the lists that go with it: an undo needs them."""
        found = in_full(self._live, step.content_type, Found(step.id, self._live.get(step.content_type, step.id)))
        payload = found.payload
        if not payload:
            return
        yield step.key, found
        owners = {step.content_type: step.id}
        metadata_id, seen_by = str(decode(payload).get("content_metadata_id") or ""), CATALOG[step.content_type].seen_by
        metadata = self._live.read(seen_by, metadata_id) if seen_by and metadata_id else None
        if metadata is not None:
            yield ContentKey(seen_by, metadata_id), Found(metadata_id, metadata)
            if not decode(metadata).get("inherits"):
                owners[seen_by] = metadata_id
        for part in PARTS:
            owner = owners.get(CATALOG[part].targets_from or "")
            body = self._live.read(part, owner) if owner else None
            if owner and body is not None:
                yield ContentKey(part, owner), Found(owner, body)

    def _named(self, keys: Sequence[ContentKey]) -> Iterator[tuple[ContentKey, bytes]]:
        for name in {key.content_type for key in keys}:
            self._live.prefetch(name, [key.id for key in keys if key.content_type == name])
        for key in keys:
            payload = self._live.read(key.content_type, key.id)
            if payload is not None and not is_trashed(payload):
                yield key, payload

    def _beyond(self, name: str) -> Iterator[tuple[ContentKey, bytes]]:
        """Yield the live objects of a type that stand for nothing in the backup."""
        ours = {
            live_id
            for one in self._backup.rows(name)
            for live_id in (self._destination.renamed(name, one), self._destination.met(ContentKey(name, one)))
        }
        for item_id, payload in self._live.rows(name).items():
            if payload and item_id not in ours and not self._backup.has(name, item_id) and not is_trashed(payload):
                yield ContentKey(name, item_id), payload

    def _in_folders(self, selection: Selection) -> Iterator[tuple[ContentKey, bytes]]:
        inside = self._tree.below(selection.folders)
        for name in (FOLDERS, *CONTENT):
            if name in selection.allowed() and self._backup.is_whole(name):
                for key, payload in self._beyond(name):
                    at = key.id if CATALOG[name].holds_content else str(decode(payload).get("folder_id"))
                    if at in inside:
                        yield key, payload

    def _step(self, key: ContentKey, payload: Mapping[str, Any]) -> Step:
        name = name_in(key.content_type, payload)
        reason = self._reason_to_stay(key, payload)
        action = "skip" if reason else "remove"
        why = self._why(key)
        reason = f"{why}; it stays: {reason}" if reason else why
        level = self._tree.level(key.id) if CATALOG[key.content_type].holds_content else 0
        # An undo takes out of a folder what its restore put there: what is left is people's.
        is_theirs = key in self.kept or (self._made is not None and reason.endswith(FOR_GOOD))
        lost = (("", reason),) if is_theirs else ()
        return Step(
            key.content_type,
            key.id,
            name,
            action,
            key.id,
            reason=reason,
            lost=lost,
            calls=action == "remove",
            level=level,
        )

    def _why(self, key: ContentKey) -> str:
        if self._made is None:
            return SURPLUS
        is_made = key in self._made or key in self.kept
        return "the restore made it" if is_made else "it lay in the trash before the restore"

    def _reason_to_stay(self, key: ContentKey, payload: Mapping[str, Any]) -> str:
        facts = WRITES[key.content_type]
        if key in self.kept:
            return self.kept[key].value
        if self._made is not None and key not in self._made:
            return ""
        if facts.delete is None and facts.undelete is None:
            return "Looker has no way to remove it"
        if facts.irremovable and (self._made is None or self._owns_anything(key)):
            return facts.irremovable
        if self._was_there(key, payload):
            return UNLISTED
        if (
            self._made is None
            and _time(payload.get("created_at")) is None
            and not self._backup.lists_all(key.content_type)
        ):
            return UNTOLD
        if reason := room_of(key.content_type).stays(self._caller, self._destination, key.id):
            return reason
        if CATALOG[key.content_type].holds_content and self._tree.holds_anything(key.id):
            return FULL
        if reason := protection_reason(key.content_type, payload) or permanence(key.content_type, payload):
            return reason
        return self._tree.held_by_reports(key.id) if CATALOG[key.content_type].holds_content else ""

    def _owns_anything(self, key: ContentKey) -> bool:
        return key.content_type in _OWNERS and self._belongings.owns_anything(key.id)

    def _was_there(self, key: ContentKey, payload: Mapping[str, Any]) -> bool:
        """Return whether an object is older than the backup, which has no such one: no listing named it then, so that the backup
        says nothing of it. Without a time of its own its number tells, for Looker counts them up."""
        name = key.content_type
        if self._made is not None or ((trash := trash_of(name)) and self._backup.has(trash, key.id)):
            return False
        made_at, taken_at = _time(payload.get("created_at")), self._backup.taken_at(name)
        if made_at is not None and taken_at is not None:
            return made_at < taken_at
        numbers = [int(one) for one in self._backup.rows(name) if one.isdecimal()]
        return key.id.isdecimal() and int(key.id) < max(numbers, default=0)


def _time(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def warnings_of_staying(plan: Plan, deletions: Container[ContentKey]) -> Iterator[str]:
    """Yield a line for each reason why objects in *deletions* stay although the restore is exact."""
    staying: dict[str, list[str]] = {}
    for step in plan.steps:
        if step.action == "skip" and step.key in deletions:
            staying.setdefault(step.reason, []).append(f"{step.content_type} {step.id} “{step.name}”")
    for reason, names in staying.items():
        more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
        yield f"{', '.join(names[:_TOLD])}{more}: {reason}"


def goes_to_trash(content_type: str) -> bool:
    """Return whether objects of a type are removed into the trash, out of which they come back as they were."""
    return trash_of(content_type) is not None
