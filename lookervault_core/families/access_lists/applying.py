"""Write who may see folders and boards. The id of a folder's access list changes when the folder is recreated."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

from lookervault_core.catalog import ACCESSES, WRITES, WriteCall
from lookervault_core.diff.difference import NEW
from lookervault_core.diff.document import decode
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.errors import Invalid, LookerError
from lookervault_core.families.access_lists.shape import WHO, who
from lookervault_core.families.access_lists.tree import HELD, falls
from lookervault_core.families.inside import ROWS
from lookervault_core.families.lists import read_list
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import Context, alter
from lookervault_core.restore.applying.failures import DependencyMissing, HeldForNow, Part

_KNOWN = frozenset({*WHO, "permission_type"})
_ADD = WriteCall("create_content_metadata_access", "POST", "/content_metadata_access")
_SET = WriteCall("update_content_metadata_access", "PUT", "/content_metadata_access/{id}")
_REMOVE = WriteCall("delete_content_metadata_access", "DELETE", "/content_metadata_access/{id}")


def apply_metadata(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Make a folder inherit its access list, upon which Looker drops the folder's own list, or have a list of its own, into which
    Looker copies the rows of the parent's list."""
    found = _now(ctx, wanted, found)
    difference = ctx.compare(wanted, found)
    call = WRITES["content_metadata"].update
    if difference.changed and call is not None:
        private = difference.changed.get("inherits") is False
        if private:
            ctx.copied.add(found.id)
        else:  # Looker drops the list
            read_list(ctx, ContentKey(ACCESSES, wanted.key.id), found.id)
        try:
            alter(ctx, Part(wanted.key), difference, found.id, difference.changed, unfinished=private)
        except LookerError as exc:
            if private and not exc.transient:  # refused: Looker has copied nothing
                ctx.copied.discard(found.id)
            raise
        ctx.live.forget("content_metadata_accesses", found.id)
        ctx.live.forget("content_metadata", found.id)
    ctx.destination.remember(wanted.key, found.id, lasting=found.id != wanted.key.id)
    return found.id


def apply_accesses(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Add and change the rows of one access list. Rows that the backup lacks are removed only by an exact restore, or if a restore
    made the list: Looker then copied the rows of the folder above into it, and a private folder would be open to all of these."""
    metadata_id = ctx.resolve("content_metadata", wanted.key.id)
    if metadata_id is None:
        raise DependencyMissing(f"{wanted.key}: the folder that it belongs to is not there")
    fell = falls(ctx.backup, wanted.key, ctx.losing)
    now = Found(metadata_id, read_list(ctx, wanted.key, metadata_id, fell=fell))
    if found is not None and found.id == NEW:
        ctx.copied.add(metadata_id)
    difference = ctx.compare(wanted, now)
    rows = {who(row): row for row in decode(now.payload or b"[]")}
    if fell and found is not None:
        _note_fallen(ctx, wanted, found, rows)
    if metadata_id in ctx.copied:
        ctx.live.came_along("content_metadata_accesses", [str(row["id"]) for row in rows.values()])
    more = {who(row): row for row in difference.changed.get(ROWS, ())}
    for row in difference.changed.get("accesses", ()):
        _write_row(ctx, wanted, metadata_id, row | more.pop(who(row), {}), rows.pop(who(row), None))
    for row in (rows[key] for key in more if key in rows and "accesses" not in difference.changed):
        _write_row(ctx, wanted, metadata_id, {"permission_type": row["permission_type"]} | more[who(row)], row)
    if "accesses" in difference.changed:  # what is to stay is among the rows of the difference
        _remove_rows(ctx, wanted, metadata_id, rows.values())
    if metadata_id in ctx.copied:
        ctx.writer.list_is_clean(metadata_id)
    return metadata_id


def _note_fallen(ctx: Context, wanted: Wanted, found: Found, rows: Container[tuple[str, str]]) -> None:
    """Remove once more what went with rows of the list above and was to go anyway: the journal must tell an undo of it."""
    stays = {who(row) for row in ctx.values(wanted.key.content_type, wanted.source(None)).get("accesses") or ()}
    for row in decode(found.payload or b"[]"):
        if who(row) not in rows and who(row) not in stays:
            ctx.writer.change(_REMOVE, wanted.key, str(row["id"]))


def _remove_rows(ctx: Context, wanted: Wanted, metadata_id: str, rows: Iterable[dict[str, Any]]) -> None:
    """Take rows out of a list. Looker refuses that as long as the list above lets the same edit: it may do so in the second pass,
    when every list is written; else it is a loss. What it refuses of a list that is to be closed leaves that open: no loss."""
    held: list[Invalid] = []
    for row in rows:
        try:
            ctx.writer.change(_REMOVE, wanted.key, str(row["id"]))
            ctx.losing.add(wanted.key.id)
        except Invalid as exc:
            if metadata_id in ctx.copied or not _may_edit_above(ctx, metadata_id, row):
                raise
            held.append(exc)
    if held and not ctx.is_last_try:
        raise HeldForNow(f"{wanted.key}: {HELD} ({held[0]})") from held[0]
    if held:
        ctx.accept(wanted.key, "accesses", f"{HELD} ({held[0]})")


def _may_edit_above(ctx: Context, metadata_id: str, row: dict[str, Any]) -> bool:
    """Return whether the list that counts for the folder above lets the group or user of a row edit."""
    own = decode(ctx.live.read("content_metadata", metadata_id, again=True) or b"{}")
    above = decode(ctx.live.read("content_metadata", str(own.get("parent_id") or ""), again=True) or b"{}")
    counts = str(above.get("inheriting_id") or above.get("id") or "")
    there = decode(ctx.live.read(ACCESSES, counts, again=True) or b"[]") if counts else []
    return any(who(one) == who(row) and one.get("permission_type") == "edit" for one in there)


def _write_row(
    ctx: Context, wanted: Wanted, metadata_id: str, row: dict[str, Any], there: dict[str, Any] | None
) -> None:
    """The specification calls all of a row read-only; it is what Looker needs all the same."""
    if there is not None and not row.keys() - _KNOWN and there.get("permission_type") == row.get("permission_type"):
        return
    body = {field: value for field, value in row.items() if value is not None} | {"content_metadata_id": metadata_id}
    if there is not None:
        ctx.writer.change(_SET, wanted.key, str(there["id"]), body)
    else:
        ctx.writer.link(_ADD, wanted.key, metadata_id, body)


def _now(ctx: Context, wanted: Wanted, found: Found | None) -> Found:
    """Return the live metadata; where the plan met an object that was still to be made, look again."""
    if found is None or found.id == NEW:
        found = ctx.destination.find(wanted)
    if found is None or found.id == NEW:
        raise DependencyMissing(f"{wanted.key}: what it belongs to is not there")
    return found
