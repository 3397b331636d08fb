"""Tell objects that can never be read from missing ones: an alarm that never stops is none."""

from __future__ import annotations

from typing import Any

import msgspec

from lookervault_core.catalog import ACCESSES, CATALOG, METADATA, SEEN, SEEN_AS, ContentType
from lookervault_core.errors import NotFound
from lookervault_core.model import ContentKey, Hole, Note, Session
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import worklist

_NOT_FOUND = 404
_REFUSED = 403
_WRONG = (400, _REFUSED, 405, 406, 415, 422)


class _Seen(msgspec.Struct):
    content_metadata_id: str | int | None = None


def set_aside(vault: Vault, session: Session) -> None:
    """Turn a hole into a note if Looker answers 404 for the item, no restore could use it, and the snapshot before lacked it too.

    What the snapshot before did hold stays a hole: that it cannot be read any more is news. Not so of what is optional: a release
    or a feature that was switched off took it away, and the note says that it was there.
    """
    for one in vault.holes(session.snapshot_id):
        hole = one.hole
        row = CATALOG.get(hole.content_type)
        if row is not None and row.optional and hole.status in (_NOT_FOUND, _REFUSED):
            _note_off(vault, session, row, hole)
            continue
        if row is None or not _is_refused(row, hole) or not _is_of_no_use(vault, session, row, hole):
            continue
        if not _was_held(vault, session, hole):
            _note(vault, session, row, hole)


def _is_refused(row: ContentType, hole: Hole) -> bool:
    """True if Looker says that there is no such thing; or of a picture that it does not take what it is asked for by: no page says
    what that is."""
    return hole.status == _NOT_FOUND or (row.list.media and hole.status in _WRONG)


def _is_of_no_use(vault: Vault, session: Session, row: ContentType, hole: Hole) -> bool:
    if row.archive or hole.id is None:
        return row.archive
    if row.name == METADATA:
        return hole.id in _of_what_is_optional(vault, session)
    return row.name == ACCESSES and _is_orphan(vault, session, hole.id)


def _of_what_is_optional(vault: Vault, session: Session) -> set[str]:
    """Return the access metadata that objects name which a release need not have: no page says since when it shows that."""
    decoder = msgspec.json.Decoder(_Seen)
    payloads = (
        item.payload
        for name in SEEN
        if CATALOG[name].optional
        for item in vault.iter_payloads(name, session.snapshot_id)
    )
    return {str(decoder.decode(payload).content_metadata_id) for payload in payloads}


def _is_orphan(vault: Vault, session: Session, metadata_id: str) -> bool:
    """True if what an access list is of is gone: Looker goes on listing the metadata of folders that were deleted."""
    key = ContentKey(METADATA, metadata_id)
    try:
        said = msgspec.json.decode(vault.payload(key, session.snapshot_id), type=dict[str, Any])
    except (NotFound, msgspec.ValidationError):
        return False
    kind, owner_id = next(((kind, said[field]) for field, kind in SEEN_AS if said.get(field)), ("", ""))
    if kind not in SEEN:
        return False
    with vault.read() as db:
        surveyed = kind in worklist.surveyed(db, session.snapshot_id)
        gone = str(owner_id) not in worklist.ids(db, session.snapshot_id, kind)
    return surveyed and (gone or CATALOG[kind].optional)


def _was_held(vault: Vault, session: Session, hole: Hole) -> bool:
    """True if the snapshot before, whatever its status, held the object, or of a whole type anything."""
    with vault.read() as db:
        before = worklist.before(db, session.snapshot_id, hole.content_type)
        held = worklist.ids(db, before, hole.content_type) if before is not None else []
    return bool(held) if hole.id is None else hole.id in held


def _note_off(vault: Vault, session: Session, row: ContentType, hole: Hole) -> None:
    held = _was_held(vault, session, hole)
    before = "; the snapshot before had it" if held else ""
    detail = f"this Looker does not have it, or its feature is off{before}: {hole.reason}"
    _enter(vault, session, row, hole, detail)
    if hole.id is not None and not held:
        vault.uncount(session.snapshot_id, ContentKey(row.name, hole.id))


def _note(vault: Vault, session: Session, row: ContentType, hole: Hole) -> None:
    detail = f"Looker lists it and does not show it, nor did it before: {hole.reason}"
    if row.list.media:
        detail = (
            f"no page says by what a picture is asked for, and Looker does not show it by its address: {hole.reason}"
        )
    if hole.id is None:
        detail = f"Looker has none of this type, nor had it before: {hole.reason}"
    _enter(vault, session, row, hole, detail)


def _enter(vault: Vault, session: Session, row: ContentType, hole: Hole, detail: str) -> None:
    if hole.id is None:
        _finish(vault, session, row)
    vault.add_notes(session.snapshot_id, [Note(hole.content_type, hole.id or "", "unreadable", detail)])
    vault.heal_holes(session.snapshot_id, hole.content_type, None if hole.id is None else [hole.id])


def _finish(vault: Vault, session: Session, row: ContentType) -> None:
    """Enter that there is nothing of a type to read."""
    vault.set_census(session.snapshot_id, row.name, [])
    for span in vault.ranges(session.session_id, row.name):
        if not span.done:
            vault.keep_page(session.session_id, session.snapshot_id, span, [], [], span.stop, True, row.volatile)
