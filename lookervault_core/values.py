"""When two JSON values are the same: by value, never by how they are written, and never across types."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import msgspec

# Of these Looker's description says only that they are objects: every key in them is somebody's own, and a null in them too.
FREE_FORM = frozenset({"field_value", "filter_config", "filters", "ui_config", "ui_state", "vis_config"})
_NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,6}))?")
_PLAIN_DIGITS = 400  # more than any number that fits a double has
_READ_DIGITS = 20


def number(text: str) -> msgspec.Raw:
    """Return a JSON number in the one form that equal numbers share: `1.10`, `1.1` and `11e-1` are one; `1.0` is `1`.

    One whose exponent has more than six digits stays as it is written.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return msgspec.Raw(text.encode())
    sign, whole, fraction, power = match[1], match[2], match[3] or "", int(match[4] or 0)
    digits = (whole + fraction).lstrip("0")
    kept = digits.rstrip("0")
    exponent = power - len(fraction) + len(digits) - len(kept)
    if not kept:
        return msgspec.Raw(b"0")
    if exponent >= 0 and len(kept) + exponent <= _PLAIN_DIGITS:
        return msgspec.Raw(f"{sign}{kept}{'0' * exponent}".encode())
    return msgspec.Raw(f"{sign}{kept}e{exponent}".encode())


def canonical(value: Any, free: frozenset[str] = FREE_FORM) -> bytes:
    """Return bytes that equal structures share: keys sorted, numbers by value, arrays in their order.

    A null is as good as no key where Looker's description names the keys, and is kept in what is of *free* form.
    """
    return _sorted.encode(_normal(value, free))


def readable(value: Any) -> str:
    """Return a value as JSON that people read: a number of a few digits without an exponent, `4242.5` and not `42425e-1`."""
    return _sorted.encode(_in_digits(_normal(value, FREE_FORM))).decode(errors="replace")


def exact(value: Any) -> bytes:
    """Return bytes that equal values share, where a key with null differs from a missing key."""
    return _sorted.encode(_normal(value, None))


def same_value(one: Any, other: Any) -> bool:
    """Return whether two decoded values are equal in every digit, key and type; `true` is not 1."""
    if type(one) is type(other) and not isinstance(one, (dict, list, msgspec.Raw)):
        return one == other
    return exact(one) == exact(other)


def is_blank(value: Any) -> bool:
    """Return whether a value says nothing: null, or a text, list or object without anything in it."""
    return value is None or value == "" or value == [] or value == {}


def _normal(value: Any, free: frozenset[str] | None) -> Any:
    """Return *value* without nulls under keys, but in what is of *free* form; with all of them where that is None."""
    kind = type(value)
    if kind is dict:
        return {
            key: _normal(entry, None if free is None or key in free else free)
            for key, entry in value.items()
            if free is None or entry is not None
        }
    if kind is list:
        return [_normal(entry, free) for entry in value]
    if kind is msgspec.Raw:
        return number(bytes(value).decode()) if bytes(value)[:1] != b'"' else value
    return number(repr(value)) if kind is float else value


def _in_digits(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _in_digits(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_in_digits(entry) for entry in value]
    if not isinstance(value, msgspec.Raw) or not (match := _NUMBER.fullmatch(bytes(value).decode())):
        return value
    exponent = int(match[4] or 0)
    return msgspec.Raw(f"{Decimal(match[0]):f}".encode()) if abs(exponent) <= _READ_DIGITS else value


_sorted = msgspec.json.Encoder(order="sorted")
