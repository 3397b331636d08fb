"""The merge queries of a dashboard's tiles in the backup; the payload names them by id only."""

from __future__ import annotations

import msgspec

from lookervault_core.diff.planning.sides import Wanted
from lookervault_core.restore.backup import Backup


def merges_behind(backup: Backup, wanted: Wanted) -> bytes:
    """Return as JSON the merge queries behind the tiles of a dashboard of the backup."""
    tiles = wanted.decoded.get("dashboard_elements") or ()
    merges = (backup.merge(str(tile["merge_result_id"])) for tile in tiles if tile.get("merge_result_id"))
    return msgspec.json.encode([merge for merge in merges if merge is not None])
