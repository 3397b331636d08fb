"""The plans and alerts that go out from content: they die with it."""

from __future__ import annotations

from collections.abc import Iterator

from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup


def deliveries_of(backup: Backup, content: dict[str, set[str]], *, damaged: bool = False) -> Iterator[ContentKey]:
    """Yield the plans and alerts that go out from *content*: they die with it. With *damaged* also those that cannot be read, so
    that their steps say so; else these raise BlobDamaged or CodecError."""
    read = backup.readable if damaged else backup.decoded
    for plan_id in backup.rows("scheduled_plans"):
        plan = read("scheduled_plans", plan_id)
        if (
            plan is None
            or str(plan.get("look_id")) in content["looks"]
            or str(plan.get("dashboard_id")) in content["dashboards"]
        ):
            yield ContentKey("scheduled_plans", plan_id)
    if not backup.rows("alerts"):
        return
    dashboards = (read("dashboards", one) or {} for one in content["dashboards"])
    tiles = {str(tile["id"]) for one in dashboards for tile in one.get("dashboard_elements") or ()}
    for alert_id in backup.rows("alerts"):
        alert = read("alerts", alert_id)
        if alert is None or str(alert.get("dashboard_element_id")) in tiles:
            yield ContentKey("alerts", alert_id)
