"""Count the signs of trouble in a snapshot from the log of changes, and keep the counts, so that pruning does not lose them."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families import watched
from lookervault_core.history import Change, changes_of
from lookervault_core.history.documents import Documents, decoded
from lookervault_core.looker.client import makes_admin
from lookervault_core.model import Snapshot
from lookervault_core.vault import Vault
from lookervault_core.watching.signs import Sign

# Stands among the counts of each snapshot, and says that they are counted: 1 if it ends a night.
ENDS_NIGHT = ""


class Found(msgspec.Struct, frozen=True):
    """The signs of one snapshot: `counts` by sign, the `changes` that show each, and the `author`, if one person made very
    many."""

    counts: Mapping[str, int]
    changes: Mapping[str, tuple[str, ...]]
    author: str = ""


def found_in(vault: Vault, snapshot: Snapshot, before: Snapshot | None) -> Found:
    """Return the signs of *snapshot*. *before* is the whole snapshot with which its size is compared, if it is whole itself."""
    with vault.read() as db:
        ground, new = _ground(db, snapshot.snapshot_id), _Recipients(db, snapshot)
    counts, changes = Counter[str](), defaultdict[str, list[str]](list)
    authors = defaultdict[str, list[str]](list)
    for change in changes_of(vault, snapshot.snapshot_id):
        shown = [*watched.signs(_looked_at(change), ground), *new.signs(change)]
        for sign, count in shown:
            counts[sign] += count
            changes[sign].append(change.change_id)
        if change.author.id:
            authors[change.author.id].append(change.change_id)
    author = max(authors, key=lambda one: len(authors[one]), default="")
    if author:
        counts[Sign.AUTHOR], changes[Sign.AUTHOR] = len(authors[author]), authors[author]
    shrunk = _shrunk(vault, snapshot, before) if before else {}
    return Found(counts | shrunk, {name: tuple(ids) for name, ids in changes.items()}, author)


def kept(db: sqlite3.Connection) -> dict[int, Counter[str]]:
    """Return the kept counts by snapshot id, those of pruned snapshots too; whole snapshots also have the sign `ENDS_NIGHT`."""
    found = defaultdict[int, Counter[str]](Counter)
    for snapshot_id, sign, count in db.execute("SELECT snapshot_id, sign, count FROM snapshot_signs"):
        found[snapshot_id][sign] = count
    return dict(found)


def keep(db: sqlite3.Connection, snapshot_id: int, counts: Mapping[str, int]) -> None:
    """Keep the counts of a snapshot."""
    rows = [(snapshot_id, sign, count) for sign, count in counts.items()]
    db.execute("DELETE FROM snapshot_signs WHERE snapshot_id = ?", (snapshot_id,))
    db.executemany("INSERT INTO snapshot_signs VALUES (?, ?, ?)", rows)


def sizes(vault: Vault, snapshot: Snapshot | None) -> dict[str, int]:
    """Return how many objects of each type a snapshot holds."""
    counts = vault.counts(snapshot.snapshot_id) if snapshot else {}
    return {name: count.captured for name, count in counts.items() if name in watched.COUNTED}


def _looked_at(change: Change) -> watched.Changed:
    fields = tuple(watched.Field(field.path, field.old, field.new) for field in change.fields)
    is_for_good = change.kind == "deleted" and change.after_version is None
    return watched.Changed(change.content_type, change.id, change.kind, fields, is_for_good)


def _shrunk(vault: Vault, snapshot: Snapshot, before: Snapshot) -> dict[str, int]:
    """Return by type how many objects fewer there are than before; nothing of a type that either snapshot lacks something of."""
    now, then = vault.counts(snapshot.snapshot_id), sizes(vault, before)
    whole = [name for name in then if name in now and not now[name].holes]
    return {f"{Sign.SHRUNK}:{name}": less for name in whole if (less := then[name] - now[name].captured) > 0}


def _ground(db: sqlite3.Connection, snapshot_id: int) -> watched.Ground:
    everybody = [one for one, row in _held(db, snapshot_id, watched.GROUPS) if row.get("include_by_default")]
    admins = [one for one, row in _held(db, snapshot_id, watched.ROLES) if makes_admin(row)]
    return watched.Ground(frozenset(everybody), frozenset(admins))


def _held(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield id and payload of the objects of a type; one that a snapshot of some types lacks as it was last."""
    rows = db.execute(
        """SELECT i.id, max(v.version_id) FROM snapshot_items s JOIN content_items i USING (item_id)
            JOIN content_versions v USING (version_id)
        WHERE s.snapshot_id = (SELECT max(snapshot_id) FROM snapshot_types WHERE content_type = ?1 AND snapshot_id <= ?2)
            AND i.content_type = ?1 GROUP BY i.id""",
        (content_type, snapshot_id),
    ).fetchall()
    documents = Documents(db)
    for item_id, version_id in rows:
        with suppress(BlobDamaged, CodecError):
            yield item_id, decoded(documents.payload(version_id)[1])


class _Recipients:
    """Knows the mail domains that schedules, alerts and users had before a snapshot; read when the first one is asked for."""

    def __init__(self, db: sqlite3.Connection, snapshot: Snapshot) -> None:
        self._db, self._at = db, snapshot.snapshot_id
        self._documents = Documents(db)
        self._known: frozenset[str] | None = None

    def signs(self, change: Change) -> watched.Signs:
        """Yield how many recipients of a changed schedule or alert have a domain that is new."""
        if change.content_type in watched.DELIVERIES and change.kind != "deleted" and change.after_version is not None:
            now = self._domains(change.content_type, [change.after_version])
            if now and (new := [one for one in now if one not in self._before()]):
                yield Sign.RECIPIENTS, len(new)

    def _before(self) -> frozenset[str]:
        if self._known is None:
            kinds = (*watched.DELIVERIES, watched.PERSON)
            self._known = frozenset(one for kind in kinds for one in self._domains(kind, self._earlier(kind)))
        return self._known

    def _earlier(self, kind: str) -> list[int]:
        """Return the versions of a type that snapshots before this one hold."""
        rows = self._db.execute(
            """SELECT DISTINCT version_id FROM held_spans
            WHERE lane_id IN (SELECT lane_id FROM lanes WHERE content_type = ?) AND first_snapshot_id < ?""",
            (kind, self._at),
        )
        return [version_id for (version_id,) in rows]

    def _domains(self, kind: str, version_ids: Iterable[int]) -> list[str]:
        found = []
        for version_id in version_ids:
            with suppress(BlobDamaged, CodecError):
                payload = decoded(self._documents.payload(version_id)[1])
                found += [one.rpartition("@")[2].casefold() for one in watched.recipients(kind, payload)]
        return found


def is_of_looker(db: sqlite3.Connection, snapshot: Snapshot) -> bool:
    """Return whether a snapshot is a night: of the whole instance, and read from Looker by an extraction."""
    row = db.execute(
        """SELECT 1 FROM extraction_sessions WHERE snapshot_id = ? AND json_extract(options, '$.extract.types') IS NULL
            AND json_extract(options, '$.import') IS NULL AND json_extract(options, '$.before_restore') IS NULL""",
        (snapshot.snapshot_id,),
    ).fetchone()
    return row is not None and not snapshot.folders and len(snapshot.types) >= len(CATALOG) // 2
