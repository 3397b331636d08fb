"""Which types can be drawn, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lookervault_core.drawing.model import Drawing
from lookervault_core.errors import CodecError, UsageError
from lookervault_core.families.dashboards.drawn import drawing_of as dashboard

_DRAWN: dict[str, Callable[[Mapping[str, Any]], Drawing]] = {
    "dashboards": dashboard,
    "trashed_dashboards": dashboard,
    "lookml_dashboards": dashboard,
}


def can_be_drawn(content_type: str) -> bool:
    return content_type in _DRAWN


def require_drawn(content_type: str) -> None:
    """Raise UsageError for a type that nobody can draw."""
    if content_type not in _DRAWN:
        raise UsageError(f"{content_type} cannot be drawn; {', '.join(_DRAWN)} can")


def drawing_of(content_type: str, payload: bytes) -> Drawing:
    """Return the drawing of one object as Looker sent it."""
    require_drawn(content_type)
    try:
        found = msgspec.json.decode(payload)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as exc:
        raise CodecError(f"{content_type}: the payload cannot be read ({exc})") from exc
    return _DRAWN[content_type](found if isinstance(found, dict) else {})
