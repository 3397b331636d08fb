"""The room of dashboards."""

from __future__ import annotations

from lookervault_core.families.dashboards.applying import apply_dashboard
from lookervault_core.families.dashboards.merge_queries import read_merges
from lookervault_core.families.room import Room

ROOMS = {"dashboards": Room(ahead=read_merges, has_many_parts=True, apply=apply_dashboard)}
