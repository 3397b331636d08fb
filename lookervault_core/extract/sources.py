"""Which types an extraction captures before others, because the ids of those follow from them. Pure."""

from __future__ import annotations

from lookervault_core.catalog import CATALOG, METADATA, SEEN, ContentType


def follows(row: ContentType) -> bool:
    """Return whether the ids of *row* follow from other types, so that it is surveyed after them."""
    return row.census is None and row.listing != "whole"


def sources(row: ContentType) -> set[str]:
    """Return the types that must be captured before the ids of *row* are known."""
    if row.linked:
        return {r.name for r in CATALOG.values() if r.shape != "plain"} - {row.name}
    extra = set(SEEN) if row.name == METADATA else set()
    return {row.targets_from or ""} | extra


def all_sources(row: ContentType) -> set[str]:
    """Return the types that must be captured before *row*, directly or through one another."""
    found, waiting = set[str](), [row]
    while waiting:
        more = {name for name in sources(waiting.pop()) if name} - found
        found |= more
        waiting += [CATALOG[name] for name in more]
    return found - {row.name}
