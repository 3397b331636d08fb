"""What an instance makes of a value before it keeps it. The plain one keeps what it was sent; bends say otherwise."""

from typing import Any

import msgspec

from looker_simulator.bends import Bends

_NAMES = ("first_name", "last_name")


def kept(bends: Bends, body: str, field: str, value: Any) -> Any:
    """Return what is kept of *value*, which was sent for *field* of the schema *body*."""
    if bends.has("blank_is_null") and value == "":
        return None
    if bends.has("names_are_never_null") and body == "User" and field in _NAMES and value is None:
        return ""
    if isinstance(value, str):
        value = value.strip() if bends.has("texts_are_trimmed") else value
        return value.lower() if field == "email" and bends.has("addresses_in_lower_case") else value
    return _in_plain_numbers(value) if bends.has("plain_numbers") else value


def is_refused(bends: Bends, body: str, field: str) -> bool:
    """Return whether the description says that *field* can be written, and nobody can."""
    return bends.has("refused_fields") and f"{body}.{field}" in bends.value("refused_fields").split("+")


def _in_plain_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_plain_numbers(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_in_plain_numbers(entry) for entry in value]
    if isinstance(value, msgspec.Raw) and not bytes(value).lstrip(b"-").isdigit():
        return float(bytes(value))
    return int(value) if isinstance(value, float) and value.is_integer() else value
