"""The rooms of user attributes and their values."""

from __future__ import annotations

from lookervault_core.families.room import Room
from lookervault_core.families.user_attributes.applying import apply_attribute, apply_group_values, apply_user_values

ROOMS = {
    "user_attributes": Room(apply=apply_attribute),
    "user_attribute_values": Room(apply=apply_user_values),
    "user_attribute_group_values": Room(apply=apply_group_values),
}
