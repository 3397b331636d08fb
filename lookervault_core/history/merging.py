"""Take one change of an object back: a three-way merge of the version before it, the one after it, and the object now. Pure.

Places that the change did not touch stay as they are now. A place that somebody has edited since is a conflict and stays too,
unless the caller asks to take it back all the same."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

from lookervault_core.catalog import WRITES
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import same
from lookervault_core.diff.rows import row_key
from lookervault_core.families.taking_back import put
from lookervault_core.families.telling import PLACED
from lookervault_core.history.edits import Edit, edits
from lookervault_core.values import exact

_HELD = next(ref.path for ref in WRITES[PLACED].references)  # what a place holds


class Why(Enum):
    """Why a place or an object is not taken back. The value says it to people."""

    GONE = "it is gone since: restore it first"
    PART_GONE = "the part that it is in is gone since"
    EDITED_SINCE = "edited since"
    EDITED_LIST = "edited since, and Looker would drop the whole list"
    EDITED = "people have edited it since it was made"
    FILLED = "people have put something into it since it was made"
    FULL = "Looker would delete for good what was put into it since: move that elsewhere first"
    REFUSED = "it cannot be taken back"

    @property
    def forced(self) -> bool:
        """Return whether the caller can have it taken back all the same, which loses what somebody did since."""
        return self not in (Why.GONE, Why.PART_GONE, Why.FULL, Why.REFUSED)

    @property
    def of_made(self) -> bool:
        """Return whether the reason is about an object that the change created."""
        return self in (Why.EDITED, Why.FILLED, Why.FULL)


class Clash(msgspec.Struct, frozen=True):
    """A place that a revert leaves alone, and `why`; `wanted` is the value before the change, `now` the present one. `words` say
    why more exactly."""

    path: str
    part: str
    wanted: Any
    now: Any
    why: Why
    words: str = ""

    @property
    def reason(self) -> str:
        """Return in words why the place cannot be taken back: `words`, else what `why` says."""
        return self.words or self.why.value


class Merged(msgspec.Struct, frozen=True):
    """The document of an object without the change, the places that are taken back, and those that somebody has edited since."""

    doc: Doc
    taken: tuple[str, ...]
    clashes: tuple[Clash, ...]


def taken_back(kind: str, before: Doc, after: Doc, now: Doc, *, theirs: bool = False) -> Merged:
    """Return *now* without the change from *before* to *after*; with *theirs* also at places that somebody has edited since."""
    doc, taken, clashes = copy.deepcopy(now), list[str](), list[Clash]()
    for edit in sorted(edits(kind, before, after), key=lambda one: one.kind == PLACED):
        if _holds_kept(edit, clashes):
            continue
        clash = _take_back(doc, edit, theirs=theirs)
        if clash is None:
            taken.append(edit.path)
        elif not (edit.kind == PLACED and _is_told(edit, clashes)):
            clashes.append(clash)
    _order_rows(kind, before, after, now, doc)
    return Merged(doc, tuple(taken), tuple(clashes))


def _order_rows(kind: str, before: Doc, after: Doc, now: Doc, doc: Doc) -> None:
    """Let the rows of each list stand as before the change, unless somebody has put them in another order since."""
    for collection in WRITES[kind].collections:
        old, new, there = (
            [row_key(collection, row) for row in one.fields.get(collection.field) or ()] for one in (before, after, now)
        )
        order = _order(old, new, there) if old else None
        rows = {row_key(collection, row): row for row in doc.fields.get(collection.field) or ()}
        if order is not None and rows:
            doc.fields[collection.field] = [rows[one] for one in dict.fromkeys((*order, *rows)) if one in rows]


def _is_told(edit: Edit, clashes: list[Clash]) -> bool:
    return any(clash.part == (edit.parts[-1] if edit.parts else "") and clash.why is Why.PART_GONE for clash in clashes)


def _holds_kept(edit: Edit, clashes: list[Clash]) -> bool:
    """Return whether an edit gave a place to a tile that stays, for somebody has edited it: without one nobody would see it."""
    tile = edit.new.fields.get(_HELD) if edit.kind == PLACED and not edit.keys and isinstance(edit.new, Doc) else None
    return tile is not None and any(clash.path.endswith(f"[{tile}]") and clash.now is not None for clash in clashes)


def _take_back(doc: Doc, edit: Edit, *, theirs: bool) -> Clash | None:
    if not edit.keys:
        return _part(doc, edit, theirs=theirs)
    holder = _at(doc, edit)
    if holder is None:
        return _clash(edit, None, Why.PART_GONE)
    if edit.is_row:
        return _row(holder, edit, theirs=theirs)
    now = _value(holder.fields, edit.keys)
    order = _order(edit.old or [], edit.new or [], now or []) if _is_order(edit) else None
    if order is not None or _equal(edit, now, edit.new) or theirs:
        holder.fields = _with(holder.fields, edit.keys, edit.old if order is None else order)
        return None
    return None if _equal(edit, now, edit.old) else _clash(edit, now, Why.EDITED_SINCE)


def _at(doc: Doc, edit: Edit, *, above: bool = False) -> Doc | None:
    """Return the part that an edit is in, or the one *above* that."""
    found: Doc | None = doc
    for kind, key in edit.steps[:-1] if above else edit.steps:
        found = found.children.get(kind, {}).get(key) if found is not None else None
    return None if found is None or (found is not doc and found.trashed) else found


def _part(doc: Doc, edit: Edit, *, theirs: bool) -> Clash | None:
    """Take out a part that the change added, or put back one that it removed."""
    holder, (kind, key) = _at(doc, edit, above=True), edit.steps[-1]
    if holder is None:
        return None if edit.old is None else _clash(edit, None, Why.PART_GONE)
    there = holder.children.setdefault(kind, {})
    now = there.get(key)
    if edit.old is not None:
        if now is None or now.trashed:
            there[key] = copy.deepcopy(edit.old)
        return None
    edited = [] if now is None else list(edits(kind, edit.new, now))
    if edited and not theirs:
        words = f"{Why.EDITED_SINCE.value} ({', '.join(inner.path for inner in edited[:3])})"
        return _clash(edit, now.fields if now else None, Why.EDITED_SINCE, words)
    there.pop(key, None)
    return None


def _row(holder: Doc, edit: Edit, *, theirs: bool) -> Clash | None:
    """Take out a row of a list that the change added, put back one that it took out, or what one said."""
    collection = next(one for one in WRITES[edit.kind].collections if one.field == edit.field)
    key = row_key(collection, edit.new if edit.new is not None else edit.old)
    rows = list(holder.fields.get(edit.field) or ())
    at = next((at for at, row in enumerate(rows) if row_key(collection, row) == key), None)
    now = None if at is None else rows[at]
    if exact(now) == exact(edit.old):
        return None
    if exact(now) != exact(edit.new) and not theirs:
        return _clash(edit, now, Why.EDITED_SINCE)
    rows = [row for row in rows if row_key(collection, row) != key]
    if edit.old is not None:
        rows.insert(len(rows) if at is None else at, edit.old)
    holder.fields[edit.field] = rows
    return None


def _is_order(edit: Edit) -> bool:
    return len(edit.keys) == 1 and any(child.order == edit.field for child in WRITES[edit.kind].children)


def _order(old: list[Any], new: list[Any], now: list[Any]) -> list[Any] | None:
    """Return the *old* order with what people have added since where they put it, and without what they took out; None where they
    have changed the order itself."""
    if [one for one in now if one in new] != [one for one in new if one in now]:
        return None
    found = [one for one in old if one in now or one not in new]
    for at, one in enumerate(now):
        if one not in old and one not in new:
            before = next((other for other in reversed(now[:at]) if other in found), None)
            found.insert(0 if before is None else found.index(before) + 1, one)
    return found


def _clash(edit: Edit, now: Any, why: Why, words: str = "") -> Clash:
    wanted = edit.old.fields if isinstance(edit.old, Doc) else edit.old
    return Clash(edit.path, edit.parts[-1] if edit.parts else "", wanted, now, why, words)


def _equal(edit: Edit, one: Any, other: Any) -> bool:
    return same(edit.kind, edit.field, one, other) if len(edit.keys) == 1 else exact(one) == exact(other)


def _value(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.startswith("[") and int(key[1:-1]) < len(value):
            value = value[int(key[1:-1])]
        else:
            return None
    return value


def _with(value: Any, keys: tuple[str, ...], new: Any) -> Any:
    """Return *value* with *new* where *keys* lead; what is not there any more stays so."""
    if not keys:
        return new
    head, rest = keys[0], keys[1:]
    if head.startswith("[") and isinstance(value, list):
        at = int(head[1:-1])
        return [_with(row, rest, new) if place == at else row for place, row in enumerate(value)]
    inner = _with((value or {}).get(head), rest, new)
    found = {**(value or {}), head: inner}
    return {key: one for key, one in found.items() if key != head} if inner is None and rest == () and value else found


def payload_of(kind: str, doc: Doc, now: Any, now_doc: Doc, before: Any) -> Any:
    """Return the payload *now*, whose document is *now_doc*, changed so that its document is *doc*.

    *before* is the payload before the change: nested objects that are missing in *now* come from it."""
    found = now
    for field, value in doc.fields.items():
        if not same(kind, field, value, now_doc.fields.get(field)):
            found = put(kind, field, found, before, value)
    for field in now_doc.fields.keys() - doc.fields.keys():
        found = put(kind, field, found, before, None)
    for child in WRITES[kind].children:
        wanted, there = doc.children.get(child.content_type, {}), now_doc.children.get(child.content_type, {})
        rows = {str(row["id"]): row for row in (now.get(child.field) or ())}
        known = {str(row["id"]): row for row in ((before or {}).get(child.field) or ())}
        kept = [
            _nested(child.content_type, one, rows.get(key), there.get(key), known.get(key))
            for key, one in wanted.items()
        ]
        found = {**found, child.field: kept}
    return found


def _nested(kind: str, doc: Doc, now: Any, now_doc: Doc | None, before: Any) -> Any:
    if now is None or now_doc is None or (now_doc.trashed and not doc.trashed and before is not None):
        return before
    return payload_of(kind, doc, now, now_doc, before)
