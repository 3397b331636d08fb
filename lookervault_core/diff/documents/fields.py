"""When two values of one field of a type mean the same: by the table of tolerances, and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from lookervault_core.catalog.tolerances import sets_within, tolerates
from lookervault_core.forms import is_form
from lookervault_core.values import FREE_FORM, canonical, exact, is_blank

_encoder = msgspec.json.Encoder()


def same(content_type: str, field: str, new: Any, old: Any, free: frozenset[str] = FREE_FORM) -> bool:
    """Return whether two values of *field* mean the same. In the names *free*, values of free form, every key and null counts."""
    if tolerates("blank is null", content_type, field) and not new and not old:
        return True
    if tolerates("whether, not when", content_type, field):
        return bool(new) == bool(old)
    return form(content_type, field, new, free) == form(content_type, field, old, free)


def alike(content_type: str, field: str, new: Any, old: Any) -> bool:
    """Return whether *old* can be what Looker shows after *new* was sent: the same value, another blank, or a normal form of it."""
    return (is_blank(new) and is_blank(old)) or same(content_type, field, new, old) or is_form(new, old)


def form(content_type: str, field: str, value: Any, free: frozenset[str] = FREE_FORM) -> bytes:
    """Return bytes that are the same for all values of *field* that mean the same."""
    shape = exact if field in free else partial(canonical, free=free)
    value = _with_sets(value, sets_within(content_type, field))
    if isinstance(value, list) and tolerates("any order", content_type, field):
        return b"\n".join(sorted(map(shape, value)))
    return shape(value)


def in_order(content_type: str, field: str, value: Any) -> Any:
    """Return *value*, its rows sorted if their order does not count."""
    value = _with_sets(value, sets_within(content_type, field))
    if isinstance(value, list) and tolerates("any order", content_type, field):
        return sorted(value, key=canonical)
    return value


def _with_sets(value: Any, keys: frozenset[str]) -> Any:
    """Return *value* with the lists under *keys*, in it or in its rows, in one order."""
    if isinstance(value, list) and keys:
        return [_with_sets(row, keys) for row in value]
    if not isinstance(value, Mapping) or not keys:
        return value
    return {
        key: sorted(one, key=canonical) if key in keys and isinstance(one, list) else one for key, one in value.items()
    }


def equal(new: Any, old: Any) -> bool:
    """Return whether two values are equal and of the same type: to Python `True` equals 1."""
    return new == old and (_encoder.encode(new) == _encoder.encode(old) or exact(new) == exact(old))
