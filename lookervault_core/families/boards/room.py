"""The room of boards."""

from __future__ import annotations

from lookervault_core.families.boards.applying import apply_board, remove_section
from lookervault_core.families.room import Room

ROOMS = {"boards": Room(apply=apply_board, late=(remove_section,))}
