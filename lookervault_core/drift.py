"""How two states of an instance differ, by the tables of the comparison: a snapshot and Looker now, or two snapshots. An object
that a restore has recreated under another id counts as the same object."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, PARTS, WRITES, lies_in_trash
from lookervault_core.catalog.uncompared import why
from lookervault_core.codec import same_payload
from lookervault_core.diff.comparing.compare import compare
from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.document import decode, document, known_shape
from lookervault_core.diff.known import FromIds, Known
from lookervault_core.diff.wording.describe import describe, losses
from lookervault_core.errors import CodecError
from lookervault_core.families.access_lists.metadata import MOVES_WITH, made_along
from lookervault_core.families.groups.names import group_names
from lookervault_core.looker.instance import Site, site
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import worklist
from lookervault_core.vault.restoring import id_map, restorations

WHOLE = "all of it"
_TRASH_OF = {row.trash: name for name, row in CATALOG.items() if row.trash}


class Pairs:
    """Pairs the objects of the states *before* and *after*: by id, or by the new id in *made* of a recreated object. `moved` are
    the types with recreated objects."""

    def __init__(self, before: Backup, after: Backup, made: Mapping[ContentKey, str]) -> None:
        self._before, self._after, self._made = before, after, made
        self._metadata = made_along(made, before, after, self.resolve)
        renamed = {key.content_type for key in made if self.renamed(key.content_type, key.id)}
        self.moved = renamed.union(MOVES_WITH if self._metadata else ())

    def of(self, content_type: str) -> dict[str, str]:
        """Return the id in the second state by the id in the first, for every object of a type that both states have."""
        there = self._after.rows(content_type)
        pairs = {one: self.resolve(content_type, one) for one in self._before.rows(content_type)}
        return {ours: theirs for ours, theirs in pairs.items() if theirs in there}

    def resolve(self, content_type: str, item_id: str) -> str:
        """Return the id that an object has in the second state: the one that restores gave it, else its own."""
        if item_id in self._after.rows(content_type):
            return item_id
        if content_type == MOVES_WITH[0]:
            return self._metadata.get(item_id, item_id)
        if content_type in PARTS:
            return self.resolve(CATALOG[content_type].targets_from or "", item_id)
        return self._last(ContentKey(content_type, item_id))

    def renamed(self, content_type: str, item_id: str) -> str | None:
        """Return the id that an object has in the second state, or None if that is its own."""
        found = self.resolve(content_type, item_id)
        return found if found != item_id else None

    def _last(self, key: ContentKey) -> str:
        """Return what something was made as last, unless that is gone: what was made anew may have been made anew again."""
        steps = [key.id]
        while (found := self._made.get(ContentKey(key.content_type, steps[-1]))) is not None and found not in steps:
            steps.append(found)
        there = self._after.rows(key.content_type)
        return key.id if there and steps[-1] not in there else steps[-1]


class Drift:
    """Finds the fields in which one object differs between two states of an instance."""

    def __init__(self, before: Backup, after: Backup, pairs: Pairs, site: Site | None) -> None:
        self._before, self._after, self._pairs = before, after, pairs
        self._groups = group_names(before), group_names(after)
        self._rules = Rules(exact=True, site=site)
        self._known = Known(at_hand=FromIds(pairs.resolve, pairs.renamed, lambda kind: kind not in pairs.moved))

    def fields(self, key: ContentKey, live_id: str) -> tuple[str, ...]:
        """Return the compared fields of an object that changed; of a type that cannot be compared the whole object, if its bytes
        differ."""
        kind = key.content_type
        ours, theirs = self._before.payload(kind, key.id), self._after.payload(kind, live_id)
        if kind not in CATALOG or CATALOG[kind].list.media:
            return (WHOLE,) if ours != theirs else ()
        if key.id == live_id and same_payload(ours, theirs, CATALOG[kind].volatile):
            return ()
        try:
            with known_shape(key):
                return self._differing(_TRASH_OF.get(kind, kind), key.id, live_id, decode(ours), decode(theirs))
        except CodecError:
            return (WHOLE,)

    def _differing(self, kind: str, our_id: str, live_id: str, ours: Any, theirs: Any) -> tuple[str, ...]:
        if kind not in WRITES:
            return _shown_otherwise(_shown(kind, ours), _shown(kind, theirs))
        if lies_in_trash(ours) != lies_in_trash(theirs):
            return ("deleted",)
        source = document(kind, ours, our_id, self._before.readable_merge, self._groups[0])
        live = document(kind, theirs, live_id, self._after.readable_merge, self._groups[1])
        live.trashed = False  # as on the other side: what it needs is not asked for
        tree = compare(kind, source, live, self._known, self._rules)
        if not any(map(_tells, tree.walk())):
            return ()
        paths = [change.path for change in describe(tree)] + [field for field, _ in losses(tree)]
        return tuple(dict.fromkeys(paths)) or (WHOLE,)


def _tells(one: Difference) -> bool:
    return one.live is None or bool(one.changed or one.lost or one.extras or one.beyond)


def _shown_otherwise(ours: Any, theirs: Any) -> tuple[str, ...]:
    if ours == theirs:
        return ()
    if not isinstance(ours, Mapping) or not isinstance(theirs, Mapping):
        return (WHOLE,)
    return tuple(sorted(field for field in {*ours, *theirs} if ours.get(field) != theirs.get(field))) or (WHOLE,)


def _shown(content_type: str, payload: Any) -> Any:
    """Return what counts of an object that nothing restores: its fields without those that the tables leave out."""
    schema = CATALOG[content_type].payload
    if not isinstance(payload, Mapping):
        return payload
    return {field: value for field, value in payload.items() if not (schema and why(schema, field))}


def made_anew(vault: Vault, base_url: str) -> dict[ContentKey, str]:
    """Return the new ids of the objects that restores have recreated on the vault's own instance."""
    if not vault.is_of(base_url):
        return {}
    known = id_map.load(vault, restorations.spelled(vault, base_url))
    return {key: one for key, one in known.items() if key.id != one}


def compared_by_tables(
    vault: Vault, before: int, after: int, surely: Container[ContentKey] = frozenset(), most: int | None = None
) -> list[worklist.Difference]:
    """Return how two snapshots differ, without objects that differ only in fields which are not compared.

    A recreated object is paired with the one that it was made from and has a `new_id`. Objects *surely* changed are returned
    without their fields. After the first *most* changed objects the others count as changed without being compared."""
    sides = Backup(vault, before), Backup(vault, after)
    pairs = Pairs(*sides, made_anew(vault, vault.instance_url or ""))
    drift = Drift(*sides, pairs, site(vault.instance_url) if vault.instance_url else None)
    found, anew = vault.diff(before, after), dict[ContentKey, str]()
    for name in {one.content_type for one in found if one.change == "deleted"}:
        anew |= {ContentKey(name, ours): theirs for ours, theirs in pairs.of(name).items() if ours != theirs}
    stand_ins = {ContentKey(key.content_type, new_id) for key, new_id in anew.items()}
    told: list[worklist.Difference] = []
    for one in found:
        key = ContentKey(one.content_type, one.id)
        if one.change == "deleted" and key in anew:
            one = msgspec.structs.replace(one, change="changed", new_id=anew[key])
        if one.change == "created" and key in stand_ins:
            continue
        looked_at = one.change == "changed" and (bool(one.new_id) or key not in surely)
        looked_at = looked_at and (most is None or len(told) < most)
        fields = drift.fields(key, one.new_id or one.id) if looked_at else ()
        if fields or not looked_at:
            told.append(msgspec.structs.replace(one, paths=fields))
    return told
