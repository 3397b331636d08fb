"""The merge queries behind the tiles of a live dashboard, which its payload names by id only."""

from __future__ import annotations

import re

from lookervault_core.diff.document import decode, encode
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live

_MERGE = re.compile(rb'"merge_result_id"\s*:\s*"?\d')


def merges_shown(live: Live, backup: Backup, _key: ContentKey, body: bytes) -> bytes:
    """Return as JSON the merge queries that a live dashboard shows; those of the backup never change."""
    if not _MERGE.search(body):
        return b""
    tiles = decode(body).get("dashboard_elements") or ()
    merges = {str(tile["merge_result_id"]) for tile in tiles if tile.get("merge_result_id")}
    return encode([backup.readable_merge(merge_id) or live.merge(merge_id) for merge_id in sorted(merges)])
