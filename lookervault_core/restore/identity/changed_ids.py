"""What has another id than in the backup, or is to get one, and which items name something of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec import structs

from lookervault_core.catalog import LEADS_TO, LINKED, WRITES, Ref, links_of, owner_of
from lookervault_core.diff.document import document
from lookervault_core.diff.plan import Wanted
from lookervault_core.diff.references import find
from lookervault_core.families.identities import identity_of
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup

# The types whose texts and queries hold links.
LINKING = frozenset(name for name in WRITES if any(ref.kind == "links" for ref in links_of(name)))
# In the JSON of a payload; inside JSON text within that, an escaped slash has two backslashes.
_CONTENT_LINK = re.compile(rf"/({'|'.join(sorted(LINKED, reverse=True))})\\*/(\d+)".encode())


class Pending:
    """What a restore is going to make, by type."""

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
    """The objects of the backup that stand under another id on their own instance, and those that are `pending`."""

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
        """True while there is something to be made that links may lead to."""
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
    docs, keys = [document(content_type, payload)], set()
    while docs:
        for kind, children in docs.pop().children.items():
            keys |= {ContentKey(kind, one) for one in children}
            docs += children.values()
    return keys
