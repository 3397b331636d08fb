"""Find the rows of a list that people have changed since a restore: an undo leaves these and names them. Pure.

A row that the restore wrote is unchanged if it shows what was sent last; any other row is unchanged if it is as before the
restore."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, WRITES, Collection
from lookervault_core.diff.difference import ORDERS, Difference
from lookervault_core.diff.documents.fields import alike, same
from lookervault_core.diff.documents.references import Resolve, rewrite
from lookervault_core.diff.rows import called_row, row_key
from lookervault_core.families.inside import ROWS
from lookervault_core.families.rows_written import ListWrite

SINCE = "changed since the restore: it stays"
ROWS_SINCE = f"of its rows, what was {SINCE}"
_Key = tuple[str, ...]
_Rows = dict[_Key, Any]


def is_as_left(content_type: str, key: _Key, row: Any, writes: Sequence[ListWrite]) -> bool | None:
    """Return whether a live *row* (None if it is gone) is as *writes* left it; None if no write was about this row.

    Where the answer to a write was lost, what was there before it counts as well."""
    for write in reversed(writes):
        if write.tells(key):
            if _shows(content_type, write.rows.get(key), row):
                return True
            if write.sure:
                return False
    return True if any(write.tells(key) for write in writes) else None


def _shows(content_type: str, sent: Mapping[str, Any] | None, row: Any) -> bool:
    if sent is None or row is None:
        return sent is None and row is None
    fields = row.keys() & sent.keys() if isinstance(row, Mapping) else ()
    return all(alike(content_type, field, sent[field], row[field]) for field in fields)


def leave_rows(one: Difference, writes: Sequence[ListWrite], renamed: Resolve, *, unsure: bool = False) -> None:
    """Take out of a list's difference the rows that people have changed since the restore, and name them as lost.

    If it is *unsure* whether the restore's writes arrived, the rows that they wrote are put back in any case. *renamed* gives the
    new id of a recreated object."""
    if one.live is None:
        return
    taken = set[_Key]()
    for collection in WRITES[one.content_type].collections:
        if collection.field not in ORDERS:
            taken |= _leave_rows_of(one, collection, writes, renamed, unsure=unsure)
    _leave_more(one, writes, taken, unsure=unsure)


def _by_key(collection: Collection, rows: Any) -> _Rows:
    return {row_key(collection, row): row for row in rows or ()}


def _more_of(one: Difference, collection: Collection) -> _Rows:
    """Return by what tells a row that is there from the others what else Looker shows of it."""
    rows = one.live.fields.get(ROWS) if one.live is not None and collection.keys else ()
    return _by_key(collection, rows)


def _leave_rows_of(
    one: Difference, collection: Collection, writes: Sequence[ListWrite], renamed: Resolve, *, unsure: bool
) -> set[_Key]:
    """Leave the rows of one field; return those that people have taken out of it. What comes back under another id is nobody's."""
    field, more = collection.field, _more_of(one, collection)
    live, source = (_by_key(collection, doc.fields.get(field)) for doc in (one.live or one.source, one.source))
    new = _by_key(collection, one.changed[field]) if field in one.changed else live
    shown = {key: {**more.get(key, {}), **row} if isinstance(row, Mapping) else row for key, row in live.items()}
    anew = _by_key(collection, _as_renamed(one, field, renamed)).keys() - source.keys()
    theirs = {
        key for key in {**new, **live} if key not in anew and _is_theirs(one, key, shown, source, writes, unsure=unsure)
    }
    kept = {key: live[key] if key in theirs else row for key, row in new.items() if key in live or key not in theirs}
    kept |= {key: row for key, row in live.items() if key in theirs and key not in kept}
    rows, moved = _in_order(one, live, kept, writes, unsure=unsure)
    edited = [key for key in theirs if not _is_same(one, field, live.get(key), source.get(key))]
    edited += [key for key in live if key in new and key not in anew and _is_new(key, source, writes)]
    if not edited and not moved:
        return set()
    called = {_called(one, collection, live.get(key, source.get(key))) for key in edited}
    told = ", ".join(sorted(called)) or "their order"
    one.lost.setdefault(field, f"{ROWS_SINCE} ({told})")
    if same(one.content_type, field, rows, list(live.values())):
        one.changed.pop(field, None)
    else:
        one.changed[field] = rows
    if field in WRITES[one.content_type].late:  # what waits for the second pass goes by what was before
        stood = [row for key, row in source.items() if key not in theirs or key in live]
        one.source = msgspec.structs.replace(one.source, fields={**one.source.fields, field: stood})
    return theirs - live.keys()


