"""Which live object each item is where each of several names may tell another: people may have given one's name to another, or
a plan or an alert to another owner."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from lookervault_core.catalog import WRITES
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup


class Pairing:
    """Gives the live objects of another instance to the items that are called like them, so that as many as can be get one.

    *by_number* returns the live id of an item that need not be looked for by name; *marks* has the mark of an item for each of its
    names, and *index* the live ids of a type by mark, for each of its names. Safe for any number of threads.
    """

    def __init__(
        self,
        backup: Backup,
        by_number: Callable[[ContentKey], str | None],
        marks: Callable[[ContentKey, Any], list[bytes | None]],
        index: Callable[[str, int], Mapping[bytes, list[str]]],
    ) -> None:
        self._backup, self._by_number, self._marks, self._index = backup, by_number, marks, index
        self._pairs: dict[str, dict[str, str]] = {}
        self._lock = threading.RLock()  # what one is called may name another that is to be paired first

    def allows(self, key: ContentKey, live_id: str) -> bool:
        """Return whether a live object that an item is called like is not rather another item's."""
        natural = WRITES[key.content_type].natural
        owned = any(one.ownerless for one in natural)
        if len(natural) == 1 or not (owned or all(one.unique for one in natural)):
            return True
        with self._lock:
            if key.content_type not in self._pairs:
                pair = _best_names_first if owned else pairs
                self._pairs[key.content_type] = pair(dict(self._candidates(key.content_type)))
        return self._pairs[key.content_type].get(live_id, key.id) == key.id

    def _candidates(self, content_type: str) -> Iterator[tuple[str, list[list[str]]]]:
        for item_id in self._backup.rows(content_type):
            key, payload = ContentKey(content_type, item_id), self._backup.readable(content_type, item_id)
            if payload and self._by_number(key) is None:
                marks = enumerate(self._marks(key, payload))
                yield (
                    item_id,
                    [self._index(content_type, number).get(mark, []) if mark else [] for number, mark in marks],
                )


def _best_names_first(candidates: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, str]:
    """Return the item of each live id: first of all that have the same owner, then of the rest. *candidates* has for each item,
    name by name, who is called so; two that share one name share all that come after it."""
    taken: dict[str, str] = {}
    paired: set[str] = set()
    for called in zip(*candidates.values(), strict=True):
        for item, names in zip(candidates, called, strict=True):
            free = None if item in paired else next((one for one in names if one not in taken), None)
            if free is not None:
                taken[free] = item
                paired.add(item)
    return taken


def pairs(candidates: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, str]:
    """Return the item of each live id, so that as many items as can be have one: each has its first candidate that is free, or
    one whose item can do with another. *candidates* has for each item, name by name, who is called so; who is known by the first
    name comes before the others."""
    taken: dict[str, str] = {}
    has: dict[str, str] = {}
    lasting: set[str] = set()  # no item that has one of these can do with another, now or later
    for item in sorted(candidates, key=lambda one: not candidates[one][0]):
        asked = _asked(item, candidates, taken, lasting)
        last = next(reversed(asked), None)
        if last is None or last in taken:
            lasting |= asked.keys()
            continue
        one: str | None = last
        while one is not None:  # each takes what it asked for, and leaves what it had to who asked for that
            who = asked[one]
            before = has.get(who)
            taken[one], has[who] = who, one
            one = before
    return taken


def _asked(
    item: str, candidates: Mapping[str, Sequence[Sequence[str]]], taken: Mapping[str, str], lasting: Container[str]
) -> dict[str, str]:
    """Return which item asks for each live id, up to the first that is free; then for what whoever has those could do with."""
    asked: dict[str, str] = {}
    waiting = deque([item])
    while waiting:
        who = waiting.popleft()
        for one in chain.from_iterable(candidates[who]):
            if one in asked or one in lasting:
                continue
            asked[one] = who
            if one not in taken:
                return asked
            waiting.append(taken[one])
    return asked
