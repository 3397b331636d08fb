"""Which live object is which by what it is called, where no number tells: on another instance, or after a create whose answer was
lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from lookervault_core.catalog import WRITES, NaturalKey, WriteFacts
from lookervault_core.diff.difference import NEW, Rules, mapped
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.plan import Wanted
from lookervault_core.diff.references import Resolve
from lookervault_core.families.delivery.switched_off import list_on_content
from lookervault_core.families.identities import identity_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.lost_creates import is_like_new
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.assignment import Pairing
from lookervault_core.restore.identity.finding import in_full, looked_up
from lookervault_core.restore.identity.natural_keys import as_mark, lasting_names, naming_fields
from lookervault_core.restore.live import Live

_ABOUT = timedelta(hours=1)


class Namesakes:
    """Finds live objects by their natural keys. Safe for any number of threads.

    *resolve* gives the destination's ids in names; *fixed* tells of a type whether its numbers are the same everywhere, *by_number*
    the live id of an item that need not be looked for, *mapped_ids* which live ids of a type stand for an item already. `orphans`
    are items whose create may have been sent by an earlier attempt or an earlier restore: for them even a key that is not unique
    counts, but for what was there before that, or was made at another time than it was `sent_at`.
    """

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
        """Return the live id of what an item is, and by which of its names it was found. What is switched off may be in no listing:
        on another instance it is asked for where nothing else is found."""
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
            candidates = [one for one in candidates if not self._is_another(key, natural, one, payload)]
            live_id = self.claim(key, [one for one in candidates if here or self._pairing.allows(key, one)])
            if live_id is not None:
                return live_id, natural
        return None

    def claim(self, key: ContentKey, candidates: list[str]) -> str | None:
        """Take the first candidate that stands for no other item: names may be given twice."""
        with self._lock:
            for live_id in candidates:
                if self._claimed.setdefault((key.content_type, live_id), key) == key:
                    return live_id
        return None

    def of(self, wanted: Wanted) -> set[ContentKey]:
        """Return the live objects that are like one which is to be made: a search for what its create made must not take them."""
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
        """Return the live objects that may be what *key* stands for; a lost create made none of those that were there before, and
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
        """Index the live objects that no item of the backup stands for already, the default first and trash last. What Looker keeps
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
