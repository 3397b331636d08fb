"""The structure of queries, by which Looker tells them apart: equal queries have one id. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lookervault_core.diff.documents.compared import is_compared
from lookervault_core.diff.documents.doc import text_of

_OF_SOURCES = ("query_id", "query_slug", "query")  # by its structure a query is told, not by its numbers


def query_structure(query: Any) -> dict[str, Any] | None:
    """Return the structure that identifies *query*: its compared fields without nulls, arrays in their order. None for no
    object."""
    if not isinstance(query, Mapping):
        return None
    return {key: value for key, value in query.items() if value is not None and is_compared("queries", key)}


def merge_structure(merge: Any, query_of: Callable[[str], Any]) -> dict[str, Any] | None:
    """Return the structure that identifies a merge query, its source queries by structure and in order; None if one is unknown."""
    if not isinstance(merge, Mapping):
        return None
    structure = {key: value for key, value in merge.items() if value is not None and is_compared("merge_queries", key)}
    sources = []
    for source in merge.get("source_queries") or ():
        names = (text_of(source.get("query_id")), source.get("query_slug") and f"slug/{source['query_slug']}")
        bodies = (query_of(name) for name in names if name)  # release 24.x shows a query by its slug alone
        query = query_structure(source.get("query") or next((body for body in bodies if body), None))
        if query is None:
            return None
        sources.append({key: value for key, value in source.items() if key not in _OF_SOURCES} | {"query": query})
    structure["source_queries"] = sources
    return structure


def merged(merge_id: str, read: Callable[[str, str], Any]) -> Any:
    """Return a merge query with its source queries in it, or None; *read* gives a payload by its type and id."""
    return merge_structure(read("merge_queries", merge_id), lambda query_id: read("queries", query_id))


def address_of(payload: Mapping[str, Any]) -> str:
    """Return the short address of the query that a look or a tile shows, "" for none."""
    query = payload.get("query") or (payload.get("result_maker") or {}).get("query") or {}
    return text_of(query.get("client_id"))


def query_ids(payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the ids of the query and of the merge query that a look or a tile shows, "" for none."""
    maker = payload.get("result_maker") or {}
    query = payload.get("query") or maker.get("query") or {}
    merge_id = text_of(payload.get("merge_result_id") or maker.get("merge_result_id"))
    return text_of(payload.get("query_id") or query.get("id") or maker.get("query_id")), merge_id
