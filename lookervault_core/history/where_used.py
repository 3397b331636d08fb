"""Where a field is used: an index of which objects ever asked for which fields, and what a snapshot says of those."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog.looking_up import ASKING, DELIVERING, WATCHING
from lookervault_core.diff.document import decode
from lookervault_core.errors import BlobDamaged, CodecError, NotFound, UsageError
from lookervault_core.families.queries.uses import Tile, tiles, uses
from lookervault_core.history.documents import Documents
from lookervault_core.history.holders import Holders
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault

# How a field of somebody's payload may be broken: a strange one is asked for nothing.
_STRANGE = (BlobDamaged, CodecError, AttributeError, TypeError, ValueError, RecursionError, msgspec.DecodeError)


_AT_ONCE = 1000  # objects whose rows are written together


class Used(msgspec.Struct, frozen=True):
    """One place where a field is used: the object, and the tile, filter or query of it; of a plan or an alert `via` what it is."""

    content_type: str
    id: str
    name: str
    folder: str
    place: str
    part: str
    part_id: str
    via: str = ""


def parsed(text: str) -> tuple[str, str, str]:
    """Return model, explore and field of `MODEL.EXPLORE.FIELD`; a field without a view is one of the explore's own."""
    model, _, rest = text.partition(".")
    explore, _, field = rest.partition(".")
    if not (model and explore and field):
        raise UsageError(
            f"{text[:80]!r} names no field; say MODEL.EXPLORE.FIELD, such as ecommerce.orders.orders.total"
        )
    return model, explore, field if "." in field else f"{explore}.{field}"


def where_used(vault: Vault, text: str, snapshot_id: int | None = None) -> list[Used]:
    """Return where a field is used in a snapshot, or in the newest one of each type: content, then what sends or watches it."""
    wanted = parsed(text)
    with vault.read() as db:
        found = db.execute(
            "SELECT i.content_type, i.id FROM explores JOIN fields f USING (explore_id) JOIN item_fields n"
            " ON instr(n.now, ',' || f.field_id || ',') OR instr(n.earlier, ',' || f.field_id || ',')"
            " JOIN content_items i USING (item_id)"
            " WHERE model = ? AND explore = ? AND field = ? ORDER BY i.content_type, length(i.id), i.id",
            wanted,
        ).fetchall()
        known = Documents(db), Holders(db, snapshot_id)
        keys = [ContentKey(*row) for row in found]
        content = [one for key in keys for one in _of_object(vault, key, snapshot_id, wanted, known)]
    shown = {ContentKey(one.content_type, one.id) for one in content}
    told = {one.part_id: one for one in content if one.part_id}
    return [*content, *_hanging(vault, snapshot_id, shown, told, wanted)]


def _of_object(
    vault: Vault,
    key: ContentKey,
    snapshot_id: int | None,
    wanted: tuple[str, str, str],
    known: tuple[Documents, Holders],
) -> Iterator[Used]:
    documents, holders = known
    try:
        row, payload = vault.item(key, snapshot_id), decode(vault.payload(key, snapshot_id))
    except (NotFound, BlobDamaged, msgspec.DecodeError):
        return
    folder = holders.path(row.folder_id)
    for use in uses(payload, documents.query, documents.merge):
        if (use.model, use.explore, use.field) == wanted:
            yield Used(key.content_type, key.id, row.name, folder, use.place, use.part, use.part_id)


def _hanging(
    vault: Vault, snapshot_id: int | None, shown: set[ContentKey], told: dict[str, Used], wanted: tuple[str, str, str]
) -> Iterator[Used]:
    """Yield the plans that send what uses the field, and the alerts on tiles that do."""
    for name in (DELIVERING, WATCHING):
        for item_id, label, payload in _payloads(vault, name, snapshot_id):
            sent = next((key for key in _sent(payload) if key in shown), None)
            tile = told.get(str(payload.get("dashboard_element_id")))
            if sent is not None:
                yield Used(name, item_id, label, "", "plan", "", "", str(sent))
            elif tile is not None and _watches(payload, wanted[2]):
                yield Used(name, item_id, label, "", "alert", tile.part, tile.part_id, f"{tile.content_type} {tile.id}")


def _watches(alert: dict[str, Any], field: str) -> bool:
    named = alert.get("field")
    return not isinstance(named, dict) or named.get("name") in (None, field)


def _sent(plan: dict[str, Any]) -> Iterator[ContentKey]:
    for name, row in CATALOG.items():
        item_id = plan.get(f"{row.singular}_id")
        if row.trash and item_id:
            yield ContentKey(name, str(item_id))


