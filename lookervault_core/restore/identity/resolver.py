"""Match items of the backup with live objects: by id on its own instance, else by the id map, else by owner, content or natural
key."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec import structs

from lookervault_core.catalog import (
    CATALOG,
    CONTENT,
    ETERNAL,
    NAMED,
    NAMED_PARTS,
    PARTS,
    WRITES,
    NaturalKey,
    access_types,
)
from lookervault_core.diff.difference import NEW, Difference, Rules, mapped, parts_matched
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.references import Resolve, find
from lookervault_core.diff.known import Answers, FromIds
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.diff.planning.step import PlanOptions, difference_of
from lookervault_core.diff.wording.naming import kinds_needed
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.dashboards.tiles import Tiles
from lookervault_core.families.identities import identity_of
from lookervault_core.families.queries.unwritten import UNWRITTEN, Unwritten
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.by_natural_key import Namesakes, in_full, looked_up, naming_fields, part_of
from lookervault_core.restore.identity.changed_ids import Gone, Moved, refs_of
from lookervault_core.restore.live import Live

_ABOUT = timedelta(hours=1)


class Destination:
    """Answers `find` and `resolve` for one restore. Safe for any number of threads.

    `there_before` are live objects like the items to create, from before this restore. `alike` are items, and objects nested in
        them, that match an object equal to them in every field.
    """

    def __init__(self, live: Live, backup: Backup, id_map: Mapping[ContentKey, str], rules: Rules) -> None:
        self.live = live
        self.backup = backup
        self.rules = rules
        self.leading: Resolve = self.renamed
        self.answers: Answers = FromIds(self.resolve, self.renamed, lambda _: False)
        self.there_before: set[ContentKey] = set()
        self.alike: set[ContentKey] = set()
        self.moved = Moved(backup)
        self.pending = self.moved.pending
        self.tiles = Tiles(live, backup)
        self.gone = Gone(live, backup, self.tiles, self.resolve)
        self._before = id_map
        self._map = dict(id_map)
        for key, one in self._map.items():
            if key.id != one:
                self.moved.add(key)
        self._known: dict[ContentKey, str] = {}
        self._unlisted: dict[ContentKey, bool] = {}
        self.namesakes = Namesakes(
            live,
            backup,
            rules,
            self.resolve,
            fixed=lambda name: name in ETERNAL or name in NAMED,
            by_number=self._by_number,
            mapped_ids=self.mapped_ids,
            leading=lambda *key: self.leading(*key),
        )
        self._unwritten = Unwritten(live, backup)
        self._here = threading.local()
        self._lock = threading.RLock()

    def renamed(self, content_type: str, item_id: str) -> str | None:
        """Return the destination's id of an object if the id map or this run has it, else None; makes no call."""
        key = ContentKey(content_type, item_id)
        return self._written_down(key) or self._known.get(key)

    def met(self, key: ContentKey) -> str | None:
        """Return the id of the live object that this run has found or created for an item; unlike the id map's, it exists."""
        return self._known.get(key)

    def remember(self, key: ContentKey, destination_id: str, *, lasting: bool = True) -> None:
        """Note the id of an object that was made or found; *lasting* if the id map has it too."""
        with self._lock:
            self._known[key] = destination_id
            if key.id != destination_id:
                self.moved.add(key)
            if lasting:
                self._map[key] = destination_id
            self.pending.discard(key)

    def remember_parts(self, difference: Difference) -> None:
        """Note the live ids of the nested objects that match those of the backup."""
        for key, live_id in parts_matched(difference, self.rules):
            self.remember(key, live_id, lasting=False)

    def outgrown(self, key: ContentKey) -> list[str]:
        """Return the earlier ids of an item that restores have recreated: a backup of that time has it under one of them.

        Empty on another instance, whose ids no backup of ours has."""
        if not self.rules.same_instance or key.content_type in ETERNAL:
            return []
        return [step for step in self._steps(key, self._before) if step != key.id]

    def resolve(self, content_type: str, item_id: str) -> str | None:
        """Return the destination's id of an object, `NEW` if this restore is going to create it, None if the destination lacks
        it."""
        key = ContentKey(content_type, item_id)
        known = self._known.get(key)
        if known is None:
            known = self._resolve(key)
            if known is not None and known != NEW:
                self._known[key] = known
        return known

    def find(self, wanted: Wanted) -> Found | None:
        """Return the live object that matches *wanted*, or None if there is none."""
        key = wanted.key
        if key.content_type in PARTS:
            return part_of(self.live, self.resolve, key)
        if CATALOG[key.content_type].single or CATALOG[key.content_type].documents:
            payload = self.live.read(key.content_type, key.id)
            return Found(key.id, payload) if payload is not None else None
        if (by_owner := identity_of(key.content_type).by_owner) is not None:
            return by_owner(self.live, self.backup, self.resolve, wanted.decoded)
        by_number = self._by_number(key)
        if by_number is not None:
            return self._found(key.content_type, by_number)
        if key.content_type in UNWRITTEN and not self.rules.same_instance:
            there = self._unwritten.resolve(key)
            return self._found(key.content_type, there) if there is not None else None
        return self._twin(wanted) or (None if self._would_be_strange(key) else self._by_nature(key, wanted.decoded))

    def _resolve(self, key: ContentKey) -> str | None:
        if key in self.pending:
            return NEW
        found = None if self._is_known_by_owner(key) else self._by_number(key)
        if found is not None:
            return found
        if key.content_type in UNWRITTEN and not self.rules.same_instance:
            return self._unwritten.resolve(key)
        if key.content_type not in WRITES:
            return None
        if not self.backup.has(key.content_type, key.id):
            return identity_of(key.content_type).unlisted(self.live, self.backup, self.resolve, key.id)
        seeking: set[ContentKey] = self._here.__dict__.setdefault("seeking", set())
        if key in seeking:  # a circle of names leads nowhere
            return None
        seeking.add(key)
        try:
            by_nature = self.find(self.backup.wanted(key))
        except (BlobDamaged, CodecError):  # what cannot be read cannot be found by what it is
            return None
        finally:
            seeking.discard(key)
        return by_nature.id if by_nature else None

    def _is_known_by_owner(self, key: ContentKey) -> bool:
        """Return whether something is what its owner names: Looker may go on showing that of one who is gone."""
        by_owner = key.content_type in CATALOG and identity_of(key.content_type).by_owner is not None
        return by_owner and self.backup.has(key.content_type, key.id)

    def _by_number(self, key: ContentKey) -> str | None:
        """A number is the same object only on the instance that gave it; numbers are never given twice, so there it goes before
        the id map."""
        self._forget_if_wrong(key)
        written_down = self._written_down(key)
        if written_down is not None and (key.content_type in ETERNAL or self._exists(key.content_type, written_down)):
            return written_down
        if not self.rules.same_instance and key.content_type not in NAMED:
            return None
        return key.id if key.content_type in ETERNAL or self._exists(key.content_type, key.id) else None

    def _forget_if_wrong(self, key: ContentKey) -> None:
        """Drop from the id map what leads to another object than the one that matches an item."""
        if self._map.get(key, key.id) != key.id and (self._is_itself_here(key) or self._leads_to_lookers_own(key)):
            with self._lock:
                self._map.pop(key, None)
                self.moved.discard(key)

    def _is_itself_here(self, key: ContentKey) -> bool:
        """Return whether an object of this instance is there itself: what it was mapped to is a second one."""
        name = key.content_type
        whole = self.rules.same_instance and name in CATALOG and not CATALOG[name].is_part and name not in ETERNAL
        return whole and self.live.shows(name, key.id)

    def _leads_to_lookers_own(self, key: ContentKey) -> bool:
        """Return whether a colour collection was taken for a standard one of the same name, which nobody can write."""
        return self._map.get(key) in identity_of(key.content_type).standard(self.live)

    def _written_down(self, key: ContentKey) -> str | None:
        """Return the id that the map leads to. On one instance what was made anew may have been made anew again since."""
        steps = self._steps(key, self._map)
        return steps[-1] if steps else None

    def _steps(self, key: ContentKey, known: Mapping[ContentKey, str]) -> list[str]:
        """Return the ids that the map *known* leads to, one after the other."""
        found, steps = known.get(key), []
        while found is not None and found not in steps:
            steps.append(found)
            on = ContentKey(key.content_type, found)
            found = known.get(on) if self.rules.same_instance and found != key.id else None
        return steps

    def _found(self, content_type: str, item_id: str) -> Found | None:
        return Found(NEW) if item_id == NEW else looked_up(self.live, content_type, item_id)

    def _by_nature(self, key: ContentKey, payload: Any) -> Found | None:
        identity = identity_of(key.content_type)
        special = identity.special(self.live, self.backup, self.resolve, key.id, payload)
        if special is not None:
            return self._found(key.content_type, special)
        if identity.is_special(payload):
            return None
        if key.id in identity.standard(self.live):
            return self._found(key.content_type, key.id)  # every Looker has it under this id
        live_id, natural = self.namesakes.find(key, payload) or (key.id, own_name(key.content_type))
        if natural is None:
            return None
        found = looked_up(self.live, key.content_type, live_id, f"found by {' and '.join(natural.fields)}")
        return structs.replace(found, called=natural.fields) if found is not None else None

    def _exists(self, content_type: str, item_id: str) -> bool:
        if content_type in NAMED_PARTS:
            return self.tiles.exists(item_id)
        if content_type in WRITES and WRITES[content_type].read:
            return self.live.read(content_type, item_id) is not None
        return content_type in CATALOG and (
            self.live.exists(content_type, item_id) or self._is_unlisted(content_type, item_id)
        )

    def _is_unlisted(self, content_type: str, item_id: str) -> bool:
        """Return whether an object of this instance that no listing of all names is there, or cannot be told not to be."""
        key = ContentKey(content_type, item_id)
        if key not in self._unlisted:
            ours = self.backup.readable(content_type, item_id) if self.rules.same_instance else None
            there = bool(ours) and identity_of(content_type).narrowly(self.live, item_id, ours) is not None
            self._unlisted[key] = there or bool(self.doubt(key))
        return self._unlisted[key]

    def doubt(self, key: ContentKey) -> str:
        """Return why nobody can tell whether the live object of an item exists, because no call shows it; else ""."""
        if not self.rules.same_instance:
            return ""
        return identity_of(key.content_type).doubted(self.live, self.backup, self._written_down(key) or key.id)

    def _would_be_strange(self, key: ContentKey) -> bool:
        """On its own instance content of the same title under another number is somebody else's: nothing may be written to it."""
        return self.rules.same_instance and key not in self.namesakes.orphans and key.content_type in CONTENT

    def _twin(self, wanted: Wanted) -> Found | None:
        """Return a live object that is just like an item, where there could be a second one. It may be anybody's, so it stands for
        the item while this restore runs, and nothing is written to it. What an undo brings back was there beside it."""
        name, undoes = wanted.key.content_type, self.rules.made is not None
        if undoes or not (self.rules.same_instance and may_double(name)) or wanted.key in self.namesakes.orphans:
            return None
        for one in sorted(self.namesakes.of(wanted)):
            found = self._found(name, one.id)
            if found is None or found.payload is None or found.trashed:
                continue
            whole = in_full(self.live, name, found)
            nested = just_like(wanted, whole, self.backup, self.live, self.answers, self.rules)
            if nested is not None and self.namesakes.claim(wanted.key, [one.id]):
                self.alike |= {wanted.key, *nested}
                for key, live_id in nested.items():
                    self.remember(key, live_id, lasting=False)
                return found
        return None

    def naming(self, content_type: str, payload: Any, *, ours: bool) -> dict[str, Any]:
        """Return the values of a type's natural keys in *payload*: of the live side as they are, or with *ours* of the backup,
        with the ids in them replaced by the destination's."""
        fields = naming_fields(content_type, payload, WRITES[content_type])
        known = self.renamed if self.rules.same_instance else self.resolve
        return mapped(content_type, fields, known, self.rules, self.leading) if ours else fields

    def matches(self) -> list[tuple[ContentKey, str]]:
        """Return pairs of item and live id that the id map should have: found under another id, or on another instance."""
        with self._lock:
            known = ((key, one) for key, one in self._known.items() if key not in self.alike)
            pairs = [(key, one) for key, one in known if self._map.get(key) != one and one != NEW]
        return [(key, one) for key, one in pairs if not self.rules.same_instance or key.id != one]

    def checked(self, wanted: Wanted) -> list[ContentKey]:
        """Return the objects that *wanted* names by id, sorted by type and id."""
        refs = [ref for ref in refs_of(wanted.key.content_type) if ref.kind == "id"]
        named = {ContentKey(one.content_type, one.id) for one in find(wanted.decoded, refs)}
        return sorted(key for key in named if key.content_type in CATALOG)

    def everything(self) -> dict[ContentKey, str]:
        """Return the destination's id of every item for which it is known."""
        with self._lock:
            return self._map | {key: one for key, one in self._known.items() if one != NEW}

    def names_moved(self, wanted: Wanted, live: bytes | None = None) -> bool:
        """Return whether an item names, in a link or by id, an object that has or gets another id than in the backup, or that is
        gone. *live* is the payload of its live object, None where that has the bytes of the backup."""
        return not self.rules.same_instance or self.moved.named_by(wanted) or self.gone.needed_by(wanted, live)

    def mapped_ids(self, content_type: str) -> set[str]:
        """Return the live ids of a type that match an item already, by the id map or by this run."""
        with self._lock:
            return {value for key, value in self._map.items() if key.content_type == content_type}

    def read(self, content_type: str, ids: Sequence[str], *, whole: bool = False) -> None:
        """Read the live side of items of one type at once: the *whole* listing, or where that takes fewer calls, one by one."""
        if CATALOG[content_type].is_part:
            self.prefetch(content_type, ids)
        else:
            many = not CATALOG[content_type].documents and (whole or self._takes_many(content_type, ids))
            read = self.live.prefetch_unlisted if many else self.live.prefetch
            read(content_type, [one for key in ids if (one := self._number(content_type, key)) is not None])
        self.gone.read_for(content_type, ids)
        if self.rules.same_instance and not kinds_needed(content_type).isdisjoint(NAMED_PARTS):
            self.tiles.read_for({one: self.renamed(content_type, one) or one for one in ids})

    def _number(self, content_type: str, item_id: str) -> str | None:
        """Return the id to ask for an item by; its own tells nothing on another instance, but for that of a document."""
        same = self.rules.same_instance or bool(CATALOG[content_type].documents)
        return self.renamed(content_type, item_id) or (item_id if same else None)

    def renew(self, content_type: str, live_ids: Collection[str]) -> Callable[[str], bytes | None]:
        """Read live objects of one type again, in as few calls as it takes, and return a function that gives each as it is now."""
        whole = self.live.is_listed(content_type) and self._takes_many(content_type, live_ids)
        return self.live.renew(content_type, live_ids, whole=whole)

    def _takes_many(self, content_type: str, ids: Collection[str]) -> bool:
        """Return whether to read *ids* one by one takes more calls than the whole listing. Documents have none."""
        if CATALOG[content_type].documents:
            return False
        pages = max(1, len(self.backup.rows(content_type)) // CATALOG[content_type].page_size)
        return len(ids) > 2 * pages

    def prefetch(self, content_type: str, ids: Iterable[str]) -> None:
        """Read at once the live objects that match *ids* of a part, if that takes a call for each object or each owner."""
        prefetch = identity_of(content_type).prefetch if self.rules.same_instance else None
        if prefetch is not None:
            prefetch(self.live, self.backup, ids)
            return
        owner_type = CATALOG[content_type].targets_from or ""
        if content_type in PARTS and owner_type in CATALOG:
            owners = (self.resolve(owner_type, item_id) for item_id in ids)
            self.live.prefetch(content_type, [owner for owner in owners if owner is not None and owner != NEW])


def own_name(content_type: str) -> NaturalKey | None:
    """Return the natural key of a type that is its id, if it has one: such objects can be read by id without a listing."""
    return next(
        (
            natural_key
            for natural_key in WRITES[content_type].natural
            if natural_key.fields == (CATALOG[content_type].id_field,)
        ),
        None,
    )


def may_double(content_type: str) -> bool:
    """Return whether two equal objects of a type can exist: Looker accepts a second one, or the first may lie in the trash."""
    facts = WRITES[content_type]
    return bool(facts.undelete) or not any(natural.unique for natural in facts.natural)


def just_like(
    wanted: Wanted, found: Found, backup: Backup, live: Live, answers: Answers, rules: Rules
) -> dict[ContentKey, str] | None:
    """Return the live ids of all nested objects of *wanted* that have another id in *found*; None if the two differ in any field,
    or in who may see them."""
    nested: dict[ContentKey, str] = {}
    options = PlanOptions(merges=backup.merge, live_merges=live.merge)
    rules = structs.replace(rules, exact=True, made=None)

    def equal(one: Wanted, other: Found) -> bool:
        difference = difference_of(one, other, answers, rules, options)
        nested.update(parts_matched(difference, rules))
        return difference.empty and not any(each.lost for each in difference.walk())

    if not equal(wanted, found):
        return None
    if CATALOG[wanted.key.content_type].seen_by:  # all other content is seen by whoever sees its folder
        ours, theirs = (str(decode(one or b"{}").get("content_metadata_id")) for one in (wanted.payload, found.payload))
        for part in access_types(wanted.key.content_type):
            body = live.read(part, theirs)
            if backup.has(part, ours) and not (
                body is not None and equal(backup.wanted(ContentKey(part, ours)), Found(theirs, body))
            ):
                return None
    nested |= identity_of(wanted.key.content_type).paired(wanted.decoded, decode(found.payload or b"{}"))
    return nested
