"""What must hold before anything is planned: the right vault, an admin, and what this release of Looker takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from lookervault_core.catalog import DOCUMENTS, WRITES
from lookervault_core.codec import NOT_JSON
from lookervault_core.documents import decode
from lookervault_core.errors import LookerError, Missing, PermissionRefused, WrongInstance
from lookervault_core.families.roles.guard import Caller
from lookervault_core.looker.client import Looker, makes_admin
from lookervault_core.vault import Vault


class _Property(msgspec.Struct):
    read_only: bool = msgspec.field(default=False, name="readOnly")


class _Schema(msgspec.Struct):
    properties: dict[str, _Property] = {}


class _Components(msgspec.Struct):
    schemas: dict[str, _Schema] = {}


class _Description(msgspec.Struct):
    components: _Components = msgspec.field(default_factory=_Components)
    definitions: dict[str, _Schema] = {}


# Made along with what shows them, so that they have no row of their own among what is written.
_QUERIES = {"queries": "Query", "merge_queries": "MergeQuery"}


class Preflight(msgspec.Struct, frozen=True):
    """What is known of the destination. `writable` is by schema name; empty if the instance does not describe itself."""

    release: str
    caller: Caller
    writable: Mapping[str, frozenset[str]]
    same_instance: bool
    warnings: tuple[str, ...] = ()

    def takes(self, content_type: str) -> frozenset[str] | None:
        """Return the fields that this release takes for a type, or for a document of settings; None if that is unknown."""
        document = DOCUMENTS.get(content_type)
        schema = _QUERIES.get(content_type) or (document.schema if document else WRITES[content_type].schema)
        return self.writable.get(schema) if self.writable else None


def preflight(vault: Vault, looker: Looker, target: str | None, types: Iterable[str]) -> Preflight:
    """Return what is known of the destination. Raises WrongInstance and PermissionRefused before anything is read or written."""
    base_url = looker.connection.base_url
    is_same = vault.is_of(base_url)
    if not is_same and target is None:
        raise WrongInstance(
            f"the vault is a backup of {vault.instance_url}, but {base_url} is what is configured; "
            "to restore onto another instance name it with --target"
        )
    if not _is_admin_user(looker):
        raise PermissionRefused(
            f"{base_url}: the API user is not an admin, so what it may not see would look deleted; "
            "use an API key of a user with the Admin role",
            status=403,
        )
    writable, warnings = _description(looker)
    return Preflight(looker.release, caller_of(looker, types), writable, is_same, warnings)


def caller_of(looker: Looker, types: Iterable[str]) -> Caller:
    """Return who we are: a restore of access must not take it away from the API user."""
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
    holders = [row for one in role_ids for row in decode(looker.get("role_groups", f"/roles/{one}/groups").body)]
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


def _is_admin_user(looker: Looker) -> bool:
    """Looker may hide the very roles that say so from whoever does not have them."""
    try:
        return looker.is_admin()
    except (Missing, PermissionRefused):
        return False


def _description(looker: Looker) -> tuple[dict[str, frozenset[str]], tuple[str, ...]]:
    """Read the destination's own description of its API: what can be written differs between releases."""
    try:
        described = msgspec.json.decode(looker.described(), type=_Description)
    except (LookerError, *NOT_JSON) as exc:
        return {}, (
            f"this instance does not describe its API ({exc}); all fields of the newest known release are sent",
        )
    schemas = described.components.schemas or described.definitions
    wanted = {facts.schema for facts in WRITES.values() if facts.schema} | set(_QUERIES.values())
    wanted |= {one.schema for one in DOCUMENTS.values()}
    found = {
        name: frozenset(field for field, one in schema.properties.items() if not one.read_only)
        for name, schema in schemas.items()
        if name in wanted
    }
    return found, ()
