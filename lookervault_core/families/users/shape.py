"""What of a user is compared: names, the logins and the ids that it is known by. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.families.inside import beyond
from lookervault_core.families.shape import Reading, Shape
from lookervault_core.families.users.providers import NOT_OF_SERVICE_ACCOUNTS, provided

# What else Looker shows of a login by e-mail.
LOGIN, OF_LOGINS = "login", "CredentialsEmail"
# By what an application that embeds Looker knows the user.
EMBED = "external_user_id"
_OF_SERVICE_ACCOUNTS = ("id", "service_account_name", "is_disabled", *NOT_OF_SERVICE_ACCOUNTS)


def _user(user: Mapping[str, Any], _reading: Reading) -> dict[str, Any]:
    if user.get("service_account_name"):  # its calls know nothing else of it
        return {name: user.get(name) for name in _OF_SERVICE_ACCOUNTS}
    login = user.get("credentials_email") or {}
    embed = (user.get("credentials_embed") or [{}])[0] or {}
    ids = {"email": login.get("email"), EMBED: embed.get(EMBED)}
    more = beyond(OF_LOGINS, ("email",), login)
    return {**user, **provided(user), **ids, **({LOGIN: more} if more else {})}


SHAPES = {"users": Shape(shaped=_user, renamed=frozenset({"credentials_email"}))}
