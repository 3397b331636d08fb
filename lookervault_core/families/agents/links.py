"""Which golden queries a restore linked to an agent that was there, or took off it, as the journal tells. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lookervault_core.diff.difference import Row
from lookervault_core.diff.document import decode
from lookervault_core.vault import journal

AGENTS, QUERIES = "agents", "golden_queries"
_IDS = "golden_query_ids"


def linked_and_taken_off(
    entries: Iterable[journal.Entry], before: Callable[[str, str], Any]
) -> tuple[frozenset[Row], frozenset[Row]]:
    """Return what was linked, as (type, id, agent), and what was taken off, as (type, id); *before* has an agent as it was."""
    linked, taken_off = set[Row](), set[Row]()
    for entry in entries:
        body = decode(entry.intent.encode()) if entry.key.content_type == AGENTS and entry.intent else {}
        agent = before(AGENTS, entry.destination_id or "") if _IDS in body and not entry.was_refused else None
        if agent is None:
            continue
        now = {str(one) for one in body[_IDS]}
        stood = {str(one["id"]) for one in agent.get(QUERIES) or ()}
        linked |= {(QUERIES, one, entry.destination_id or "") for one in now - stood}
        taken_off |= {(QUERIES, one) for one in stood - now}
    return frozenset(linked), frozenset(taken_off)
