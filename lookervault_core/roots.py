"""One hash for all that a snapshot holds: who changes, adds or removes anything in it changes the hash.

It is the SHA-256 of the snapshot's time and, sorted, of one SHA-256 an object: of its type, its id and the SHA-256 of its payload.
Numbers of rows are not in it, so that a vault and what was imported from its export agree on payloads alone.
"""

from __future__ import annotations

import hashlib
import sqlite3

from lookervault_core.vault.sqlite.file import VaultFile

_OF_SNAPSHOT = """SELECT v.version_id, i.content_type, i.id, b.sha256 FROM content_versions v
    JOIN content_items i USING (item_id) JOIN blobs b USING (blob_id)
    WHERE v.version_id IN (SELECT version_id FROM snapshot_items WHERE snapshot_id = ?)"""

_OF_ALL = """SELECT v.version_id, i.content_type, i.id, b.sha256 FROM content_versions v
    JOIN content_items i USING (item_id) JOIN blobs b USING (blob_id)"""


def root(vault: VaultFile, snapshot_id: int) -> str:
    """Return the root hash of one snapshot, in hex."""
    with vault.read() as db:
        return _root(db, snapshot_id, _leaves(db.execute(_OF_SNAPSHOT, (snapshot_id,))))


def roots(vault: VaultFile) -> dict[int, str]:
    """Return the root hash of every snapshot that is closed, by its id."""
    with vault.read() as db:
        leaves = _leaves(db.execute(_OF_ALL))
        closed = db.execute("SELECT snapshot_id FROM snapshots WHERE status <> 'running' ORDER BY 1").fetchall()
        return {snapshot_id: _root(db, snapshot_id, leaves) for (snapshot_id,) in closed}


def _leaves(rows: sqlite3.Cursor) -> dict[int, bytes]:
    """Return the hash of each version by its number."""
    return {
        version_id: hashlib.sha256(b"\0".join((content_type.encode(), id.encode(), sha256))).digest()
        for version_id, content_type, id, sha256 in rows
    }


def _root(db: sqlite3.Connection, snapshot_id: int, leaves: dict[int, bytes]) -> str:
    (started_at,) = db.execute("SELECT started_at FROM snapshots WHERE snapshot_id = ?", (snapshot_id,)).fetchone()
    held = db.execute("SELECT version_id FROM snapshot_items WHERE snapshot_id = ?", (snapshot_id,))
    # A version that leads nowhere is damage, and changes the hash like any other.
    found = sorted(leaves.get(version_id, b"") for (version_id,) in held)
    return hashlib.sha256(b"\n".join((started_at.encode(), b"".join(found)))).hexdigest()
