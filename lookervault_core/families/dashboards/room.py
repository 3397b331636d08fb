"""The room of dashboards."""

from __future__ import annotations

from lookervault_core.families.dashboards.applying import apply_dashboard
from lookervault_core.families.room import Room

ROOMS = {"dashboards": Room(apply=apply_dashboard)}
