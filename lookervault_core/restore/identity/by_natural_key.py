"""Match live objects by their natural keys where ids say nothing: on another instance, or after a create whose answer was lost."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from msgspec import structs

from lookervault_core.catalog import CATALOG, WRITES, NaturalKey, WriteFacts
from lookervault_core.diff.difference import NEW, Difference, Rules, mapped
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.fields import alike
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.delivery.switched_off import list_on_content
from lookervault_core.families.identities import identity_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live, is_trashed
from lookervault_core.values import canonical


def naming_fields(content_type: str, payload: Any, facts: WriteFacts) -> dict[str, Any]:
    """Return the values of the fields in a type's natural keys."""
    names = {field for natural in facts.natural for field in natural.fields}
    fields = {**payload, **document(content_type, payload).fields}
    fields |= identity_of(content_type).names(payload, fields)
    return {name: fields.get(name) for name in names}


def as_mark(fields: Mapping[str, Any], names: tuple[str, ...]) -> bytes | None:
    """Return the values of the fields *names* as bytes that equal names share: a mark.

    None if the name is blank, or contains the id of an object still to be created."""
    values = {name: fields.get(name) for name in names}
    if (not values[names[-1]] and len(names) < 3) or NEW in values.values():
        return None
    return canonical(values)


def lasting_names(facts: WriteFacts) -> set[str]:
    """Return the fields of the lasting natural keys; an object that was just created may not have them yet."""
    return {field for natural in facts.natural if not natural.newborn for field in natural.fields}


def looked_up(live: Live, content_type: str, item_id: str, reason: str = "") -> Found | None:
    """Return a live object, trashed or not, or None if it is gone. *reason* is kept in it as the way in which it was found."""
    payload = live.get(content_type, item_id)
    if payload is None:  # it may have been made after the listing was read
        payload = live.read(content_type, item_id)
    return None if payload is None else Found(item_id, payload or None, is_trashed(payload), reason)


def in_full(live: Live, content_type: str, found: Found) -> Found:
    """Return *found* with the fields that a listing leaves out, read by id if they are needed to compare."""
    row = CATALOG[content_type]
    if row.search and found.payload and not all(map(decode(found.payload).get, row.full_keys)):
        return structs.replace(found, body=live.read(content_type, found.id) or found.payload)
    return found


def is_like_new(content_type: str, wanted: Mapping[str, Any], live: Doc) -> bool:
    """Return whether a create with the fields *wanted* can have made *live*: its fields are equal, it is in the state in which
    such objects are created, and nothing has been put into it yet."""
    facts = WRITES[content_type]
    shown = all(
        alike(content_type, field, wanted[field], live.fields.get(field)) for field in facts.shows if field in wanted
    )
    asleep = all(live.fields.get(field) == value for field, value in facts.born.items())
    others = {child.content_type for child in facts.children if child.is_linked or child.comes_with}
    inside = {kind for kind, docs in live.children.items() if docs} - others
    return shown and asleep and not inside


def sent(part: Difference) -> dict[str, Any]:
    """Return the fields with which a nested object is made: null where the backup has nothing."""
    return {field: part.changed.get(field) for field in part.source.fields if field not in part.lost}


