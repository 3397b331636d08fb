"""Find what people have changed since a restore: fields with values that the restore never sent, and things that people added to
an object. An undo of the restore leaves such fields, and such objects if the restore made them.

If somebody sets a field to the very value that the restore had given it, nothing shows that."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from lookervault_core.catalog import CATALOG, PARTS, WORK, WRITES, Ref
from lookervault_core.diff.difference import ORDERS, SIBLINGS, Difference, Row
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import alike
from lookervault_core.diff.documents.references import find
from lookervault_core.diff.rows import KEPT, row_key
from lookervault_core.families.access_lists.since import ACCESSES, Access, lists_of_others, seen_otherwise
from lookervault_core.families.dashboards.emptied import shown_in
from lookervault_core.families.dashboards.listening import FILTERS, WIRED, relied_on
from lookervault_core.families.dashboards.shape import PLACE, SOURCES, with_sources
from lookervault_core.families.delivery.hanging import hung_on
from lookervault_core.families.groups.nesting import fills_itself, nested_into
from lookervault_core.families.held import held_in
from lookervault_core.families.rows_since import is_as_left
from lookervault_core.families.rows_written import ListWrite
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup, body_of
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.restore.undoing.by_journal import (
    Made,
    MadeFrom,
    nested,
    sent_by,
)
from lookervault_core.values import is_blank
from lookervault_core.vault.restoring import journal

_Sent = Mapping[str, list[Any]]


class EditedSince:
    """Finds the edits in live objects as an undo found them before its first write: the undo's own writes are no edits.

    *sent* has by live object all values that the restore sent for each field, *sent_back* those of earlier undos of it. *unsure*
    objects are left out: the restore, or an earlier undo, could not prove them, so that Looker may have taken other values;
    *unproven* are those that the restore itself could not prove, *unanswered* the types of objects that either may have made under
    unknown ids. *made* are the nested objects and rows that the restore made, *made_from* gives the documents that they were made
    from, *rows* the restore's writes to each list. *lists* are the access lists that it made or filled, as it left them; *untold*
    those of them about which nobody knows what Looker copied into them. Objects that *later* restores wrote are not called edited.

    `kept` are the nested objects that people have edited, `held` the whole objects that they have worked on since the plan.
    """

    def __init__(
        self,
        sent: Mapping[ContentKey, _Sent] | None = None,
        unsure: Container[ContentKey] | None = None,
        *,
        unproven: Container[ContentKey] | None = (),
        unanswered: Container[str] = (),
        made: Container[Row] = (),
        rows: Mapping[ContentKey, Sequence[ListWrite]] | None = None,
        made_from: MadeFrom | None = None,
        sent_back: Mapping[ContentKey, _Sent] | None = None,
        lists: Mapping[str, Access] | None = None,
        untold: Container[str] = (),
        later: Collection[ContentKey] = (),
    ) -> None:
        self._sent, self._sent_back = sent or {}, sent_back or {}
        self._unsure = unsure
        self._unproven, self._unanswered, self._rows = unproven, unanswered, rows or {}
        self._made, self._made_from = made, made_from
        self._marked: dict[ContentKey, frozenset[str]] = {}
        self.lists = {one: seen for one, seen in (lists or {}).items() if not self.is_unsure(ContentKey(ACCESSES, one))}
        self.untold, self._later = untold, later
        self._sending: Mapping[ContentKey, _Sent] = {}
        self.takes_rows = False
        self._edited: dict[ContentKey, frozenset[str]] = {}
        self._settled = False
        self.kept: set[Row] = set()
        self.held: set[ContentKey] = set()

    def settle(self) -> None:
        """Look no more for edits: the undo begins to write, so what changes from now on is its own."""
        self._settled = True

    def sends(self, sent: Mapping[ContentKey, _Sent], *, takes_rows: bool) -> None:
        """Note the values that the undo itself has *sent* so far: these are no edits. *takes_rows* says that it removes rows from
        access lists, which Looker then removes from the lists below too."""
        self._sending, self.takes_rows = sent, takes_rows

    def fields(self, tree: Difference) -> Mapping[ContentKey, frozenset[str]]:
        """Return by live object, for an item and all that is nested in it, the fields that people have edited."""
        if not self._settled:
            parts = {ContentKey(one.content_type, one.live.id): one for one in tree.walk() if one.live is not None}
            unsure = self._unsure is None or any(key in self._unsure for key in parts)
            for key, part in parts.items():
                found = frozenset() if unsure else frozenset(self._of(key, part.live))
                self._edited[key] = found | self._marked.get(key, frozenset())
        return self._edited

    def mark(self, key: ContentKey, fields: Iterable[str]) -> None:
        """Note the *fields* of an object that people have edited; all of them go together."""
        if not self._settled:
            self._marked[key] = self._edited[key] = frozenset(fields)

    def name_added(self, tree: Difference) -> None:
        """Enter in each difference of a tree, as `added`, the nested objects that people have added to its object since the
        restore.

        That is in objects that existed before the restore, nested objects that neither existed then nor were made or written by
        the restore or an earlier undo of it."""
        parts = list(tree.walk())
        if self._unsure is None or any(ContentKey(one.content_type, one.source.id) in self._unsure for one in parts):
            return
        known: set[Row] = {(kind, doc.id) for one in parts for kind, doc in (*one.extras, *one.kept)}
        known |= {(one.content_type, one.live.id) for one in parts if one.live is not None}
        known |= {_row(key) for key, _ in nested(tree.source)}
        for one in parts:
            inside = one.live.children.items() if one.live is not None else ()
            one.added = [
                (kind, doc)
                for kind, docs in inside
                for doc in docs.values()
                if not (doc.trashed or (kind, doc.id) in known) and self.is_new(ContentKey(kind, doc.id))
            ]

    def is_new(self, part: ContentKey) -> bool:
        """Return whether no restore has made or written a nested object."""
        written = any(part in one for one in (self._later, self._sent, self._sent_back, self._sending))
        ours = written or _row(part) in self._made
        return part.content_type in _ADDED and part.content_type not in self._unanswered and not ours

    def is_unsure(self, key: ContentKey) -> bool:
        """Return whether the restore could not prove its writes to a list."""
        return self._unproven is None or key in self._unproven

    def note(self, key: ContentKey, payload: bytes | None, before: Backup) -> None:
        """Find the nested objects that the restore made in a live object from *before* it, and note in `kept` those that stay.

        These are the ones that people have edited, put something into, or connected a tile to; the note also keeps them linked to
        the object."""
        if self._settled or not payload:
            return
        if WRITES[key.content_type].copying and key not in (self._unsure or ()):  # also where it is as before again
            doc = document(key.content_type, decode(payload), key.id)
            self._edited[key] = frozenset(self._of(key, doc))
        if not WRITES[key.content_type].children:
            return
        live = document(key.content_type, decode(payload), key.id)
        made = {part: doc for part, doc in nested(live) if _row(part) in self._made}
        sources = self._sources(key) if made else {}
        edited = {_row(part) for part, doc in made.items() if self._is_edited(part, doc, sources.get(part))}
        edited |= {
            _row(at) for at, part in held_in(live) if at in made and (_row(part) in edited or self._is_theirs(part, at))
        }
        if any(one.content_type == FILTERS for one in made) and (was := before.readable(key.content_type, key.id)):
            stood = document(key.content_type, was, key.id)
            edited |= {_row(one) for one in relied_on(live, stood, made, self._wired)}
        self.kept.update(edited, ((*row, key.id) for row in edited))

    def keep(self, rows: Iterable[Row]) -> None:
        """Note nested objects (type, id, owner) that the restore made and that people have since moved to another object."""
        if not self._settled:
            self.kept.update(row for row in rows if row in self._made)

    def has_edited(self, key: ContentKey, payload: bytes) -> bool:
        """Return whether people have edited an object that the restore made, or a nested object in it, or have added or removed
        one.

        A nested object that the restore neither made nor moved there was added by people; except tabs, which come with a
        dashboard."""
        live = document(key.content_type, decode(payload), key.id)
        parts, sources = dict(nested(live)), self._sources(key)
        if any(part.content_type in WORK and _row(part) not in self._made and part not in self._sent for part in parts):
            return True
        if any(part.content_type in WORK and _row(part) in self._made and part not in parts for part in sources):
            return True
        return any(self._is_edited(one, doc, sources.get(one)) for one, doc in {key: live, **parts}.items())

    def why(self, key: ContentKey, doc: Doc) -> Stays:
        """Return why an object stays that differs from what the restore made: people edited it, or a later restore wrote to it or
        to a part of it."""
        parts = {key, *(ContentKey(name, key.id) for name in _LISTS), *(part for part, _ in nested(doc))}
        return Stays.WORKED_ON if parts.isdisjoint(self._later) else Stays.RESTORED

    def has_added(self, rows: Iterable[tuple[Row, Any]]) -> bool:
        """Return whether any of *rows*, in the lists of an object that the restore made, was added or changed since."""
        return any(row not in self._made or self._is_changed(row, now) for row, now in rows)

    def put_in(self, key: ContentKey) -> Iterator[Row]:
        """Yield the rows that the restore put into the lists of an object that it made."""
        for part in _LISTS:
            of_list = ContentKey(part, key.id)
            if CATALOG[part].targets_from != key.content_type or self.is_unsure(of_list):
                continue
            writes = self._rows.get(of_list, ())
            told = dict.fromkeys(row for write in writes for row in write.rows)
            yield from ((part, key.id, *row) for row in told if is_as_left(part, row, None, writes) is False)

    def _is_changed(self, row: Row, now: Any) -> bool:
        """Return whether a row that the restore made is not as it left it; *now* is what it is."""
        kind, owner, *key = row
        of_list = ContentKey(kind, owner)
        return not self.is_unsure(of_list) and is_as_left(kind, (*key,), now, self._rows.get(of_list, ())) is False

    def _sources(self, key: ContentKey) -> Mapping[ContentKey, Doc]:
        return self._made_from.docs(key) if self._made_from is not None else {}

    def _wired(self, tile: ContentKey) -> Iterator[Any]:
        """Yield what the restore, or an undo of it, has let a tile listen to."""
        yield from (one for sent in (self._sent, self._sent_back) for one in sent.get(tile, {}).get(WIRED, ()))

    def _is_theirs(self, part: ContentKey, at: ContentKey) -> bool:
        """Return whether people have put a nested object into *at*: the restore has neither made it nor moved it there."""
        refs = [ref.field for ref in WRITES[part.content_type].references if ref.to == at.content_type]
        sent = (str(one) for field in refs for one in self._sent.get(part, {}).get(field, ()))
        return _row(part) not in self._made and at.id not in sent

    def _is_edited(self, key: ContentKey, live: Doc, source: Doc | None) -> bool:
        """Return whether people have edited one object that the restore made: it shows a value that nobody sent, or a text where
        the backup had none."""
        if key in (self._unsure or ()) or key.content_type == PLACE:
            return False
        sent, since = self._sent.get(key, {}), {*self._sent_back.get(key, ()), *self._sending.get(key, ())}
        blank = {field for field, value in source.fields.items() if is_blank(value)} if source is not None else set()
        texts = blank.intersection(WRITES[key.content_type].writable) - sent.keys() - since
        edited = set(self._of(key, live)) - since
        return bool(edited) or any(isinstance(live.fields.get(one), str) and live.fields[one] for one in texts)

    def _of(self, key: ContentKey, live: Doc | None) -> Iterator[str]:
        rows = {
            collection.field for collection in WRITES[key.content_type].collections
        } - ORDERS.keys()  # told row by row
        back = self._sent_back.get(key, {})
        for field, sent in self._sent.get(key, {}).items():
            if live is None or field in rows or field not in (shown := with_sources(live)):
                continue
            sent = [*sent, *back.get(field, ())]
            if field in ORDERS:
                if not any(_is_in_order(one, shown[field]) for one in sent):
                    yield field
            elif not any(
                alike(key.content_type, field, one, shown[field]) or _is_choice_of(key, one, live) for one in sent
            ):
                yield from SOURCES if field in SOURCES | _BY_ID else (field,)


# What people add to an object; the places of tiles come with these.
_ADDED = SIBLINGS - {PLACE}
_BY_ID = frozenset({"query_id", "merge_result_id"})


def _is_in_order(sent: Any, shown: Any) -> bool:
    """Return whether what an order shows of what was sent has the order that it was sent in; who came or went has moved nothing."""
    ours, now = ([str(one) for one in order or ()] for order in (sent, shown))
    return [one for one in ours if one in now] == [one for one in now if one in ours]


def _is_choice_of(key: ContentKey, sent: Any, live: Doc) -> bool:
    """Return whether what a default was set to, which some calls take by its name, is what is chosen."""
    return not WRITES[key.content_type].writable and CATALOG[key.content_type].is_chosen and sent == live.name


def _row(key: ContentKey) -> Row:
    return key.content_type, key.id


class Stays(Enum):
    """Why an object stays although the restore that made it is taken back. The value is for people."""

    WORKED_ON = KEPT
    RESTORED = "a later restore has written to it: take that back first"
    NEEDED = "what people have worked on since needs it"


_LISTS = [name for name in PARTS if not WRITES[name].filled]
# Looker fills these lists by itself, from the folder above.
_FILLED = [name for name in PARTS if WRITES[name].filled]


def staying(
    edited: EditedSince, live: Live, before: Backup, made: Made, found: Mapping[ContentKey, bytes]
) -> dict[ContentKey, Stays]:
    """Return the objects of *found*, which a restore made, that its undo must leave, and why. *before* is the state before the
    restore."""
    ours = {key: body for key, body in found.items() if key in made.objects}
    docs = {key: document(key.content_type, decode(body), key.id) for key, body in ours.items()}
    inside = {part: key for key, doc in docs.items() for part, _ in nested(doc)}
    given = {key for key, *row in _given(live, before, ours, edited.untold) if edited.has_added([(row[0], row[1])])}
    theirs = given | hung_on(live, before, made.objects, {key: key for key in docs} | inside)
    theirs |= {look for look, tile in shown_in(live, before, ours) if edited.is_new(tile)}
    theirs |= {*seen_otherwise(live, ours, edited.lists, losing=edited.takes_rows), *edited.held}
    kept = {key for key in ours if key in theirs or edited.has_edited(key, ours[key]) or _has_more(edited, live, key)}
    reasons = {key: edited.why(key, docs[key]) for key in kept}
    new = kept
    while new:
        needs = {inside.get(one, one) for key in new for one in _named_in(key, docs[key])}
        new = {key for key in needs if key in ours and key not in reasons}
        reasons |= dict.fromkeys(new, Stays.NEEDED)
    return reasons


def worked_on_since(
    edited: EditedSince,
    live: Live,
    before: Backup,
    made: Made,
    keys: Iterable[ContentKey],
    own: Sequence[journal.Entry] = (),
) -> dict[ContentKey, Stays]:
    """Return those of *keys*, objects to be removed, that stay after all because people have worked on them since, and why.

    *live* must have read nothing yet. The undo's *own* writes do not count as work."""
    ids: dict[str, list[str]] = {}
    for key in keys:
        ids.setdefault(key.content_type, []).append(key.id)
    for name, some in ids.items():
        live.prefetch(name, some)
    bodies = {ContentKey(name, one): live.read(name, one) for name, some in ids.items() for one in some}
    edited.sends(
        sent_by(own), takes_rows=any(one.action == "DELETE" and one.key.content_type in _FILLED for one in own)
    )
    found = {key: body for key, body in bodies.items() if body is not None and not is_trashed(body)}
    return staying(edited, live, before, made, found)


