"""Who set what, and when: each field of an object, and each part of it, with the change that gave it the value it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from lookervault_core.catalog.looking_up import origin_of
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.errors import BlobDamaged, CodecError, NotFound
from lookervault_core.families.telling import PLACED, placed
from lookervault_core.history.edits import Edit, Steps, edits
from lookervault_core.history.log import Change, LogRequest, Teller, Who, log
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault

_NOBODY = Who(None, "", "unknown")
Place = tuple[Steps, str]


class Blame(msgspec.Struct, frozen=True):
    """One field or part with its value, and the change that gave it this value; without a change it is as in the first
    snapshot."""

    path: str
    part: str
    value: Any
    change_id: str | None
    not_before: datetime | None
    not_after: datetime
    author: Who
    text: str = ""


def blame(vault: Vault, key: ContentKey) -> list[Blame]:
    """Return the fields of an object's newest version, then its parts, each with the change that set it.

    Damaged versions are skipped, and their changes put down to the next version. Raises NotFound for an object in no snapshot."""
    versions = vault.history(key)
    changes = [one for one in log(vault, LogRequest(key.content_type, key.id)) if one.key == key]
    with vault.read() as db:
        teller = Teller(db)
        doc = _newest(teller, [version.version_id for version in versions], key)
        since = vault.snapshot(min(version.first_snapshot_id for version in versions)).started_at
        given = _given(teller, changes)
    rows = _rows(origin_of(key.content_type), doc)
    return [_blamed(place, part, value, given.get(place), since) for place, part, value in rows]


def _newest(teller: Teller, version_ids: list[int], key: ContentKey) -> Doc:
    for version_id in version_ids:
        try:
            return teller.documents.version(version_id)
        except (BlobDamaged, CodecError):
            continue
    raise NotFound(f"{key}: every version of it is damaged; `lookervault verify` says how")


def _rows(_kind: str, doc: Doc, steps: Steps = ()) -> Iterator[tuple[Place, str, Any]]:
    """Yield the fields of an object that say something, and its parts."""
    for field, value in doc.fields.items() if not steps else ():
        if value not in (None, "", [], {}):
            yield (steps, field), "", value
    for kind, children in doc.children.items():
        for key, child in children.items():
            if kind != PLACED and not child.trashed:
                yield ((*steps, (kind, key)), ""), child.name or child.id, None


def _given(teller: Teller, changes: list[Change]) -> dict[Place, Change]:
    """Return by place the newest change that gave it its value."""
    found: dict[Place, Change] = {}
    for change in changes:
        for place in _touched(teller, change):
            found.setdefault(place, change)
    return found


def _touched(teller: Teller, change: Change) -> Iterator[Place]:
    if change.before_version is None or change.after_version is None:
        return
    try:
        old, new = (teller.documents.version(one) for one in (change.before_version, change.after_version))
    except (BlobDamaged, CodecError):
        return
    for edit in edits(origin_of(change.content_type), old, new):
        yield from _places(edit)
    for moved in placed(old, new):
        yield ((moved.kind, moved.id),), ""


def _places(edit: Edit) -> Iterator[Place]:
    if edit.kind != PLACED:
        yield edit.steps, "" if edit.steps else edit.field


def _blamed(place: Place, part: str, value: Any, change: Change | None, since: datetime) -> Blame:
    steps, field = place
    path = ".".join([*(f"{kind}[{key}]" for kind, key in steps), *([field] if field else [])])
    if change is None:
        return Blame(path, part, value, None, None, since, _NOBODY)
    told = "; ".join(one.text for one in change.fields if (one.part == part if part else one.path.startswith(path)))
    return Blame(path, part, value, change.change_id, change.not_before, change.not_after, change.author, told)
