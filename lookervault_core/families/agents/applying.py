"""Agents: first the golden queries, which exist by themselves, and then the agent that names them."""

from __future__ import annotations

from typing import Any

from lookervault_core.catalog import WRITES, WriteCall
from lookervault_core.diff.api.fitting import allows_null
from lookervault_core.diff.api.learned import Standing
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.errors import Missing
from lookervault_core.families.delivery.switching import WORKFLOW, comes_on
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import (
    Context,
    Deferred,
    alter,
    sendable,
    without_nulls,
    write_object,
)
from lookervault_core.restore.applying.failures import Part

QUERIES = "golden_queries"


def apply_agent(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create, undelete or change one agent with its golden queries and return its id."""
    difference = ctx.compare(wanted, found)
    ids = [_write_query(ctx, one) for one in difference.of(QUERIES)]
    staying = [] if difference.live is None else list(difference.live.children.get(QUERIES, {}))
    to_delete = {doc.id for _, doc in difference.extras}
    ids += [one for one in staying if one not in ids and one not in to_delete]
    more: dict[str, Any] = {} if ids == staying else {"golden_query_ids": [int(item_id) for item_id in ids]}
    comes_on = _held_back(ctx, wanted, difference)
    if found is not None and found.trashed and WORKFLOW in difference.lost:
        more[WORKFLOW] = None  # else it would send as soon as it is out of the trash
    agent_id = write_object(ctx, wanted, difference, found, more=more)
    if comes_on:
        ctx.defer(wanted.key, agent_id, WORKFLOW, None)
    for live_id in sorted(to_delete):
        # Other agents may learn from one that no restore has made; one that nobody names any more shows nowhere.
        if ctx.rules.made is not None and ctx.rules.removes(QUERIES, live_id):
            _remove_query(ctx, live_id)
    return agent_id


def _held_back(ctx: Context, wanted: Wanted, difference: Difference) -> bool:
    """Take a workflow that would begin to send out of a difference; return whether it is to come on, last of all."""
    if WORKFLOW in difference.lost:
        ctx.accept(wanted.key, WORKFLOW, difference.lost[WORKFLOW])
    return comes_on(difference) and difference.changed.pop(WORKFLOW, None) is not None


def start(ctx: Context, late: Deferred) -> None:
    """Give an agent the workflow that it had: from then on it sends."""
    wanted = ctx.backup.wanted(late.key)
    found = Found(late.destination_id, ctx.live.read("agents", late.destination_id, again=True))
    difference = ctx.compare(wanted, found)
    if WORKFLOW in difference.changed:
        alter(ctx, Part(wanted.key), difference, found.id, {WORKFLOW: difference.changed[WORKFLOW]})


def _write_query(ctx: Context, one: Difference) -> str:
    """Return the live id of one golden query once it is as in the backup."""
    facts, key = WRITES[QUERIES], ContentKey(QUERIES, one.source.id)
    body = sendable(one)
    if facts.create is None or facts.update is None:
        raise AssertionError("golden queries can be written")
    if one.live is not None:
        if body:
            ctx.writer.change(facts.update, key, one.live.id, body)
        return one.live.id
    with ctx.one_at_a_time(f"{QUERIES} {one.source.id}".encode()):
        return _found_or_made(ctx, one, facts.create, key, body)


def _found_or_made(ctx: Context, one: Difference, create: WriteCall, key: ContentKey, body: dict[str, Any]) -> str:
    """Return the live id of a golden query that the agent does not name: another may have brought it back already."""
    known = ctx.resolve(QUERIES, one.source.id) or (one.source.id if ctx.rules.same_instance else None)
    if known is not None and (ctx.live.is_fresh(QUERIES, known) or _is_there(ctx, one, known)):
        return known
    # No call lists them: what a lost answer has made is named by nobody and harms nobody.
    return str(ctx.writer.create(create, key, without_nulls(body), search=lambda: None)["id"])


def _is_there(ctx: Context, one: Difference, live_id: str) -> bool:
    """Write a golden query that no agent names any more; return whether there is one: nothing shows it."""
    update = WRITES[QUERIES].update
    if update is None:
        return False
    try:
        ctx.writer.change(update, ContentKey(QUERIES, one.source.id), live_id, _cleared(ctx, one) | sendable(one))
    except Missing:
        return False
    return True


def _cleared(ctx: Context, one: Difference) -> dict[str, Any]:
    """Return the nulls of the backup: a create does without, and what is there may have something in their place."""
    learned = ctx.rules.learned
    return {
        field: None
        for field, value in one.source.fields.items()
        if value is None
        and learned.standing(QUERIES, field) is Standing.WRITABLE
        and allows_null(learned.of(QUERIES, field))
    }


def _remove_query(ctx: Context, live_id: str) -> None:
    delete = WRITES[QUERIES].delete
    if delete is not None:
        ctx.writer.change(delete, ContentKey(QUERIES, live_id), live_id)
