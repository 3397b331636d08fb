"""Names that Looker gives out once: who holds one that another object is to get must let go of it first.

Two dashboards that swapped titles cannot be put right one after the other: each title is taken until the other one is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lookervault_core.catalog import CATALOG
from lookervault_core.catalog_writes import WRITES
from lookervault_core.differences import NEW
from lookervault_core.documents import decode
from lookervault_core.errors import Conflict, Invalid, Missing
from lookervault_core.model import ContentKey
from lookervault_core.plan import Found, Step
from lookervault_core.restore.context import Context
from lookervault_core.writes import NaturalKey


def free_names(ctx: Context, steps: Iterable[Step], found: Mapping[ContentKey, Found | None]) -> None:
    """Give a name for the time being to each live object that holds what another one of its type is to be called, if it is
    going to be renamed itself. Its own step writes the name that it had, also when the restore was interrupted in between."""
    by_type: dict[str, list[Step]] = {}
    for step in steps:
        by_type.setdefault(step.content_type, []).append(step)
    for name, ones in by_type.items():
        facts = WRITES[name]
        for natural in facts.natural:
            if (
                natural.unique
                and natural.fields[-1] in facts.writable
                and CATALOG[name].id_field == "id"
                and len(ones) > 1
            ):
                _free(ctx, natural, ones, found)


def _free(ctx: Context, natural: NaturalKey, steps: list[Step], found: Mapping[ContentKey, Found | None]) -> None:
    field, wanted, held = natural.fields[-1], dict[ContentKey, bytes | None](), dict[bytes, tuple[Step, str, str]]()
    for step in steps:
        ours = ctx.backup.wanted(step.key)
        wanted[step.key] = ctx.destination.mark_of(step.content_type, ours.decoded, natural, ours=True)
        live = found.get(step.key)
        if live is None or live.id == NEW or live.trashed:
            continue
        payload = decode(live.payload) if live.payload else ours.decoded
        mark = ctx.destination.mark_of(step.content_type, payload, natural, ours=False)
        if mark is not None and payload.get(field) != ours.decoded.get(field):  # its own step writes it back
            held[mark] = step, live.id, str(payload.get(field))
    for key, mark in wanted.items():
        holder = held.pop(mark, None) if mark is not None else None
        if holder is not None and holder[0].key != key and wanted[holder[0].key] != mark:
            step, live_id, name = holder
            _rename(ctx, step.key, live_id, field, f"{name}_restoring_{step.id}")


def _rename(ctx: Context, key: ContentKey, live_id: str, field: str, name: str) -> None:
    call = WRITES[key.content_type].update
    if call is None:
        return
    try:
        ctx.writer.change(call, key, live_id, {field: name})
    except (Conflict, Invalid, Missing):
        return  # the journal has the refusal; the step itself meets what is in its way and says so
