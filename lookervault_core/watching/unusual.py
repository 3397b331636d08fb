"""Say what is unusual in a snapshot: its signs compared with those of the nights before it, each a sentence with what to do.

A night is all changes between two snapshots of the whole instance, those in snapshots of some types in between included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.errors import NotFound
from lookervault_core.families import watched
from lookervault_core.model import Snapshot
from lookervault_core.vault import Vault
from lookervault_core.watching.counting import ENDS_NIGHT, Found, found_in, is_of_looker, keep, kept, sizes
from lookervault_core.watching.judging import LOOKED_BACK, Verdict, judged
from lookervault_core.watching.signs import WORDS, Sign

REVERTED_ONE_BY_ONE = 10


class Unusual(msgspec.Struct, frozen=True):
    """One unusual sign. `text` is a sentence that names no object; `look` and `revert` are commands; `changes` are ids of the
    changes."""

    sign: str
    content_type: str
    count: int
    usual: int
    nights: int
    text: str
    look: str
    revert: str
    changes: tuple[str, ...] = ()


def to_json(one: Unusual) -> dict[str, Any]:
    """Return an unusual sign as it stands in `--json` documents."""
    return msgspec.to_builtins(one)


def unusual(vault: Vault, snapshot_id: int) -> list[Unusual]:
    """Return what is unusual in a finished snapshot, the worst first; nothing for the first one, which cannot be compared.

    The counts of each night are stored, if the vault can be written."""
    row = _Row(vault, snapshot_id)
    if row.before is None:
        return []
    now = row.in_between() + Counter(dict(row.found.counts))
    verdicts = judged(now, row.nights(), sizes(vault, row.before))
    return [_told(verdict, row) for verdict in verdicts if verdict.name in row.found.counts]


def lately(vault: Vault, nights: int) -> dict[int, list[str]]:
    """Return by snapshot id what was unusual in the last *nights* nights, newest first, in sentences. It goes by the stored counts
    alone; a night without counts is left out."""
    finished = sorted((one for one in vault.snapshots() if one.status in ("complete", "partial")), key=_order)
    with vault.read() as db:
        known = kept(db)
        ends = [at for at, one in enumerate(finished) if is_of_looker(db, one)]
    gone = {one: known[one] for one in sorted(known.keys() - {one.snapshot_id for one in finished})}
    told: dict[int, list[str]] = {}
    for at in reversed(range(max(1, len(ends) - nights), len(ends))):
        last, before = finished[ends[at]], finished[ends[at - 1]]
        spans = (finished[ends[end - 1] + 1 : ends[end] + 1] for end in range(max(1, at - LOOKED_BACK), at + 1))
        *earlier, now = (sum((known.get(one.snapshot_id, Counter()) for one in span), Counter[str]()) for span in spans)
        shown = known.get(last.snapshot_id, Counter[str]())
        counts = {name: count for name, count in now.items() if name != ENDS_NIGHT and name in shown}
        pruned = [signs for one, signs in gone.items() if one < last.snapshot_id and signs[ENDS_NIGHT]]
        verdicts = judged(counts, [*pruned, *earlier], sizes(vault, before))
        if verdicts:
            told[last.snapshot_id] = [f"{_counted(one)}; {_compared(one)}" for one in verdicts]
    return told


def newest(vault: Vault) -> int:
    """Return the newest finished snapshot that was read from Looker; NotFound if there is none yet."""
    for snapshot in vault.snapshots():
        session = vault.session(snapshot.session_id)
        if snapshot.status in ("complete", "partial") and not session.is_import and session.restore is None:
            return snapshot.snapshot_id
    raise NotFound("there is no finished snapshot yet: `lookervault extract` makes one")


class _Row:
    """The finished snapshots up to one, oldest first, with what each of the last ones counted. `before` is the last whole one."""

    def __init__(self, vault: Vault, snapshot_id: int) -> None:
        self._vault = vault
        self.snapshot = vault.snapshot(snapshot_id)
        finished = sorted(
            (snapshot for snapshot in vault.snapshots() if snapshot.status in ("complete", "partial")), key=_order
        )
        self._row = [one for one in finished if _order(one) <= _order(self.snapshot)]
        with vault.read() as db:
            self._whole = [one for one in self._row if is_of_looker(db, one)]
            known = kept(db)
        earlier = [one for one in self._whole if one.snapshot_id != snapshot_id]
        self.before = earlier[-1] if earlier else None
        self.found = self._found(self.snapshot)
        self._pruned = [known[one] for one in sorted(known.keys() - {one.snapshot_id for one in finished})]
        self._signs = self._counted(known)

    def nights(self) -> list[Counter[str]]:
        """Return what each night before counted, oldest first; the first whole snapshot ends none, for nothing was before it."""
        earlier = [one for one in self._whole if one.snapshot_id != self.snapshot.snapshot_id]
        pairs = list(pairwise(earlier))[-LOOKED_BACK:]
        pruned = [counts for counts in self._pruned if counts[ENDS_NIGHT]]
        return [*pruned, *(self._between(first, last) + self._signs[last.snapshot_id] for first, last in pairs)]

    def in_between(self) -> Counter[str]:
        """Return what snapshots of some types have counted since the last whole one."""
        assert self.before
        return self._between(self.before, self.snapshot)

    def _between(self, first: Snapshot, last: Snapshot) -> Counter[str]:
        between = (one for one in self._row if _order(first) < _order(one) < _order(last))
        return sum((self._signs[one.snapshot_id] for one in between), Counter[str]())

    def _counted(self, known: Mapping[int, Counter[str]]) -> dict[int, Counter[str]]:
        """Return the signs of the last nights by snapshot; those that are not *known* are counted, and kept."""
        first = self._whole[-LOOKED_BACK - 2 :][0] if self._whole else self.snapshot
        wanted = [one for one in self._row if _order(one) >= _order(first)]
        missing = [one for one in wanted if one.snapshot_id not in known or one == self.snapshot]
        counted = {item_id.snapshot_id: self._of(item_id) for item_id in missing}
        if not self._vault.is_read_only:
            with self._vault.write() as db:
                for snapshot_id, counts in counted.items():
                    keep(db, snapshot_id, counts)
        return {**known, **counted}

    def _of(self, snapshot: Snapshot) -> Counter[str]:
        found = self.found if snapshot == self.snapshot else self._found(snapshot)
        return Counter({**found.counts, ENDS_NIGHT: int(snapshot in self._whole[1:])})

    def _found(self, snapshot: Snapshot) -> Found:
        earlier = [one for one in self._whole if _order(one) < _order(snapshot)]
        if not earlier:
            return Found({}, {})
        return found_in(self._vault, snapshot, earlier[-1] if snapshot in self._whole else None)


def _order(one: Snapshot) -> tuple[datetime, int]:
    return one.started_at, one.snapshot_id


def _told(one: Verdict, row: _Row) -> Unusual:
    found = row.found
    changes = found.changes.get(one.name, ())
    look = " ".join(["lookervault log", *_arguments(one, found), f'--since "{row.snapshot.started_at:%Y-%m-%d %H:%M}"'])
    text = f"{_counted(one)}; {_compared(one)}"
    return Unusual(
        one.sign, one.content_type, one.count, one.usual, one.nights, text, look, _revert(changes, row), changes
    )


def _counted(one: Verdict) -> str:
    if one.sign is Sign.SHRUNK:
        row = CATALOG[one.content_type]
        return f"{one.count:,} {(row.singular if one.count == 1 else row.name).replace('_', ' ')} fewer than the night before"
    words = WORDS[one.sign]
    return f"{one.count:,} {words.one if one.count == 1 else words.more}"


def _compared(one: Verdict) -> str:
    if not one.nights:
        return "there is no earlier night to compare with"
    nights = "in the night before" if one.nights == 1 else f"in the {one.nights} nights before"
    return f"{nights} {one.usual:,} at most" if one.usual else f"usually none {nights}"


def _arguments(one: Verdict, found: Found) -> Iterator[str]:
    kind = one.content_type or watched.LOOKS.get(one.sign, "")
    if kind:
        yield kind
    if WORDS[one.sign].look:
        yield WORDS[one.sign].look
    if one.sign is Sign.AUTHOR:
        yield f"--by {found.author}"


def _revert(changes: Sequence[str], row: _Row) -> str:
    """Return the command that shows how to take it back: change by change, or all of the night."""
    if 0 < len(changes) <= REVERTED_ONE_BY_ONE:
        return f"lookervault revert {' '.join(changes)} --dry-run"
    return f"lookervault restore all --snapshot {row.before.snapshot_id if row.before else ''} --dry-run"