def _has_more(edited: EditedSince, live: Live, key: ContentKey) -> bool:
    rows = dict(_rows_of(live, key))
    there = (row for row in edited.put_in(key) if all(live.exists(kind, one) for kind, one in _named_by_row(row)))
    return edited.has_added([*rows.items(), *((row, {}) for row in nested_into(live, key))]) or any(
        row not in rows for row in there
    )


def _named_by_row(row: Row) -> Iterator[tuple[str, str]]:
    """Yield what a row of a list names, by type and id; rows that are told apart by more than one id name nothing here."""
    refs = {ref.to for ref in WRITES[row[0]].references if ref.kind == "id"}
    yield from ((kind, row[2]) for kind in refs if len(row) == 3)


def _rows_of(live: Live, key: ContentKey) -> Iterator[tuple[Row, Any]]:
    """Yield the rows of all lists of an object, each with what it says."""
    for part in sorted(_LISTS):
        fields = _fields(live, part, key.id) if CATALOG[part].targets_from == key.content_type else {}
        for collection in WRITES[part].collections if fields else ():
            rows = fields.get(collection.field) or ()
            yield from (((part, key.id, *row_key(collection, row)), row) for row in rows)


def _given(
    live: Live, before: Backup, ours: Mapping[ContentKey, bytes], untold: Container[str]
) -> Iterator[tuple[ContentKey, Row, Any]]:
    """Yield which of *ours* stands in a row of a list that belongs to something else, with that row and what it says: a group that
    has a role or may see a folder, an attribute of which a user has a value. Lists that Looker keeps by itself, as that of all
    users, say nothing."""
    kinds = {key.content_type for key in ours}
    for part in (*_LISTS, *_FILLED):
        refs = [ref for ref in WRITES[part].references if ref.kind == "id" and ref.to in kinds]
        owners: list[str] = []
        if refs and part in _FILLED:  # of what Looker copied into it, it must be known
            owners = [one for one in lists_of_others(live, before, ours) if one not in untold]
        elif refs:
            owners = _open_owners(live, before, CATALOG[part].targets_from or "")
        live.prefetch(part, owners)
        for owner in owners:
            rows = _named_by_rows(refs, part, _fields(live, part, owner))
            yield from ((named, (part, owner, *key), row) for named, key, row in rows if named in ours)


