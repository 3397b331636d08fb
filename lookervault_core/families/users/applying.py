"""Users, groups, roles, sets and attributes, and who has what of them. Calls that replace a whole set get a whole set."""

from __future__ import annotations

from functools import partial
from typing import Any

from lookervault_core.catalog import WRITES, WriteCall
from lookervault_core.diff.difference import NEW, Difference
from lookervault_core.diff.plan import Found, Wanted
from lookervault_core.diff.protection import protection
from lookervault_core.documents import decode
from lookervault_core.errors import Invalid, LookerError, PermissionRefused, Refused
from lookervault_core.families.groups.nesting import circle, is_inside
from lookervault_core.families.users.attributes import WHITELIST
from lookervault_core.families.users.logins import NO_LOGIN
from lookervault_core.restore.applying.context import (
    Context,
    Deferred,
    DependencyMissing,
    apply_plain,
    defer_late,
    sendable,
    write_object,
)
from lookervault_core.restore.applying.lists import read_list

_REFUSALS = (Refused, Invalid, PermissionRefused)
_ADD_EMAIL = WriteCall("create_user_credentials_email", "POST", "/users/{id}/credentials_email")
SET_EMAIL = WriteCall("update_user_credentials_email", "PATCH", "/users/{id}/credentials_email")
_REMOVE_EMAIL = WriteCall("delete_user_credentials_email", "DELETE", "/users/{id}/credentials_email")
_CREATE_EMBED = WriteCall("create_embed_user", "POST", "/users/embed_user")
_CREATE_SERVICE = WriteCall("create_service_account", "POST", "/users/service_accounts")
_UPDATE_SERVICE = WriteCall("update_service_account", "PATCH", "/users/service_accounts/{id}")
_ADD_MEMBER = WriteCall("add_group_user", "POST", "/groups/{id}/users")
_REMOVE_MEMBER = WriteCall("delete_group_user", "DELETE", "/groups/{id}/users/{other}")
_ADD_GROUP = WriteCall("add_group_group", "POST", "/groups/{id}/groups")
_REMOVE_GROUP = WriteCall("delete_group_from_group", "DELETE", "/groups/{id}/groups/{other}")
_SET_ROLE_GROUPS = WriteCall("set_role_groups", "PUT", "/roles/{id}/groups")
_SET_ROLE_USERS = WriteCall("set_role_users", "PUT", "/roles/{id}/users")
_SET_VALUE = WriteCall("set_user_attribute_user_value", "PATCH", "/users/{id}/attribute_values/{other}")
_REMOVE_VALUE = WriteCall("delete_user_attribute_user_value", "DELETE", "/users/{id}/attribute_values/{other}")
_SET_GROUP_VALUE = WriteCall("update_user_attribute_group_value", "PATCH", "/groups/{id}/attribute_values/{other}")
_REMOVE_GROUP_VALUE = WriteCall("delete_user_attribute_group_value", "DELETE", "/groups/{id}/attribute_values/{other}")
_SET_GROUP_VALUES = WriteCall("set_user_attribute_group_values", "POST", "/user_attributes/{id}/group_values")


_HIDDEN_AMONG = (
    "some of the values are hidden, and writing the whole list would wipe them: each of the others was written by itself, "
    "which keeps no order and cannot be read back everywhere"
)


