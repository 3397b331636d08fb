"""What an older release of Looker does not take of a query. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

NOT_TAKEN = "this release of Looker does not take it"
Taken = Callable[[str], frozenset[str] | None]
QUERIES = {"query": "queries", "merge_query": "merge_queries"}


def as_taken(field: str, structure: Any, live: Any, takes: Taken) -> tuple[Any, dict[str, str]]:
    """Return the query that stands in *field* without what the release does not take, and by path why it lacks that.

    What the *live* one has all the same stays.
    """
    allowed = takes(QUERIES[field])
    if allowed is None or not isinstance(structure, Mapping) or set(structure) == {"id"}:
        return structure, {}
    old = live if isinstance(live, Mapping) else {}
    kept = {key: value for key, value in structure.items() if key in allowed or old.get(key) == value}
    lost = {f"{field}.{key}": NOT_TAKEN for key in structure if key not in kept}
    sources = []
    for number, source in enumerate(kept.get("source_queries") or ()):
        query, missed = as_taken("query", source["query"], None, takes)
        sources.append({**source, "query": query})
        lost |= {f"{field}.source_queries[{number}].{path}": reason for path, reason in missed.items()}
    return (kept | {"source_queries": sources} if sources else kept), lost
