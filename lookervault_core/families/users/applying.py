"""Users: each kind of them has calls of its own."""

from __future__ import annotations

from lookervault_core.catalog import WRITES, WriteCall
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.errors import Missing, PermissionRefused
from lookervault_core.families.users.logins import NO_LOGIN
from lookervault_core.families.users.shape import EMBED, LOGIN
from lookervault_core.restore.applying.context import (
    Context,
    Deferred,
    write_object,
)

_ADD_EMAIL = WriteCall("create_user_credentials_email", "POST", "/users/{id}/credentials_email")
SET_EMAIL = WriteCall("update_user_credentials_email", "PATCH", "/users/{id}/credentials_email")
_REMOVE_EMAIL = WriteCall("delete_user_credentials_email", "DELETE", "/users/{id}/credentials_email")
_CREATE_EMBED = WriteCall("create_embed_user", "POST", "/users/embed_user")
_CREATE_SERVICE = WriteCall("create_service_account", "POST", "/users/service_accounts")
_UPDATE_SERVICE = WriteCall("update_service_account", "PATCH", "/users/service_accounts/{id}")


def apply_user(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one user with the login by e-mail and return the id. By that login an identity provider finds the user
    again."""
    difference = ctx.compare(wanted, found)
    if wanted.decoded.get("service_account_name"):
        return _apply_service_account(ctx, wanted, difference, found)
    if found is None:
        found = _made_for_embedding(ctx, wanted, difference)
        difference = ctx.compare(wanted, found) if found is not None else difference
    new = found is None
    if found is not None and difference.changed.get("is_disabled") is True:  # what is theirs goes where it goes first
        ctx.defer(wanted.key, found.id, "is_disabled", difference.changed.pop("is_disabled"))
    user_id = write_object(ctx, wanted, difference, found)
    if difference.changed.get("email") or (LOGIN in difference.changed and difference.source.fields.get("email")):
        _write_email(ctx, wanted, user_id, difference, new)
    elif "email" in difference.changed:
        ctx.writer.change(_REMOVE_EMAIL, wanted.key, user_id)
    return user_id


def _made_for_embedding(ctx: Context, wanted: Wanted, difference: Difference) -> Found | None:
    """Make a user whom an application that embeds Looker signs in, by the call for that; None for another user. A login by e-mail
    comes after it: to a user who is there no call gives the id that the application knows."""
    external = difference.source.fields.get(EMBED)
    if not external:
        return None
    ctx.accept_renewals(wanted, difference)
    try:
        made = ctx.writer.create(_CREATE_EMBED, wanted.key, {EMBED: external}, search=ctx.search(wanted))
    except (Missing, PermissionRefused):  # in some editions nothing is embedded
        if not difference.changed.get("email"):
            raise
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
    body = {"email": difference.source.fields["email"]} if difference.changed.get("email") else {}
    body |= difference.changed.get(LOGIN, {})
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


def go_home(ctx: Context, late: Deferred) -> None:
    """Write a user's late field: the home folder, now that folders exist, or that the user is disabled, now that all else is
    written."""
    call = WRITES["users"].update
    if call is not None and late.field == "is_disabled":
        ctx.writer.change(call, late.key, late.destination_id, {late.field: late.value})
        return
    folder_id = ctx.resolve("folders", str(late.value)) if late.value else None
    if call is not None and (folder_id is not None or not late.value):
        ctx.writer.change(call, late.key, late.destination_id, {"home_folder_id": folder_id})