def _as_renamed(one: Difference, field: str, renamed: Resolve) -> Sequence[Any]:
    """Return the rows of before by the ids of what was made anew since."""
    refs = [ref for ref in WRITES[one.content_type].references if ref.field == field and ref.kind == "id"]
    return rewrite({field: one.source.fields.get(field) or ()}, refs, renamed)[field]


def _called(one: Difference, collection: Collection, row: Any) -> str:
    """Return a row by the ids that tell it from the others, with what they are the ids of."""
    refs = (ref for ref in WRITES[one.content_type].references if ref.field == collection.field and not collection.keys)
    kinds = [f"{CATALOG[ref.to].singular} " for ref in refs if ref.to in CATALOG]
    return f"{kinds[0] if kinds else ''}{called_row(collection, row)}"


def _is_theirs(
    one: Difference, key: _Key, live: _Rows, source: _Rows, writes: Sequence[ListWrite], *, unsure: bool
) -> bool:
    as_left = is_as_left(one.content_type, key, live.get(key), writes)
    if as_left is None:  # what got another id since was made anew, and comes back too
        return key in source
    return not as_left and not unsure


def _is_new(key: _Key, source: _Rows, writes: Sequence[ListWrite]) -> bool:
    """Return whether people have put a row in that no write tells of."""
    return key not in source and not any(write.tells(key) for write in writes)


def _is_same(one: Difference, field: str, now: Any, then: Any) -> bool:
    return (now is None) == (then is None) and same(one.content_type, field, [now], [then])


def _in_order(
    one: Difference, live: _Rows, kept: _Rows, writes: Sequence[ListWrite], *, unsure: bool
) -> tuple[list[Any], bool]:
    """Return the rows to keep, in the order of now where people have given them another one than the restore, and whether they
    have."""
    wholes = [write for write in writes if write.whole and write.sure]
    if not WRITES[one.content_type].in_order or not wholes or unsure:
        return list(kept.values()), False
    left = [key for key in wholes[-1].rows if key in live]
    now = [key for key in live if key in wholes[-1].rows]
    if left == now:
        return list(kept.values()), False
    places = {key: place for place, key in enumerate(live)}
    return [kept[key] for key in sorted(kept, key=lambda key: places.get(key, len(places)))], True


def _leave_more(one: Difference, writes: Sequence[ListWrite], taken: Container[_Key], *, unsure: bool) -> None:
    """Leave what else Looker shows of rows, field by field: what the restore did not send, or shows another value by now. Nothing
    is said of rows that are *taken* out."""
    keyed = [each for each in WRITES[one.content_type].collections if each.keys]
    if ROWS not in one.changed or not keyed:
        return
    live, left = _more_of(one, keyed[0]), []
    for row in one.changed.pop(ROWS):
        key = row_key(keyed[0], row)
        since = _since(
            one, row, live.get(key), [told for write in writes if (told := write.rows.get(key))], unsure=unsure
        )
        since -= {*keyed[0].keys}
        for field in since:
            one.lost.setdefault(f"{ROWS}[{' '.join(part for part in key if part)}].{field}", SINCE)
        rest = {field: value for field, value in row.items() if field not in since}
        left += [rest] if rest.keys() - {*keyed[0].keys} and key not in taken else []
    if left:
        one.changed[ROWS] = left


def _since(
    one: Difference,
    row: Mapping[str, Any],
    now: Mapping[str, Any] | None,
    sent: Sequence[Mapping[str, Any]],
    *,
    unsure: bool,
) -> set[str]:
    """Return the fields of a row that is there *now* which people have set."""
    found = set[str]()
    if now is None:
        return found
    for field in row:
        values = [told[field] for told in sent if field in told]
        shows = any(alike(one.content_type, field, value, now.get(field)) for value in values)
        if not values or not (unsure or shows):
            found.add(field)
    return found
