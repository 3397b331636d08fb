"""Sections and items that somebody moved from one board to another: where they are, and where they belong."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import structs

from lookervault_core.catalog import lies_in_trash
from lookervault_core.diff.difference import NEW, Difference
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.documents.doc import Doc
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.diff.planning.sides import Found
from lookervault_core.families.boards.comparison import ITEM, SECTION
from lookervault_core.looker.client import names_one
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.identity.changed_ids import nested_in
from lookervault_core.restore.live import Live

_HOLDER = {SECTION: "board_id", ITEM: "board_section_id"}


class MisplacedParts:
    """Finds sections and items of boards that lie on another board than in the backup.

    *wanted* has the ids that this restore puts back, by type; it is empty on another instance, where ids say nothing."""

    def __init__(self, backup: Backup, live: Live, renamed: Resolve, wanted: Mapping[str, Collection[str]]) -> None:
        self._backup, self._live, self._renamed, self._wanted = backup, live, renamed, wanted
        self._left: set[tuple[str, str]] = set()

    def _restored(self) -> Collection[str]:
        return self._wanted.get("boards", ())

    def read_for(self, board_ids: Iterable[str]) -> None:
        """Read at once the sections and items that these boards have in the backup and lack now: they may lie on another board."""
        gone: dict[str, set[str]] = {SECTION: set(), ITEM: set()}
        for board_id in board_ids if self._restored() else ():
            board = self._backup.readable("boards", board_id)
            live = self._live.get("boards", self._renamed("boards", board_id) or board_id)
            if not board or live == b"":  # as in the backup
                continue
            there = nested_in("boards", decode(live)) if live else set()
            for part in nested_in("boards", board):
                live_id = self._renamed(part.content_type, part.id) or part.id
                if ContentKey(part.content_type, live_id) not in there:
                    gone[part.content_type].add(live_id)
        for kind, ids in gone.items():
            self._live.prefetch(kind, ids - {NEW})

    def elsewhere(self, kind: str, live_id: str) -> Doc | None:
        """Return the document of a live section or item, on whatever board it is, or None if it is gone."""
        body = self._live.read(kind, live_id) if live_id != NEW and self._restored() else None
        if body is None:
            return None
        payload = decode(body)
        doc = document(kind, payload)
        return structs.replace(doc, fields={**doc.fields, _HOLDER[kind]: str(payload.get(_HOLDER[kind]) or "")})

    def is_of_another(self, kind: str, live_id: str, board_id: str) -> bool:
        """Return whether the restore moves a live section or item to another board than *board_id* of the backup."""
        home = self._homes.get(ContentKey(kind, live_id), board_id)
        return home != board_id and home in self._restored()

    def is_held(self, kind: str, live_id: str) -> bool:
        """Return whether the backup has a live section or item on any board; then an exact restore does not remove it."""
        return bool(self._restored()) and ContentKey(kind, live_id) in self._homes

    def holds_some(self, board_id: str) -> bool:
        """Return whether a live board that is to be removed holds a section or item that the restore moves back to another
        board."""
        body = self._live.read("boards", board_id, again=True)
        parts = nested_in("boards", decode(body)) if body else ()
        return any(self.is_of_another(part.content_type, part.id, "") for part in parts)

    @cached_property
    def _homes(self) -> dict[ContentKey, str]:
        """The board of the backup that each live section and item belongs to."""
        homes: dict[ContentKey, str] = {}
        for board_id in self._backup.rows("boards"):
            payload = self._backup.readable("boards", board_id) or {}
            for part in nested_in("boards", payload) if not lies_in_trash(payload) else ():
                live_id = self._renamed(part.content_type, part.id) or part.id
                homes[ContentKey(part.content_type, live_id)] = board_id
        return homes

    def note(self, board: Difference) -> None:
        """Note from which boards the restore moves sections and items back to *board*; `hosts` yields them."""
        for part in board.walk():
            field = _HOLDER.get(part.content_type)
            if part.live is not None and field in part.changed:
                self._left.add((field, str(part.live.fields.get(field) or "")))

    def hosts(self) -> Iterator[tuple[ContentKey, Found]]:
        """Yield the live boards from which the restore moves a section or item away, as they are now: an undo moves it back."""
        for field, live_id in sorted(self._left):
            section = self._live.read(SECTION, live_id) if field == _HOLDER[ITEM] else None
            board_id = str(decode(section).get("board_id") or "") if section else live_id
            if names_one(board_id):
                yield ContentKey("boards", board_id), Found(board_id, self._live.get("boards", board_id) or None)
