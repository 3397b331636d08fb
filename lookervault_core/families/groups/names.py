"""What groups are called: it may stand as the source of a user's values."""

from __future__ import annotations

from lookervault_core.restore.backup import Backup


def group_names(backup: Backup) -> frozenset[str]:
    """Return what the groups of a backup are called, in lower case."""
    return frozenset(row.name.lower() for row in backup.rows("groups").values() if row.name)
