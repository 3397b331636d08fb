"""What links and colours of the backup lead to on another instance: there an equal number is something else."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import msgspec

from lookervault_core.catalog import LEADS_TO, WITH_SLUGS
from lookervault_core.diff.describe import called
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.references import Resolve
from lookervault_core.diff.words import Names
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.appearance.elsewhere import Colors
from lookervault_core.model import ContentKey
from lookervault_core.restore.identity.resolver import Destination


class _Slugged(msgspec.Struct):
    slug: Any = None


_slugged = msgspec.json.Decoder(_Slugged)


class Leading:
    """Resolves links and colours for one restore onto another instance. Safe for any number of threads.

    Of a type that a link leads to the destination's listing is read, once; nothing is asked for a single link.
    """

    def __init__(self, destination: Destination, names: Names) -> None:
        self._destination, self._names = destination, names
        self._lock = threading.Lock()
        self._colors = Colors(destination)
        self._slugs: dict[str, dict[str, str]] = {}

    def resolve(self, renamed: Resolve, content_type: str, item_id: str) -> str | None:
        """Return the destination's id, or None if it is not known there; *renamed* gives that of what is still to be made."""
        if content_type in LEADS_TO["colors"]:
            return self._colors.resolve(partial(self._object, renamed), content_type, item_id)
        if content_type in WITH_SLUGS and not item_id.isdecimal():
            return self._slug(renamed, content_type, item_id)
        return self._object(renamed, content_type, item_id)

    def unmapped(self, content_type: str, item_id: str) -> str:
        """Return why a link or a colour is left as it is."""
        who = called(content_type, item_id, self._names)
        if content_type in LEADS_TO["colors"]:
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

    def _slug(self, renamed: Resolve, content_type: str, slug: str) -> str | None:
        """Return what an object is to be linked to by that the backup has under a slug. One that is made gets its slug."""
        with self._lock:
            if content_type not in self._slugs:
                self._slugs[content_type] = self._all_slugs(content_type)
        item_id = self._slugs[content_type].get(slug)
        if item_id is None:  # it led nowhere before
            return slug if self._destination.backup.is_whole(content_type) else None
        found = self._object(renamed, content_type, item_id)
        body = self._destination.live.get(content_type, found) if found not in (None, NEW) else None
        return found if found is None or (body and _slugged.decode(body).slug != slug) else slug

    def _all_slugs(self, content_type: str) -> dict[str, str]:
        backup, found = self._destination.backup, dict[str, str]()
        for item_id in backup.rows(content_type):
            try:
                slug = _slugged.decode(backup.payload(content_type, item_id)).slug
            except (BlobDamaged, CodecError, msgspec.DecodeError):  # its own step says so
                continue
            if slug:
                found[str(slug)] = item_id
        return found
