"""One item as the backup has it, and the live object that matches it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from lookervault_core.catalog import Protected
from lookervault_core.codec import Sealed, packed, unpacked
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.planning.protection import protection_of
from lookervault_core.model import ContentKey


class Wanted(msgspec.Struct):
    """One item as the backup has it; decoded once, however often it is compared."""

    key: ContentKey
    payload: bytes
    name: str = ""
    level: int = 0
    owner_protection: Protected | None = None
    _decoded: Any = None
    _source: Doc | None = None

    @property
    def decoded(self) -> Any:
        if self._decoded is None:
            self._decoded = decode(self.payload)
        return self._decoded

    @property
    def protection(self) -> Protected | None:
        """Return what protects the item from being written: its own protection, or for a list that of its owner; None if
        nothing does."""
        return self.owner_protection or protection_of(self.key.content_type, self.decoded)

    def source(self, merges: Callable[[str], Any] | None, groups: frozenset[str] = frozenset()) -> Doc:
        """Return the item's document. Nobody changes it."""
        if self._source is None:
            self._source = document(self.key.content_type, self.decoded, self.key.id, merges, groups)
        return self._source


class Found(msgspec.Struct):
    """The live object that matches an item; a `payload` of None means that its bytes equal the backup's, and a large one can be
    kept small.

    `moved`: an object that it names has or gets another id, so that equal bytes do not make it equal. `called` are the fields of
    the natural key by which it was found, empty if it was found by id."""

    id: str
    body: bytes | Sealed | None = None
    trashed: bool = False
    reason: str = ""
    moved: bool = False
    called: tuple[str, ...] = ()

    @property
    def payload(self) -> bytes | None:
        return None if self.body is None else unpacked(self.body)

    def small(self) -> Found:
        """Return the same object with its payload compressed in memory."""
        packs = isinstance(self.body, bytes)
        return msgspec.structs.replace(self, body=packed(self.body)) if packs else self
