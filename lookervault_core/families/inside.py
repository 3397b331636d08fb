"""Compare fields that the catalog does not name, of objects in a row of a list or in a user.

The catalog says by which key rows are told apart and what counts in them; all other fields of the rows stand under `ROWS`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from functools import cache
from typing import Any

from lookervault_core.catalog import WRITES
from lookervault_core.catalog.uncompared import why
from lookervault_core.diff.api.description import Property
from lookervault_core.diff.api.fitting import UNKNOWN_ID, fitted, is_unknown_id
from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.documents.fields import equal
from lookervault_core.diff.documents.references import Resolve

ROWS = "rows"
HIDDEN = "its value is hidden, and writing anything of it would wipe that"
Row = Mapping[str, Any]


def beyond(schema: str, known: Iterable[str], row: Row) -> dict[str, Any]:
    """Return the compared fields of *row* that are not in *known*."""
    return {name: value for name, value in row.items() if name not in known and why(schema, name) is None}


def more_of_rows(schema: str, keys: tuple[str, ...], known: Iterable[str], rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the other fields of a list's rows, those not in *known*, each row with its *keys*."""
    told = ((row, beyond(schema, (*keys, *known), row)) for row in rows)
    return [{**{key: row.get(key) for key in keys}, **more} for row, more in told if more]


def differing(
    rules: Rules, schema: str, path: str, ours: Row, theirs: Row, known: Container[str] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return which fields of *ours* are to be written over *theirs*, and by path why others cannot be as in the backup.

    Ids in fields other than *known* mean nothing on another instance, as nobody says what they name."""
    foreign = _foreign(rules, known)
    fit = fitted(rules.learned, Property("object", schema), path, dict(ours), dict(theirs), foreign=foreign)
    changed = {name: value for name, value in fit.new.items() if not equal(value, fit.old.get(name))}
    if rules.learned.shape(schema) is None:
        return {}, {f"{path}.{name}": rules.learned.inner(schema, name).value for name in changed}
    return changed, fit.lost


def compare_rows(
    one: Difference, resolve: Resolve, rules: Rules, schema: str, keys: Mapping[str, str], hidden: str = ""
) -> None:
    """Put the other fields of a list's rows into its difference, and name what is lost.

    *keys* has each key field of a row with the type that it names, "" for none. Nothing is written of rows whose keys are in the
    document's field *hidden*."""
    named = _named_in_rows(one.content_type)
    one.changed.pop(ROWS, None)
    if named:  # each row says it by itself
        one.lost.pop(ROWS, None)
    theirs = {_key(keys, row): row for row in (one.live.fields.get(ROWS) or () if one.live is not None else ())}
    unreadable = {str(key) for side in (one.source, one.live) if side for key in side.fields.get(hidden) or ()}
    written = []
    for row in one.source.fields.get(ROWS) or ():
        found = {
            key: (resolve(to, str(row[key])) if to else row[key]) if row.get(key) else None for key, to in keys.items()
        }
        if not any(found.values()):
            continue
        path = f"{ROWS}[{' '.join(str(row[key]) for key in keys if row.get(key))}]"
        live = theirs.get(_key(keys, found), {})
        told, gone = _as_known_here(_without(keys, row), live, named, resolve, path)
        changed, lost = differing(rules, schema, path, told, _without(keys, live), named)
        lost |= gone
        if unreadable & {str(row.get(key)) for key in keys}:
            changed, lost = {}, lost | {f"{path}.{name}": HIDDEN for name in changed}
        one.lost |= lost
        written += [{**found, **changed}] if changed else []
    if written:
        one.changed[ROWS] = written


def _foreign(rules: Rules, known: Container[str]) -> Callable[[str], str]:
    def foreign(path: str) -> str:
        is_known = path.rpartition(".")[2] in known
        return UNKNOWN_ID if rules.onto is not None and is_unknown_id(path) and not is_known else ""

    return foreign


@cache
def _named_in_rows(content_type: str) -> Mapping[str, str]:
    """Return by field of the rows of a list the type that its ids name."""
    refs = ((ref.path.removeprefix(f"{ROWS}[].").removesuffix("[]"), ref) for ref in WRITES[content_type].references)
    return {field: ref.to for field, ref in refs if ref.field == ROWS}


def _as_known_here(
    row: Row, live: Row, named: Mapping[str, str], resolve: Resolve, path: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a row with the ids that what it names has here, and by path what is not there; what stands there already may stay."""
    told, lost = dict(row), dict[str, str]()
    for field, to in named.items():
        ids = row.get(field)
        if not ids:
            continue
        found = {str(item_id): resolve(to, str(item_id)) for item_id in (ids if isinstance(ids, list) else [ids])}
        if gone := [one for one, here in found.items() if here is None]:
            if equal(ids, live.get(field)):
                continue
            lost[f"{path}.{field}"] = f"{to} {', '.join(gone)} is not there"
        here = [one for one in found.values() if one is not None]
        told[field] = here if isinstance(ids, list) else next(iter(here), live.get(field))
    return told, lost


def _key(keys: Mapping[str, str], row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(key) or "") for key in keys)


def _without(keys: Mapping[str, str], row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in keys}
