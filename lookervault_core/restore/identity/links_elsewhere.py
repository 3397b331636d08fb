"""What links and colours of the backup lead to on another instance: there an equal number is something else."""

from __future__ import annotations

import threading
from typing import Any

import msgspec

from lookervault_core.diff.describe import called
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode
from lookervault_core.diff.references import Resolve
from lookervault_core.diff.words import Names
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.appearance.palettes import palette_keys, palettes
from lookervault_core.model import ContentKey
from lookervault_core.restore.identity.resolver import Destination

_COLLECTIONS, _PALETTES = "color_collections", "color_palettes"


class _Dashboard(msgspec.Struct):
    slug: Any = None


_dashboard = msgspec.json.Decoder(_Dashboard)


class Leading:
    """Resolves links and colours for one restore onto another instance. Safe for any number of threads.

    Of a type that a link leads to the destination's listing is read, once; nothing is asked for a single link.
    """

    def __init__(self, destination: Destination, names: Names) -> None:
        self._destination, self._names = destination, names
        self._lock = threading.Lock()
        self._slugs: dict[str, str] | None = None
        self._collections: dict[str, str] | None = None

    def resolve(self, renamed: Resolve, content_type: str, item_id: str) -> str | None:
        """Return the destination's id, or None if it is not known there; *renamed* gives that of what is still to be made."""
        if content_type == _PALETTES:
            return self._palette(renamed, item_id)
        if content_type == _COLLECTIONS:
            return self._collection(renamed, item_id)
        if content_type == "dashboards" and not item_id.isdecimal():
            return self._slug(renamed, item_id)
        return self._object(renamed, content_type, item_id)

    def unmapped(self, content_type: str, item_id: str) -> str:
        """Return why a link or a colour is left as it is."""
        who = called(content_type, item_id, self._names)
        if content_type in (_COLLECTIONS, _PALETTES):
            return f"{who} is not there: it is drawn in other colours"
        return f"{who} is not there: the link is left as it is, and may open something else"

    def _object(self, renamed: Resolve, content_type: str, item_id: str) -> str | None:
        destination, key = self._destination, ContentKey(content_type, item_id)
        if key in destination.pending:
            return renamed(content_type, item_id)
        if destination.backup.has(content_type, item_id) or destination.renamed(content_type, item_id):
            destination.live.rows(content_type)  # what the id map names and is gone is told by this, not one by one
            return destination.resolve(content_type, item_id)
        return None

    def _slug(self, renamed: Resolve, slug: str) -> str | None:
        """Return what a dashboard is to be linked to by that the backup has under a slug. One that is made gets its slug."""
        with self._lock:
            if self._slugs is None:
                self._slugs = self._all_slugs()
        item_id = self._slugs.get(slug)
        if item_id is None:  # it led nowhere before
            return slug if self._destination.backup.is_whole("dashboards") else None
        found = self._object(renamed, "dashboards", item_id)
        body = self._destination.live.get("dashboards", found) if found not in (None, NEW) else None
        return found if found is None or (body and _dashboard.decode(body).slug != slug) else slug

    def _all_slugs(self) -> dict[str, str]:
        backup, found = self._destination.backup, dict[str, str]()
        for item_id in backup.rows("dashboards"):
            try:
                slug = _dashboard.decode(backup.payload("dashboards", item_id)).slug
            except (BlobDamaged, CodecError, msgspec.DecodeError):  # its own step says so
                continue
            if slug:
                found[str(slug)] = item_id
        return found

    def _collection(self, renamed: Resolve, item_id: str) -> str | None:
        backup, live = self._destination.backup, self._destination.live
        found = self._object(renamed, _COLLECTIONS, item_id)
        if found is not None:
            return found
        was_gone = not backup.has(_COLLECTIONS, item_id) and backup.is_whole(_COLLECTIONS)
        return item_id if item_id in live.standard_colors or was_gone else None

    def _palette(self, renamed: Resolve, item_id: str) -> str | None:
        met = self._destination.met(ContentKey(_PALETTES, item_id))
        if met is not None:
            return met
        with self._lock:
            if self._collections is None:
                self._collections = self._all_palettes()
        ours = self._collections.get(item_id)
        if ours is None:
            return item_id if self._destination.backup.is_whole(_COLLECTIONS) else None
        theirs = self._collection(renamed, ours)
        return theirs if theirs in (None, NEW) else self._like(item_id, ours, theirs)

    def _all_palettes(self) -> dict[str, str]:
        backup = self._destination.backup
        rows = {one: backup.readable(_COLLECTIONS, one) or {} for one in backup.rows(_COLLECTIONS)}
        return {key.id: one for one, collection in rows.items() for key in palette_keys(collection)}

    def _like(self, item_id: str, ours: str, theirs: str) -> str | None:
        """Return which palette of the live collection *theirs* is one of *ours*."""
        body, key = self._destination.live.get(_COLLECTIONS, theirs), ContentKey(_PALETTES, item_id)
        there = decode(body) if body else {}
        pairs = palettes(self._destination.backup.readable(_COLLECTIONS, ours) or {}, there)
        return pairs.get(key) or (item_id if key in palette_keys(there) else None)
