"""Writes on scheduled plans and alerts. Whatever is created live counts as having been sent: see ``World.fired``."""

from collections.abc import Callable
from typing import Any

from looker_simulator import api as apis
from looker_simulator import schema
from looker_simulator import shapes_people as shape
from looker_simulator.calls import Call, Refused, Reply
from looker_simulator.table import Row
from looker_simulator.world import World
from looker_simulator.writing import Change, Problems, Resource, values_of, write

_TARGETS = {"look_id": "looks", "dashboard_id": "dashboards", "lookml_dashboard_id": "lookml_dashboards",
            "query_id": "queries"}  # fmt: skip
_CONDITIONS = ("require_results", "require_no_results", "require_change")
_COMPARISONS = ("EQUAL_TO", "GREATER_THAN", "GREATER_THAN_OR_EQUAL_TO", "LESS_THAN", "LESS_THAN_OR_EQUAL_TO",
                "INCREASES_BY", "DECREASES_BY", "CHANGES_BY")  # fmt: skip


def _fire(world: World, log: list[Row], kind: str, row: Row) -> None:
    if log is world.enabled and world.bends.has("enabling_sends"):
        _fire(world, world.fired, kind, row)
    log.append({"type": kind, "id": row["id"], "at": world.now(), "name": row.get("name") or row.get("custom_title")})


def _check_plan(change: Change) -> None:
    row, problems = change.row, change.problems
    change.values.pop("user", None)
    if change.before is None:
        change.set(user_id=row.get("user_id") or change.call.actor.user_id, enabled=change.values.get("enabled", True))
        row.pop("user", None)
    change.refers("user_id", "users")
    targets = [field for field in _TARGETS if row.get(field)]
    if len(targets) != 1:
        problems.invalid(
            "dashboard_id", "Exactly one of look_id, dashboard_id, lookml_dashboard_id, query_id is needed."
        )
    for field, table in _TARGETS.items():
        change.refers(field, table)
    if row.get("crontab") and row.get("datagroup"):
        problems.invalid("crontab", "crontab and datagroup exclude each other.")
    elif not (row.get("crontab") or row.get("datagroup") or row.get("run_once")):
        problems.missing("crontab")
    if change.before is None and row.get("look_id"):
        for field in _CONDITIONS:
            if field not in change.values:
                problems.missing(field)
    _check_destinations(change)
    _check_tabs(change)


def _check_destinations(change: Change) -> None:
    """Given destinations replace all; none at all is an error."""
    if change.before is not None and not change.gives("scheduled_plan_destination"):
        return
    given = change.row.get("scheduled_plan_destination")
    if not given:
        change.problems.missing("scheduled_plan_destination")
        return
    names = [prop.name for prop in change.world.api.writable("ScheduledPlanDestination")]
    made: list[Row] = []
    for n, one in enumerate(given):
        values = {name: one[name] for name in names if name in one} if isinstance(one, dict) else {}
        if not values.get("type") or not values.get("format"):
            change.problems.missing("scheduled_plan_destination")
        made.append(schema.new("ScheduledPlanDestination") | values | {"id": str(n)})
    change.set(scheduled_plan_destination=made)


def _check_tabs(change: Change) -> None:
    row = change.row
    if change.gives("tab_ids") and row.get("dashboard_id") in change.world["dashboards"]:
        tabs = {one["id"] for one in change.world.parts("dashboard_layouts", row["dashboard_id"])}
        if any(tab not in tabs for tab in row["tab_ids"] or ()):
            change.problems.invalid("tab_ids", "Tab does not exist on this dashboard.")


def _scheduled(change: Change) -> None:
    world, row = change.world, change.row
    if change.gives("scheduled_plan_destination"):
        for n, one in enumerate(row["scheduled_plan_destination"]):
            one |= {"id": f"{row['id']}{n}", "scheduled_plan_id": row["id"]}
    world["scheduled_plans"].change(row["id"], next_run_at=world.past(days=-1) if row["enabled"] else None)
    if change.before is None:
        if row["enabled"] or row["run_once"]:
            _fire(world, world.fired, "scheduled_plans", row)
    elif row["run_once"] and change.gives("run_once"):
        _fire(world, world.fired, "scheduled_plans", row)
    elif row["enabled"] and not change.before["enabled"]:
        _fire(world, world.enabled, "scheduled_plans", row)


def _removal(table: str) -> Callable[[World, str], object]:
    return lambda world, row_id: world[table].remove(row_id)


PLANS = Resource(
    name="scheduled_plan",
    table="scheduled_plans",
    path="/scheduled_plans",
    shape=shape.SCHEDULED_PLAN,
    body="ScheduledPlan",
    remove=_removal("scheduled_plans"),
    required=("name",),
    check=_check_plan,
    done=_scheduled,
    activity="db_query",
)


