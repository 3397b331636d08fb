"""Which fields of alerts and schedules are compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lookervault_core.families.shape import Reading, Shape

_DESTINATION_DROPS = ("id", "scheduled_plan_id", "looker_recipient", "can", "secret_parameters")


def _alert(alert: Mapping[str, Any], _reading: Reading) -> dict[str, Any]:
    shaped = dict(alert)
    if alert.get("investigative_content_type") not in (None, "dashboard"):
        shaped.pop("investigative_content_id", None)
    return shaped


def _plan(plan: Mapping[str, Any], _reading: Reading) -> dict[str, Any]:
    """What tabs of a LookML dashboard are called by is their labels: as raw JSON nothing takes those for ids."""
    destinations = plan.get("scheduled_plan_destination") or []
    kept = [{k: v for k, v in row.items() if k not in _DESTINATION_DROPS} for row in destinations]
    shaped = {**plan, "scheduled_plan_destination": kept}
    if plan.get("lookml_dashboard_id") and plan.get("tab_ids"):
        shaped["tab_ids"] = [msgspec.Raw(msgspec.json.encode(label)) for label in plan["tab_ids"]]
    return shaped


SHAPES = {"alerts": Shape(shaped=_alert), "scheduled_plans": Shape(shaped=_plan)}
