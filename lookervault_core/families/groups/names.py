"""The names of groups: Looker may show one as the source of a user's attribute value."""

from __future__ import annotations

from lookervault_core.restore.backup import Backup


def group_names(backup: Backup) -> frozenset[str]:
    """Return what the groups of a backup are called, in lower case."""
    return frozenset(row.name.lower() for row in backup.rows("groups").values() if row.name)
