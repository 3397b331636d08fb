"""JSON that keeps every number as it was written.

``1.10`` and integers beyond 64 bits become :class:`msgspec.Raw`, which the encoder copies verbatim; everything else is
an ordinary Python value.
"""

import json
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder()


def dumps(value: Any) -> bytes:
    """Return *value* as compact UTF-8 JSON."""
    return _ENCODER.encode(value)


def loads(text: bytes | str) -> Any:
    """Return the value of *text*. Raises ValueError when it is not JSON."""
    return json.loads(text, parse_float=_number, parse_int=_number)


def _number(literal: str) -> Any:
    value = float(literal) if any(c in literal for c in ".eE") else int(literal)
    fits = isinstance(value, float) or -(2**63) <= value < 2**64
    return value if fits and dumps(value).decode() == literal else msgspec.Raw(literal.encode())
