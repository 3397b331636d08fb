"""The hot path: keep one fetched page.

Hashing, comparing and compressing happen first, on what readers see, so that threads do them side by side. Then one
short write transaction looks again, since another page may have kept the same item meanwhile, and stores.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from lookervault_core import codec
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.model import ContentKey, Item
from lookervault_core.vault.contents import spans
from lookervault_core.vault.rows import Held

NEW, CHANGED, UNCHANGED = range(3)

_NEWEST = "(SELECT max(version_id) FROM content_versions WHERE item_id = i.item_id)"

_LOOK_UP = """
    SELECT i.content_type, i.id, i.item_id, v.version_id, b.blob_id, b.sha256,
        based.version_id, based.blob_id, c.sha256, (SELECT base.read_at FROM snapshot_items base
            WHERE base.snapshot_id = t.base_snapshot_id AND base.item_id = i.item_id)
    FROM json_each(?) j
    CROSS JOIN content_items i
        ON i.content_type = json_extract(j.value, '$[0]') AND i.id = json_extract(j.value, '$[1]')
    LEFT JOIN content_versions v ON v.version_id = {version}
    LEFT JOIN blobs b ON b.blob_id = v.blob_id
    LEFT JOIN snapshot_types t ON t.snapshot_id = ? AND t.content_type = i.content_type
    LEFT JOIN content_versions based ON based.version_id = (SELECT base.version_id FROM snapshot_items base
        WHERE base.snapshot_id = t.base_snapshot_id AND base.item_id = i.item_id)
    LEFT JOIN blobs c ON c.blob_id = based.blob_id
