"""Which fields of a user are compared: names, logins, and the ids that other systems gave. Pure."""

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
# API keys by their client id, which no two have, with what else Looker shows of one.
KEYS, OF_KEYS = "credentials_api3", ("purpose", "is_disabled")
_OF_SERVICE_ACCOUNTS = ("id", "service_account_name", "is_disabled", *NOT_OF_SERVICE_ACCOUNTS)


def id_of_key(key: Mapping[str, Any]) -> str:
    """Return by what an API key is told from others."""
    return str(key.get("client_id") or key.get("id"))


def _keys(user: Mapping[str, Any]) -> dict[str, Any]:
    """Return the API keys of a payload that tells of them."""
    if KEYS not in user:
        return {}
    return {KEYS: {id_of_key(one): {of: one.get(of) for of in OF_KEYS} for one in user[KEYS] or ()}}


def _user(user: Mapping[str, Any], _reading: Reading) -> dict[str, Any]:
    if user.get("service_account_name"):  # its calls know nothing else of it
        return {name: user.get(name) for name in _OF_SERVICE_ACCOUNTS} | _keys(user)
    login = user.get("credentials_email") or {}
    embed = (user.get("credentials_embed") or [{}])[0] or {}
    ids = {"email": login.get("email"), EMBED: embed.get(EMBED)}
    more = beyond(OF_LOGINS, ("email",), login)
    return {**user, **provided(user), **ids, **_keys(user), **({LOGIN: more} if more else {})}


SHAPES = {"users": Shape(shaped=_user, renamed=frozenset({"credentials_email"}))}
