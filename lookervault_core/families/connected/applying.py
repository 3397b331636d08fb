"""Applications that sign in with Looker are registered under an id of their own, which their developers chose. Suites of CI are
written one by one, and belong to their project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import WRITES, WriteCall
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.document import decode
from lookervault_core.diff.documents.fields import alike
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.connected.suites import SUITES, key_of, numbered
from lookervault_core.families.inside import ROWS
from lookervault_core.families.lists import compare_list
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context, apply_plain, sendable, without_nulls
from lookervault_core.restore.applying.failures import Part, offer

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
    writer = _Suites(ctx, difference, project_id, {str(row["id"]) for row in listed})
    for key in [*rows, *(one for one in more if one not in rows)]:
        writer.write(key, {**rows.get(key, {}), **more.get(key, {})}, there.get(key))
    for key in there.keys() - rows.keys() if "suites" in difference.changed else ():
        ctx.writer.change(_REMOVE, wanted.key, project_id, other=str(there[key]["id"]))
    return project_id


class _Suites:
    """Writes suites of one project, one by one; a field that Looker refuses by name is left out and named. `known` are those that
    were there: one whose create had no answer is none of them, whatever their names."""

    def __init__(self, ctx: Context, difference: Difference, project_id: str, known: set[str]) -> None:
        self._ctx, self._difference, self._project_id, self._known = ctx, difference, project_id, known
        self._key = ContentKey(SUITES, difference.source.id)

    def write(self, key: tuple[str, str], row: Mapping[str, Any], there: Mapping[str, Any] | None) -> None:
        """Make a suite, or change the one that is *there*."""
        body = {field: value for field, value in row.items() if field != "nth"}
        if there is None:
            body = without_nulls(body)
        else:
            body = {field: value for field, value in body.items() if value != there.get(field)}
        if body:
            part = Part(self._key, f"{ROWS}[{' '.join(filter(None, key))}].")
            offer(self._ctx.accept, part, self._difference, body, lambda rest: self._send(rest, key[1], there))

    def _send(self, body: dict[str, Any], nth: str, there: Mapping[str, Any] | None) -> None:
        if there is not None:
            self._ctx.writer.change(_SET, self._key, self._project_id, body, other=str(there["id"]))
            return
        search = lambda: self._made(body)  # noqa: E731
        made = self._ctx.writer.add(_ADD, self._key, self._project_id, body, search=search, other=nth)
        self._known.add(str(made["id"]))

    def _made(self, body: Mapping[str, Any]) -> dict[str, Any] | None:
        listed = decode(self._ctx.live.read(SUITES, self._project_id, again=True) or b"[]")
        new = (one for one in listed if str(one["id"]) not in self._known)
        return next(
            (one for one in new if all(alike(SUITES, field, body[field], one.get(field)) for field in body)), None
        )
