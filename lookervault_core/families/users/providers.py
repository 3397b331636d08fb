"""Which logins of identity providers a user has, and the e-mail address in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import PROVIDERS

_NO_ADDRESS = "(no address)"
# The calls for service accounts take a name and a switch (OpenAPI 4.0.26.12, ServiceAccount), those for users refuse them.
NOT_OF_SERVICE_ACCOUNTS = ("first_name", "last_name", "locale")


def provided(user: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the e-mail address in each identity provider's login of a user, by its field; None if the user has no such login."""
    return {kind: _address(user, kind) for kind in PROVIDERS if kind in user}


def _address(user: Mapping[str, Any], kind: str) -> str | None:
    login = user.get(kind)
    if not login:
        return None
    return str(login.get("email") or user.get("email") or _NO_ADDRESS)


def address_of(fields: Mapping[str, Any]) -> str | None:
    """Return the first e-mail address in the logins of identity providers; None if they have none."""
    shown = (fields.get(kind) for kind in PROVIDERS)
    return next((one for one in shown if one and one != _NO_ADDRESS), None)
