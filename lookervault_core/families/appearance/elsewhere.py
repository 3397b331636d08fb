"""Find the colour collections and palettes of another instance that match those of the backup."""

from __future__ import annotations

import threading

from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.families.appearance.identity import standard_colors
from lookervault_core.families.appearance.palettes import palette_keys, palettes
from lookervault_core.model import ContentKey
from lookervault_core.restore.identity.resolver import Destination

_COLLECTIONS, _PALETTES = "color_collections", "color_palettes"


class Colors:
    """Finds the destination's ids of colour collections and palettes, for one restore onto another instance.

    Safe for any number of threads."""

    def __init__(self, destination: Destination) -> None:
        self._destination = destination
        self._lock = threading.Lock()
        self._collections: dict[str, str] | None = None

    def resolve(self, known: Resolve, content_type: str, item_id: str) -> str | None:
        """Return the destination's id of a colour collection or palette of the backup; None if the destination has no match.

        *known* gives the id of any object at the destination, as far as the restore has found it."""
        return self._palette(known, item_id) if content_type == _PALETTES else self._collection(known, item_id)

    def _collection(self, known: Resolve, item_id: str) -> str | None:
        backup, live = self._destination.backup, self._destination.live
        found = known(_COLLECTIONS, item_id)
        if found is not None:
            return found
        was_gone = not backup.has(_COLLECTIONS, item_id) and backup.is_whole(_COLLECTIONS)
        return item_id if item_id in standard_colors(live) or was_gone else None

    def _palette(self, known: Resolve, item_id: str) -> str | None:
        met = self._destination.met(ContentKey(_PALETTES, item_id))
        if met is not None:
            return met
        with self._lock:
            if self._collections is None:
                self._collections = self._all_palettes()
        ours = self._collections.get(item_id)
        if ours is None:
            return item_id if self._destination.backup.is_whole(_COLLECTIONS) else None
        theirs = self._collection(known, ours)
        return theirs if theirs in (None, NEW) else self._like(item_id, ours, theirs)

    def _all_palettes(self) -> dict[str, str]:
        backup = self._destination.backup
        rows = {row_id: backup.readable(_COLLECTIONS, row_id) or {} for row_id in backup.rows(_COLLECTIONS)}
        return {key.id: row_id for row_id, collection in rows.items() for key in palette_keys(collection)}

    def _like(self, item_id: str, ours: str, theirs: str) -> str | None:
        """Return which palette of the live collection *theirs* is one of *ours*."""
        body, key = self._destination.live.get(_COLLECTIONS, theirs), ContentKey(_PALETTES, item_id)
        there = decode(body) if body else {}
        pairs = palettes(self._destination.backup.readable(_COLLECTIONS, ours) or {}, there)
        return pairs.get(key) or (item_id if key in palette_keys(there) else None)
