"""Find out whether the vault here still has the snapshots that were pushed from it."""

from __future__ import annotations

from pathlib import Path

from lookervault_core import tombstones
from lookervault_core.offsite.manifest import Manifest
from lookervault_core.roots import roots
from lookervault_core.vault import Vault


def rewritten(path: Path, copy: Manifest) -> list[int]:
    """Return the complete snapshots of *copy* that have another root hash in the vault at *path*; missing ones, as pruned, do
    not count.

    Empty for a copy of another vault, if there is no file, and if people were forgotten since, which changes snapshots rightly."""
    if not path.is_file():
        return []
    with Vault.open(path, read_only=True) as vault:
        if vault.vault_id != copy.vault_id or len(tombstones.every(vault)) > copy.forgotten:
            return []
        here = roots(vault)
    complete = [snapshot for snapshot in copy.snapshots if snapshot.status == "complete"]
    return [one.snapshot_id for one in complete if here.get(one.snapshot_id, one.root) != one.root]
