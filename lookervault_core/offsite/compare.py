"""Whether the vault here still has what was pushed of it."""

from __future__ import annotations

from pathlib import Path

from lookervault_core import tombstones
from lookervault_core.offsite.manifest import Manifest
from lookervault_core.roots import roots
from lookervault_core.vault import Vault


def rewritten(path: Path, copy: Manifest) -> list[int]:
    """Return the complete snapshots of *copy* of which the vault at *path* has other ones; none of another vault, where there is no
    file, and where people were forgotten since, which changes them rightly."""
    if not path.is_file():
        return []
    with Vault.open(path, read_only=True) as vault:
        if vault.vault_id != copy.vault_id or len(tombstones.every(vault)) > copy.forgotten:
            return []
        here = roots(vault)
    complete = [snapshot for snapshot in copy.snapshots if snapshot.status == "complete"]
    return [one.snapshot_id for one in complete if here.get(one.snapshot_id, one.root) != one.root]
