"""The room of agents."""

from __future__ import annotations

from lookervault_core.families.agents.applying import apply_agent, start
from lookervault_core.families.room import Room

ROOMS = {"agents": Room(apply=apply_agent, late=(start,))}
