"""Read what snapshots hold: payloads, listings, histories."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from typing import NoReturn

from lookervault_core import codec
from lookervault_core.errors import BlobDamaged, NotFound
from lookervault_core.model import Change, ContentKey, Item
from lookervault_core.vault.contents import snapshots
from lookervault_core.vault.contents.changes import BASE_IS_OF_LOOKER
from lookervault_core.vault.contents.identity import IS_OF_ITEM, require_own
from lookervault_core.vault.rows import ItemRow, VersionRow
from lookervault_core.vault.sqlite.faults import moment

_CHANGES: tuple[Change, ...] = ("new", "changed", "unchanged")

_VERSION = (
    "i.content_type, i.id, v.name, v.folder_id, v.owner_id, v.updated_at, v.captured_at, v.version_id, b.sha256, b.size"
)

_OF_SNAPSHOT = """
    FROM snapshot_items s JOIN content_items i USING (item_id)
        JOIN content_versions v USING (version_id) JOIN blobs b USING (blob_id)
    WHERE s.snapshot_id = ? AND i.content_type = ?
"""

# What the snapshot that spoke for the type held when this one began, and nothing that was kept beside it.
_OF_BASE = """
    FROM snapshot_types t JOIN snapshot_items s ON s.snapshot_id = t.base_snapshot_id
        JOIN content_items i ON i.item_id = s.item_id AND i.content_type = t.content_type
        JOIN content_versions v USING (version_id) JOIN blobs b USING (blob_id)
    WHERE t.snapshot_id = ? AND t.content_type = ?
