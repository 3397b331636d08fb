"""What was there when the backup was made and is not any more: an equal id proves nothing, for objects go on naming what is gone.

Whole types are told by one listing each, single items by what they name themselves; nothing is asked for per item of a type.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from lookervault_core.catalog import CATALOG, CONTENT, NAMED_PARTS, WRITES, lies_in_trash
from lookervault_core.diff.document import document
from lookervault_core.diff.naming import kinds_needed, may_need, needed
from lookervault_core.diff.plan import Wanted
from lookervault_core.diff.references import Resolve
from lookervault_core.families.dashboards.evidence import shown_by
from lookervault_core.families.dashboards.tiles import Tiles
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live


class Gone:
    """Answers whether an object of the backup is gone on its own instance. Safe for any number of threads.

    *resolve* gives the id of what stands for an object by now. While `whole`, types are told by their listings. `coming` is content
    that the plan takes out of the trash. Nothing is gone unless it is `active`: what an undo puts back may have named nothing.
    """

    def __init__(self, live: Live, backup: Backup, tiles: Tiles, resolve: Resolve) -> None:
        self._live, self._backup, self._tiles, self._resolve = live, backup, tiles, resolve
        self._missing: dict[str, frozenset[str]] = {}
        self.coming: set[ContentKey] = set()
        self.active = False
        self.whole = False

    def read_for(self, content_type: str, ids: Collection[str]) -> None:
        """Read at once the tiles that items of a type need; listings are read where somebody asks."""
        if not (self.active and self.whole):
            return
        if not kinds_needed(content_type).isdisjoint(NAMED_PARTS):
            self._tiles.read_all_of(ids)

    def is_gone(self, content_type: str, item_id: str) -> bool:
        """Return whether an object of the backup is neither there nor in the trash, and nothing stands for it."""
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
        """Return whether it is known of a type that nothing is gone or in the trash."""
        if not self.active or not _is_asked_about(content_type):
            return True
        return content_type not in NAMED_PARTS and self.whole and not self._missing_of(content_type)

    def needed_by(self, wanted: Wanted, live: bytes | None = None) -> bool:
        """Return whether an item needs something that is gone, that lies in the trash by now, or that something else stands for.
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
            self._resolve(one.content_type, one.id) != one.id or self.is_trashed(one.content_type, one.id)
            for one in missing
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
