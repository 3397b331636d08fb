"""How much of a field the destination takes: all of it, the part that fits its description, or nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from lookervault_core.catalog import STRUCTURES, WRITES
from lookervault_core.diff.api.fitting import UNKNOWN_ID, Fitted, fitted, is_unknown_id
from lookervault_core.diff.api.learned import Learned, Standing
from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.documents.fields import equal

_NUMBER = re.compile(r"\[\d+\]")


def taken(one: Difference, field: str, new: Any, old: Any, rules: Rules) -> Fitted:
    """Return the part of a field's value that can be written, and the value to compare it with.

    A read-only field, which Looker decides, counts as equal. A field that cannot be written for another reason stays, to be
    compared and named as a loss."""
    facts = WRITES[one.content_type]
    if field in STRUCTURES:
        return query_taken(field, new, old, rules.learned)
    if field in facts.unsent or _is_our_own(one.content_type, field):
        return Fitted(new, old)
    standing = rules.learned.standing(one.content_type, field)
    if standing is Standing.READ_ONLY:
        return Fitted(old, old)
    if standing is not Standing.WRITABLE:
        return Fitted(new, old)

    def foreign(path: str) -> str:
        return foreign_ids(one.content_type, path) if rules.onto is not None else ""

    return fitted(rules.learned, rules.learned.of(one.content_type, field), field, new, old, foreign=foreign)


def refusal(content_type: str, field: str, rules: Rules) -> str:
    """Return why a field cannot be written, or ""."""
    if _is_our_own(content_type, field):
        return ""
    standing = rules.learned.standing(content_type, field)
    return "" if standing is Standing.WRITABLE else standing.value


def _is_our_own(content_type: str, field: str) -> bool:
    """Return whether a field of a document is none of the description's: the catalog says how it is written."""
    facts = WRITES[content_type]
    return not facts.schema or field in facts.forced or any(field == row.field for row in facts.collections)


def query_taken(field: str, structure: Any, live: Any, learned: Learned) -> Fitted:
    """Return the query in *field* without the parts that the destination does not take; those that the *live* query has stay."""
    content_type = STRUCTURES[field]
    if not isinstance(structure, Mapping) or set(structure) == {"id"} or learned.takes(content_type) is None:
        return Fitted(structure, live)
    old = live if isinstance(live, Mapping) else {}
    kept, lost = {}, {}
    for key, value in structure.items():
        standing = learned.standing(content_type, key)
        if standing is Standing.READ_ONLY:
            continue
        if key == "source_queries" or standing is Standing.WRITABLE or equal(old.get(key), value):
            kept[key] = value
        else:
            lost[f"{field}.{key}"] = standing.value
    left = {key: one for key, one in old.items() if learned.standing(content_type, key) is not Standing.READ_ONLY}
    if kept.get("source_queries"):
        sources, missed = _sources(field, kept["source_queries"], learned)
        kept, lost = kept | {"source_queries": sources}, lost | missed
    return Fitted(kept, left if isinstance(live, Mapping) else live, lost)


def _sources(field: str, rows: list[Any], learned: Learned) -> tuple[list[Any], dict[str, str]]:
    known = learned.shape("MergeQuerySourceQuery")
    sources, lost = [], {}
    for number, row in enumerate(rows):
        query = query_taken("query", row["query"], None, learned)
        place = f"{field}.source_queries[{number}]"
        lost |= {f"{place}.{path}": reason for path, reason in query.lost.items()}
        beyond = [
            key for key in row if known is not None and key not in known and key != "query" and row[key] is not None
        ]
        lost |= {f"{place}.{key}": learned.inner("MergeQuerySourceQuery", key).value for key in beyond}
        sources.append({key: one for key, one in row.items() if key not in beyond} | {"query": query.new})
    return sources, lost


@cache
def foreign_ids(content_type: str, path: str) -> str:
    """Return why the ids in a path name nothing on another instance, or "" where they do."""
    facts = WRITES[content_type]
    known = {ref.path.replace("[]", "") for ref in facts.references}
    plain = _NUMBER.sub("", path)
    if plain in facts.away:
        return facts.away[plain]
    return UNKNOWN_ID if is_unknown_id(plain) and plain not in known and plain not in facts.writable else ""
