"""Find objects by their names, by the texts in them and by the LookML fields that they use, from the index of a vault."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.errors import NotFound, UsageError
from lookervault_core.families.queries.uses import asking, each_text
from lookervault_core.history.documents import Documents, decoded
from lookervault_core.history.noting import STRANGE
from lookervault_core.history.words import folded, query, words
from lookervault_core.model import ContentKey
from lookervault_core.scanning import NAME, Hit, around, places
from lookervault_core.vault import Vault

FIELDS_ASKED = 500  # more fields than that are not one that somebody means
LONGEST = 1_000  # letters of what is searched for; SQLite compares with no pattern of many thousands
_AT_ONCE = 200  # so many hits are looked at before those are told first that have the very text

_FOUND = "SELECT i.content_type, i.id, v.name, v.version_id"
_OF_TYPES = "i.content_type IN (SELECT value FROM json_each(:names))"
_LIKE = "LIKE :like ESCAPE '!'"
# Letters beyond ASCII are folded by us, for SQLite folds none; the others it compares in any case.
_NAME_LIKE = "CASE WHEN v.name GLOB '*[^ -~]*' THEN folded(v.name) ELSE v.name END LIKE :folded ESCAPE '!'"
_NAMED = f"""{_FOUND} FROM snapshot_items s JOIN content_items i USING (item_id) JOIN content_versions v USING (version_id)
    WHERE s.snapshot_id = :snapshot AND {_OF_TYPES} AND {_NAME_LIKE} ORDER BY length(i.id), i.id"""
_SAID = f"""{_FOUND} FROM version_texts t CROSS JOIN content_versions v ON v.version_id = t.rowid
    CROSS JOIN content_items i USING (item_id)
    CROSS JOIN snapshot_items s ON s.snapshot_id = :snapshot AND s.item_id = v.item_id AND s.version_id = v.version_id
    WHERE version_texts MATCH :query AND {_OF_TYPES} ORDER BY t.rowid DESC"""
_ASKING = f"""{_FOUND} FROM content_items i JOIN snapshot_items s USING (item_id) JOIN content_versions v USING (version_id)
    WHERE s.snapshot_id = :snapshot AND {_OF_TYPES} AND i.item_id IN (SELECT value FROM json_each(:items))
    ORDER BY v.version_id DESC"""
_NAMED_EVER = f"""{_FOUND} FROM content_versions v JOIN content_items i USING (item_id)
    WHERE {_OF_TYPES} AND {_NAME_LIKE} ORDER BY v.version_id DESC"""
_SAID_EVER = f"""{_FOUND} FROM version_texts t CROSS JOIN content_versions v ON v.version_id = t.rowid
    CROSS JOIN content_items i USING (item_id) WHERE version_texts MATCH :query AND {_OF_TYPES} ORDER BY t.rowid DESC"""
_ASKING_EVER = f"""{_FOUND} FROM content_items i JOIN content_versions v USING (item_id)
    WHERE {_OF_TYPES} AND i.item_id IN (SELECT value FROM json_each(:items)) ORDER BY v.version_id DESC"""
_FIELDS = f"""SELECT field_id FROM fields JOIN explores USING (explore_id)
    WHERE model || '.' || explore || '.' || field {_LIKE} LIMIT :most"""
Row = tuple[str, str, str, int]  # type, id, name, version


class SearchRequest(msgspec.Struct, frozen=True):
    """What to search for, and where: types, one snapshot or the newest of each type, a limit. `history` adds objects that held the
    text in the past only, `inside` leaves out those with it in their name."""

    text: str
    names: tuple[str, ...]
    snapshot_id: int | None = None
    limit: int | None = None
    history: bool = False
    inside: bool = False


def search(vault: Vault, request: SearchRequest) -> list[Hit]:
    """Return the objects with the text in their name, then those with its words in a text, then those that use a LookML field of
    that name; last those that did so in the past. Objects not indexed yet are found by name alone: call `catch_up` first.

    Raises NotFound for an unknown snapshot, UsageError for a text of more than `LONGEST` letters."""
    if len(request.text) > LONGEST:
        raise UsageError(f"a text of {len(request.text):,} letters; say at most {LONGEST:,} of them")
    snapshots = _snapshots(vault, request)
    with vault.read() as db:
        searching = _Search(db, request)
        found = list(islice(searching.now(snapshots), request.limit))
        left = None if request.limit is None else request.limit - len(found)
        past = list(islice(searching.past(), left)) if request.history and left != 0 else []
    return [*found, *(_dated(vault, hit, version_id) for hit, version_id in past)]


def _snapshots(vault: Vault, request: SearchRequest) -> dict[int, list[str]]:
    """Return the snapshots to look into, each with its types."""
    if request.snapshot_id is not None:
        return {vault.snapshot(request.snapshot_id).snapshot_id: list(request.names)}
    with vault.read() as db:
        shown = dict(db.execute("SELECT content_type, snapshot_id FROM visible_snapshots"))
    found: dict[int, list[str]] = {}
    for name in request.names:
        if name in shown:
            found.setdefault(shown[name], []).append(name)
    return found


def _dated(vault: Vault, hit: Hit, version_id: int) -> Hit:
    """Return a hit of the past with the last snapshot that held the version."""
    with suppress(NotFound):
        for one in vault.history(ContentKey(hit.content_type, hit.id)):
            if one.version_id == version_id:
                return msgspec.structs.replace(hit, snapshot_id=one.last_snapshot_id)
    return hit


class _Search:
    """Looks one text up in the index, and says of what it found where the payload has it. Each object is found once."""

    def __init__(self, db: sqlite3.Connection, request: SearchRequest) -> None:
        self._db, self._documents = db, Documents(db)
        self._text, self._words = folded(request.text), words(request.text)
        self._names, self._asked_names = (
            list(request.names),
            [name for name in request.names if not CATALOG[name].is_part],
        )
        self._values = {"like": _like(request.text), "folded": _like(self._text), "query": query(request.text)}
        db.create_function("folded", 1, folded, deterministic=True)
        self._shown, self._inside = set[tuple[str, str]](), request.inside

    def now(self, snapshots: dict[int, list[str]]) -> Iterator[Hit]:
        """Yield what snapshots have, each with its types."""
        named = {at: [name for name in names if name in self._asked_names] for at, names in snapshots.items()}
        for row in sorted(self._in_each(_NAMED, named), key=lambda row: self._names.index(row[0])):
            hits = list(self._named(row))
            yield from () if self._inside else hits
        if self._words:
            yield from self._told(self._in_each(_SAID, snapshots), said=True)
        if items := self._asking():
            yield from self._told(self._in_each(_ASKING, snapshots, items=items), said=False)

    def past(self) -> Iterator[tuple[Hit, int]]:
        """Yield what was not found now, each with its last version that had the text."""
        for row in self._rows(_NAMED_EVER, self._asked_names):
            yield from ((hit, row[3]) for hit in self._named(row))
        said = self._rows(_SAID_EVER, self._names) if self._words else ()
        items = self._asking()
        asking = self._rows(_ASKING_EVER, self._names, items=items) if items else ()
        for row, by_words in (*((one, True) for one in said), *((one, False) for one in asking)):
            hit = self._place(row, said=by_words) if row[:2] not in self._shown else None
            if hit is not None:
                self._shown.add(row[:2])
                yield hit, row[3]

    def _in_each(self, statement: str, snapshots: dict[int, list[str]], **more: Any) -> Iterator[Row]:
        for snapshot_id, names in snapshots.items():
            yield from self._rows(statement, names, snapshot=snapshot_id, **more)

    def _rows(self, statement: str, names: Iterable[str], **more: Any) -> Iterator[Row]:
        return iter(self._db.execute(statement, {**self._values, "names": _json(list(names)), **more}))

    def _told(self, rows: Iterator[Row], *, said: bool) -> Iterator[Hit]:
        """Yield what the payloads of rows have, first what has the very text."""
        while some := list(islice(rows, _AT_ONCE)):
            fresh = [row for row in some if row[:2] not in self._shown]
            self._shown.update(row[:2] for row in fresh)
            hits = [hit for row in fresh if (hit := self._place(row, said=said)) is not None]
            yield from sorted(hits, key=lambda hit: self._text not in folded(hit.snippet))

    def _named(self, row: Row) -> Iterator[Hit]:
        if row[:2] not in self._shown:
            self._shown.add(row[:2])
            yield Hit(*row[:3], NAME, around(row[2], self._text, folded))

    def _place(self, row: Row, *, said: bool) -> Hit | None:
        """Return where the payload of a version has the text, or else a word of it: one that was *said* stands in what people
        wrote, any other in what is asked for. None if it has neither, or is damaged."""
        try:
            body = self._documents.payload(row[3])[1]
            payload, written = decoded(body), each_text(asking(body)) if said else {}
        except STRANGE:
            return None
        for wanted in dict.fromkeys((self._text, *self._words)):
            whole = wanted == self._text
            for path, text in places(payload, wanted, fold=folded, texts_only=True):
                if not said or (text in written and (whole or _has_word(text, wanted))):
                    return Hit(*row[:3], path, around(text, wanted, folded))
        return None

    def _asking(self) -> str:
        """Return the items that ask for a field called so, or did, as JSON; "" if nothing does."""
        rows = self._db.execute(_FIELDS, {**self._values, "most": FIELDS_ASKED}) if self._words else ()
        numbers = [str(field_id) for (field_id,) in rows]
        if not numbers:
            return ""
        asks = re.compile(f",(?:{'|'.join(numbers)}),").search
        found = self._db.execute("SELECT item_id, now || earlier FROM item_fields")
        return _json([item_id for item_id, asked in found if asks(asked)])


def _has_word(text: str, wanted: str) -> bool:
    return any(word.startswith(wanted) for word in words(text))


def _like(text: str) -> str:
    return "%" + re.sub("([%_!])", r"!\1", text) + "%"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
