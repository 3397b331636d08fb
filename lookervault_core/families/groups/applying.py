"""Groups, who is in them, and which groups they are in."""

from __future__ import annotations

from functools import partial

from lookervault_core.catalog import WriteCall
from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.protection import protection_reason
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.errors import Invalid, LookerError, PermissionRefused, Refused
from lookervault_core.families.groups.nesting import circle, is_inside
from lookervault_core.families.lists import compare_list
from lookervault_core.restore.applying.context import (
    Context,
    Deferred,
    apply_plain,
    defer_late,
    sendable,
)

_REFUSALS = (Refused, Invalid, PermissionRefused)
_ADD_MEMBER = WriteCall("add_group_user", "POST", "/groups/{id}/users")
_REMOVE_MEMBER = WriteCall("delete_group_user", "DELETE", "/groups/{id}/users/{other}")
_ADD_GROUP = WriteCall("add_group_group", "POST", "/groups/{id}/groups")
_REMOVE_GROUP = WriteCall("delete_group_from_group", "DELETE", "/groups/{id}/groups/{other}")


def apply_group(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one group and return its id; it is put into other groups later, when all groups exist. Fields of a
    protected group that Looker refuses are losses."""
    try:
        return apply_plain(ctx, wanted, found)
    except _REFUSALS as exc:
        if found is None or wanted.protection is None:
            raise
        return _without_refused(ctx, wanted, found, f"{wanted.protection.reason}: {exc}")


def _without_refused(ctx: Context, wanted: Wanted, found: Found, reason: str) -> str:
    """Name what a protected group keeps, and leave what is still to be tried to the second pass."""
    difference = ctx.compare(wanted, found)
    for field in sendable(difference):
        ctx.accept(wanted.key, field, reason)
    defer_late(ctx, wanted.key, difference, found.id)
    return found.id


def take_out(ctx: Context, late: Deferred) -> None:
    """Take a group out of the groups that it is in and was not in, if the rules allow: before any group is put into another, for
    Looker refuses a circle even for a moment."""
    for extra in sorted(_parents_now(ctx, late.destination_id) - _parents_then(ctx, late)):
        own = {extra, late.destination_id} <= ctx.caller.admin_groups
        if ctx.rules.removes("groups", late.destination_id, extra) and not own:
            try:
                ctx.writer.change(_REMOVE_GROUP, late.key, extra, other=late.destination_id)
            except _REFUSALS as exc:
                _accept_refusal(ctx, late, exc)


def nest(ctx: Context, late: Deferred) -> None:
    """Put a group into the groups that it was in; one of those that is inside it now, and stays there, is a loss."""
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
    reason = protection_reason("groups", ctx.backup.readable("groups", late.key.id))
    if not reason:
        raise exc
    ctx.accept(late.key, late.field, f"{reason}: {exc}")


def _parents_then(ctx: Context, late: Deferred) -> set[str]:
    parents = (ctx.resolve("groups", str(one)) for one in late.value or ())
    return {parent for parent in parents if parent is not None}


def _parents_now(ctx: Context, group_id: str) -> set[str]:
    raw = ctx.live.read("groups", group_id, again=True)
    return {str(one) for one in (decode(raw).get("parent_group_ids") if raw else None) or ()}


def apply_group_users(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Add the users that a group has in the backup; remove others only in an exact restore."""
    group_id, difference = compare_list(ctx, wanted)
    if "members" not in difference.changed:
        return group_id
    now = difference.live.fields.get("members", []) if difference.live else []
    for user_id in difference.changed["members"]:
        if user_id not in now:
            ctx.writer.link(_ADD_MEMBER, wanted.key, group_id, {"user_id": user_id})
    for extra in set(now) - set(difference.changed["members"]):
        ctx.writer.change(_REMOVE_MEMBER, wanted.key, group_id, other=extra)
    return group_id