"""

# Ids that are numbers come first and in the order of numbers, whatever their size.
_BY_NUMBER = "ORDER BY i.id GLOB '*[^0-9]*', CASE WHEN i.id NOT GLOB '*[^0-9]*' THEN length(i.id) END, i.id"


def payload(db: sqlite3.Connection, key: ContentKey, snapshot_id: int | None) -> bytes:
    within = chosen(db, key.content_type, snapshot_id)
    statement = f"SELECT b.data, b.sha256, b.size, {IS_OF_ITEM} {_OF_SNAPSHOT} AND i.id = ?"
    row = db.execute(statement, (within, *_parts(key))).fetchone()
    return _unsealed(key, *row) if row else _not_in(db, key, within)


def listing(
    db: sqlite3.Connection, content_type: str, snapshot_id: int | None, limit: int | None, offset: int
) -> list[ItemRow]:
    rows = db.execute(
        f"SELECT {_VERSION}, s.read_at, s.change {_OF_SNAPSHOT} {_BY_NUMBER} LIMIT ? OFFSET ?",
        (chosen(db, content_type, snapshot_id), content_type, -1 if limit is None else limit, offset),
    )
    return [_item_row(row, _CHANGES[change]) for *row, change in rows]


def find(db: sqlite3.Connection, key: ContentKey, snapshot_id: int | None) -> ItemRow:
    within = chosen(db, key.content_type, snapshot_id)
    statement = f"SELECT {_VERSION}, s.read_at, s.change {_OF_SNAPSHOT} AND i.id = ?"
    row = db.execute(statement, (within, *_parts(key))).fetchone()
    return _item_row(row[:-1], _CHANGES[row[-1]]) if row else _not_in(db, key, within)


def base_ids(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> list[str]:
    rows = db.execute(f"SELECT i.id {_OF_BASE}", (snapshot_id, content_type))
    return [id for (id,) in rows]


def read_ids(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> Iterator[str]:
    """Yield the ids of the base whose payloads are sound and came from Looker, not from an export, and were not taken over
    unproven."""
    rows = db.execute(
        f"""SELECT i.id, b.data, b.sha256, b.size, {IS_OF_ITEM} {_OF_BASE} AND s.read_at IS NULL AND {BASE_IS_OF_LOOKER}""",
        (snapshot_id, content_type),
    )
    for id, *blob in rows:
        with suppress(BlobDamaged):
            _unsealed(ContentKey(content_type, id), *blob)
            yield id


def base_payloads(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> Iterator[tuple[str, bytes]]:
    rows = db.execute(f"SELECT i.id, b.data, b.sha256, b.size, {IS_OF_ITEM} {_OF_BASE}", (snapshot_id, content_type))
    for id, *blob in rows:
        with suppress(BlobDamaged):
            yield id, _unsealed(ContentKey(content_type, id), *blob)


def changed_in_place(db: sqlite3.Connection, snapshot_id: int, content_type: str) -> Iterator[tuple[bytes, bytes]]:
    rows = db.execute(
        """SELECT b.data, b.sha256, b.size, c.data, c.sha256, c.size
        FROM snapshot_items s JOIN content_items i USING (item_id) JOIN content_versions v USING (version_id)
            JOIN blobs b USING (blob_id)
            JOIN snapshot_types t ON t.snapshot_id = s.snapshot_id AND t.content_type = i.content_type
            JOIN snapshot_items o ON o.snapshot_id = t.base_snapshot_id AND o.item_id = s.item_id
            JOIN content_versions w ON w.version_id = o.version_id JOIN blobs c ON c.blob_id = w.blob_id
        WHERE s.snapshot_id = ? AND i.content_type = ? AND s.change = 1 AND v.updated_at IS w.updated_at""",
        (snapshot_id, content_type),
    )
    for data, sha256, size, *before in rows:
        with suppress(BlobDamaged):
            yield codec.unseal(*before), codec.unseal(data, sha256, size)


def iter_payloads(db: sqlite3.Connection, content_type: str, snapshot_id: int | None) -> Iterator[Item]:
    """Yield the items one by one, in the order of `listing`; raises BlobDamaged at the first damaged one."""
    rows = db.execute(
        f"SELECT {_VERSION}, {IS_OF_ITEM}, b.blob_id {_OF_SNAPSHOT} {_BY_NUMBER}",
        (chosen(db, content_type, snapshot_id), content_type),
    )
    for (
        *row,
        is_of_item,
        blob_id,
    ) in rows:  # the sort must not carry the data along, so each blob is read when its turn comes
        item = _item_row(row, None)
        (data,) = db.execute("SELECT data FROM blobs WHERE blob_id = ?", (blob_id,)).fetchone()
        yield Item(
            content_type=content_type,
            id=item.id,
            payload=_unsealed(item.key, data, bytes.fromhex(item.sha256), item.size, is_of_item),
            name=item.name,
            folder_id=item.folder_id,
            owner_id=item.owner_id,
            updated_at=item.updated_at,
            captured_at=item.captured_at,
        )


def history(db: sqlite3.Connection, key: ContentKey) -> list[VersionRow]:
    rows = db.execute(
        """SELECT v.version_id, v.name, v.updated_at, v.captured_at, b.sha256, b.size,
            min(s.snapshot_id), max(s.snapshot_id), count(*)
        FROM content_items i CROSS JOIN snapshots n
            CROSS JOIN snapshot_items s ON s.snapshot_id = n.snapshot_id AND s.item_id = i.item_id
            JOIN content_versions v USING (version_id) JOIN blobs b USING (blob_id)
        WHERE i.content_type = ? AND i.id = ? GROUP BY v.version_id
        ORDER BY max(n.started_at) DESC, v.version_id DESC""",
        _parts(key),
    ).fetchall()
    if not rows:
        raise NotFound(f"{key}: no snapshot holds it; `lookervault list {key.content_type}` says what there is")
    return [
        VersionRow(version_id, name, updated_at, moment(captured_at), sha256.hex(), *rest)
        for version_id, name, updated_at, captured_at, sha256, *rest in rows
    ]


def chosen(db: sqlite3.Connection, content_type: str, snapshot_id: int | None) -> int:
    """Return *snapshot_id* if there is such a snapshot, or the visible one of the type; else raise NotFound."""
    if snapshot_id is not None:
        return snapshots.known(db, snapshot_id)
    visible = snapshots.visible(db, content_type)
    if visible is None:
        raise NotFound(
            f"{content_type}: no snapshot of this type is finished; run `lookervault extract {content_type}`"
        )
    return visible.snapshot_id


def _not_in(db: sqlite3.Connection, key: ContentKey, snapshot_id: int) -> NoReturn:
    (last,) = db.execute(
        """SELECT max(s.snapshot_id) FROM content_items i CROSS JOIN snapshots n
            CROSS JOIN snapshot_items s ON s.snapshot_id = n.snapshot_id AND s.item_id = i.item_id
        WHERE i.content_type = ? AND i.id = ?""",
        _parts(key),
    ).fetchone()
    advice = f"snapshot {last} does: add --snapshot {last}" if last else "nor does any other"
    raise NotFound(f"{key}: snapshot {snapshot_id} does not hold it; {advice}")


def _unsealed(key: ContentKey, data: bytes, sha256: bytes, size: int, is_of_item: bool) -> bytes:
    try:
        payload = codec.unseal(data, sha256, size)
        require_own(key, payload, is_of_item=is_of_item)
        return payload
    except BlobDamaged as exc:
        raise BlobDamaged(f"{key}: {exc}; `lookervault history` lists its other versions") from exc


def _item_row(row: tuple | list, change: Change | None) -> ItemRow:
    content_type, id, name, folder_id, owner_id, updated_at, captured_at, version_id, sha256, size, *more = row
    captured, read_at = moment(captured_at), more[0] if more else None
    facts = (content_type, id, name, folder_id, owner_id, updated_at, captured, version_id, sha256.hex(), size)
    return ItemRow(*facts, change, read_at)


def _parts(key: ContentKey) -> tuple[str, str]:
    return key.content_type, key.id
