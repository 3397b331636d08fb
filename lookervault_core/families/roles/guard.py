"""What makes the API user an admin stays as it is, whatever the backup has: a restore must not shut itself out half-way."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from lookervault_core.diff.difference import Difference

ADMIN = "it makes the API user an admin"
OWN_LOGIN = "the API user must not shut itself out: it stays as it is"
OWN_ROLE = "the API user has its rights through this role: it stays"
OWN_GROUP = "the API user has its rights through this group: it stays"


class Caller(msgspec.Struct, frozen=True):
    """The API user of the run: its rights must survive it. `admin_roles` are the roles that make it an admin, or Looker's own
    Admin role alone where it has that one, which nobody can change; `admin_groups` the groups through which they do: those that
    hold one, and those of its own on the way there."""

    user_id: str = ""
    admin_roles: frozenset[str] = frozenset()
    admin_groups: frozenset[str] = frozenset()
    permissions: frozenset[str] | None = None


def keep_own_login(caller: Caller, one: Difference) -> None:
    """Take out of the difference of a user what would shut *caller* out, and name it as lost."""
    if one.live is not None and one.live.id == caller.user_id:
        leave(one, "is_disabled", OWN_LOGIN)
        if not one.changed.get("email"):
            leave(one, "email", OWN_LOGIN)


def keep_own_role(caller: Caller, one: Difference) -> None:
    """Take out of the difference of a role, or of its members, what would cost *caller* its admin rights, and name it as lost."""
    if one.live is not None and one.live.id in caller.admin_roles:
        leave(one, "permission_set_id", OWN_ROLE)
        leave(one, "model_set_id", OWN_ROLE)
        own = caller.admin_groups if one.content_type == "role_groups" else {caller.user_id}
        _keep_rows(one, "members", own, OWN_ROLE)


def keep_own_group(caller: Caller, one: Difference) -> None:
    """Take out of the difference of a group, or of its members, what would cost *caller* its admin rights, and name it as lost."""
    if one.live is not None and one.live.id in caller.admin_groups:
        _keep_rows(one, "members", {caller.user_id}, OWN_GROUP)
        _keep_rows(one, "parent_group_ids", caller.admin_groups, OWN_GROUP)


def leave(one: Difference, field: str, reason: str) -> None:
    """Take a field out of a difference and name it as lost."""
    if field in one.changed:
        del one.changed[field]
        one.lost[field] = reason


def keep_only(one: Difference, field: str) -> None:
    """Take everything but *field* out of a difference, and its losses too: nothing else of the object is to be restored."""
    one.changed = {name: value for name, value in one.changed.items() if name == field}
    one.lost = {path: why for path, why in one.lost.items() if path == field}
    one.lacks = [lack for lack in one.lacks if lack.field == field]
    one.absent = [lack for lack in one.absent if lack.field == field]


def _keep_rows(one: Difference, field: str, own: Collection[str], reason: str) -> None:
    """Put back into a list what is in it now, is among *own*, and would go."""
    if field not in one.changed or one.live is None:
        return
    now, new = one.live.fields.get(field) or [], one.changed[field] or []
    kept = [row for row in now if row in own and row not in new]
    if kept:
        one.lost[field] = reason
        one.changed[field] = [*new, *kept]
        if set(one.changed[field]) == set(now):
            del one.changed[field]
