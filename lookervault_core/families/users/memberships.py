"""The groups and roles of users who are restored one by one: only their own rows in each list of members are restored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from lookervault_core.diff.difference import Difference
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live

LISTS = ("group_users", "role_users")
_KINDS = {"group_ids": "groups", "role_ids": "roles"}


def lists_of(backup: Backup, user_ids: Collection[str]) -> Iterator[ContentKey]:
    """Yield the lists of members of the backup that name one of the users."""
    for name in LISTS if user_ids else ():
        for owner_id in backup.rows(name):
            members = {str(row["id"]) for row in backup.readable(name, owner_id) or ()}
            if not members.isdisjoint(user_ids):
                yield ContentKey(name, owner_id)


def keep_rows_of(difference: Difference, user_ids: Iterable[str], resolve: Resolve) -> None:
    """Reduce the difference of a list of members to adding those of *user_ids* who are missing; it removes no member."""
    if difference.content_type not in LISTS:
        return
    asked = set(user_ids)
    had = [one for one in difference.source.fields.get("members") or () if one in asked]
    now = (difference.live.fields.get("members") if difference.live else None) or []
    ids = (resolve("users", one) for one in had)
    missing = [item_id for item_id in ids if item_id is not None and item_id not in now]
    difference.changed = {"members": [*now, *missing]} if missing else {}
    difference.absent = [lack for lack in difference.absent if lack.id in asked]
    difference.lost = {lack.path: f"{lack.content_type} {lack.id} is not there" for lack in difference.absent}


def gained(live: Live, backup: Backup, renamed: Resolve, user_id: str) -> Iterator[str]:
    """Yield a line for the groups, and one for the roles, that a user has now and not in the backup: the user keeps them.

    Nothing is yielded for a user whose payload in the backup cannot be read."""
    key, body = ContentKey("users", user_id), live.get("users", renamed("users", user_id) or user_id)
    then, now = backup.readable("users", user_id), decode(body) if body else {}
    if then is None:
        return
    for field, kind in _KINDS.items():
        new = sorted({str(one) for one in now.get(field) or ()} - {str(one) for one in then.get(field) or ()})
        if new:
            yield (
                f"{key}: it has {kind} {', '.join(new)} that it did not have, directly or through others, and keeps them; "
                "`lookervault restore bulk groups roles --exact` takes them away"
            )
