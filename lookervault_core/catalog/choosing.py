"""Which content types somebody means: by their names, plural or singular, alone, with their parts, or in groups."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from lookervault_core.catalog.rows import CATALOG, ROWS
from lookervault_core.catalog.vocabulary import ContentType
from lookervault_core.errors import UsageError

_ALIASES = {row.singular: row.name for row in ROWS}
_GROUPS = {
    "trash": ("trashed_dashboards", "trashed_looks"),
    "models": ("lookml_models",),
    "schedules": ("scheduled_plans",),
}


def row(name: str, known: Iterable[str] = CATALOG) -> ContentType:
    """Return the row of the content type called *name*, plural or singular; UsageError names the likely one, or those of the
    *known* ones that the caller can do something with."""
    key = name.strip().lower().replace("-", "_")
    found = CATALOG.get(_ALIASES.get(key, key))
    if found is None:
        likely = get_close_matches(key, [*CATALOG, *_ALIASES], n=1)
        meant = f"did you mean {_ALIASES.get(likely[0], likely[0])}?" if likely else f"known are {', '.join(known)}"
        raise UsageError(f"unknown content type {name!r}; {meant}")
    return found


def with_parts(names: Iterable[str] | None, exclude: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the types to capture for *names* (None: all), in catalog order, each with its parts.

    `trash` stands for both trashed types. Excluding a type excludes its parts.
    """
    wanted = expand(names) if names else {r.name for r in ROWS if not r.is_part}
    refused = expand(exclude)
    kept = wanted - refused
    kept |= {source for name in kept for source in _sources(name)} - refused
    kept |= {r.name for r in ROWS if r.part_of in kept and r.name not in refused}
    return tuple(r.name for r in ROWS if r.name in kept and not _sources(r.name) & refused)


def _sources(name: str) -> set[str]:
    """Return the types that the targets of *name* are computed from, all the way up."""
    source = CATALOG[name].targets_from
    return {source} | _sources(source) if source and source != name else set()


def expand(names: Iterable[str]) -> set[str]:
    """Return the types that *names* mean (types, plural or singular, or groups of types), without their parts.

    UsageError if one is unknown."""
    return {row(member).name for name in names for member in _GROUPS.get(name.strip().lower(), (name,))}
