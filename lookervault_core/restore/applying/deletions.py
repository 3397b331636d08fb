"""Remove what a plan says that is to go, unless people have put something into it since: Looker would delete that too."""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from lookervault_core.catalog import CONTENT, WRITES, Call
from lookervault_core.documents import decode
from lookervault_core.errors import Missing
from lookervault_core.families.boards.misplaced import Strays
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.journaled_writer import Writer
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.restore.planning.deletions import FULL, goes_to_trash
from lookervault_core.restore.undoing.outliving import Outliving

_CHILDREN = Call("folder_children", "/folders/{id}/children", {"fields": "id"})
HOLDS_STRAYS = "something on it goes back to another board and is not there yet; Looker would delete it for good"
_ANYBODYS = {"all_users": "true", "fields": "id"}
_ALERTS = Call("search_alerts", "/alerts/search", {"all_owners": True, "fields": "id,owner_id"})
_PLANS_OF = Call("all_scheduled_plans", "/scheduled_plans", {"user_id": "{id}", "fields": "id"}, db_query=True)
_PLANS_ON = {
    name: Call(f"scheduled_plans_for_{name[:-1]}", f"/scheduled_plans/{name[:-1]}/{{id}}", _ANYBODYS, db_query=True)
    for name in CONTENT
}


def may_go(
    live: Live, strays: Strays, outliving: Outliving, key: ContentKey, made: Container[ContentKey]
) -> tuple[str, frozenset[ContentKey]]:
    """Return why an object that is to go must stay, or "", and what may have to be taken out of the trash again after it."""
    return _held_now(live, strays, key, made, outliving), _ownerless(live, outliving, key)


def _held_now(live: Live, strays: Strays, key: ContentKey, made: Container[ContentKey], outliving: Outliving) -> str:
    """Return why an object that is to go must stay, or "": people may have put something into it, or given it something, since
    the plan, or something on it could not go back. *made* is what the restore made that is taken back; *outliving* knows what
    stays when it goes."""
    if key.content_type == "folders" and _holds_anything_now(live, key.id, made, outliving):
        return FULL
    if key.content_type == "boards" and strays.holds_some(key.id):
        return HOLDS_STRAYS
    if key.content_type == "users" and _owns_anything_now(live, key.id, made, outliving):
        return WRITES["users"].irremovable
    return ""


def _holds_anything_now(live: Live, folder_id: str, made: Container[ContentKey], outliving: Outliving) -> bool:
    """Return whether Looker would delete something for good together with a folder: a folder in it, content, or content in its
    trash, but for what is *made* by the restore that is taken back, and what lay in the trash without a folder."""
    if _ids(live, _CHILDREN, folder_id) or _live_content(live, "folder_id", folder_id):
        return True
    trashed = (
        ContentKey(name, one)
        for name in CONTENT
        for one in _ids(live, _search(name, "folder_id"), folder_id, deleted="true")
    )
    return any(key not in made and not outliving.had_no_folder(key, folder_id) for key in trashed)


def _owns_anything_now(live: Live, user_id: str, made: Container[ContentKey], outliving: Outliving) -> bool:
    """Return whether Looker would trash content or delete a plan, an alert or a folder together with a user: theirs, and what lies
    in their personal folder, whoever put it there, but for what had no owner before either and that no plan sends."""
    owned = _live_content(live, "user_id", user_id)
    if not all(map(outliving.had_no_owner, owned)) or _ids(live, _PLANS_OF, user_id):
        return True
    plans = (plan for key in owned for plan in _ids(live, _PLANS_ON[key.content_type], key.id))
    if not all(map(outliving.plan, plans)):
        return True
    alerts = (row for row in decode(live.fetch(_ALERTS)) if str(row.get("owner_id")) == user_id)
    if not all(outliving.had_no_owner(ContentKey("alerts", str(row["id"]))) for row in alerts):
        return True
    home = decode(live.read("users", user_id) or b"{}").get("personal_folder_id")
    return home is not None and _holds_work(live, str(home), made)


def _holds_work(live: Live, folder_id: str, made: Container[ContentKey]) -> bool:
    """Return whether live content lies in a folder or below it, or a folder that is not *made* by what is taken back."""
    if _live_content(live, "folder_id", folder_id):
        return True
    return any(
        ContentKey("folders", one) not in made or _holds_work(live, one, made)
        for one in _ids(live, _CHILDREN, folder_id)
    )


def _ownerless(live: Live, outliving: Outliving, going: ContentKey) -> frozenset[ContentKey]:
    """Return which content of a user who is *going* had an owner who was not there when the restore began that is taken back."""
    if going.content_type != "users":
        return frozenset()
    return frozenset(filter(outliving.had_no_owner, _live_content(live, "user_id", going.id)))


def fetch(writer: Writer, live: Live, key: ContentKey) -> None:
    """Take one dashboard or look out of the trash, if it lies there. One that is gone is no error."""
    facts = WRITES[key.content_type]
    if facts.update is not None and is_trashed(live.read(key.content_type, key.id, again=True) or b""):
        with suppress(Missing):
            writer.change(facts.update, key, key.id, facts.undelete)


def _live_content(live: Live, field: str, value: str) -> set[ContentKey]:
    """Return the dashboards and looks with a value in a field, those in the trash left out."""
    return {
        ContentKey(name, one) for name in CONTENT for one in _ids(live, _search(name, field), value, deleted="false")
    }


def _search(name: str, field: str) -> Call:
    return Call(f"search_{name}", f"/{name}/search", {field: "{id}", "fields": "id"})


def _ids(live: Live, call: Call, target: str, **where: str) -> list[str]:
    try:
        return [str(row["id"]) for row in decode(live.fetch(call, target, where))]
    except Missing:  # it is gone
        return []


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