"""

# Of the versions, the one that has the very bytes; only what looks for an older state names them.
_SAME_BYTES = f"""ifnull((SELECT max(w.version_id) FROM content_versions w JOIN blobs x USING (blob_id)
    WHERE w.item_id = i.item_id AND lower(hex(x.sha256)) = json_extract(j.value, '$[2]')), {_NEWEST})"""

# The same address means the same payload: writing it again costs little and mends a blob that the disk has damaged.
_HEALING = " ON CONFLICT (sha256) DO UPDATE SET size = excluded.size, data = excluded.data"


class Known(msgspec.Struct, frozen=True):
    """What the vault knows of an item: its newest version, and what the snapshot's base holds of it.

    The newest version may belong to the state before a restore, which is no backup: it is used again if its bytes are the same, but
    never taken for what Looker has. `base_read_at` is None if the base itself has read the item.
    """

    item_id: int
    version_id: int | None
    blob_id: int | None
    sha256: bytes | None
    base_version_id: int | None
    base_blob_id: int | None
    base_sha256: bytes | None
    base_read_at: str | None


class Page:
    """One page's items, each once (the last, where offsets shifted under a listing), and the work done so far.

    With *below* the items are older than the vault's: an equal version is used again, and a new one gets a number below all
    others, so that the newest version of an item stays the one that Looker gave last. With *mend* existing blobs are written
    again, since they may be damaged."""

    def __init__(
        self,
        snapshot_id: int,
        items: Sequence[Item],
        volatile: frozenset[str],
        *,
        below: bool = False,
        mend: bool = False,
    ) -> None:
        self._snapshot_id = snapshot_id
        self.items = list({(item.content_type, item.id): item for item in items}.values())
        self._volatile = volatile
        self._below = below
        self._mend = mend
        self._digests = [codec.digest(item.payload) for item in self.items]
        self._keys = self._named()
        self._sealed: dict[bytes, codec.Sealed] = {}
        self._damaged: set[bytes] = set()
        self._same: dict[tuple[bytes, bytes], bool] = {}  # by the digests of what is kept and of what came

    def _named(self) -> str:
        rows = zip(self.items, self._digests, strict=True)
        if self._below:
            return _json([(item.content_type, item.id, sha256.hex()) for item, sha256 in rows])
        return keys_of(item.key for item in self.items)

    def _look_up(self, db: sqlite3.Connection) -> dict[ContentKey, Known]:
        return look_up(db, self._snapshot_id, self._keys, same_bytes=self._below)

    def prepare(self, db: sqlite3.Connection) -> None:
        """Hash and compress the items and compare them with the vault, before the write lock is taken."""
        known = self._look_up(db)
        self._damaged = self._found_damaged(db, known)
        self._judge(db, known)

    def store(self, db: sqlite3.Connection, now: datetime) -> list[int]:
        """Store the page in the caller's transaction; return each item's change."""
        db.execute(
            "INSERT OR IGNORE INTO content_items (content_type, id)"
            " SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)",
            (self._keys,),
        )
        known = self._look_up(db)
        fresh = self._judge(db, known)
        self._insert_versions(db, known, fresh, now)
        if any(fresh):
            known = self._look_up(db)
        held = self._held(known)
        self._insert_links(db, held)
        return put(db, self._snapshot_id, held)

    def _held(self, known: dict[ContentKey, Known]) -> list[Held]:
        rows = ((known[item.key], sha256) for item, sha256 in zip(self.items, self._digests, strict=True))
        return [self._serving(row, sha256) for row, sha256 in rows]

    def _serving(self, row: Known, sha256: bytes) -> Held:
        """Return the version that serves: the base's if it says the same, since the item is unchanged then."""
        if self._below and row.sha256 == sha256:
            return newest_of(row)
        return base_of(row) if self._serves(row.base_sha256, sha256) else newest_of(row)

    def _judge(self, db: sqlite3.Connection, known: dict[ContentKey, Known]) -> list[bool]:
        """Return which items need a version of their own; those are sealed by now."""
        self._compare(db, known)
        fresh = [
            not self._is_there(known.get(item.key), sha256)
            for item, sha256 in zip(self.items, self._digests, strict=True)
        ]
        for item, sha256, is_fresh in zip(self.items, self._digests, fresh, strict=True):
            if (is_fresh or self._writes_again(sha256)) and sha256 not in self._sealed:
                self._sealed[sha256] = codec.seal(item.payload, sha256)
        return fresh

    def _found_damaged(self, db: sqlite3.Connection, known: dict[ContentKey, Known]) -> set[bytes]:
        """Return which of the page's digests are of blobs that the disk has damaged: a snapshot is not to stand on these."""
        there = {
            blob_id: kept
            for item, sha256 in zip(self.items, self._digests, strict=True)
            for blob_id, kept in _candidates(known.get(item.key))
            if kept == sha256
        }
        return {sha256 for _, sha256, size, data in _blobs(db, there) if not codec.is_whole(data, sha256, size)}

    def _writes_again(self, sha256: bytes) -> bool:
        return self._mend or sha256 in self._damaged

    def _is_there(self, known: Known | None, sha256: bytes) -> bool:
        return known is not None and (self._serves(known.base_sha256, sha256) or self._serves(known.sha256, sha256))

    def _serves(self, kept: bytes | None, sha256: bytes) -> bool:
        return kept is not None and (kept == sha256 or self._same[kept, sha256])

    def _compare(self, db: sqlite3.Connection, known: dict[ContentKey, Known]) -> None:
        """Compare the items whose bytes differ from those of a version that might serve, unless that is done already."""
        differing: dict[int, list[tuple[Item, bytes]]] = {}
        for item, sha256 in zip(self.items, self._digests, strict=True):
            for blob_id, kept in _candidates(known.get(item.key)):
                if kept != sha256 and (kept, sha256) not in self._same:
                    differing.setdefault(blob_id, []).append((item, sha256))
        for blob_id, before, size, data in _blobs(db, differing):
            for item, sha256 in differing[blob_id]:
                self._same[before, sha256] = _same(data, before, size, item.payload, self._volatile)

    def _insert_versions(
        self, db: sqlite3.Connection, known: dict[ContentKey, Known], fresh: list[bool], now: datetime
    ) -> None:
        blobs, versions = [], []
        for item, sha256, is_fresh in zip(self.items, self._digests, fresh, strict=True):
            if is_fresh or self._writes_again(sha256):
                sealed = self._sealed[sha256]
                blobs.append((sha256, sealed.size, sealed.data))
            if is_fresh:
                versions.append(_version(item, known[item.key].item_id, sha256, now))
        db.executemany("INSERT INTO blobs (sha256, size, data) VALUES (?, ?, ?) " + _HEALING, blobs)
        number = "(SELECT min(version_id) - 1 FROM content_versions)" if self._below else "NULL"
        db.executemany(
            "INSERT INTO content_versions"
            " (version_id, item_id, name, folder_id, owner_id, updated_at, captured_at, blob_id)"
            f" VALUES ({number}, ?, ?, ?, ?, ?, ?, (SELECT blob_id FROM blobs WHERE sha256 = ?))",
            versions,
        )

    def _insert_links(self, db: sqlite3.Connection, held: list[Held]) -> None:
        """Note what the payloads need; of a version that an older release of LookerVault kept, which knew less of that, too."""
        db.executemany(
            "INSERT OR IGNORE INTO version_links (version_id, content_type, id) VALUES (?, ?, ?)",
            [
                (row.version_id, link.content_type, link.id)
                for item, row in zip(self.items, held, strict=True)
                for link in item.links
            ],
        )