class Pairing:
    """Pairs items with the live objects of another instance that have the same name, so that as many items as possible get one.

    *by_number* returns the live id of an item that need not be looked for by name; *marks* has the mark of an item for each of its
    names, and *index* the live ids of a type by mark, for each of its names. Safe for any number of threads.
    """

    def __init__(
        self,
        backup: Backup,
        by_number: Callable[[ContentKey], str | None],
        marks: Callable[[ContentKey, Any], list[bytes | None]],
        index: Callable[[str, int], Mapping[bytes, list[str]]],
    ) -> None:
        self._backup, self._by_number, self._marks, self._index = backup, by_number, marks, index
        self._pairs: dict[str, dict[str, str]] = {}
        self._lock = threading.RLock()  # what one is called may name another that is to be paired first

    def allows(self, key: ContentKey, live_id: str) -> bool:
        """Return whether an item may have a live object of its name, that is, whether no other item gets it instead."""
        natural = WRITES[key.content_type].natural
        owned = any(natural_key.ownerless for natural_key in natural)
        if len(natural) == 1 or not (owned or all(natural_key.unique for natural_key in natural)):
            return True
        with self._lock:
            if key.content_type not in self._pairs:
                pair = _best_names_first if owned else pairs
                self._pairs[key.content_type] = pair(dict(self._candidates(key.content_type)))
        return self._pairs[key.content_type].get(live_id, key.id) == key.id

    def _candidates(self, content_type: str) -> Iterator[tuple[str, list[list[str]]]]:
        for item_id in self._backup.rows(content_type):
            key, payload = ContentKey(content_type, item_id), self._backup.readable(content_type, item_id)
            if payload and self._by_number(key) is None:
                marks = enumerate(self._marks(key, payload))
                yield (
                    item_id,
                    [self._index(content_type, number).get(mark, []) if mark else [] for number, mark in marks],
                )


def _best_names_first(candidates: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, str]:
    """Return the item of each live id: first of all that have the same owner, then of the rest. *candidates* has for each item,
    name by name, who is called so; two that share one name share all that come after it."""
    taken: dict[str, str] = {}
    paired: set[str] = set()
    for called in zip(*candidates.values(), strict=True):
        for item, names in zip(candidates, called, strict=True):
            free = None if item in paired else next((name for name in names if name not in taken), None)
            if free is not None:
                taken[free] = item
                paired.add(item)
    return taken


def pairs(candidates: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, str]:
    """Return the item paired with each live id, so that as many items as possible get one.

    *candidates* has for each item, natural key by natural key, the live ids of that name. Each item gets its first free
    candidate, or one whose item can have another; items with a candidate by their first key go first."""
    taken: dict[str, str] = {}
    has: dict[str, str] = {}
    lasting: set[str] = set()  # no item that has one of these can do with another, now or later
    for item in sorted(candidates, key=lambda one: not candidates[one][0]):
        asked = _asked(item, candidates, taken, lasting)
        last = next(reversed(asked), None)
        if last is None or last in taken:
            lasting |= asked.keys()
            continue
        one: str | None = last
        while one is not None:  # each takes what it asked for, and leaves what it had to who asked for that
            who = asked[one]
            before = has.get(who)
            taken[one], has[who] = who, one
            one = before
    return taken


def _asked(
    item: str, candidates: Mapping[str, Sequence[Sequence[str]]], taken: Mapping[str, str], lasting: Container[str]
) -> dict[str, str]:
    """Return which item asks for each live id, up to the first that is free; then for what whoever has those could do with."""
    asked: dict[str, str] = {}
    waiting = deque([item])
    while waiting:
        who = waiting.popleft()
        for one in chain.from_iterable(candidates[who]):
            if one in asked or one in lasting:
                continue
            asked[one] = who
            if one not in taken:
                return asked
            waiting.append(taken[one])
    return asked


_ABOUT = timedelta(hours=1)


