"""List the ids of each type and cut them into ranges, before the first payload is read."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import msgspec

from lookervault_core.catalog import ContentType
from lookervault_core.errors import LookerError, NotFound
from lookervault_core.extract.listing import Listed, census, relisted
from lookervault_core.extract.options import ExtractOptions, range_edges
from lookervault_core.extract.proof import proven
from lookervault_core.extract.targets import ITEM, LIST
from lookervault_core.looker.client import Looker
from lookervault_core.model import OPEN_END, Range, Session
from lookervault_core.vault import Vault
from lookervault_core.vault.extracting import worklist


def survey(vault: Vault, looker: Looker, session: Session, options: ExtractOptions, row: ContentType) -> None:
    """Write census and ranges of one type into the ledger. LookerError if its listing cannot be read."""
    if row.listing == "whole":  # one call gives everything, so its ids are taken once, afterwards
        plan_whole(vault, session, row)
        return
    known = vault.ranges(session.session_id, row.name)
    by_folder = bool(options.folders) or (row.listing == "targets" and row.many)
    try:
        named = census(looker, row, with_folders=by_folder)
        if row.listing == "targets":  # what no listing names is never asked for, so two are asked
            named = list({one.id: one for one in (*relisted(looker, row, with_folders=by_folder), *named)}.values())
        listed = narrowed(looker, options, row, named)
    except LookerError as exc:
        if not exc.ends_run and row.listing == "paged" and not by_folder and not known:
            plan_uncounted(vault, session, row)
        raise
    ids = [one.id for one in listed]
    if known:  # an earlier try had to go without the census; what it missed is read by id
        vault.set_census(session.snapshot_id, row.name, ids)
        return
    targets = _targets(vault, looker, session, options, row, listed)
    if targets is not None:
        plan_targets(vault, session, options, row, targets, ids)
    else:
        plan_offsets(vault, session, options, row, ids)


def narrowed(looker: Looker, options: ExtractOptions, row: ContentType, listed: list[Listed]) -> list[Listed]:
    """Return the entries of *listed* that lie in the folders of *options* or below; all entries if *options* name no folder."""
    if not options.folders or row.by_folder is None:
        return listed
    inside = subtree(looker, options.folders)
    return [one for one in listed if one.folder_id in inside]


def subtree(looker: Looker, roots: tuple[str, ...]) -> set[str]:
    """Return the ids of *roots* and of every folder below them; NotFound if Looker has no such folder."""
    body = looker.get("all_folders", "/folders", {"fields": "id,parent_id"}).body
    children: dict[str | None, list[str]] = {}
    folders = msgspec.json.decode(body)
    for one in folders:
        children.setdefault(one.get("parent_id"), []).append(str(one["id"]))
    unknown = set(roots) - {str(one["id"]) for one in folders}
    if unknown:
        raise NotFound(
            f"folder {', '.join(sorted(unknown))}: Looker has no such folder; its id is the number in its address"
        )
    found, waiting = set[str](), list(roots)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += children.get(one, [])
    return found


def _targets(
    vault: Vault, looker: Looker, session: Session, options: ExtractOptions, row: ContentType, listed: list[Listed]
) -> list[str] | None:
    """Return the calls to make object by object, or None where the type is paged through."""
    if row.proof is not None and vault.base_ids(session.snapshot_id, row.name):
        unchanged = proven(vault, looker, session.snapshot_id, row) & {one.id for one in listed}
        vault.carry_forward(session.session_id, session.snapshot_id, row.name, unchanged, proven=True)
        return _fewest(row, [one for one in listed if one.id not in unchanged])
    if row.listing != "targets" and not (options.folders and row.by_folder):
        return None
    if row.many:
        return [LIST + one for one in dict.fromkeys(each.folder_id for each in listed) if one]
    return [ITEM + one.id for one in listed]


def _fewest(row: ContentType, listed: list[Listed]) -> list[str]:
    """Return the fewest calls that read *listed*: its folder's for those that share one, else its own."""
    folders = Counter(one.folder_id for one in listed)
    shared = row.many and row.listing == "targets"
    calls = (
        LIST + one.folder_id if shared and one.folder_id and folders[one.folder_id] > 1 else ITEM + one.id
        for one in listed
    )
    return list(dict.fromkeys(calls))


def take_over(vault: Vault, session: Session, row: ContentType) -> None:
    """Copy the items of a type from the base into the snapshot, except those that the snapshot has, will read, or has as holes.

    Nothing is read from Looker, so these items keep the time at which they were read.
    """
    snapshot_id = session.snapshot_id
    with vault.read() as db:
        settled = set(worklist.ids(db, snapshot_id, row.name))
    settled |= set(vault.missing(snapshot_id, row.name))
    settled |= {
        hole.hole.id for hole in vault.holes(snapshot_id) if hole.hole.content_type == row.name and hole.hole.id
    }
    others = [item_id for item_id in vault.base_ids(snapshot_id, row.name) if item_id not in settled]
    vault.carry_forward(session.session_id, snapshot_id, row.name, others, proven=False)


def take_over_immutable(vault: Vault, session: Session, row: ContentType, ids: list[str]) -> set[str]:
    """Take over those of *ids* that the base has, if objects of the type never change; return the targets of these."""
    if not row.immutable:
        return set()
    known = vault.read_ids(session.snapshot_id, row.name).intersection(ids)
    vault.carry_forward(session.session_id, session.snapshot_id, row.name, sorted(known), proven=True)
    return {ITEM + one for one in known}


def plan_whole(vault: Vault, session: Session, row: ContentType) -> None:
    """Enter the one range of a type that one call returns."""
    with vault.write() as db:
        worklist.plan(db, session, row.name, vault.now(), ids=(), ranges=lambda _: [Range(row.name, 0, 1)])


def plan_uncounted(vault: Vault, session: Session, row: ContentType) -> None:
    """Enter one open range for a type without a census: it is read to the end of its listing, and cannot be proven complete."""
    with vault.write() as db:
        worklist.plan(db, session, row.name, vault.now(), ranges=lambda _: [Range(row.name, 0, OPEN_END)])


def plan_offsets(vault: Vault, session: Session, options: ExtractOptions, row: ContentType, ids: list[str]) -> None:
    """Enter the ranges of a listing with as many rows as *ids*, and one range behind them: the listing may have more rows."""
    edges = range_edges(len(ids), options.workers, options.page_size or row.page_size)
    spans = [Range(row.name, start, stop, start) for start, stop in pairwise(edges)]
    spans.append(Range(row.name, len(ids), len(ids) + OPEN_END, len(ids)))
    with vault.write() as db:
        worklist.plan(db, session, row.name, vault.now(), ids=ids, ranges=lambda _: spans)


def plan_targets(
    vault: Vault,
    session: Session,
    options: ExtractOptions,
    row: ContentType,
    targets: list[str],
    ids: list[str] | None = None,
) -> None:
    """Append *targets* to the session's list of a type, and enter the ranges over them."""
    edges = range_edges(len(targets), options.workers, 1)

    def ranges(first: int) -> list[Range]:
        return [Range(row.name, first + start, first + stop, first + start) for start, stop in pairwise(edges)]

    with vault.write() as db:
        worklist.plan(db, session, row.name, vault.now(), ids=ids, targets=targets, ranges=ranges)
