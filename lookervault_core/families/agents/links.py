"""Which golden queries a restore linked to an agent or unlinked, by its journal, and which of them other agents use now."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

from lookervault_core.diff.difference import Row
from lookervault_core.diff.document import decode
from lookervault_core.model import ContentKey
from lookervault_core.restore.live import Live
from lookervault_core.vault.restoring import journal

AGENTS, QUERIES = "agents", "golden_queries"
_IDS = "golden_query_ids"


def linked_and_taken_off(
    entries: Iterable[journal.Entry], before: Callable[[str, str], Any]
) -> tuple[frozenset[Row], frozenset[Row]]:
    """Return the golden queries that a journal's writes linked, as (type, id, agent id), and those that they unlinked, as
    (type, id).

    *before* returns the payload of an agent before the restore, by type and id."""
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


def taught_to_others(live: Live, key: ContentKey, made: Container[ContentKey], rows: Container[Row]) -> set[Row]:
    """Return the golden queries that agents other than *key* learn from now, as (type, id).

    For an undo: agents *made* by its restore and links among its *rows* do not count."""
    others = live.rows(AGENTS).items() if key.content_type == AGENTS else ()
    found = set[Row]()
    for agent_id, body in others:
        ids = (
            decode(body).get(_IDS) or ()
            if body and agent_id != key.id and ContentKey(AGENTS, agent_id) not in made
            else ()
        )
        found |= {(QUERIES, str(item_id)) for item_id in ids if (QUERIES, str(item_id), agent_id) not in rows}
    return found
