"""Find the uses of a LookML field: by an index of which objects ever used which fields, then in the objects of a snapshot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

from lookervault_core import codec
from lookervault_core.catalog import CATALOG
from lookervault_core.catalog.looking_up import ASKING, DELIVERING, SHOWN, WATCHING
from lookervault_core.diff.documents.doc import text_of
from lookervault_core.errors import BlobDamaged, CodecError, UsageError
from lookervault_core.families.queries.uses import Asking, asking, uses
from lookervault_core.history.documents import Documents
from lookervault_core.history.holders import Holders
from lookervault_core.history.noting import STRANGE
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault


class Used(msgspec.Struct, frozen=True):
    """One use of a LookML field: the object, and its tile, filter or query; `via` is the look that a tile shows, or the content
    that a plan or an alert is on."""

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
    """Return the uses of a LookML field in a snapshot, or in the newest one of each type: content first, then plans and alerts
    on it.

    Raises NotFound for an unknown snapshot."""
    wanted = parsed(text)
    if snapshot_id is not None:
        vault.snapshot(snapshot_id)
    snapshots = {name: snapshot_id or _visible(vault, name) for name in (*ASKING, DELIVERING, WATCHING)}
    with vault.read() as db:
        reader = _Reader(db, snapshots)
        known = _Known(Documents(db), Holders(db, snapshot_id), reader)
        content = [one for row in reader.asking(wanted) for one in _of_object(row, wanted, known)]
        shown = {ContentKey(one.content_type, one.id) for one in content}
        told = {one.part_id: one for one in content if one.part_id}
        return [*content, *(_hanging(reader, shown, told, wanted) if content else ())]


def _visible(vault: Vault, name: str) -> int | None:
    found = vault.visible_snapshot(name)
    return found.snapshot_id if found else None


class _Row(NamedTuple):
    """One object of a snapshot, whose payload is intact."""

    content_type: str
    id: str
    name: str
    folder_id: str | None
    payload: bytes


class _Known(NamedTuple):
    """What else has to be known of an object: queries, folders, looks."""

    documents: Documents
    holders: Holders
    reader: _Reader


class _Reader:
    """Reads the objects of snapshots, many at once; what is damaged asks for nothing."""

    def __init__(self, db: sqlite3.Connection, snapshots: Mapping[str, int | None]) -> None:
        self._db, self._snapshots = db, snapshots
        self._looks: dict[str, Asking | None] = {}

    def asking(self, wanted: tuple[str, str, str]) -> Iterator[_Row]:
        """Yield what asks for a field, or did at some time, and what shows a look that does, or did."""
        found = self._db.execute(
            "SELECT field_id FROM explores JOIN fields USING (explore_id) WHERE model = ? AND explore = ? AND field = ?",
            wanted,
        ).fetchone()
        if found is None:
            return
        rows = self._db.execute(
            """WITH asking AS (SELECT item_id FROM item_fields WHERE instr(now, ?1) OR instr(earlier, ?1))
            SELECT item_id FROM asking UNION
            SELECT s.item_id FROM asking CROSS JOIN content_items i USING (item_id) CROSS JOIN shown_looks s ON s.look_id = i.id
            WHERE i.content_type = ?2""",
            (f",{found[0]},", SHOWN),
        )
        items = msgspec.json.encode([item_id for (item_id,) in rows]).decode()
        for name in sorted(ASKING):
            yield from self._rows(name, "AND s.item_id IN (SELECT value FROM json_each(:items))", items)

    def look(self, look_id: str) -> Asking | None:
        """Return what counts of a look; None for one that the snapshot does not have, or not intact."""
        if look_id not in self._looks:
            row = next(self._rows(SHOWN, "AND i.id = :items", look_id), None)
            self._looks[look_id] = _said(row) if row else None
        return self._looks[look_id]

    def of_type(self, name: str) -> Iterator[_Row]:
        yield from self._rows(name)

    def _rows(self, name: str, narrowed: str = "", items: str = "") -> Iterator[_Row]:
        rows = self._db.execute(
            f"""SELECT i.id, v.name, v.folder_id, b.data, b.sha256, b.size FROM content_items i
            CROSS JOIN snapshot_items s ON s.snapshot_id = :snapshot AND s.item_id = i.item_id
            CROSS JOIN content_versions v USING (version_id) CROSS JOIN blobs b USING (blob_id)
            WHERE i.content_type = :name {narrowed} ORDER BY length(i.id), i.id""",
            {"snapshot": self._snapshots[name], "name": name, "items": items},
        )
        for item_id, called, folder_id, *blob in rows:
            with suppress(BlobDamaged, CodecError):
                yield _Row(name, item_id, called, folder_id, codec.unseal(*blob))


def _said(row: _Row) -> Asking | None:
    """Return what counts of an object; None for a strange payload, or that of another object."""
    with suppress(*STRANGE):
        said = asking(row.payload)
        return said if text_of(said.id) == row.id else None
    return None


def _of_object(row: _Row, wanted: tuple[str, str, str], known: _Known) -> Iterator[Used]:
    documents, holders, reader = known
    said = _said(row)
    if said is None:
        return
    with suppress(*STRANGE):
        asked = uses(said, documents.query, documents.merge, reader.look)
        found = [use for use in asked if (use.model, use.explore, use.field) == wanted]
        folder = holders.path(row.folder_id) if found else ""
        for use in found:
            via = str(ContentKey(SHOWN, use.look_id)) if use.look_id else ""
            yield Used(row.content_type, row.id, row.name, folder, use.place, use.part, use.part_id, via)


def _hanging(
    reader: _Reader, shown: set[ContentKey], told: dict[str, Used], wanted: tuple[str, str, str]
) -> Iterator[Used]:
    """Yield the plans that send what uses the field, and the alerts on tiles that do."""
    for name in (DELIVERING, WATCHING):
        for row in reader.of_type(name):
            payload = _decoded(row)
            sent = next((key for key in _sent(payload) if key in shown), None)
            tile = told.get(str(payload.get("dashboard_element_id")))
            if sent is not None:
                yield Used(name, row.id, row.name, "", "plan", "", "", str(sent))
            elif tile is not None and _watches(payload, wanted[2]):
                yield Used(
                    name, row.id, row.name, "", "alert", tile.part, tile.part_id, f"{tile.content_type} {tile.id}"
                )


def _decoded(row: _Row) -> dict[str, Any]:
    with suppress(*STRANGE):
        found = msgspec.json.decode(row.payload)
        return found if isinstance(found, dict) else {}
    return {}


def _watches(alert: dict[str, Any], field: str) -> bool:
    named = alert.get("field")
    return not isinstance(named, dict) or named.get("name") in (None, field)


_SENT = {f"{row.singular}_id": name for name, row in CATALOG.items() if row.trash}


def _sent(plan: dict[str, Any]) -> Iterator[ContentKey]:
    yield from (ContentKey(name, str(plan[field])) for field, name in _SENT.items() if plan.get(field))
