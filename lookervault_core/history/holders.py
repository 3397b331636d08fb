"""The names of objects that payloads name by id: folders by their path, people by their name."""

from __future__ import annotations

import sqlite3

from lookervault_core.catalog.looking_up import HOLDER

_DEEPEST = 50  # folders that contain each other would never end


class Holders:
    """Gives names by type and id: as in one snapshot, if it is given and has the object, else as in the newest version."""

    def __init__(self, db: sqlite3.Connection, snapshot_id: int | None = None) -> None:
        self._db, self._snapshot_id = db, snapshot_id
        self._known: dict[tuple[str, str], tuple[str, str | None]] = {}

    def name(self, content_type: str, item_id: str | None) -> str:
        """Return the name of an object, or "" if no snapshot holds it."""
        return self._found(content_type, item_id)[0] if item_id else ""

    def folder(self, content_type: str, item_id: str) -> str | None:
        """Return the id of the folder that an object lies in."""
        return self._found(content_type, item_id)[1]

    def path(self, folder_id: str | None) -> str:
        """Return the names of a folder and of all above it: `Shared/Finance`."""
        names: list[str] = []
        while folder_id and len(names) < _DEEPEST:
            name, folder_id = self._found(HOLDER, folder_id)
            names.append(name)
        return "/".join(reversed([name for name in names if name]))

    def newest(self, content_type: str, item_id: str) -> int | None:
        """Return the id of an object's newest version, None if it has none."""
        row = self._db.execute(
            "SELECT max(version_id) FROM content_items i JOIN content_versions v USING (item_id)"
            " WHERE i.content_type = ? AND i.id = ?",
            (content_type, item_id),
        ).fetchone()
        return row[0] if row else None

    def _found(self, content_type: str, item_id: str) -> tuple[str, str | None]:
        key = (content_type, item_id)
        if key not in self._known:
            self._known[key] = self._in_snapshot(*key) or self._last(*key) or ("", None)
        return self._known[key]

    def _in_snapshot(self, content_type: str, item_id: str) -> tuple[str, str | None] | None:
        if self._snapshot_id is None:
            return None
        return self._db.execute(
            "SELECT v.name, v.folder_id FROM content_items i JOIN snapshot_items s USING (item_id)"
            " JOIN content_versions v USING (version_id)"
            " WHERE i.content_type = ? AND i.id = ? AND s.snapshot_id = ?",
            (content_type, item_id, self._snapshot_id),
        ).fetchone()

    def _last(self, content_type: str, item_id: str) -> tuple[str, str | None] | None:
        return self._db.execute(
            "SELECT v.name, v.folder_id FROM content_items i JOIN content_versions v USING (item_id)"
            " WHERE i.content_type = ? AND i.id = ? ORDER BY version_id DESC LIMIT 1",
            (content_type, item_id),
        ).fetchone()
