"""Which objects are new, changed or gone in one snapshot."""

from __future__ import annotations

from typing import Literal

import msgspec

from lookervault_core.vault import Vault

Kind = Literal["created", "changed", "deleted"]


class Brought(msgspec.Struct, frozen=True):
    """One object that differs from the snapshot before: `kind` is created, changed or deleted."""

    kind: Kind
    content_type: str
    id: str
    name: str


def brought(vault: Vault, snapshot_id: int, limit: int) -> list[Brought]:
    """Return the objects that are created, changed or deleted in a snapshot, sorted by type; at most *limit* objects."""
    with vault.read() as db:
        rows = db.execute(
            """SELECT CASE s.change WHEN 0 THEN 'created' ELSE 'changed' END, i.content_type, i.id, v.name
            FROM snapshot_items s JOIN content_items i USING (item_id) JOIN content_versions v USING (version_id)
            WHERE s.snapshot_id = :snapshot AND s.change < 2
            UNION ALL
            SELECT 'deleted', i.content_type, i.id,
                ifnull((SELECT name FROM content_versions v WHERE v.item_id = i.item_id ORDER BY version_id DESC LIMIT 1), '')
            FROM deletions d JOIN content_items i USING (item_id) WHERE d.snapshot_id = :snapshot
            LIMIT :limit""",
            {"snapshot": snapshot_id, "limit": limit},
        ).fetchall()
    return sorted((Brought(*row) for row in rows), key=lambda one: (one.content_type, one.kind, one.name))
