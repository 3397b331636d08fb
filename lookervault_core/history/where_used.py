"""Where a field is used: an index of which objects ever asked for which fields, and what a snapshot says of those."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog.looking_up import DELIVERING, WATCHING
from lookervault_core.diff.document import decode
from lookervault_core.errors import BlobDamaged, NotFound, UsageError
from lookervault_core.families.queries.uses import asking, uses
from lookervault_core.history.documents import Documents
from lookervault_core.history.holders import Holders
from lookervault_core.history.noting import STRANGE
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault


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
        row, said = vault.item(key, snapshot_id), asking(vault.payload(key, snapshot_id))
    except (NotFound, BlobDamaged, msgspec.DecodeError):
        return
    folder = holders.path(row.folder_id)
    for use in uses(said, documents.query, documents.merge):
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
            with suppress(*STRANGE):
                payload = decode(vault.payload(row.key, snapshot_id))
                if isinstance(payload, dict):
                    yield row.id, row.name, payload
