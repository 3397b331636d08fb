"""Remove what a plan says that is to go, unless people have put something into it since: Looker would delete that too."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from lookervault_core.catalog import WRITES
from lookervault_core.errors import Missing
from lookervault_core.families.room import Removal
from lookervault_core.families.rooms import room_of
from lookervault_core.families.users.owning import ownerless
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.journaled_writer import Writer
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.restore.planning.deletions import goes_to_trash


def may_go(removal: Removal, key: ContentKey) -> tuple[str, frozenset[ContentKey]]:
    """Return why an object that is to go must stay, or "", and what may have to be taken out of the trash again after it."""
    return room_of(key.content_type).held(removal, key.id), ownerless(removal.live, removal.outliving, key)


def fetch(writer: Writer, live: Live, key: ContentKey) -> None:
    """Take one dashboard or look out of the trash, if it lies there. One that is gone is no error."""
    facts = WRITES[key.content_type]
    if facts.update is not None and is_trashed(live.read(key.content_type, key.id, again=True) or b""):
        with suppress(Missing):
            writer.change(facts.update, key, key.id, facts.undelete)


def remove(writer: Writer, key: ContentKey, live_id: str, *, back: bool = False) -> None:
    """Remove one live object, into the trash where there is one, or where an undo puts it *back* into it. One that is gone already
    is no error."""
    facts, into_trash = WRITES[key.content_type], goes_to_trash(key.content_type) or back
    call = facts.update if into_trash else facts.delete
    if call is not None:
        with suppress(Missing):
            writer.change(call, key, live_id, _trashing(facts.undelete or {}) if into_trash else None)


def _trashing(undelete: Mapping[str, object]) -> dict[str, object]:
    """Return the PATCH that does the contrary of *undelete*."""
    return {field: datetime.now(UTC).isoformat() if old is None else not old for field, old in undelete.items()}
