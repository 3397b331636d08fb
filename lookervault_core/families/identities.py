"""What tells the objects of a type apart where neither ids nor natural keys do, by type. Knows no plan and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from lookervault_core.families.appearance.identity import default_theme, standard_colors
from lookervault_core.families.users.naming import names_of_user
from lookervault_core.restore.live import Live


class Identity(msgspec.Struct, frozen=True):
    """Functions of one type. `standard` returns the ids that are the same object on every Looker, `preferred` the id of the one
    that comes first among those of a name, `names` the fields of natural keys that a payload has in another form."""

    standard: Callable[[Live], frozenset[str]] = lambda _: frozenset()
    preferred: Callable[[Live], str | None] = lambda _: None
    names: Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]] = lambda *_: {}


_IDENTITIES: Mapping[str, Identity] = {
    "users": Identity(names=names_of_user),
    "themes": Identity(preferred=default_theme),
    "color_collections": Identity(standard=standard_colors),
}
_PLAIN = Identity()


def identity_of(content_type: str) -> Identity:
    """Return what tells the objects of a type apart."""
    return _IDENTITIES.get(content_type, _PLAIN)
