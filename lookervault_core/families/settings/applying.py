"""Write only those fields of a document of settings that differ: Looker keeps the fields that are not sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lookervault_core.catalog import ALLOWLIST, DOCUMENTS, LEAVE_ALLOWLIST, WriteCall
from lookervault_core.diff.difference import Difference
from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.families.settings.shape import MAPPINGS
from lookervault_core.restore.applying.context import Context
from lookervault_core.restore.applying.failures import DependencyMissing


def apply_setting(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Put back one document and return its name."""
    if found is None:
        raise DependencyMissing(f"{wanted.key}: this Looker does not have it, or its feature is off there")
    name, call = wanted.key.id, DOCUMENTS[wanted.key.id].write
    difference = ctx.compare(wanted, found)
    live = decode(found.payload) if found.payload is not None else wanted.decoded
    if call is None or not difference.changed:
        return name
    if name == ALLOWLIST:
        _let_in(ctx, wanted, difference, call, live)
    else:
        ctx.writer.change(call, wanted.key, name, _body(name, difference, live))
    return name


def _body(name: str, difference: Difference, live: Mapping[str, Any]) -> dict[str, Any]:
    """Return what to send: of what is nested the keys that differ, of mappings all, each with the id that it has by now."""
    body = {field: _narrowed(value, live.get(field)) for field, value in difference.changed.items()}
    for field in MAPPINGS.keys() & body.keys():
        ids = {row.get("name"): row["id"] for row in live.get(field) or () if row.get("id")}
        body[field] = [row | ({"id": ids[row["name"]]} if row.get("name") in ids else {}) for row in body[field]]
    if DOCUMENTS[name].whole and difference.live is not None:
        lost = difference.lost.keys()
        body = {field: value for field, value in difference.live.fields.items() if field not in lost} | body
    return body


def _narrowed(value: Any, live: Any) -> Any:
    if not isinstance(value, Mapping) or not isinstance(live, Mapping):
        return value
    return {key: _narrowed(one, live.get(key)) for key, one in value.items() if one != live.get(key)}


def _let_in(
    ctx: Context, wanted: Wanted, difference: Difference, call: WriteCall, live: list[Mapping[str, Any]]
) -> None:
    """Add who is missing among those whom support may sign in as, and take off who is too many, or has another reason."""
    there = {str(one["email"]): one for one in live}
    entries = {str(one["email"]): one.get("reason") for one in difference.changed["entries"]}
    for email, one in there.items():
        if email not in entries or one.get("reason") != entries[email]:
            ctx.writer.change(LEAVE_ALLOWLIST, wanted.key, wanted.key.id, None, other=str(one["id"]))
    for email, reason in entries.items():
        if email not in there or there[email].get("reason") != reason:
            ctx.writer.link(call, wanted.key, wanted.key.id, {"emails": [email], "reason": reason})
