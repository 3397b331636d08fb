"""The API descriptions that instances gave when snapshots were taken; each is a blob, shared by all snapshots with the same
one."""

from __future__ import annotations

from collections.abc import Iterable

from lookervault_core import codec
from lookervault_core.errors import BlobDamaged
from lookervault_core.vault.sqlite.file import VaultFile


def keep(vault: VaultFile, snapshot_id: int, raw: bytes) -> None:
    """Store *raw*, the instance's API description, with a snapshot."""
    sealed = codec.seal(raw)
    with vault.write() as db:
        db.execute(
            "INSERT OR IGNORE INTO blobs (sha256, size, data) VALUES (?, ?, ?)",
            (sealed.sha256, sealed.size, sealed.data),
        )
        db.execute(
            "INSERT OR REPLACE INTO snapshot_descriptions (snapshot_id, blob_id) SELECT ?, blob_id FROM blobs WHERE sha256 = ?",
            (snapshot_id, sealed.sha256),
        )


def keep_known(vault: VaultFile, snapshot_id: int) -> bool:
    """Store with a snapshot the vault's newest API description of the same release; return whether there was one."""
    with vault.write() as db:
        found = db.execute(
            """INSERT OR IGNORE INTO snapshot_descriptions (snapshot_id, blob_id)
            SELECT this.snapshot_id, d.blob_id FROM snapshots this JOIN snapshots s ON s.release = this.release
                JOIN snapshot_descriptions d ON d.snapshot_id = s.snapshot_id
            WHERE this.snapshot_id = ? ORDER BY s.snapshot_id DESC LIMIT 1""",
            (snapshot_id,),
        )
        return found.rowcount > 0


def newest(vault: VaultFile, snapshot_ids: Iterable[int]) -> bytes | None:
    """Return the API description of the newest of these snapshots that has a sound one; None if none has."""
    for snapshot_id in sorted(set(snapshot_ids), reverse=True):
        with vault.read() as db:
            row = db.execute(
                "SELECT b.data, b.sha256, b.size FROM snapshot_descriptions d JOIN blobs b USING (blob_id) WHERE d.snapshot_id = ?",
                (snapshot_id,),
            ).fetchone()
        try:
            if row is not None:
                return codec.unseal(*row)
        except BlobDamaged:
            continue
    return None
