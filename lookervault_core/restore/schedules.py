"""Alerts and scheduled plans. Both are made switched off, and switched on at the very end: nothing is sent meanwhile."""

from __future__ import annotations

from typing import Any

from lookervault_core.catalog_writes import WRITES
from lookervault_core.documents import query_structure
from lookervault_core.plan import Found, Wanted
from lookervault_core.releases import NOT_TAKEN
from lookervault_core.restore.context import Context, Deferred, defer_late, sendable, without_nulls, write_object
from lookervault_core.restore.queries import query_id
from lookervault_core.writes import WriteCall

_SWITCH_ALERT = WriteCall("update_alert_field", "PATCH", "/alerts/{id}")


def apply_plan(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one scheduled plan; it does not run because of that."""
    _make_its_query(ctx, wanted)
    difference = ctx.compare(wanted, found)
    for field, reason in difference.lost.items():
        if field.startswith("scheduled_plan_destination[") or field == "enabled":  # nothing that is read back shows it
            ctx.accept(wanted.key, field, reason)
    more: dict[str, Any] = {**WRITES["scheduled_plans"].born, "run_once": False} if found is None else {}
    return write_object(ctx, wanted, difference, found, more=more)


def _make_its_query(ctx: Context, wanted: Wanted) -> None:
    """Another instance knows the query of a plan under another id, or not at all yet."""
    named = str(wanted.decoded.get("query_id") or "")
    structure = query_structure(ctx.backup.decoded("queries", named)) if named and not ctx.rules.same_instance else None
    if structure and ctx.resolve("queries", named) is None:
        query_id(ctx, structure, named)


def apply_alert(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one alert. Its update is a PUT: it takes the whole alert, and stays as live as it was."""
    difference = ctx.compare(wanted, found)
    facts = WRITES["alerts"]
    if found is None:
        return write_object(ctx, wanted, difference, None, more=dict(facts.born))
    if sendable(difference) and facts.update is not None and difference.live is not None:
        ours = ctx.values("alerts", difference.source)
        ours = {field: value for field, value in ours.items() if field not in difference.lost}
        body = {**difference.live.fields, **ours, "is_disabled": True}
        body = {field: value for field, value in body.items() if difference.lost.get(field) != NOT_TAKEN}
        if not difference.live.fields.get("is_disabled"):
            body["is_disabled"] = False
        ctx.writer.change(facts.update, wanted.key, found.id, without_nulls(body))
    defer_late(ctx, wanted.key, difference, found.id)
    return found.id


def switch(ctx: Context, late: Deferred) -> None:
    """Give a plan or an alert the state that it had: the last write of a restore."""
    call = _SWITCH_ALERT if late.key.content_type == "alerts" else WRITES[late.key.content_type].update
    if call is not None:
        ctx.writer.change(call, late.key, late.destination_id, {late.field: late.value})