def _check_alert(change: Change) -> None:
    row, world, problems = change.row, change.world, change.problems
    change.values.pop("time_series_condition_state", None)
    if change.before is None:
        row.pop("time_series_condition_state", None)
        change.set(owner_id=row.get("owner_id") or change.call.actor.user_id, followable=True, followed=False)
    for field in ("destinations", "field"):
        if not row.get(field):
            problems.missing(field)
    if row.get("comparison_type") not in _COMPARISONS and row.get("comparison_type"):
        problems.invalid("comparison_type")
    if _minutes_between(row.get("cron") or "") < 15:
        problems.invalid("cron", "An alert can run every 15 minutes at most.")
    if change.before is None and world.bends.has("blank_alert_filter_refused"):
        applied = row.get("applied_dashboard_filters") or ()
        if any(not (one.get("filter_title") or "").strip() for one in applied):
            problems.invalid("applied_dashboard_filters", "filter_title is blank.")
    change.refers("owner_id", "users")
    change.refers("query_id", "queries")
    _check_tile(change)
    shown_on = row.get("investigative_content_id") if row.get("investigative_content_type") == "dashboard" else None
    if shown_on and change.gives("investigative_content_id") and shown_on not in world["dashboards"]:
        problems.invalid("investigative_content_id", "Dashboard does not exist.")


def _check_tile(change: Change) -> None:
    row = change.row
    if row.get("dashboard_element_id"):
        tile = change.refers("dashboard_element_id", "dashboard_elements")
        if tile and tile.get("_deleted") and change.gives("dashboard_element_id"):
            change.problems.invalid("dashboard_element_id", "Tile does not exist.")
        elif tile and row.get("investigative_content_id") is None:
            change.set(investigative_content_id=tile["dashboard_id"], investigative_content_type="dashboard")
    elif not (row.get("lookml_dashboard_id") and row.get("lookml_link_id")):
        change.problems.missing("dashboard_element_id")


def _minutes_between(cron: str) -> int:
    minute = cron.partition(" ")[0]
    if minute == "*":
        return 1
    return int(minute[2:]) if minute.startswith("*/") and minute[2:].isdigit() else 60


def _watching(change: Change) -> None:
    world, row = change.world, change.row
    for alert in (change.before, row):
        tile = world["dashboard_elements"].get(alert["dashboard_element_id"]) if alert else None
        world.show_anew(tile["dashboard_id"] if tile else None)
    if change.before is None and not row["is_disabled"]:
        _fire(world, world.fired, "alerts", row)
    elif change.before is not None and change.before["is_disabled"] and not row["is_disabled"]:
        _fire(world, world.enabled, "alerts", row)


ALERTS = Resource(
    name="alert",
    table="alerts",
    path="/alerts",
    shape=shape.ALERT,
    body="Alert",
    remove=_removal("alerts"),
    required=("comparison_type", "cron", "threshold"),
    check=_check_alert,
    done=_watching,
)


def _put_alert(call: Call) -> Reply:
    """A PUT is the whole alert: what it leaves out is empty afterwards."""
    row, problems = ALERTS.row(call, call.path["alert_id"]), Problems()
    values = values_of(call, "Alert", problems)
    for field in ("field", "destinations", "comparison_type", "cron", "threshold", "owner_id"):
        if call.body.get(field) is None:
            problems.missing(field)
    problems.stop()
    taken = call.world.api.writable("Alert")
    empty: dict[str, Any] = {prop.name: apis.empty(prop) for prop in taken if not prop.write_only}
    return ALERTS.update(call, row, empty | values)


def _patch_alert(call: Call) -> Reply:
    problems = Problems()
    values = values_of(call, "AlertPatch", problems)
    problems.stop()
    if values.get("threshold", 0) is None:
        raise Refused(400, "threshold must be a number")
    values = {name: bool(value) if name.startswith("is_") else value for name, value in values.items()}
    return ALERTS.update(call, ALERTS.row(call, call.path["alert_id"]), values)


def _follow(call: Call) -> Reply:
    row = ALERTS.row(call, call.path["alert_id"])
    call.world["alerts"].change(row["id"], followed=call.operation.method == "POST")
    return Reply(b"", status=204, headers=[])


OPERATIONS = [
    *PLANS.operations(),
    *ALERTS.operations(without=("update",)),
    write("update_alert", "PUT", "/alerts/{alert_id}", _put_alert, "alerts", body="Alert"),
    write("update_alert_field", "PATCH", "/alerts/{alert_id}", _patch_alert, "alerts", body="AlertPatch"),
    write("follow_alert", "POST", "/alerts/{alert_id}/follow", _follow, "alerts"),
    write("unfollow_alert", "DELETE", "/alerts/{alert_id}/follow", _follow, "alerts"),
]
