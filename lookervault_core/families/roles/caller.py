"""Who the API user of a run is, and through what it has its rights."""

from __future__ import annotations

from collections.abc import Iterable

from lookervault_core.diff.document import decode
from lookervault_core.families.roles.guard import Caller
from lookervault_core.looker.client import Looker, makes_admin


def caller_of(looker: Looker, types: Iterable[str]) -> Caller:
    """Return the API user of the run with its admin roles and groups: a restore must not take its rights away."""
    if not {"users", "groups", "roles", "permission_sets", "group_users", "role_users", "role_groups"} & set(types):
        return Caller()
    me = looker.me()
    user_id = str(me["id"])
    roles = decode(looker.get("user_roles", f"/users/{user_id}/roles").body)
    makers = [role for role in roles if makes_admin(role)]
    built_in = [role for role in makers if role.get("name") == "Admin"]
    admin = frozenset(str(role["id"]) for role in built_in or makers)
    known = decode(looker.get("all_permissions", "/permissions").body) if "permission_sets" in set(types) else None
    permissions = frozenset(str(one["permission"]) for one in known) if known else None
    groups = _groups_to(looker, admin, {str(one) for one in me.get("group_ids") or ()})
    return Caller(user_id, admin, groups, permissions)


def _groups_to(looker: Looker, role_ids: Iterable[str], own: set[str]) -> frozenset[str]:
    """Return the groups on every way from the groups *own* up to one that holds any of the roles."""
    holders = [
        row for item_id in role_ids for row in decode(looker.get("role_groups", f"/roles/{item_id}/groups").body)
    ]
    if not holders:
        return frozenset()
    everybody = {str(row["id"]) for row in holders if row.get("include_by_default")}
    above = _parents(looker, own | everybody)
    found = {str(row["id"]) for row in holders} & above.keys()
    while more := {one for one, parents in above.items() if parents & found} - found:
        found |= more
    return frozenset(found)


def _parents(looker: Looker, group_ids: set[str]) -> dict[str, set[str]]:
    """Return the groups that each group is in, all the way up. One call a group: a whole listing may be capped."""
    above: dict[str, set[str]] = {}
    waiting = set(group_ids)
    while waiting:
        one = waiting.pop()
        params = {"id": one, "fields": "id,parent_group_ids"}
        rows = decode(looker.get("search_groups_with_hierarchy", "/groups/search/with_hierarchy", params).body)
        above[one] = {str(up) for row in rows if str(row["id"]) == one for up in row.get("parent_group_ids") or ()}
        waiting |= above[one] - above.keys()
    return above
