"""A copy of a vault that is another instance's: to try on it what must not touch the first one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from lookervault_core.looker.instance import canonical
from lookervault_core.vault.sqlite.file import VaultFile


def copy_for(vault: VaultFile, path: Path, base_url: str) -> None:
    """Write a consistent copy of *vault* to the new file *path*, as the vault of the instance at *base_url*."""
    path.touch(mode=0o600, exist_ok=False)
    with vault.read() as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        copy.execute("UPDATE vault_meta SET value = ? WHERE key = 'instance_url'", (canonical(base_url),))
        copy.commit()
