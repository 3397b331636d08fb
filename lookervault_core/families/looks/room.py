"""The room of looks."""

from __future__ import annotations

from lookervault_core.families.looks.applying import apply_look
from lookervault_core.families.room import Room

ROOMS = {"looks": Room(apply=apply_look)}
