"""The live objects that name what has another id by now, whether or not they are part of the restore, and in the trash too.

Looker cannot be asked who names an object, so the listings of the types that can are read, whole pages of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG, lies_in_trash, restore_order
from lookervault_core.diff.compare import compare
from lookervault_core.diff.describe import path_of
from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.doc import Doc
from lookervault_core.diff.document import decode, document, encode, known_shape
from lookervault_core.diff.learned import Learned
from lookervault_core.diff.naming import Mention, kinds_named, may_name, mentions
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.dashboards.emptied import emptied
from lookervault_core.families.settings.leaving import leave_logins
from lookervault_core.looker.instance import Site
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.by_owner import body_of
from lookervault_core.restore.live import Live

_MERGE = re.compile(rb'"merge_result_id"\s*:\s*"?\d')
# What queries name.
_QUERIED = frozenset({"dashboards", "looks", "boards", "folders", "color_collections", "color_palettes"})


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
        self.rules = Rules(learned=learned, renamed=self._renamed, site=site, still=lambda kind: kind not in self._ids)

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
        backup = self._backup_of(key) if listed and key.content_type == "dashboards" else None
        if backup is None and not may_name(body + self._behind(key, body), ids):
            return None
        try:
            with known_shape(key):
                return self._judged(key, body, backup)
        except CodecError:  # whatever is of no known shape is told of by its own step
            return None

    def _backup_of(self, key: ContentKey) -> Doc | None:
        """Return a dashboard as the backup has it, if its tiles showed a look that has a new id."""
        looks = self._ids.get("looks")
        if not looks or not self._backup.has(key.content_type, key.id):
            return None
        try:
            payload = self._backup.payload(key.content_type, key.id)
            return document(key.content_type, decode(payload), key.id) if may_name(payload, looks) else None
        except (BlobDamaged, CodecError):
            return None

    def _behind(self, key: ContentKey, body: bytes) -> bytes:
        """Return what a payload names and does not show, and what holds ids too: merge queries, the query of a listed look."""
        if not self._ids.keys() & _QUERIED:
            return b""
        if key.content_type == "dashboards" and _MERGE.search(body):
            tiles = decode(body).get("dashboard_elements") or ()
            merges = {str(tile["merge_result_id"]) for tile in tiles if tile.get("merge_result_id")}
            return encode([self.merge(one) for one in sorted(merges)])
        return encode(self._query_of(key, decode(body))) if key.content_type == "looks" else b""

    def merge(self, merge_id: str) -> Any:
        """Return a merge query by structure: those of the backup never change."""
        return self._backup.readable_merge(merge_id) or self._live.merge(merge_id)

    def _query_of(self, key: ContentKey, look: Any) -> Any:
        """Return the query of a look, which its listing leaves out."""
        if look.get("query") or not look.get("query_id"):
            return look.get("query")
        ours = self._backup.readable(key.content_type, key.id) or {}
        if ours.get("query_id") == look["query_id"] and ours.get("query"):
            return ours["query"]
        body = self._live.read(key.content_type, key.id)
        return decode(body).get("query") if body else None

    def _judged(self, key: ContentKey, body: bytes, backup: Doc | None) -> Referrer | None:
        payload = decode(body)
        if key.content_type == "looks" and self._ids.keys() & _QUERIED:
            payload = {**payload, "query": self._query_of(key, payload)}
        ours, theirs = (document(key.content_type, payload, key.id, self.merge) for _ in range(2))
        found = [one for one in mentions(key.content_type, theirs, self._site) if one.key in self.replaced]
        if backup is not None:
            found += self._refilled(ours, theirs, backup)
        if not found:
            return None
        for doc in (ours, theirs):
            doc.trashed = False  # nothing takes it out of the trash, nor needs what it lacks there
        difference = compare(key.content_type, ours, theirs, self.resolve, self.rules)
        if not self._logins:
            leave_logins(difference, found)
        trashed = lies_in_trash(payload)
        return Referrer(key, theirs.name, encode(payload), trashed, tuple(found), difference)

    def _refilled(self, ours: Doc, theirs: Doc, backup: Doc) -> Iterator[Mention]:
        """Let tiles that lost their look with its deletion show it again, and listen as they did."""
        for tile, live in emptied(backup, theirs, self._ids.get("looks", ())):
            again = {
                field: tile.fields[field] for field in ("look_id", "sources", "filterables") if field in tile.fields
            }
            ours.children["dashboard_elements"][live.id].fields |= again
            look = ContentKey("looks", str(tile.fields["look_id"]))
            yield Mention(
                f"{path_of('dashboard_elements', live)}.look_id", look, ContentKey("dashboard_elements", live.id)
            )