def put(db: sqlite3.Connection, snapshot_id: int, rows: Sequence[Held]) -> list[int]:
    """Make *rows* what the snapshot holds, whatever it held before; return the changes."""
    spans.put(db, snapshot_id, rows)
    return [row.change for row in rows]


def newest_of(row: Known) -> Held:
    """Return the newest version of an item; only for an item that has one."""
    if row.version_id is None:
        raise ValueError(f"item {row.item_id} has no version")
    return Held(row.item_id, row.version_id, _change(row))


def base_of(row: Known) -> Held:
    """Return the version of an item that the base holds; only for an item that it holds."""
    if row.base_version_id is None:
        raise ValueError(f"item {row.item_id} is not in the base")
    return Held(row.item_id, row.base_version_id, UNCHANGED)


def keys_of(keys: Iterable[ContentKey]) -> str:
    return _json([(key.content_type, key.id) for key in keys])


def look_up(
    db: sqlite3.Connection, snapshot_id: int, keys: str, *, same_bytes: bool = False
) -> dict[ContentKey, Known]:
    """Return what the vault knows of *keys*, a JSON array of (content type, id), in one statement.

    With *same_bytes* each key has a digest too, in hex; a version of these bytes is taken before the newest one.
    """
    statement = _LOOK_UP.format(version=_SAME_BYTES if same_bytes else _NEWEST)
    rows = db.execute(statement, (keys, snapshot_id))
    return {ContentKey(content_type, id): Known(*rest) for content_type, id, *rest in rows}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _candidates(known: Known | None) -> list[tuple[int, bytes]]:
    """Return blob and digest of the versions that might serve."""
    if known is None:
        return []
    pairs = {(known.base_blob_id, known.base_sha256), (known.blob_id, known.sha256)}
    return [(blob_id, sha256) for blob_id, sha256 in pairs if blob_id is not None and sha256 is not None]


def _change(row: Known) -> int:
    if row.base_version_id is None:
        return NEW
    return UNCHANGED if row.base_blob_id == row.blob_id else CHANGED


def _version(item: Item, item_id: int, sha256: bytes, now: datetime) -> tuple:
    captured_at = (item.captured_at or now).isoformat()
    return item_id, item.name, item.folder_id, item.owner_id, item.updated_at, captured_at, sha256


def _blobs(db: sqlite3.Connection, blob_ids: Iterable[int]) -> Iterable[tuple[int, bytes, int, bytes]]:
    ids = msgspec.json.encode(list(blob_ids)).decode()
    return db.execute(
        "SELECT blob_id, sha256, size, data FROM blobs WHERE blob_id IN (SELECT value FROM json_each(?))", (ids,)
    )


def _same(data: bytes, sha256: bytes, size: int, payload: bytes, volatile: frozenset[str]) -> bool:
    """A version that is damaged, or was no JSON, cannot serve on: the item gets a new one."""
    try:
        return codec.same_payload(codec.unseal(data, sha256, size), payload, volatile)
    except (BlobDamaged, CodecError):
        return False
