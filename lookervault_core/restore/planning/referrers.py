"""The live objects that name what has another id by now, whether or not they are part of the restore, and in the trash too.

Looker cannot be asked who names an object, so the listings of the types that can are read, whole pages of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, LEADS_TO, lies_in_trash, restore_order
from lookervault_core.diff.compare import compared
from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.doc import Doc
from lookervault_core.diff.document import decode, document, encode, known_shape
from lookervault_core.diff.known import FromIds
from lookervault_core.diff.learned import Learned
from lookervault_core.diff.naming import Mention, kinds_named, may_name, mentions
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.referring import referring_of
from lookervault_core.families.settings.leaving import leave_logins
from lookervault_core.looker.instance import Site
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.by_owner import body_of
from lookervault_core.restore.live import Live

# What queries name.
_QUERIED = frozenset((*LEADS_TO["links"], *LEADS_TO["colors"]))


class Referrer(msgspec.Struct):
    """A live object, what of it names another one that has a new id (`mentions`), and what is to be written."""

    key: ContentKey
    name: str
    body: bytes
    trashed: bool
    mentions: tuple[Mention, ...]
    difference: Difference

    @property
    def names(self) -> tuple[ContentKey, ...]:
        return tuple(dict.fromkeys(one.key for one in self.mentions))


class Referrers:
    """Finds those who name one of *replaced*, the old ids, each with the new one. Safe for any number of threads.

    Without *logins*, how people sign in is left alone, and what goes on naming an old id is named as lost.
    """

    def __init__(
        self,
        live: Live,
        backup: Backup,
        replaced: Mapping[ContentKey, str],
        site: Site | None,
        learned: Learned,
        *,
        logins: bool,
    ) -> None:
        self._live, self._backup, self._site, self._logins = live, backup, site, logins
        self.replaced = replaced
        self._ids: dict[str, set[str]] = {}
        for key in replaced:
            self._ids.setdefault(key.content_type, set()).add(key.id)
        self.rules = Rules(learned=learned, site=site)
        self.answers = FromIds(self.resolve, self._renamed, lambda kind: kind not in self._ids)

    def all(self) -> Iterator[Referrer]:
        """Yield every live object that names one of the replaced ids, type by type."""
        for name in self.types():
            if not self._live.is_listed(name):
                self._live.expect(name, self._backup.digests(name))
            for source in (self._live.rows(name), self._live.trash(name)):
                for item_id in list(source):
                    found = self._of(ContentKey(name, item_id), source[item_id])
                    if found is not None:
                        yield found

    def again(self, key: ContentKey) -> Referrer | None:
        """Return who names one of the replaced ids as it is now, or None if it does not, or is gone."""
        body = self._live.read(key.content_type, key.id, again=True)
        return self._of(key, body) if body else None

    def types(self) -> list[str]:
        """Return the types that have a listing and can name one of the replaced ids."""
        rows = (CATALOG[name] for name in restore_order())
        listed = [row.name for row in rows if not (row.is_part or row.single)]
        return [name for name in listed if kinds_named(name) & self._ids.keys()]

    def resolve(self, content_type: str, item_id: str) -> str | None:
        """Return the new id of what has one; everything else is where it was."""
        return self.replaced.get(ContentKey(content_type, item_id), item_id)

    def _renamed(self, content_type: str, item_id: str) -> str | None:
        return self.replaced.get(ContentKey(content_type, item_id))

    def _of(self, key: ContentKey, listed: bytes) -> Referrer | None:
        body = listed or body_of(self._live, self._backup, key.content_type, key.id)
        if body is None:
            return None
        ids = {one for kind in kinds_named(key.content_type) for one in self._ids.get(kind, ())}
        backup = self._backup_of(key) if listed else None
        if backup is None and not may_name(body + self._behind(key, body), ids):
            return None
        try:
            with known_shape(key):
                return self._judged(key, body, backup)
        except CodecError:  # whatever is of no known shape is told of by its own step
            return None

    def _backup_of(self, key: ContentKey) -> Doc | None:
        """Return an object as the backup has it, if a part of it showed something that has a new id."""
        showed = self._ids.get(referring_of(key.content_type).showed)
        if not showed or not self._backup.has(key.content_type, key.id):
            return None
        try:
            payload = self._backup.payload(key.content_type, key.id)
            return document(key.content_type, decode(payload), key.id) if may_name(payload, showed) else None
        except (BlobDamaged, CodecError):
            return None

    def _behind(self, key: ContentKey, body: bytes) -> bytes:
        """Return what a payload names and does not show, and what holds ids too: merge queries, the query of a listed look."""
        if not self._ids.keys() & _QUERIED:
            return b""
        return referring_of(key.content_type).behind(self._live, self._backup, key, body)

    def merge(self, merge_id: str) -> Any:
        """Return a merge query by structure: those of the backup never change."""
        return self._backup.readable_merge(merge_id) or self._live.merge(merge_id)

    def _judged(self, key: ContentKey, body: bytes, backup: Doc | None) -> Referrer | None:
        payload, referring = decode(body), referring_of(key.content_type)
        if self._ids.keys() & _QUERIED:
            payload = referring.whole(self._live, self._backup, key, payload)
        ours, theirs = (document(key.content_type, payload, key.id, self.merge) for _ in range(2))
        found = [one for one in mentions(key.content_type, theirs, self._site) if one.key in self.replaced]
        if backup is not None:
            found += referring.refilled(ours, theirs, backup, self._ids.get(referring.showed, ()))
        if not found:
            return None
        for doc in (ours, theirs):
            doc.trashed = False  # nothing takes it out of the trash, nor needs what it lacks there
        difference = compared(key.content_type, ours, theirs, self.answers, self.rules)
        if not self._logins:
            leave_logins(difference, found)
        trashed = lies_in_trash(payload)
        return Referrer(key, theirs.name, encode(payload), trashed, tuple(found), difference)
