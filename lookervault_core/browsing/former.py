"""Objects found by a former name: they have another name now, or are gone."""

from __future__ import annotations

import msgspec

from lookervault_core.browsing.shelf import Shelf
from lookervault_core.catalog import CATALOG
from lookervault_core.model import ContentKey
from lookervault_core.vault import Vault

READ = 1_000  # names that are looked through, the newest first


class Former(msgspec.Struct, frozen=True):
    """An object with a former `name`; `now` is its name today, None if the newest snapshots do not hold the object."""

    content_type: str
    id: str
    name: str
    now: str | None


def former(vault: Vault, shelf: Shelf, text: str, limit: int) -> list[Former]:
    """Return at most *limit* objects that had *text* in a former name and are gone or called otherwise now, the latest first."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    with vault.read() as db:
        rows = db.execute(
            """SELECT i.content_type, i.id, v.name, max(v.version_id) FROM content_versions v JOIN content_items i USING (item_id)
            WHERE v.name LIKE ? ESCAPE '\\' GROUP BY v.item_id ORDER BY 4 DESC LIMIT ?""",
            (pattern, READ),
        ).fetchall()
    found = [_former(shelf, *row[:3]) for row in rows if row[0] in CATALOG and not CATALOG[row[0]].is_part]
    return [one for one in found if one.now is None or text.casefold() not in one.now.casefold()][:limit]


def _former(shelf: Shelf, content_type: str, item_id: str, name: str) -> Former:
    entry = shelf.entries.get(ContentKey(content_type, item_id))
    return Former(content_type, item_id, name, entry.name if entry else None)