def apply_user(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one user and the login by e-mail, by which an identity provider's next sign-in finds the user again."""
    difference = ctx.compare(wanted, found)
    payload = wanted.decoded
    if payload.get("service_account_name"):
        return _apply_service_account(ctx, wanted, difference, found)
    if found is None:
        found = _made_without_login(ctx, wanted, payload)
        difference = ctx.compare(wanted, found)
    new = found is None
    user_id = write_object(ctx, wanted, difference, found)
    if difference.changed.get("email"):
        _write_email(ctx, wanted, user_id, difference, new)
    elif "email" in difference.changed:
        ctx.writer.change(_REMOVE_EMAIL, wanted.key, user_id)
    return user_id


def _made_without_login(ctx: Context, wanted: Wanted, payload: dict[str, Any]) -> Found | None:
    """Make a user who comes in through somebody else's application, by the call for that; None for an ordinary user."""
    embed = (payload.get("credentials_embed") or [{}])[0] or {}
    if embed.get("external_user_id") and not (payload.get("credentials_email") or {}).get("email"):
        body = {"external_user_id": embed["external_user_id"]}
        made = ctx.writer.create(_CREATE_EMBED, wanted.key, body, search=ctx.search(wanted))
    else:
        return None
    return Found(str(made["id"]), ctx.live.read("users", str(made["id"]), again=True))


def _apply_service_account(ctx: Context, wanted: Wanted, difference: Difference, found: Found | None) -> str:
    """Service accounts have calls of their own, which know a name and a switch (OpenAPI 4.0.26.12, ServiceAccount)."""
    if found is not None:
        if difference.changed:
            ctx.writer.change(_UPDATE_SERVICE, wanted.key, found.id, difference.changed)
        return found.id
    ctx.accept_renewals(wanted, difference)
    made = ctx.writer.create(_CREATE_SERVICE, wanted.key, difference.changed, search=ctx.search(wanted))
    return str(made["id"])


def _write_email(ctx: Context, wanted: Wanted, user_id: str, difference: Difference, new: bool) -> None:
    body = {"email": difference.changed["email"]}
    has_login = not new and difference.live is not None and difference.live.fields.get("email")
    if has_login:
        ctx.writer.change(SET_EMAIL, wanted.key, user_id, body)
        return
    try:
        ctx.writer.link(_ADD_EMAIL, wanted.key, user_id, body)
    except PermissionRefused as exc:  # on Google Cloud core
        if wanted.decoded.get("credentials_email"):
            raise
        ctx.accept(wanted.key, "email", f"{NO_LOGIN} ({exc})")


def apply_group(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one group; which groups it is in waits until all of them are there. What Looker refuses of a protected one
    is a loss."""
    try:
        return apply_plain(ctx, wanted, found)
    except _REFUSALS as exc:
        if found is None or wanted.shield is None:
            raise
        return _without_refused(ctx, wanted, found, f"{wanted.shield.reason}: {exc}")


def _without_refused(ctx: Context, wanted: Wanted, found: Found, reason: str) -> str:
    """Name what a protected group keeps, and leave what is still to be tried to the second pass."""
    difference = ctx.compare(wanted, found)
    for field in sendable(difference):
        ctx.accept(wanted.key, field, reason)
    defer_late(ctx, wanted.key, difference, found.id)
    return found.id


def take_out(ctx: Context, late: Deferred) -> None:
    """Take a group out of the groups that it was not in, as far as the rules say: all of them before any is put in, for Looker
    refuses what would be a circle even for a moment."""
    for extra in sorted(_parents_now(ctx, late.destination_id) - _parents_then(ctx, late)):
        own = {extra, late.destination_id} <= ctx.caller.admin_groups
        if ctx.rules.removes("groups", late.destination_id, extra) and not own:
            try:
                ctx.writer.change(_REMOVE_GROUP, late.key, extra, other=late.destination_id)
            except _REFUSALS as exc:
                _accept_refusal(ctx, late, exc)


def nest(ctx: Context, late: Deferred) -> None:
    """Put a group into the groups that it was in; where one of those is inside it now and stays there, name the loss."""
    for parent in sorted(_parents_then(ctx, late) - _parents_now(ctx, late.destination_id)):
        try:
            ctx.writer.link(_ADD_GROUP, late.key, parent, {"group_id": late.destination_id})
        except _REFUSALS as exc:
            if is_inside(parent, late.destination_id, partial(_parents_now, ctx)):
                ctx.accept(late.key, "parent_group_ids", circle(parent, ctx.rules))
            else:
                _accept_refusal(ctx, late, exc)


def _accept_refusal(ctx: Context, late: Deferred, exc: LookerError) -> None:
    """Name as a loss what Looker refuses of the nesting of a protected group; raise what it refuses of any other."""
    reason = protection("groups", ctx.backup.readable("groups", late.key.id))
    if not reason:
        raise exc
    ctx.accept(late.key, late.field, f"{reason}: {exc}")


def _parents_then(ctx: Context, late: Deferred) -> set[str]:
    parents = (ctx.resolve("groups", str(one)) for one in late.value or ())
    return {one for one in parents if one is not None}


def _parents_now(ctx: Context, group_id: str) -> set[str]:
    raw = ctx.live.read("groups", group_id, again=True)
    return {str(one) for one in (decode(raw).get("parent_group_ids") if raw else None) or ()}


def apply_role_users(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Replace the users of a role."""
    return _replace_members(ctx, wanted, _SET_ROLE_USERS)


def apply_role_groups(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Replace the groups of a role."""
    return _replace_members(ctx, wanted, _SET_ROLE_GROUPS)


def _replace_members(ctx: Context, wanted: Wanted, call: WriteCall) -> str:
    role_id, difference = _part(ctx, wanted)
    if "members" in difference.changed:
        ctx.writer.change(call, wanted.key, role_id, difference.changed["members"])
    return role_id


def apply_group_users(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Add the users that a group had; take others out only with exact."""
    group_id, difference = _part(ctx, wanted)
    if "members" not in difference.changed:
        return group_id
    now = difference.live.fields.get("members", []) if difference.live else []
    for user_id in difference.changed["members"]:
        if user_id not in now:
            ctx.writer.link(_ADD_MEMBER, wanted.key, group_id, {"user_id": user_id})
    for extra in set(now) - set(difference.changed["members"]):
        ctx.writer.change(_REMOVE_MEMBER, wanted.key, group_id, other=extra)
    return group_id


def apply_attribute(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one attribute. Where hidden values may be sent to is taken together with that they are hidden only."""
    difference = ctx.compare(wanted, found)
    more = {"value_is_hidden": True} if WHITELIST in difference.changed else {}
    return write_object(ctx, wanted, difference, found, more=more)


def apply_user_values(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Set the attribute values that were set on the user itself; what came through a group or a default stays so."""
    user_id, difference = _part(ctx, wanted)
    for attribute_id in _hidden_to_remove(difference):
        ctx.writer.change(_REMOVE_VALUE, wanted.key, user_id, other=attribute_id)
    if "values" not in difference.changed:
        return user_id
    now = {row["user_attribute_id"]: row["value"] for row in _live_rows(difference, "values")}
    rows = {row["user_attribute_id"]: row["value"] for row in difference.changed["values"]}
    for attribute_id, value in rows.items():
        if attribute_id not in now or now[attribute_id] != value:
            ctx.writer.change(_SET_VALUE, wanted.key, user_id, {"value": value}, other=attribute_id)
    for attribute_id in now.keys() - rows.keys():
        ctx.writer.change(_REMOVE_VALUE, wanted.key, user_id, other=attribute_id)
    return user_id


def apply_group_values(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Replace the whole ordered list of an attribute's group values; Looker has no smaller write that keeps the order.

    Where a value there is hidden, the list would wipe it: then each group's value is written by itself.
    """
    attribute_id, difference = _part(ctx, wanted)
    for group_id in _hidden_to_remove(difference):
        ctx.writer.change(_REMOVE_GROUP_VALUE, wanted.key, group_id, other=attribute_id)
    if "values" not in difference.changed:
        return attribute_id
    rows = difference.changed["values"]
    if not _live_rows(difference, "hidden"):
        ranked = [{**row, "rank": rank} for rank, row in enumerate(rows, 1)]
        ctx.writer.link(_SET_GROUP_VALUES, wanted.key, attribute_id, ranked)
        return attribute_id
    ctx.accept(wanted.key, "values", _HIDDEN_AMONG)
    now = {row["group_id"]: row["value"] for row in _live_rows(difference, "values")}
    for row in rows:
        if row["group_id"] not in now or now[row["group_id"]] != row["value"]:
            ctx.writer.change(
                _SET_GROUP_VALUE, wanted.key, row["group_id"], {"value": row["value"]}, other=attribute_id
            )
    for group_id in now.keys() - {row["group_id"] for row in rows}:
        ctx.writer.change(_REMOVE_GROUP_VALUE, wanted.key, group_id, other=attribute_id)
    return attribute_id


def _hidden_to_remove(difference: Difference) -> list[str]:
    """Return whose hidden values are to go, which only an undo knows."""
    kept = difference.changed.get("hidden")
    return [] if kept is None else [one for one in _live_rows(difference, "hidden") if one not in kept]


def _live_rows(difference: Difference, field: str) -> list[Any]:
    return difference.live.fields.get(field) or [] if difference.live else []


def _part(ctx: Context, wanted: Wanted) -> tuple[str, Difference]:
    """Return the owner's id and the difference of a list that belongs to it, read anew: its owner may be new."""
    found = ctx.destination.find(wanted)
    if found is None or found.id == NEW:
        raise DependencyMissing(f"{wanted.key}: what it belongs to is not there")
    difference = ctx.compare(wanted, Found(found.id, read_list(ctx, wanted.key, found.id)))
    return found.id, difference


def go_home(ctx: Context, late: Deferred) -> None:
    """Set a user's home folder, now that folders are there."""
    folder_id = ctx.resolve("folders", str(late.value)) if late.value else None
    call = WRITES["users"].update
    if call is not None and (folder_id is not None or not late.value):
        ctx.writer.change(call, late.key, late.destination_id, {"home_folder_id": folder_id})
