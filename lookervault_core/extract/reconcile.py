"""Compare what was captured with what Looker lists now: read missing objects, and turn failures into holes or drop them."""

from __future__ import annotations

from lookervault_core.catalog import ContentType
from lookervault_core.errors import LookerError
from lookervault_core.extract.listing import census, relisted
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.survey import narrowed, plan_targets, survey
from lookervault_core.extract.targets import ITEM, part_ids
from lookervault_core.looker.client import Looker
from lookervault_core.model import OPEN_END, Hole, Note, Session
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import worklist

_NOT_FOUND = 404
_REFUSED = 403


def reconcile(vault: Vault, looker: Looker, session: Session, options: ExtractOptions, row: ContentType) -> None:
    """Take the ids of *row* again and plan a read for each that the snapshot lacks.

    A type whose first listing failed is surveyed now: the outage may be over.
    """
    if row.name not in _surveyed(vault, session):
        if row.census is not None or row.listing == "whole":
            survey(vault, looker, session, options, row)
        return
    vault.set_census(session.snapshot_id, row.name, _listed(vault, looker, session, options, row, lenient=True))
    missing = vault.missing(session.snapshot_id, row.name)
    if missing:
        plan_targets(vault, session, options, row, [ITEM + item_id for item_id in missing])


def settle(
    vault: Vault, looker: Looker, session: Session, options: ExtractOptions, rows: tuple[ContentType, ...]
) -> None:
    """Decide about the holes of each type that has any, by listing the ids of the type again.

    If nothing is missing, its holes are healed: the objects were deleted meanwhile, or all objects of a failed page were read by
    id. Each object still missing becomes a hole of its own. If Looker does not answer, the holes stay as they are."""
    for row in rows:
        if (
            row.name in _surveyed(vault, session)
            and _had_failures(vault, session, row)
            and not _is_off(vault, session, row)
        ):
            try:
                ids = _listed(vault, looker, session, options, row)
            except LookerError:
                continue
            _settle_type(vault, session, row, ids)


def _is_off(vault: Vault, session: Session, row: ContentType) -> bool:
    """Return whether Looker does not serve a type that it need not have: there is nothing to take again."""
    holes = (one.hole for one in vault.holes(session.snapshot_id) if one.hole.content_type == row.name)
    return row.optional and any(hole.id is None and hole.status in (_REFUSED, _NOT_FOUND) for hole in holes)


def _had_failures(vault: Vault, session: Session, row: ContentType) -> bool:
    return any(hole.hole.content_type == row.name for hole in vault.holes(session.snapshot_id)) or bool(
        vault.missing(session.snapshot_id, row.name)
        or any(not span.done for span in vault.ranges(session.session_id, row.name))
    )


def _settle_type(vault: Vault, session: Session, row: ContentType, ids: list[str]) -> None:
    _set_census_without_newcomers(vault, session, row, ids)
    with vault.write() as db:
        worklist.heal_unlisted(db, session.snapshot_id, row.name, vault.now())
    missing = vault.missing(session.snapshot_id, row.name)
    type_hole = any(
        hole.hole.content_type == row.name and hole.hole.id is None for hole in vault.holes(session.snapshot_id)
    )
    if not missing:
        unread = [span for span in vault.ranges(session.session_id, row.name) if not span.done]
        if any(span.stop - span.start >= OPEN_END for span in unread):
            _note_unread_end(vault, session, row)
        vault.heal_holes(session.snapshot_id, row.name)
        for span in unread:
            vault.keep_page(session.session_id, session.snapshot_id, span, [], [], span.stop, True, row.volatile)
    elif not type_hole:
        for item_id in missing:
            vault.open_hole(session.snapshot_id, Hole(row.name, item_id, "Looker lists it, and it could not be read"))


def _set_census_without_newcomers(vault: Vault, session: Session, row: ContentType, ids: list[str]) -> None:
    """Take *ids* as the census, but for what was created since the listing before: the next run has that."""
    before = set(vault.missing(session.snapshot_id, row.name))
    counted = vault.counts(session.snapshot_id)[row.name].listed > 0
    vault.set_census(session.snapshot_id, row.name, ids)
    newcomers = set(vault.missing(session.snapshot_id, row.name)) - before if counted else set()
    if newcomers:
        vault.set_census(session.snapshot_id, row.name, [item_id for item_id in ids if item_id not in newcomers])


def _surveyed(vault: Vault, session: Session) -> set[str]:
    with vault.read() as db:
        return worklist.surveyed(db, session.snapshot_id)


def _listed(
    vault: Vault, looker: Looker, session: Session, options: ExtractOptions, row: ContentType, *, lenient: bool = False
) -> list[str]:
    """Return the ids that the snapshot should hold of *row* as Looker, or what was captured, says now. Where it is *lenient*, the
    census counts alone if the other listing cannot be read."""
    if row.census is None and row.listing != "whole":
        return part_ids(row, vault, session.snapshot_id)
    if row.census is None and all(span.done for span in vault.ranges(session.session_id, row.name)):
        return sorted(_held(vault, session, row))  # the one answer that gives all of them is its own proof
    by_folder = bool(options.folders)
    listed = census(looker, row, with_folders=by_folder)
    ids = [one.id for one in narrowed(looker, options, row, listed)]
    unknown = _held(vault, session, row) - set(ids)
    if row.every_state:  # what is held without being listed was read by its id
        return ids + sorted(unknown | _asked_for(vault, session, row) - set(ids))
    if not unknown and row.listing != "targets":
        return ids
    try:
        more = narrowed(looker, options, row, relisted(looker, row, with_folders=by_folder))
    except LookerError as exc:
        if exc.ends_run or not lenient:
            raise
        return ids
    left_out = [one.id for one in more if one.id not in set(ids)]
    _note_short_census(vault, session, row, len(ids), left_out if unknown & set(left_out) else [])
    return ids + left_out


def _asked_for(vault: Vault, session: Session, row: ContentType) -> set[str]:
    """Return what was asked for by id and not answered: all but what Looker says is not there."""
    holes = (one.hole for one in vault.holes(session.snapshot_id) if one.hole.content_type == row.name)
    return {hole.id for hole in holes if hole.id is not None and hole.status != _NOT_FOUND}


def _held(vault: Vault, session: Session, row: ContentType) -> set[str]:
    with vault.read() as db:
        return set(worklist.ids(db, session.snapshot_id, row.name))


def _note_unread_end(vault: Vault, session: Session, row: ContentType) -> None:
    """Note that all that the census names is there, and that nothing else could be looked for."""
    holes = (one.hole for one in vault.holes(session.snapshot_id) if one.hole.content_type == row.name)
    reasons = "; ".join(dict.fromkeys(hole.reason for hole in holes if hole.id is None))
    named = f"all that {row.census.operation} names is here" if row.census else "what is here was read by its id"
    detail = f"{row.list.operation} could not be read to its end; {named}, and nothing else was looked for ({reasons})"
    vault.add_notes(session.snapshot_id, [Note(row.name, "", "listing", detail)])


def _note_short_census(vault: Vault, session: Session, row: ContentType, listed: int, left_out: list[str]) -> None:
    """Note that the census of *row* is no proof: what it leaves out is kept, and proven by the other listing alone."""
    if not left_out or row.census is None:
        return
    call = (row.proof or row.list).operation
    named = ", ".join(left_out[:10]) + (f" and {len(left_out) - 10} more" if len(left_out) > 10 else "")
    detail = f"{row.census.operation} names {listed}, {call} {len(left_out)} more ({named}); they are kept"
    vault.add_notes(session.snapshot_id, [Note(row.name, "", "listing", detail)])
