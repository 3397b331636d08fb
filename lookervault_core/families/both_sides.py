"""What is known of an object without a request: from the backup, the vault's newest snapshot, or what a plan has read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.plan import Step
from lookervault_core.errors import NotFound
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live
from lookervault_core.vault import ItemRow


class BothSides:
    """Looks objects up in the backup and among the live objects that were read; it sends no request."""

    def __init__(self, backup: Backup, live: Live, *, same_instance: bool) -> None:
        self.backup, self.live, self.same_instance = backup, live, same_instance
        self._newest: dict[str, Mapping[str, ItemRow]] = {}

    def row(self, content_type: str, item_id: str) -> ItemRow | None:
        """Return the row of an item in the backup, else in the vault's newest snapshot; None if neither has it."""
        row = self.backup.rows(content_type).get(item_id)
        if row is None:
            row = self._newest_rows(content_type).get(item_id)
        return row

    def shown(self, content_type: str, live_id: str) -> Any:
        """Return a live object decoded, or None if it was not read or is as in the backup."""
        body = self.live.known(content_type, live_id)
        return decode(body) if body else None

    def payload(self, step: Step) -> Any:
        """Return the decoded object of a step: the item of the backup, else the live object if it was read."""
        if self.backup.has(step.content_type, step.id):
            return self.backup.readable(step.content_type, step.id)
        return self.shown(step.content_type, step.id)

    def _newest_rows(self, content_type: str) -> Mapping[str, ItemRow]:
        if content_type not in self._newest:
            try:
                rows = self.backup.vault.items(content_type)
            except NotFound:
                rows = []
            self._newest[content_type] = {row.id: row for row in rows}
        return self._newest[content_type]
