"""Which of the objects that live content needs its payload proves to exist: Looker shows the owner, and the look inside a tile,
only as long as they exist. So no call is needed for these."""

from __future__ import annotations

from typing import Any

import msgspec

_OWNER, _LOOK = "users", "looks"


class _Tile(msgspec.Struct):
    look_id: Any = None
    look: msgspec.Raw | None = None
    deleted_at: Any = None


class _Content(msgspec.Struct):
    user_id: Any = None
    user_name: str | None = None
    dashboard_elements: list[_Tile] | None = None


_content = msgspec.json.Decoder(_Content)


def shown_by(payload: bytes) -> frozenset[str]:
    """Return the types of which a live payload proves that each object that it names exists."""
    try:
        content = _content.decode(payload)
    except msgspec.DecodeError:
        return frozenset()
    tiles = content.dashboard_elements or ()
    owned = content.user_id is None or bool(content.user_name)
    looks = all(tile.look_id is None or bool(tile.look and bytes(tile.look) != b"null") for tile in tiles)
    return frozenset(([_OWNER] if owned else []) + ([_LOOK] if looks else []))
