"""Boards: the board, its sections, their items, and then the order of both, which names them by their new ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lookervault_core.catalog import WRITES, lies_in_trash
from lookervault_core.diff.difference import ORDERS, Difference
from lookervault_core.diff.document import decode, document
from lookervault_core.diff.known import Ask
from lookervault_core.diff.planning.sides import Found, Wanted
from lookervault_core.diff.rows import among
from lookervault_core.diff.wording.describe import path_of
from lookervault_core.families.boards.comparison import ITEM, SECTION
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import (
    Context,
    Deferred,
    StandingIds,
    alter,
    make,
    sendable,
    standing_ids,
    without_nulls,
    write_object,
)
from lookervault_core.restore.applying.failures import DependencyMissing, Part, Refusals
from lookervault_core.restore.identity.by_natural_key import is_like_new, sent


def apply_board(ctx: Context, wanted: Wanted, found: Found | None) -> str:
    """Create, undelete or change one board with its sections, its items and their order. Raises PartsRefused once everything that
    Looker takes is written."""
    refusals = Refusals()
    difference = ctx.compare(wanted, found)
    board_id = write_object(ctx, wanted, difference, found)
    known = standing_ids(ctx, difference)
    for section in difference.of("board_sections"):
        with refusals.of(SECTION, section.source):
            _write_section(ctx, Part(wanted.key), section, board_id, known, refusals)
    with refusals.of():
        _write_order(ctx, difference, board_id, "section_order")
    _remove_extras(ctx, wanted, board_id, difference, refusals)
    refusals.tell(wanted.key)
    return board_id


def _write_section(
    ctx: Context, board: Part, section: Difference, board_id: str, known: StandingIds, refusals: Refusals
) -> None:
    here = board.below(path_of(SECTION, section.source))
    section_id = _write_part(ctx, here, section, {"board_id": board_id}, board_id, known)
    for item in section.of("board_items"):
        with refusals.of(ITEM, item.source):
            there = here.below(path_of(ITEM, item.source))
            _write_part(ctx, there, item, {"board_section_id": section_id}, board_id, known)
    _write_order(ctx, section, section_id, "item_order")


def _remove_extras(ctx: Context, wanted: Wanted, board_id: str, difference: Difference, refusals: Refusals) -> None:
    for part in difference.walk():
        for kind, doc in part.extras:
            if (kind, doc.id) in ctx.writer.adopted:
                continue
            if kind == SECTION:
                ctx.defer(wanted.key, board_id, SECTION, doc.id)
            else:
                with refusals.of(kind, doc):
                    _remove(ctx, kind, doc.id)


def remove_section(ctx: Context, late: Deferred) -> None:
    """Remove a section, last of all: until then an item may lie in it that is moved back to another board. A missing section is
    no error.

    Raises DependencyMissing if such an item is still in it, because it could not be moved: Looker would delete it with the
    section."""
    section = ctx.live.read(SECTION, late.value, again=True) if late.field == SECTION else None
    if section is None:
        return
    items = [str(item["id"]) for item in decode(section).get("board_items") or ()]
    others = [one for one in items if ctx.answers.answer(Ask.OF_ANOTHER, ITEM, one, late.key.id)]
    if others:
        raise DependencyMissing(
            f"{late.key}: section {late.value} stays, for board items {', '.join(others)} of another board are in it still"
        )
    _remove(ctx, SECTION, late.value)


def _remove(ctx: Context, kind: str, live_id: str) -> None:
    call = WRITES[kind].delete
    if call is not None:
        ctx.writer.change(call, ContentKey(kind, live_id), live_id)


def _write_part(
    ctx: Context, called: Part, part: Difference, parent: dict[str, str], board_id: str, known: StandingIds
) -> str:
    """Create or change one section or item and return its id."""
    key = ContentKey(part.content_type, part.source.id)
    body = sendable(part)
    if part.live is not None:
        # What it is in may have been made just now.
        body |= {field: one for field, one in parent.items() if field in body}
        alter(ctx, called, part, part.live.id, body)
        if part.live.id != part.source.id:
            ctx.destination.remember(key, part.live.id, lasting=False)
        return part.live.id
    body = without_nulls(body) | parent
    return str(make(ctx, called, part, body, _search(ctx, part, parent, board_id, known))["id"])


def _write_order(ctx: Context, one: Difference, live_id: str, field: str) -> None:
    """Looker keeps the order that things were made in, so the order is sent only where it differs."""
    facts = WRITES[one.content_type]
    if one.source.fields.get(field) is None or (field not in one.changed and one.live is not None):
        return
    parts = (part for part in one.of(ORDERS[field]) if not part.lost.keys() & {"board_id", "board_section_id"})
    # Of those that can be in it: the id of what was there; what was made just now is known by its item.
    stands = {part.source.id: part.live.id if part.live else None for part in parts}
    ids = [stands[part] or ctx.resolve(ORDERS[field], part) for part in one.source.fields[field] if part in stands]
    order = [item_id for item_id in ids if item_id is not None]
    shown = one.live.fields.get(field) or [] if one.live else []
    extras = [i for i in shown if i not in order]
    kept = [i for i in extras if i in one.trashed(ORDERS[field]) or not ctx.rules.removes(ORDERS[field], i)]
    if facts.update is not None and order:
        ctx.writer.change(
            facts.update,
            ContentKey(one.content_type, one.source.id),
            live_id,
            {field: among(order, kept, shown, ctx.rules)},
        )


def _search(
    ctx: Context, part: Difference, parent: dict[str, str], board_id: str, known: StandingIds
) -> Callable[[], dict[str, Any] | None]:
    """Return a search for a section or item that a lost create may have made in *parent*: like it, and standing for no other."""
    kind = part.content_type

    def look() -> dict[str, Any] | None:
        raw = ctx.live.read("boards", board_id, again=True)
        sections = (decode(raw).get("board_sections") if raw else None) or []
        items = [item for section in sections for item in section.get("board_items") or ()]
        taken = ctx.destination.mapped_ids(kind) | known.get(kind, set())
        free = [row for row in (sections if kind == "board_sections" else items) if str(row["id"]) not in taken]
        here = [row for row in free if all(str(row.get(field)) == one for field, one in parent.items())]
        there = [row for row in here if not lies_in_trash(row)]
        return next((row for row in there if is_like_new(kind, sent(part), document(kind, row))), None)

    return look