def _payloads(vault: Vault, name: str, snapshot_id: int | None) -> Iterator[tuple[str, str, dict[str, Any]]]:
    with suppress(NotFound):
        for row in vault.items(name, snapshot_id):
            with suppress(*_STRANGE):
                payload = decode(vault.payload(row.key, snapshot_id))
                if isinstance(payload, dict):
                    yield row.id, row.name, payload


def note_uses(db: sqlite3.Connection, snapshot_id: int) -> None:
    """Note which fields the versions ask for that came with a snapshot, and the tiles of the dashboards among them."""
    documents, notes = Documents(db), _Notes(db)
    for item_id, version_id in came_with(db, snapshot_id, ASKING):
        with suppress(*_STRANGE):
            payload = _plain.decode(documents.payload(version_id)[1])
            asked = {(use.model, use.explore, use.field) for use in uses(payload, documents.query, documents.merge)}
            notes.keep(item_id, asked, tiles(payload, documents.query))
    notes.flush()


_plain = msgspec.json.Decoder()


def came_with(db: sqlite3.Connection, snapshot_id: int, kinds: Iterable[str]) -> list[tuple[int, int]]:
    """Return item and version of what is new or changed in a snapshot that is of the whole instance; everything, if it has no base
    that is still there."""
    return db.execute(
        """SELECT s.item_id, s.version_id FROM snapshot_items s JOIN snapshots n USING (snapshot_id)
            JOIN content_items i USING (item_id) WHERE s.snapshot_id = :id AND n.folders = '[]'
            AND i.content_type IN (SELECT value FROM json_each(:kinds)) AND (s.change < 2 OR NOT EXISTS (
                SELECT 1 FROM snapshot_types t JOIN snapshots b ON b.snapshot_id = t.base_snapshot_id
                WHERE t.snapshot_id = :id AND t.content_type = i.content_type))""",
        {"id": snapshot_id, "kinds": msgspec.json.encode(list(kinds)).decode()},
    ).fetchall()


class _Notes:
    """Writes down what objects ask for, many objects at a time; which explores and fields have numbers it keeps in memory."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        explores = db.execute("SELECT model, explore, explore_id FROM explores")
        self._explores = {(model, explore): explore_id for model, explore, explore_id in explores}
        fields = db.execute("SELECT explore_id, field, field_id FROM fields")
        self._fields = {(explore_id, field): field_id for explore_id, field, field_id in fields}
        self._asked: list[tuple[int, str, str]] = []
        self._tiles: list[tuple[int, str, str, str, int | None, str]] = []

    def keep(self, item_id: int, asked: set[tuple[str, str, str]], found: Iterable[Tile]) -> None:
        """Note what an object asks for now, what it asked for before, and its tiles."""
        now = {self._field(self._explore(model, explore), field) for model, explore, field in asked}
        before = self._db.execute("SELECT now || earlier FROM item_fields WHERE item_id = ?", (item_id,)).fetchone()
        earlier = {int(number) for number in before[0].split(",") if number} - now if before else set()
        if before:
            self._db.execute("DELETE FROM tiles WHERE item_id = ?", (item_id,))
        self._asked.append((item_id, _text(now), _text(earlier)))
        for tile in found:
            explore_id = self._explore(tile.model, tile.explore) if tile.model else None
            self._tiles.append((item_id, tile.id, tile.title, tile.type, explore_id, tile.query_id))
        if len(self._asked) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what was kept."""
        self._db.executemany("INSERT OR REPLACE INTO item_fields VALUES (?, ?, ?)", self._asked)
        self._db.executemany("INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?, ?, ?)", self._tiles)
        self._asked, self._tiles = [], []

    def _explore(self, model: str, explore: str) -> int:
        key = (model, explore)
        if key not in self._explores:
            self._explores[key] = _new(self._db, "INSERT INTO explores (model, explore) VALUES (?, ?)", key)
        return self._explores[key]

    def _field(self, explore_id: int, field: str) -> int:
        key = (explore_id, field)
        if key not in self._fields:
            self._fields[key] = _new(self._db, "INSERT INTO fields (explore_id, field) VALUES (?, ?)", key)
        return self._fields[key]


def _new(db: sqlite3.Connection, statement: str, row: tuple[Any, ...]) -> int:
    number = db.execute(statement, row).lastrowid
    assert number is not None
    return number


def _text(field_ids: Iterable[int]) -> str:
    return "".join(f",{one}" for one in sorted(field_ids)) + ","
