"""Edit a simulated instance at random, back it up night by night, and count what the log has of it and what a revert puts back.

    uv run python -m benchmarks.edits [--edits 1000] [--nights 30] [--scale small] [--reverts 1000|FROM:TO] [--seed 1]

Five people and one service account edit: titles, descriptions, folders, tiles, their queries and places, filters; looks, groups,
members, plans, folders; they create and throw away. What survived to a night must be in the log under the right object, kind and
parts, with the right author where the payload names one. Then single changes are taken back, each on what is there now: its
fields must be as before it and nothing else another than before, or the conflict be named. Their order comes
from the seed, so that a thousand can be taken back in parts: `--reverts 0:250`, `--reverts 250:500`, …
"""

from __future__ import annotations

import argparse
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from benchmarks.people import CHANGED, DELETED, MOVED, People
from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.diff.document import decode
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.run import ExtractRun
from lookervault_core.extract.threads import capture_on_threads
from lookervault_core.history import Change, Documents, LogRequest, log
from lookervault_core.history.edits import edits
from lookervault_core.history.live import payload_now
from lookervault_core.history.reverting import reverting
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.runs import restore
from lookervault_core.settings import load_settings
from lookervault_core.vault import Vault

Rows = dict[tuple[str, str], int]  # a digest of each row of the instance, by table and id
# What people's edits change by the way: who did it and when, and what Looker counts.
_BY_THE_WAY = frozenset({"queries", "result_makers", "slugs"})


class Counted(msgspec.Struct):
    """What came of it; `wrong` names each miss."""

    edits: int = 0
    told: int = 0
    found: int = 0
    authors: int = 0
    authors_right: int = 0
    extra: int = 0
    reverted: int = 0
    conflicts: int = 0
    touched_others: int = 0
    wrong: list[str] = []

    def taken_back(self) -> str:
        """Say what came of taking back."""
        return (
            f"taken back one by one: {self.reverted:,}; with a conflict or a loss named: {self.conflicts:,}; "
            f"that touched anything else: {self.touched_others:,}; {len(self.wrong):,} wrong"
        )


def count_night(people: People, told: list[Change], into: Counted) -> None:
    """Hold the log of one night against what people did."""
    found = {(one.content_type, one.id): one for one in told}
    into.extra += len(found.keys() - people.told.keys())
    into.wrong += [f"{key}: told, and nobody did it" for key in found.keys() - people.told.keys()]
    for key, wanted in people.told.items():
        into.told += 1
        one = found.get(key)
        kind = MOVED if wanted.paths == {"folder_id"} and wanted.kind == CHANGED else wanted.kind
        paths = {field.path for field in one.fields} if one else set()
        if one is not None and one.kind == kind and paths == wanted.paths and all(field.text for field in one.fields):
            into.found += 1
        else:
            into.wrong.append(f"{key}: {kind} {sorted(wanted.paths)}, told as {one and one.kind} {sorted(paths)}")
        if wanted.author is not None:
            into.authors += 1
            right = one is not None and one.author.id == wanted.author
            into.authors_right += right
            into.wrong += [] if right else [f"{key}: by {wanted.author}, told as {one and one.author.id}"]


def take_back(
    vault: Vault, looker: Looker, world: Any, change: Change, into: Counted, rows: Rows | None = None
) -> Rows:
    """Take one change back; see that its places are as they were, and that nothing else is another than before (*rows*, or what
    is there now). Return what is there then."""
    before, rows = _doc(vault, looker, change.key), rows or rows_of(world)
    found = reverting(vault, looker, [change.change_id])
    left_alone = {one.path for one in found.left_alone()}
    report = restore(found.run)
    into.reverted += 1
    lost = any(one.lost for one in report.proof.items if one.key == change.key)
    into.conflicts += bool(left_alone or lost)
    rows_then = rows_of(world)
    others = [one for one in _changed(rows, rows_then) if not _belongs(world, change, *one)]
    into.touched_others += bool(others)
    into.wrong += [f"{change.change_id} {change.text[:80]}: touched {others[:3]}"] if others else []
    wrong = "" if report.status == "completed" else f"is {report.status}: {report.proof}"
    if change.kind in (CHANGED, MOVED) and not lost:
        wrong = wrong or _misplaced(vault, change, before, _doc(vault, looker, change.key), left_alone)
    elif not left_alone and not lost:
        row = world.find(change.content_type, change.id)
        wrong = wrong or (
            "" if bool(row and not row.get("deleted")) == (change.kind == DELETED) else "is not as before"
        )
    into.wrong += [f"{change.change_id} {change.text[:80]}: {wrong}"] if wrong else []
    return rows_then


