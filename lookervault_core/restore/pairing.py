"""Which live object each item is where each of several names may tell another: people may have given one's name to another."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence

from lookervault_core.catalog_writes import WRITES
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.natural import as_mark, naming_fields


class Pairing:
    """Gives the live objects of another instance to the items that are called like them, so that as many as can be get one.

    *by_number* returns the live id of an item that need not be looked for by name; *index* has the live ids of a type by mark,
    for each of its names. Safe for any number of threads.
    """

    def __init__(
        self,
        backup: Backup,
        by_number: Callable[[ContentKey], str | None],
        index: Callable[[str, int], Mapping[bytes, list[str]]],
    ) -> None:
        self._backup, self._by_number, self._index = backup, by_number, index
        self._pairs: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def allows(self, key: ContentKey, live_id: str) -> bool:
        """Return whether a live object that an item is called like is not rather another item's."""
        natural = WRITES[key.content_type].natural
        if len(natural) == 1 or not all(one.unique and not one.in_trash for one in natural):
            return True
        with self._lock:
            if key.content_type not in self._pairs:
                self._pairs[key.content_type] = _pairs(dict(self._candidates(key.content_type)))
        return self._pairs[key.content_type].get(live_id, key.id) == key.id

    def _candidates(self, content_type: str) -> Iterator[tuple[str, list[str]]]:
        facts = WRITES[content_type]
        for item_id in self._backup.rows(content_type):
            payload = self._backup.readable(content_type, item_id)
            if payload and self._by_number(ContentKey(content_type, item_id)) is None:
                fields = naming_fields(content_type, payload, facts)
                marks = [as_mark(fields, natural.fields) for natural in facts.natural]
                lists = (self._index(content_type, number).get(mark, []) for number, mark in enumerate(marks) if mark)
                yield item_id, [one for some in lists for one in some]


def _pairs(candidates: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the item of each live id: its first candidate, or the next where another item has none but that."""
    taken: dict[str, str] = {}

    def take(item: str, tried: set[str]) -> bool:
        for one in candidates[item]:
            if one not in tried:
                tried.add(one)
                if one not in taken or take(taken[one], tried):
                    taken[one] = item
                    return True
        return False

    for item in candidates:
        take(item, set())
    return taken
