"""Read objects that no listing of this Looker names: plans that are switched off, where it lists only those that are on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec

from lookervault_core.catalog import Call, ContentType
from lookervault_core.errors import Missing
from lookervault_core.looker.client import Looker
from lookervault_core.looker.requests import fetch_rows
from lookervault_core.model import Note, Session
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import worklist


class _Plan(msgspec.Struct):
    id: str | int = ""
    enabled: bool | None = None


def unlisted(vault: Vault, looker: Looker, session: Session, row: ContentType, workers: int) -> list[str]:
    """Return the ids to read one by one: those in the backup before that the listing lacks, and those found on new content.

    If the listing shows any object that is switched off, it hides none, and only objects that are gone from it are read. Else a
    note says what remains unknown. Content that the backup before had is not asked for its objects: that would take a call for
    each."""
    listed = set(_ids(vault, session, row.name))
    known = set(vault.base_ids(session.snapshot_id, row.name)) - listed
    if _shows_all(vault, session, row):
        return sorted(known)
    calls = [(call, one) for name, call in row.listed_on.items() for one in _new(vault, session, name)]
    with ThreadPoolExecutor(workers, thread_name_prefix="unlisted") as pool:
        found = {item_id for ids in pool.map(lambda asked: _on(looker, *asked), calls) for item_id in ids} - listed
    vault.add_notes(session.snapshot_id, [_note(row, len(known), len(calls), len(found - known))])
    return sorted(known | found)


def _note(row: ContentType, known: int, asked: int, found: int) -> Note:
    detail = (
        f"{row.list.operation} shows none that is switched off, so this Looker may hide them, and it has no call that lists"
        f" all: {known} of the backup before were asked for by id, and {asked} dashboards and looks for theirs, which named"
        f" {found} more. Not seen are those that were made and switched off since the backup before on content that was there"
        " then, and those without content"
    )
    return Note(row.name, "", "unlisted", detail)


def _shows_all(vault: Vault, session: Session, row: ContentType) -> bool:
    payloads = vault.iter_payloads(row.name, session.snapshot_id)
    return any(msgspec.json.decode(item.payload, type=_Plan).enabled is False for item in payloads)


def _new(vault: Vault, session: Session, content_type: str) -> Iterator[str]:
    """Yield the content that the snapshot holds, and its base did not."""
    before = set(vault.base_ids(session.snapshot_id, content_type))
    yield from (item_id for item_id in _ids(vault, session, content_type) if item_id not in before)


def _on(looker: Looker, call: Call, content_id: str) -> list[str]:
    try:
        rows = fetch_rows(looker, call, content_id)
    except Missing:  # the content has gone since
        return []
    return [str(msgspec.json.decode(row, type=_Plan).id) for row in rows]


def _ids(vault: Vault, session: Session, content_type: str) -> list[str]:
    with vault.read() as db:
        return worklist.ids(db, session.snapshot_id, content_type)
