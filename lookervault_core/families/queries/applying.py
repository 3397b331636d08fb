"""Queries and merge queries by structure. Looker never changes or forgets one, and gives an equal one the same id."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from lookervault_core.catalog import CREATE_MERGE_QUERY, CREATE_QUERY
from lookervault_core.codec import digest
from lookervault_core.errors import Conflict, Invalid
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.failures import DependencyMissing
from lookervault_core.values import canonical

_ADDRESS = "client_id"


def query_id(ctx: Context, structure: dict[str, Any], source_id: str, address: str = "") -> str:
    """Return the id of the query with this structure; it is posted unless this run has done so already. One that is
    new to another instance gets its short *address* there, if that is free: links with it go on."""
    if set(structure) == {"id"}:
        return _by_number(ctx, "queries", structure["id"])
    mark = digest(canonical(structure))
    with ctx.one_at_a_time(mark):
        if mark not in ctx.queries:
            ctx.queries[mark] = _made(ctx, ContentKey("queries", source_id), structure, address)
    return ctx.queries[mark]


def _made(ctx: Context, key: ContentKey, structure: dict[str, Any], address: str) -> str:
    """Make a query and return its id. On its own instance the query of the backup goes on having the address."""
    if address and not ctx.rules.same_instance and ctx.rules.learned.of("queries", _ADDRESS) is not None:
        with suppress(Invalid, Conflict):
            return ctx.writer.query(CREATE_QUERY, key, structure | {_ADDRESS: address})
    return ctx.writer.query(CREATE_QUERY, key, structure)


def merge_query_id(ctx: Context, structure: dict[str, Any], source_id: str) -> str:
    """Return the id of the merge query with this structure; its sources keep their order, the first is the primary one."""
    if set(structure) == {"id"}:
        return _by_number(ctx, "merge_queries", structure["id"])
    mark = digest(b"merge" + canonical(structure))
    with ctx.one_at_a_time(mark):
        if mark not in ctx.queries:
            sources = [
                {key: value for key, value in one.items() if key != "query"}
                | {"query_id": query_id(ctx, one["query"], f"{source_id}/{number}")}
                for number, one in enumerate(structure["source_queries"])
            ]
            body = {**structure, "source_queries": sources}
            ctx.queries[mark] = ctx.writer.query(CREATE_MERGE_QUERY, ContentKey("merge_queries", source_id), body)
    return ctx.queries[mark]


def _by_number(ctx: Context, content_type: str, source_id: str) -> str:
    """Without its structure a query can only be named, which is right on its own instance alone."""
    found = ctx.resolve(content_type, source_id)
    if found is None:
        raise DependencyMissing(
            f"{content_type} {source_id}: the backup has its number only, and this is another instance"
        )
    return found
