"""Objects that have another id than in the backup, or are to get one, or are gone; and which items name such an object."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from msgspec import structs

from lookervault_core.catalog import (
    CATALOG,
    CONTENT,
    LEADS_TO,
    LINKED,
    NAMED_PARTS,
    WRITES,
    Ref,
    lies_in_trash,
    links_of,
    owner_of,
)
from lookervault_core.diff.document import document, keys_nested
from lookervault_core.diff.documents.references import Resolve, find
from lookervault_core.diff.planning.sides import Wanted
from lookervault_core.diff.wording.naming import kinds_needed, may_need, needed
from lookervault_core.families.dashboards.evidence import shown_by
from lookervault_core.families.dashboards.tiles import Tiles
from lookervault_core.families.identities import identity_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live

# The types whose texts and queries hold links.
LINKING = frozenset(name for name in WRITES if any(ref.kind == "links" for ref in links_of(name)))
# In the JSON of a payload; inside JSON text within that, an escaped slash has two backslashes.
_CONTENT_LINK = re.compile(rf"/({'|'.join(sorted(LINKED, reverse=True))})\\*/(\d+)".encode())


class Pending:
    """The objects that a restore is going to create, by type."""

    def __init__(self) -> None:
        self._ids: dict[str, set[str]] = {}

    def __contains__(self, key: ContentKey) -> bool:
        return key.id in self._ids.get(key.content_type, ())

    def of(self, content_type: str) -> set[str]:
        return self._ids.get(content_type, set())

    def add(self, key: ContentKey) -> None:
        self._ids.setdefault(key.content_type, set()).add(key.id)

    def update(self, keys: Iterable[ContentKey]) -> None:
        for key in keys:
            self.add(key)

    def discard(self, key: ContentKey) -> None:
        self.of(key.content_type).discard(key.id)

    def clear(self) -> None:
        self._ids.clear()


class Moved:
    """The objects of the backup that have another id now on their own instance, and those that are `pending`: still to be
    created."""

    def __init__(self, backup: Backup) -> None:
        self.pending = Pending()
        self._backup = backup
        self._ids: dict[str, set[str]] = {}

    def add(self, key: ContentKey) -> None:
        self._ids.setdefault(key.content_type, set()).add(key.id)

    def discard(self, key: ContentKey) -> None:
        self._ids.get(key.content_type, set()).discard(key.id)

    def named_by(self, wanted: Wanted) -> bool:
        """Return whether an item names, in a link or by id, an object that has or gets another id than in the backup."""
        content_type = wanted.key.content_type
        if self.linked_by(wanted):
            return True
        if any(ref.kind == "colors" for ref in links_of(content_type)):
            colors = {one for kind in LEADS_TO["colors"] for one in self._ids.get(kind, set()) | self.pending.of(kind)}
            payload = self._with_merges(wanted) if colors else b""
            if any(f'"{one}"'.encode() in payload for one in colors):
                return True
        kinds = _kinds_named(content_type)
        if all(map(self.is_still, kinds)):
            return False
        named = find(wanted.decoded, [ref for ref in refs_of(content_type) if ref.to in kinds])
        return any(self._is_moved(one.content_type, one.id) for one in named)

    @property
    def makes_content(self) -> bool:
        """Return whether content to which links may lead is still to be created."""
        return any(self.pending.of(kind) for kind in LEADS_TO["links"])

    def linked_by(self, wanted: Wanted) -> bool:
        """Return whether an item links to content that has or gets another id than in the backup."""
        moving = any(self._ids.get(kind) or self.pending.of(kind) for kind in LEADS_TO["links"])
        if not moving or wanted.key.content_type not in LINKING:
            return False
        linked = _CONTENT_LINK.findall(self._with_merges(wanted))
        return any(self._is_moved(LINKED[kind.decode()], one.decode()) for kind, one in linked)

    def _with_merges(self, wanted: Wanted) -> bytes:
        """Return a payload with what stands behind it, which it names by id only."""
        return wanted.payload + identity_of(wanted.key.content_type).behind(self._backup, wanted)

    def is_still(self, content_type: str) -> bool:
        """Return whether no object of a type has or gets another id than in the backup."""
        return not (self._ids.get(content_type) or self.pending.of(content_type))

    def _is_moved(self, content_type: str, item_id: str) -> bool:
        return item_id in self._ids.get(content_type, ()) or ContentKey(content_type, item_id) in self.pending


@cache
def _kinds_named(content_type: str) -> frozenset[str]:
    """Return the types that an item names by id, its own parts left out."""
    nested = {kind for kind, facts in WRITES.items() if facts.read and owner_of(kind) == content_type}
    return frozenset(ref.to for ref in refs_of(content_type) if ref.kind == "id") - nested


@cache
def refs_of(content_type: str, prefix: str = "") -> tuple[Ref, ...]:
    """Return every reference of a type as a path into its whole payload."""
    facts = WRITES[content_type]
    own = (structs.replace(ref, path=prefix + ref.path) for ref in facts.references if ref.kind in ("id", "links"))
    nested = (refs_of(child.content_type, f"{prefix}{child.field}[].") for child in facts.children)
    return (*own, *(ref for refs in nested for ref in refs))


def nested_in(content_type: str, payload: Any) -> set[ContentKey]:
    """Return the keys of everything nested in a payload."""
    return keys_nested(document(content_type, payload))


class Gone:
    """Answers whether an object of the backup is gone on its own instance. Safe for any number of threads.

    *resolve* gives the live id of the object that matches now. If `whole`, it may read whole listings to find out. `coming` is
    content that the plan takes out of the trash. Unless `active`, every answer is no: in an undo, objects may rightly name
    missing ones."""

    def __init__(self, live: Live, backup: Backup, tiles: Tiles, resolve: Resolve) -> None:
        self._live, self._backup, self._tiles, self._resolve = live, backup, tiles, resolve
        self._missing: dict[str, frozenset[str]] = {}
        self.coming: set[ContentKey] = set()
        self.active = False
        self.whole = False

    def read_for(self, content_type: str, ids: Collection[str]) -> None:
        """Read at once the tiles that the items *ids* of a type need; whole listings are read later, when they are needed."""
        if not (self.active and self.whole):
            return
        if not kinds_needed(content_type).isdisjoint(NAMED_PARTS):
            self._tiles.read_all_of(ids)

    def is_gone(self, content_type: str, item_id: str) -> bool:
        """Return whether an object of the backup is neither live nor in the trash, and no live object matches it."""
        return self._may_be_missing(content_type, item_id) and self._resolve(content_type, item_id) is None

    def is_trashed(self, content_type: str, item_id: str) -> bool:
        """Return whether content of the backup lies in the trash, did not when it was backed up, and stays there."""
        if content_type not in CONTENT or ContentKey(content_type, item_id) in self.coming:
            return False
        if not self._may_be_missing(content_type, item_id) or self._live.shows(content_type, item_id):
            return False
        ours = self._backup.readable(content_type, item_id) or {}
        return not lies_in_trash(ours) and self._resolve(content_type, item_id) == item_id

    def none_of(self, content_type: str) -> bool:
        """Return whether it is known that no object of a type is gone or in the trash."""
        if not self.active or not _is_asked_about(content_type):
            return True
        return content_type not in NAMED_PARTS and self.whole and not self._missing_of(content_type)

    def needed_by(self, wanted: Wanted, live: bytes | None = None) -> bool:
        """Return whether an item names an object that it needs and that is gone, in the trash, or has another id now.
        *live* is the payload of its live object, None where that has the bytes of the backup."""
        named = kinds_needed(wanted.key.content_type)
        if self.active and self.whole and wanted.key.content_type in CONTENT:
            named -= shown_by(wanted.payload if live is None else live)
        kinds = [kind for kind in named if not self.none_of(kind)]
        if not kinds or not self._may_need(wanted, kinds):
            return False
        name, merge = wanted.key.content_type, self._backup.readable_merge
        named = {*needed(name, document(name, wanted.decoded, wanted.key.id, merge))}
        missing = [one for one in named if self._may_be_missing(one.content_type, one.id)]
        return any(
            self._resolve(item_id.content_type, item_id.id) != item_id.id
            or self.is_trashed(item_id.content_type, item_id.id)
            for item_id in missing
        )

    def _may_need(self, wanted: Wanted, kinds: Collection[str]) -> bool:
        if not self.whole or not NAMED_PARTS.keys().isdisjoint(kinds):
            return True
        return may_need(wanted.payload, {one for kind in kinds for one in self._missing_of(kind)})

    def _may_be_missing(self, content_type: str, item_id: str) -> bool:
        """Return False for what a listing shows, and for what the backup does not have: it was gone already, or nobody knows."""
        if not self.active or not _is_asked_about(content_type):
            return False
        if content_type in NAMED_PARTS:
            return (
                not self._tiles.exists(item_id)
                and self._backup.holder_of(ContentKey(content_type, item_id)) is not None
            )
        if not self._backup.has(content_type, item_id):
            return False
        return not self.whole or item_id in self._missing_of(content_type)

    def _missing_of(self, content_type: str) -> frozenset[str]:
        """Return which objects of the backup no listing names: they are gone, in the trash, or slipped from page to page."""
        if content_type not in self._missing:
            ours = frozenset(self._backup.rows(content_type)) if _is_asked_about(content_type) else frozenset[str]()
            self._missing[content_type] = ours.difference(self._there(content_type) if ours else ())
        return self._missing[content_type]

    def _there(self, content_type: str) -> Iterable[str]:
        is_listed = self._live.is_listed(content_type) or CATALOG[content_type].census is None
        return self._live.rows(content_type) if is_listed else self._live.census(content_type)


def _is_asked_about(content_type: str) -> bool:
    """Return whether a restore could bring an object of a type back, which has a listing or is a tile. Nothing is left that needs a
    folder which is gone: what was in it goes with it, and of whoever it was the home gets another one."""
    row = CATALOG.get(content_type)
    plain = row is not None and not (row.is_part or row.single or row.holds_content) and content_type in WRITES
    return plain or content_type in NAMED_PARTS
