"""How people name objects: what holds content, who does things, and where a browser shows what."""

from __future__ import annotations

from lookervault_core.catalog.rows import CATALOG

# What content lies in, and who makes and changes it.
HOLDER, PERSON = "folders", "users"
# What one object of a type can be called in an address beside the name of the type.
_ADDRESSES = {"dashboards-next": "dashboards", "dashboards-legacy": "dashboards", "spaces": "folders"}
_SHOWN = frozenset({"dashboards", "looks", "folders", "boards", "users", "groups", "roles"})


def shown_at(segment: str) -> str | None:
    """Return the type whose objects a browser shows below a segment of an address; None for any other segment."""
    name = _ADDRESSES.get(segment, segment)
    return name if name in _SHOWN and name in CATALOG else None
