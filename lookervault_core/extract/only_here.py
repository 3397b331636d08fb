"""Which objects have something that nothing but Looker has, so that it is lost with the instance."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lookervault_core.catalog import WRITES, ContentType
from lookervault_core.errors import BlobDamaged
from lookervault_core.model import ContentKey, Note
from lookervault_core.vault import Vault

SHOWN = 10


def note_what_is_only_here(vault: Vault, snapshot_id: int, rows: Iterable[ContentType]) -> None:
    """Note the objects without a value in a field that says where else there is what they are for; not what Looker brings along."""
    for row in rows:
        for field, reason in row.only_here.items():
            if ids := list(_without(vault, snapshot_id, row, field)):
                more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
                detail = f"{', '.join(ids[:SHOWN])}{more}: {reason}"
                vault.add_notes(snapshot_id, [Note(row.name, "", "only_here", detail)])


def _without(vault: Vault, snapshot_id: int, row: ContentType, field: str) -> Iterable[str]:
    for item in vault.items(row.name, snapshot_id):
        try:
            payload = msgspec.json.decode(vault.listed_payload(ContentKey(row.name, item.id), snapshot_id))
        except BlobDamaged:  # `verify` names it
            continue
        is_lookers = any(payload.get(one.field) == one.value for one in WRITES[row.name].protected)
        if not payload.get(field) and not is_lookers:
            yield item.id