def _open_owners(live: Live, before: Backup, content_type: str) -> list[str]:
    """Return the objects of a type whose lists people fill."""
    bodies = ((one, body_of(live, before, content_type, one)) for one in live.rows(content_type))
    return [one for one, body in bodies if body and not fills_itself(content_type, decode(body))]


def _named_by_rows(
    refs: Iterable[Ref], part: str, fields: Mapping[str, Any]
) -> Iterator[tuple[ContentKey, tuple[str, ...], Any]]:
    """Yield what each row of a list names, with what tells the row from the others, and the row."""
    collections = {one.field: one for one in WRITES[part].collections}
    for ref in refs:
        for row in fields.get(ref.field) or () if ref.field in collections else ():
            for named in find({ref.field: [row]}, (ref,)):
                yield ContentKey(named.content_type, named.id), row_key(collections[ref.field], row), row


def _fields(live: Live, part: str, owner: str) -> Mapping[str, Any]:
    body = live.read(part, owner)
    return document(part, decode(body), owner).fields if body else {}


def _named_in(key: ContentKey, doc: Doc) -> Iterator[ContentKey]:
    for part, one in ((key, doc), *nested(doc)):
        refs = [ref for ref in WRITES[part.content_type].references if ref.kind != "links"]
        yield from (ContentKey(named.content_type, named.id) for named in find(one.fields, refs))