def _misplaced(vault: Vault, change: Change, before: Any, after: Any, clashing: set[str]) -> str:
    """Return what a revert changed that it was not to, or left; "" if nothing. A part that it made anew has another id."""
    if "" in clashing:  # the whole object is left alone, such as one in the trash
        done = [one.path for one in edits(change.content_type, before, after)] if before and after else [before, after]
        return f"changed {done}, though it is left alone" if any(done) else ""
    with vault.read() as db:
        documents = Documents(db)
        was, became = (documents.version(one or 0) for one in (change.before_version, change.after_version))
    done, wanted = (list(edits(change.content_type, *pair)) for pair in ((before, after), (was, became)))
    gone = Counter((one.kind, one.parts) for one in wanted if not one.keys and one.new is None)
    anew = Counter((one.kind, one.parts) for one in done if not one.keys and one.old is None)
    new_parts = {one.path for one in done if gone and not one.keys and one.old is None}  # with the places of those
    remade = {
        _bare(one.path) for one in wanted if not _has(before, one.steps)
    }  # a part that an earlier revert put back
    places = {one.path for one in done if _bare(one.path) not in remade} - new_parts
    mine = {one.path for one in (*change.fields, *wanted)}
    if not all(any(path.startswith(one) for one in mine) for path in places) or places & clashing:
        return f"changed {sorted(places)}, not only {sorted(mine)}"
    left = tuple(one.path for one in edits(change.content_type, was, after))
    new_ids = {one.path for one in wanted if anew and not one.keys and one.new is None}
    wrong = [
        one.path
        for one in wanted
        if one.path not in new_ids and _has(before, one.steps) and not _holds(one, clashing)
        if _is_in(one.path, left) != _is_in(one.path, clashing)
    ]
    return f"left {wrong}" if wrong else ""


def _bare(path: str) -> str:
    return re.sub(r"\[[^\]]*\]", "[]", path)


def _holds(one: Any, clashing: Iterable[str]) -> bool:
    """Return whether an edit gave its place to a tile that stays."""
    tile = getattr(one.new, "fields", {}).get("dashboard_element_id")
    return tile is not None and f"dashboard_elements[{tile}]" in clashing


def _is_in(path: str, places: Iterable[str]) -> bool:
    return any(path == one or path.startswith((f"{one}.", f"{one}[")) for one in places)


def _has(doc: Any, steps: Iterable[tuple[str, str]]) -> bool:
    for kind, key in steps:
        doc = doc.children.get(kind, {}).get(key) if doc is not None else None
    return doc is not None and not doc.trashed


def _doc(vault: Vault, looker: Looker, key: ContentKey) -> Any:
    body = payload_now(looker, key)
    with vault.read() as db:
        return Documents(db).of(key, decode(body or b"{}")) if body else None


def rows_of(world: Any) -> Rows:
    """Return a digest of each row that the instance has."""
    return {(name, str(row.get("id"))): hash(repr(row)) for name, table in world.tables.items() for row in table}


def _changed(before: Rows, after: Rows) -> list[tuple[str, str]]:
    return [one for one in before.keys() | after.keys() if before.get(one) != after.get(one)]


