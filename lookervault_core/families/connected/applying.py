"""Applications that sign in with Looker are registered under an id of their own, which their developers chose. Suites of CI are
written one by one, and belong to their project."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from lookervault_core.catalog import WRITES, WriteCall
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.fields import alike
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.connected.suites import SUITES, key_of, numbered
from lookervault_core.families.inside import ROWS
from lookervault_core.families.lists import compare_list
from lookervault_core.restore.applying.context import Context, apply_plain, sendable, without_nulls

_SUITES = "/projects/{id}/continuous_integration/suites"
_ADD = WriteCall("create_continuous_integration_suite", "POST", _SUITES)
_SET = WriteCall("update_continuous_integration_suite", "PATCH", _SUITES + "/{other}")
_REMOVE = WriteCall("delete_continuous_integration_suite", "DELETE", _SUITES + "/{other}")


def apply_app(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Register or change one application and return its id."""
    register = WRITES[wanted.key.content_type].create
    if found is not None or register is None:
        return apply_plain(ctx, wanted, found)
    difference = ctx.compare(wanted, None)
    ctx.accept_renewals(wanted, difference)
    ctx.writer.link(register, wanted.key, wanted.key.id, without_nulls(sendable(difference)))
    ctx.live.forget(wanted.key.content_type, wanted.key.id)
    ctx.destination.remember(wanted.key, wanted.key.id, lasting=False)
    return wanted.key.id


def apply_suites(ctx: Context, wanted: Wanted, _found: Found | None) -> str:
    """Make, change and remove the suites of one project."""
    project_id, difference = compare_list(ctx, wanted)
    listed = decode(ctx.live.read(wanted.key.content_type, project_id) or b"[]")
    there = {key_of(row): row for row in numbered(listed)}
    more = {key_of(row): row for row in difference.changed.get(ROWS, ())}
    rows = {key_of(row): row for row in difference.changed.get("suites", ())}
    known = {str(row["id"]) for row in listed}
    for key in [*rows, *(one for one in more if one not in rows)]:
        row = {**rows.get(key, {}), **more.get(key, {})}
        if key in there:
            _change_suite(ctx, wanted, project_id, row, there[key])
        else:
            known.add(_make_suite(ctx, wanted, project_id, row, known))
    for key in there.keys() - rows.keys() if "suites" in difference.changed else ():
        ctx.writer.change(_REMOVE, wanted.key, project_id, other=str(there[key]["id"]))
    return project_id


def _make_suite(ctx: Context, wanted: Wanted, project_id: str, row: Mapping[str, Any], known: Container[str]) -> str:
    """Make a suite and return its id: it is none of those *known*, whatever their names."""
    body = without_nulls(_sent(row))

    def search() -> dict[str, Any] | None:
        listed = decode(ctx.live.read(wanted.key.content_type, project_id, again=True) or b"[]")
        return next((one for one in listed if str(one["id"]) not in known and _shows(one, body)), None)

    made = ctx.writer.add(_ADD, wanted.key, project_id, body, search=search, other=str(row.get("nth") or ""))
    return str(made["id"])


def _shows(suite: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    return all(alike(SUITES, field, value, suite.get(field)) for field, value in body.items())


def _change_suite(
    ctx: Context, wanted: Wanted, project_id: str, row: Mapping[str, Any], there: Mapping[str, Any]
) -> None:
    changed = {field: value for field, value in _sent(row).items() if value != there.get(field)}
    if changed:
        ctx.writer.change(_SET, wanted.key, project_id, changed, other=str(there["id"]))


def _sent(row: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in row.items() if field != "nth"}
