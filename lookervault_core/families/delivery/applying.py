"""Alerts and scheduled plans. Both are made switched off, and switched on at the very end: nothing is sent meanwhile."""

from __future__ import annotations

from typing import Any

from lookervault_core.catalog import WRITES, WriteCall
from lookervault_core.diff.api.learned import Standing
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.documents.doc import text_of
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.queries.applying import query_id
from lookervault_core.families.queries.structure import query_structure
from lookervault_core.restore.applying.context import (
    Context,
    Deferred,
    alter,
    defer_late,
    sendable,
    without_nulls,
    write_object,
)
from lookervault_core.restore.applying.failures import Part

# What an alert takes by itself: AlertPatch of OpenAPI 4.0.26.12.
_ALONE = frozenset({"owner_id", "is_public", "threshold", "enhancements", "disabled_reason"})
_SWITCH_ALERT = WriteCall("update_alert_field", "PATCH", "/alerts/{id}")


def apply_plan(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one scheduled plan and return its id; the write does not make it send."""
    _make_its_query(ctx, wanted)
    difference = ctx.compare(wanted, found)
    for field, reason in difference.lost.items():
        if field.startswith("scheduled_plan_destination[") or field == "enabled":  # nothing that is read back shows it
            ctx.accept(wanted.key, field, reason)
    more: dict[str, Any] = {**WRITES["scheduled_plans"].born, "run_once": False} if found is None else {}
    return write_object(ctx, wanted, difference, found, more=more)


def _make_its_query(ctx: Context, wanted: Wanted) -> None:
    """Another instance knows the query of a plan or an alert under another id, or not at all yet."""
    named = str(wanted.decoded.get("query_id") or "")
    query = ctx.backup.decoded("queries", named) if named and not ctx.rules.same_instance else None
    structure = query_structure(query)
    if query and structure and ctx.resolve("queries", named) is None:
        query_id(ctx, structure, named, text_of(query.get("client_id")))


def apply_alert(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create or change one alert and return its id. The update is a PUT of the whole alert, and leaves it switched on or off."""
    _make_its_query(ctx, wanted)
    difference = ctx.compare(wanted, found)
    facts = WRITES["alerts"]
    if found is None:
        return write_object(ctx, wanted, difference, None, more=dict(facts.born))
    if sendable(difference) and facts.update is not None and difference.live is not None:
        if _lost_its_tile(ctx, difference):
            _patch(ctx, wanted, difference, found.id)
        else:
            alter(ctx, Part(wanted.key), difference, found.id, without_nulls(_whole(ctx, difference)))
    defer_late(ctx, wanted.key, difference, found.id)
    return found.id


def _whole(ctx: Context, difference: Difference) -> dict[str, Any]:
    """Return the whole body of an alert: its changed fields, else the live ones. It is switched on only if it is on now."""
    live = difference.live.fields if difference.live is not None else {}
    body = {**live, **difference.changed, "is_disabled": True}
    body = {
        field: one for field, one in body.items() if ctx.rules.learned.standing("alerts", field) is Standing.WRITABLE
    }
    return body if live.get("is_disabled") else {**body, "is_disabled": False}


def _lost_its_tile(ctx: Context, difference: Difference) -> bool:
    """Return whether an alert goes on naming a tile that is gone, with which Looker takes no whole alert."""
    live = difference.live.fields if difference.live is not None else {}
    tile = difference.changed.get("dashboard_element_id") or live.get("dashboard_element_id")
    undoes = ctx.rules.made is not None  # it may just have removed the tile
    return bool(tile) and ctx.live.read("dashboard_elements", str(tile), again=undoes) is None


def _patch(ctx: Context, wanted: Wanted, difference: Difference, live_id: str) -> None:
    """Write what Looker takes of an alert by itself, and name the rest as lost."""
    changed = sendable(difference)
    alone = {field: value for field, value in changed.items() if field in _ALONE}
    for field in changed.keys() - alone.keys():
        ctx.accept(wanted.key, field, "its tile is gone, and without one Looker takes no other change of an alert")
    if alone:
        ctx.writer.change(_SWITCH_ALERT, wanted.key, live_id, alone)


def switch(ctx: Context, late: Deferred) -> None:
    """Give a plan or an alert the state that it had: the last write of a restore."""
    call = _SWITCH_ALERT if late.key.content_type == "alerts" else WRITES[late.key.content_type].update
    if call is not None:
        ctx.writer.change(call, late.key, late.destination_id, {late.field: late.value})
