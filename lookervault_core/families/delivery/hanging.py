"""The plans and alerts of dashboards and looks: Looker deletes them with their content."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping

from lookervault_core.diff.document import decode
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup
from lookervault_core.restore.live import Live

_SENT = {"dashboards": "dashboard_id", "looks": "look_id"}
_TILES = {"dashboard_elements": "dashboard_element_id"}


def deliveries_of(backup: Backup, content: dict[str, set[str]], *, damaged: bool = False) -> Iterator[ContentKey]:
    """Yield the backup's plans and alerts on *content*, ids by type. With *damaged* also those that cannot be read; else these
    raise BlobDamaged or CodecError."""
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
    tiles = {str(tile["id"]) for dashboard in dashboards for tile in dashboard.get("dashboard_elements") or ()}
    for alert_id in backup.rows("alerts"):
        alert = read("alerts", alert_id)
        if alert is None or str(alert.get("dashboard_element_id")) in tiles:
            yield ContentKey("alerts", alert_id)


def hung_on(
    live: Live, before: Backup, made: Container[ContentKey], content: Mapping[ContentKey, ContentKey]
) -> set[ContentKey]:
    """Return the dashboards and looks with plans or alerts that people have added since a restore.

    These were neither there *before* it nor *made* by it. *content* gives the dashboard or look by its own key and by those of its
    tiles."""
    there = hanging(live, content)
    return {content[key] for one, key in there if one not in made and not before.has(one.content_type, one.id)}


def hanging(live: Live, content: Collection[ContentKey]) -> Iterator[tuple[ContentKey, ContentKey]]:
    """Yield the live plans and alerts on dashboards, looks and tiles of *content*, each with the one that it is on."""
    kinds = {key.content_type for key in content}
    for name, fields in (("scheduled_plans", _SENT), ("alerts", _TILES)):
        for one, body in live.rows(name).items() if kinds & fields.keys() else ():
            row = decode(body) if body else {}
            named = (ContentKey(kind, str(row.get(field))) for kind, field in fields.items())
            yield from ((ContentKey(name, one), key) for key in named if key in content)
