"""What a live user owns now, which Looker would trash or delete with the user."""

from __future__ import annotations

from collections.abc import Container

from lookervault_core.catalog import CONTENT, Call
from lookervault_core.diff.document import decode
from lookervault_core.families.folders.holding import holds_work, ids_of, live_content
from lookervault_core.families.users.outliving import Outliving
from lookervault_core.model import ContentKey
from lookervault_core.restore.live import Live

_ANYBODYS = {"all_users": "true", "fields": "id"}


_ALERTS = Call("search_alerts", "/alerts/search", {"all_owners": True, "fields": "id,owner_id"})


_PLANS_OF = Call("all_scheduled_plans", "/scheduled_plans", {"user_id": "{id}", "fields": "id"}, db_query=True)


_PLANS_ON = {
    name: Call(f"scheduled_plans_for_{name[:-1]}", f"/scheduled_plans/{name[:-1]}/{{id}}", _ANYBODYS, db_query=True)
    for name in CONTENT
}


def owns_anything_now(live: Live, user_id: str, made: Container[ContentKey], outliving: Outliving) -> bool:
    """Return whether Looker would trash content or delete a plan, an alert or a folder together with a user.

    That is what the user owns and what lies in the personal folder, whoever put it there. Objects that had no owner before the
    restore either do not count, nor do plans that outlived the owner of their content."""
    owned = live_content(live, "user_id", user_id)
    if not all(map(outliving.had_no_owner, owned)) or ids_of(live, _PLANS_OF, user_id):
        return True
    plans = (plan for key in owned for plan in ids_of(live, _PLANS_ON[key.content_type], key.id))
    if not all(map(outliving.plan, plans)):
        return True
    alerts = (row for row in decode(live.fetch(_ALERTS)) if str(row.get("owner_id")) == user_id)
    if not all(outliving.had_no_owner(ContentKey("alerts", str(row["id"]))) for row in alerts):
        return True
    home = decode(live.read("users", user_id) or b"{}").get("personal_folder_id")
    return home is not None and holds_work(live, str(home), made)


def ownerless(live: Live, outliving: Outliving, to_delete: ContentKey) -> frozenset[ContentKey]:
    """Return the content of a user *to_delete* whose owner was already gone before the restore that is undone."""
    if to_delete.content_type != "users":
        return frozenset()
    return frozenset(filter(outliving.had_no_owner, live_content(live, "user_id", to_delete.id)))
