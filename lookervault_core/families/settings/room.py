"""The room of an instance's own settings."""

from __future__ import annotations

from lookervault_core.families.room import Room
from lookervault_core.families.settings.applying import apply_setting

ROOMS = {"instance_settings": Room(apply=apply_setting)}
