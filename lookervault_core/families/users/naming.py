"""The fields that identify a user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.families.users.providers import address_of

# What a user is called by, before the names: no two have the same.
NAMED_BY = ("email",)


def names_of_user(payload: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that identify a user: e-mail address in lower case, id given by an embedding application, first and last
    name; None for each that is missing."""
    address = fields.get("email") or payload.get("email") or address_of(fields)
    embed = (payload.get("credentials_embed") or [{}])[0] or {}
    names = {name: fields.get(name) or None for name in ("first_name", "last_name")}
    return {
        "email": str(address or "").lower() or None,
        "external_user_id": embed.get("external_user_id"),
        **names,
    }
