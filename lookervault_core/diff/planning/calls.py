"""How many calls it takes to write a difference."""

from __future__ import annotations

from lookervault_core.catalog import WRITES
from lookervault_core.diff.difference import Difference
from lookervault_core.families.comparisons import comparison_of


def calls_of(difference: Difference, *, trashed: bool) -> int:
    """Return the most API calls that writing a difference can take, for an object that is *trashed* or not; fewer if the run has
    made one of its queries already."""
    if difference.empty and not trashed:
        return 0
    calls = sum(_own_calls(part) for part in difference.walk()) + sum(len(part.extras) for part in difference.walk())
    calls += comparison_of(difference.content_type).more_calls(difference)
    return calls + (1 if trashed and not difference.changed else 0)


def _own_calls(one: Difference) -> int:
    queries = (1 if one.changed.get("query") else 0) + (1 if one.changed.get("certification") else 0)
    merge = one.changed.get("merge_query") or {}
    queries += 1 + len(merge.get("source_queries", ())) if merge else 0
    late = sum(1 for field in WRITES[one.content_type].late if field in one.changed)
    write = 1 if one.live is None or set(one.changed) - set(WRITES[one.content_type].late) else 0
    return queries + write + late
