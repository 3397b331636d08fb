"""The room of boards."""

from __future__ import annotations

from collections.abc import Sequence

from lookervault_core.families.boards.applying import apply_board, remove_section
from lookervault_core.families.room import Removal, Room
from lookervault_core.restore.planning.sides import Sides

HOLDS_MISPLACED = "something on it goes back to another board and is not there yet; Looker would delete it for good"


def _holds_strays(removal: Removal, board_id: str) -> str:
    return HOLDS_MISPLACED if removal.misplaced_parts.holds_some(board_id) else ""


def _read_misplaced(sides: Sides, board_ids: Sequence[str]) -> None:
    sides.misplaced_parts.read_for(board_ids)


ROOMS = {"boards": Room(ahead=_read_misplaced, apply=apply_board, late=(remove_section,), held=_holds_strays)}