def _belongs(world: Any, change: Change, table: str, row_id: str) -> bool:
    """Return whether a row is of the object that was taken back, or one that Looker makes by the way."""
    if table in _BY_THE_WAY or (table, row_id) == (change.content_type, change.id):
        return True
    row = world[table].get(row_id)
    if row is None:
        return True  # it went: what it belonged to nobody knows any more, and the object itself is compared
    if table == "group_users":
        return (change.content_type, change.id) == ("group_users", str(row["group_id"]))
    owners = [
        str(row.get(field)) for field in ("dashboard_id", "look_id", "dashboard_layout_id", "content_metadata_id")
    ]
    if table == "dashboard_layout_components":
        layout = world["dashboard_layouts"].get(row["dashboard_layout_id"]) or {}
        owners.append(str(layout.get("dashboard_id")))
    return change.id in owners or table not in world.tables


def capture(vault: Vault, looker: Looker) -> int:
    """Back the instance up; return the snapshot's number."""
    vault.claim_instance(looker.connection.base_url)
    options = ExtractOptions(workers=4)
    session = vault.begin_session(options.scope(), options={})
    return capture_on_threads(ExtractRun(vault, looker, session, options, stop=threading.Event()), 4).snapshot_id


def edited_and_told(vault: Vault, looker: Looker, people: People, nights: int, count: int) -> Counted:
    """Edit and back up night by night; return what the log has of it."""
    into = Counted(edits=count)
    for number in range(nights):
        people.night(count * (number + 1) // nights - count * number // nights)
        newest = capture(vault, looker)
        print(f"  night {number + 1}, {len(into.wrong)} wrong", file=sys.stderr, flush=True)
        count_night(people, [one for one in log(vault, LogRequest()) if one.to_snapshot == newest], into)
    return into


def take_each_back(vault: Vault, looker: Looker, people: People, part: slice, into: Counted) -> None:
    """Take back that part of all changes, in an order that is the same in each run of a seed; say what comes of it meanwhile."""
    changes = sorted(log(vault, LogRequest()), key=lambda one: (one.to_snapshot, one.content_type, one.id, one.kind))
    people.random.shuffle(changes)
    rows = rows_of(people.world)
    for number, change in enumerate(changes[part], 1):
        known = len(into.wrong)
        rows = take_back(vault, looker, people.world, change, into, rows)
        _name(into.wrong[known:])
        if number % 25 == 0:
            print(f"  {into.taken_back()}", flush=True)


def _name(wrong: list[str]) -> None:
    print(*(f"  {one}\n" for one in wrong), sep="", end="", flush=True)


def _part(said: str) -> slice:
    first, _, last = said.rpartition(":")
    return slice(int(first or 0), int(last))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--edits", type=int, default=1000)
    asked.add_argument("--nights", type=int, default=30)
    asked.add_argument("--scale", default="small")
    asked.add_argument("--reverts", type=_part, default=slice(1000), metavar="COUNT|FROM:TO")
    asked.add_argument("--seed", type=int, default=1)
    given, began = asked.parse_args(), time.monotonic()
    with Simulator(SimulatorOptions(scale=given.scale)) as simulator, TemporaryDirectory() as directory:
        settings = load_settings(
            None,
            base_url=simulator.base_url,
            client_id="simulator",
            client_secret="simulator-secret",
            rate_limit_per_second=0.0,
        )
        with (
            Looker(settings.connection(), workers=4) as looker,
            Vault.create_or_open(Path(directory) / "looker.db") as vault,
        ):
            capture(vault, looker)
            people = People(simulator.world, given.seed)
            counted = edited_and_told(vault, looker, people, given.nights, given.edits)
            print(
                f"{given.edits:,} edits over {given.nights} nights, which came to {counted.told:,} changes of objects"
            )
            print(
                f"in the log, under the right object, kind and parts: {counted.found:,}; told, and nobody did it: {counted.extra}"
            )
            print(
                f"with an author in the payload: {counted.authors:,}; told right: {counted.authors_right:,}", flush=True
            )
            _name(counted.wrong)
            take_each_back(vault, looker, people, given.reverts, counted)
            print(counted.taken_back())
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
