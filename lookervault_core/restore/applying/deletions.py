"""Remove what a plan says that is to go, unless people have put something into it since: Looker would delete that too."""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from lookervault_core.catalog import WRITES
from lookervault_core.errors import Missing
from lookervault_core.families.boards.misplaced import Strays
from lookervault_core.families.folders.holding import holds_anything_now
from lookervault_core.families.users.outliving import Outliving
from lookervault_core.families.users.owning import ownerless, owns_anything_now
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.journaled_writer import Writer
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.restore.planning.deletions import FULL, goes_to_trash

HOLDS_STRAYS = "something on it goes back to another board and is not there yet; Looker would delete it for good"


def may_go(
    live: Live, strays: Strays, outliving: Outliving, key: ContentKey, made: Container[ContentKey]
) -> tuple[str, frozenset[ContentKey]]:
    """Return why an object that is to go must stay, or "", and what may have to be taken out of the trash again after it."""
    return _held_now(live, strays, key, made, outliving), ownerless(live, outliving, key)


def _held_now(live: Live, strays: Strays, key: ContentKey, made: Container[ContentKey], outliving: Outliving) -> str:
    """Return why an object that is to go must stay, or "": people may have put something into it, or given it something, since
    the plan, or something on it could not go back. *made* is what the restore made that is taken back; *outliving* knows what
    stays when it goes."""
    if key.content_type == "folders" and holds_anything_now(live, key.id, made, outliving):
        return FULL
    if key.content_type == "boards" and strays.holds_some(key.id):
        return HOLDS_STRAYS
    if key.content_type == "users" and owns_anything_now(live, key.id, made, outliving):
        return WRITES["users"].irremovable
    return ""


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
