"""Which logins of identity providers a user has, and the address that they show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import PROVIDERS

_NO_ADDRESS = "(no address)"
# The calls for service accounts take a name and a switch (OpenAPI 4.0.26.12, ServiceAccount), those for users refuse them.
NOT_OF_SERVICE_ACCOUNTS = ("first_name", "last_name", "locale")


def provided(user: Mapping[str, Any]) -> dict[str, str | None]:
    """Return, by the field of each login of an identity provider that a payload tells of, its address; None where there is no
    such login."""
    return {kind: _address(user, kind) for kind in PROVIDERS if kind in user}


def _address(user: Mapping[str, Any], kind: str) -> str | None:
    login = user.get(kind)
    if not login:
        return None
    return str(login.get("email") or user.get("email") or _NO_ADDRESS)


def address_of(fields: Mapping[str, Any]) -> str | None:
    """Return the address that the logins of identity providers show; None if there is none."""
    shown = (fields.get(kind) for kind in PROVIDERS)
    return next((one for one in shown if one and one != _NO_ADDRESS), None)
