"""The room of folders."""

from __future__ import annotations

from lookervault_core.families.folders.holding import FULL, held_by_reports, holds_anything_now
from lookervault_core.families.room import Removal, Room


def _holds_anything(removal: Removal, folder_id: str) -> str:
    if holds_anything_now(removal.live, folder_id, removal.made, removal.outliving):
        return FULL
    return held_by_reports(removal.live, folder_id)


ROOMS = {"folders": Room(held=_holds_anything)}
