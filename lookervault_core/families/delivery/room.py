"""The rooms of what sends mails: it is switched on last of all."""

from __future__ import annotations

from lookervault_core.families.delivery.applying import apply_alert, apply_plan, switch
from lookervault_core.families.room import Room

ROOMS = {
    "alerts": Room(apply=apply_alert, late=(switch,)),
    "scheduled_plans": Room(apply=apply_plan, late=(switch,)),
}