class Namesakes:
    """Finds live objects by their natural keys. Safe for any number of threads.

    *resolve* gives the destination's ids in names; *fixed* says whether a type's ids are the same on every Looker, *by_number*
    gives the live id of an item that is matched by id, *mapped_ids* the live ids of a type that match an item already. `orphans`
    are items whose create may have been sent by an earlier attempt or restore: for these even a key that is not unique counts,
    but not objects that existed before, or were created at another time than `sent_at`."""

    def __init__(
        self,
        live: Live,
        backup: Backup,
        rules: Rules,
        resolve: Resolve,
        *,
        fixed: Callable[[str], bool],
        by_number: Callable[[ContentKey], str | None],
        mapped_ids: Callable[[str], set[str]],
        leading: Resolve,
    ) -> None:
        self._live, self._backup, self._rules, self._resolve = live, backup, rules, resolve
        self._fixed, self._mapped_ids, self._leading = fixed, mapped_ids, leading
        self.orphans: dict[ContentKey, set[ContentKey]] = {}
        self.sent_at: dict[ContentKey, datetime] = {}
        self._pairing = Pairing(backup, by_number, self._marks, self._index)
        self._indexes: dict[tuple[str, int], dict[bytes, list[str]]] = {}
        self._claimed: dict[tuple[str, str], ContentKey] = {}
        self._lock = threading.RLock()

    def find(self, key: ContentKey, payload: Any) -> tuple[str, NaturalKey] | None:
        """Return the live id of the object that has an item's name, and the natural key by which it was found; None if there is
        none.

        An object that is switched off may be in no listing: on another instance it is asked for if nothing else was found."""
        if key in self.orphans:
            self._list_switched_off(key.content_type, payload)
        found = self._named(key, payload)
        if found is None and not self._rules.same_instance and self._list_switched_off(key.content_type, payload):
            found = self._named(key, payload)
        return found

    def _named(self, key: ContentKey, payload: Any) -> tuple[str, NaturalKey] | None:
        here = self._rules.same_instance
        names = zip(WRITES[key.content_type].natural, self._marks(key, payload), strict=True)
        for number, (natural, mark) in enumerate(names):
            maybe = natural.newborn or (not natural.unique and here) or (natural.at_home and not here)
            if maybe and key not in self.orphans:
                continue
            candidates = self._candidates(key, number, mark, payload) if mark else []
            candidates = [
                candidate for candidate in candidates if not self._is_another(key, natural, candidate, payload)
            ]
            live_id = self.claim(
                key, [candidate for candidate in candidates if here or self._pairing.allows(key, candidate)]
            )
            if live_id is not None:
                return live_id, natural
        return None

    def claim(self, key: ContentKey, candidates: list[str]) -> str | None:
        """Take the first candidate that matches no other item: names may be given twice."""
        with self._lock:
            for live_id in candidates:
                if self._claimed.setdefault((key.content_type, live_id), key) == key:
                    return live_id
        return None

    def of(self, wanted: Wanted) -> set[ContentKey]:
        """Return the live objects with a name of *wanted* that exist before it is created: a later search for a lost create must
        not take them for the new one."""
        name = wanted.key.content_type
        self._list_switched_off(name, wanted.decoded)
        return {
            ContentKey(name, one)
            for number, mark in enumerate(self._marks(wanted.key, wanted.decoded))
            if mark is not None
            for one in self._index(name, number).get(mark, [])
        }

    def _list_switched_off(self, content_type: str, payload: Any) -> bool:
        found = list_on_content(self._live, content_type, payload, self._resolve)
        if found:
            self.forget_index(content_type)
        return found

    def forget_index(self, content_type: str) -> None:
        """Drop the natural keys of a type, because its live side is read anew."""
        with self._lock:
            self._indexes = {key: value for key, value in self._indexes.items() if key[0] != content_type}

    def _marks(self, key: ContentKey, payload: Any) -> list[bytes | None]:
        """Return the mark of an item for each natural key of its type."""
        name, facts = key.content_type, WRITES[key.content_type]
        fields = mapped(name, naming_fields(name, payload, facts), self._known_or_new, self._rules, self._leading)
        return [as_mark(fields, natural.fields) for natural in facts.natural]

    def _known_or_new(self, content_type: str, item_id: str) -> str | None:
        """Resolve a reference in a name. On another instance the number of what is not there is the number of something else."""
        here = self._rules.same_instance or self._fixed(content_type)
        return self._resolve(content_type, item_id) or (None if here else NEW)

    def _candidates(self, key: ContentKey, number: int, mark: bytes, payload: Any) -> list[str]:
        """Return the live objects that may be what matches *key*; a lost create made none of those that were there before, and
        none that is other than what it asked for."""
        found = self._index(key.content_type, number).get(mark, [])
        if key not in self.orphans:
            return found
        there_before, sent_at = self.orphans[key], self.sent_at.get(key)
        new = [one for one in found if ContentKey(key.content_type, one) not in there_before]
        new = [one for one in new if sent_at is None or self._was_made_about(key.content_type, one, sent_at)]
        return [one for one in new if self._is_like_new(key, WRITES[key.content_type].natural[number], one, payload)]

    def _is_another(self, key: ContentKey, natural: NaturalKey, live_id: str, payload: Any) -> bool:
        """Return whether a live object of the same name is known to be another one."""
        ours = payload.get(natural.unless) if natural.unless else None
        body = self._live.get(key.content_type, live_id) if ours else None
        theirs = decode(body).get(natural.unless) if body else None
        return bool(theirs) and str(theirs) != str(ours)

    def _was_made_about(self, content_type: str, live_id: str, time: datetime) -> bool:
        """Return whether a live object was made about *time*, as far as it says when; nobody's clocks need agree to the minute."""
        body = self._live.get(content_type, live_id)
        made_at = decode(body).get("created_at") if body else None
        try:
            return made_at is None or abs(datetime.fromisoformat(made_at) - time) < _ABOUT
        except (TypeError, ValueError):
            return True

    def _is_like_new(self, key: ContentKey, natural: NaturalKey, live_id: str, payload: Any) -> bool:
        name, facts = key.content_type, WRITES[key.content_type]
        found = looked_up(self._live, name, live_id)
        if found is None or not found.payload:
            return False
        theirs = decode(in_full(self._live, name, found).payload or b"null")
        if natural.newborn and any(naming_fields(name, theirs, facts)[one] for one in lasting_names(facts)):
            return False
        allowed = self._rules.learned.takes(name)
        ours = document(name, payload).fields
        ours = {field: ours[field] for field in facts.shows if field in ours and _is_taken(facts, field, allowed)}
        return is_like_new(name, mapped(name, ours, self._resolve, self._rules, self._leading), document(name, theirs))

    def _index(self, content_type: str, number: int) -> dict[bytes, list[str]]:
        with self._lock:
            if (content_type, number) not in self._indexes:
                self._indexes[content_type, number] = self._make_index(content_type, number)
            return self._indexes[content_type, number]

    def _make_index(self, content_type: str, number: int) -> dict[bytes, list[str]]:
        """Index the live objects that match no item of the backup already, the default first and trash last. What Looker keeps
        for itself stands for nothing of another name or number."""
        natural = WRITES[content_type].natural[number]
        taken = self._mapped_ids(content_type)
        default = identity_of(content_type).preferred(self._live)
        standard = identity_of(content_type).standard(self._live)
        index: dict[bytes, list[str]] = {}
        for source in (self._live.rows(content_type), self._live.trash(content_type)):
            for item_id in sorted(source, key=lambda one: one != default):
                ours = self._rules.same_instance and self._backup.has(content_type, item_id)
                payload = None if ours or item_id in taken or item_id in standard else source[item_id]
                if not payload:
                    continue
                fields = naming_fields(content_type, decode(payload), WRITES[content_type])
                mark = as_mark(fields, natural.fields)
                if mark is not None and not self._is_owned(content_type, payload, natural):
                    index.setdefault(mark, []).append(item_id)
        return index

    def _is_owned(self, content_type: str, payload: bytes, natural: NaturalKey) -> bool:
        """Return whether an object of this instance has an owner, where *natural* is a key of those that have none."""
        field = self._rules.same_instance and natural.ownerless
        owners = [ref.to for ref in WRITES[content_type].references if field and ref.path == field]
        return any(self._live.exists(owner, str(decode(payload).get(field))) for owner in owners)


def _is_taken(facts: WriteFacts, field: str, allowed: frozenset[str] | None) -> bool:
    return allowed is None or field in allowed or field in facts.forced


def part_of(live: Live, resolve: Resolve, key: ContentKey) -> Found | None:
    """Return the live list that belongs to the owner of *key*; an empty one if the owner is still to be created."""
    owner = resolve(CATALOG[key.content_type].targets_from or "", key.id)
    if owner is None:
        return None
    if owner == NEW:
        return Found(NEW, b"[]")
    payload = live.read(key.content_type, owner)
    return Found(owner, payload if payload is not None else b"[]")
