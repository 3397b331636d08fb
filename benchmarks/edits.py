"""Edit a simulated instance at random, back it up night by night, and count what the log has of it and what a revert puts back.

    uv run python -m benchmarks.edits [--edits 1000] [--nights 30] [--scale small] [--reverts 1000] [--seed 1]

Five people and one service account edit: titles, descriptions, folders, tiles, their queries and places, filters; looks, groups,
members, plans, folders; they create and throw away. What survived to a night must be in the log under the right object, kind and
parts, with the right author where the payload names one. Then single changes are taken back, each on what is there now: its
fields must be as before it and nothing else another than before, or the conflict be named.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.diff.document import decode
from lookervault_core.extract.options import ExtractOptions
from lookervault_core.extract.run import ExtractRun, capture_on_threads
from lookervault_core.history import Change, Documents, LogRequest, log
from lookervault_core.history.edits import edits
from lookervault_core.history.live import payload_now
from lookervault_core.history.reverting import reverting
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.runs import restore
from lookervault_core.settings import load_settings
from lookervault_core.vault import Vault

EDITORS = 6  # five people and a service account
CREATED, CHANGED, DELETED, MOVED = "created", "changed", "deleted", "moved"
# What people's edits change by the way: who did it and when, and what Looker counts.
_BY_THE_WAY = frozenset({"queries", "result_makers", "slugs"})


class Told(msgspec.Struct):
    """What the log is to tell of one object of one night: the kind, the places, and who was last, None for nobody knows whom."""

    kind: str = CHANGED
    paths: set[str] = set()
    author: str | None = None


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


class People:
    """Edits objects at random and remembers what the log is to tell of the night."""

    def __init__(self, world: Any, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.told: dict[tuple[str, str], Told] = {}
        self.users = [row["id"] for row in world["users"]][:EDITORS]
        for row in self._visible("dashboards"):
            world.unpack(row["id"])
        self._ways: list[Callable[[], bool]] = [
            self.title, self.described, self.moved, self.tile_title, self.asked, self.placed, self.tile_gone, self.filtered,
            self.look, self.look_called, self.group, self.member, self.plan, self.folder, self.created, self.thrown_away,
        ]  # fmt: skip

    def night(self, count: int) -> None:
        """Make so many edits, each of them one that changes something."""
        self.told = {}
        done = 0
        while done < count:
            done += self.random.choice(self._ways)()

    def _visible(self, table: str) -> list[dict[str, Any]]:
        return [row for row in self.world[table] if not row.get("deleted")]

    def _note(self, kind: str, item_id: str, path: str, author: str | None = None) -> None:
        told = self.told.setdefault((kind, item_id), Told())
        told.paths.add(path)
        told.author = author if author is not None else told.author

    def _noted(self, kind: str, item_id: str, path: str) -> bool:
        found = self.told.get((kind, item_id))
        return found is not None and path in found.paths

    def _steady(self, table: str) -> list[dict[str, Any]]:
        """Return what was there the night before and nobody has thrown away since."""
        gone = (CREATED, DELETED)
        return [
            row
            for row in self._visible(table)
            if self.told.get((table, row["id"]), Told()).kind not in gone and self._is_edited(row)
        ]

    def _is_edited(self, row: dict[str, Any]) -> bool:
        return not row.get("is_system") and row["id"] not in ("1", "lookml")

    def _board(self) -> str:
        return self.random.choice(self._steady("dashboards"))["id"]

    def _word(self) -> str:
        return f"{self.random.choice('abcdef')} {self.random.randrange(10**9)} \u202e {self.random.randrange(10**9)}"

    def _edit(self, board: str, path: str, **values: Any) -> bool:
        user = self.random.choice(self.users)
        self._note("dashboards", board, path, user)
        mutate(self.world, "update", "dashboards", board, {"last_updater_id": user, **values})
        self.world.show_anew(board)
        return True

    def title(self) -> bool:
        return self._edit(self._board(), "title", title=self._word())

    def described(self) -> bool:
        return self._edit(self._board(), "description", description=self._word())

    def moved(self) -> bool:
        board, folders = self._board(), ["1", *(row["id"] for row in self.world["folders"] if row["parent_id"] == "1")]
        now = (self.world["dashboards"].get(board) or {})["folder_id"]
        others = [one for one in folders if one != now]
        if self._noted("dashboards", board, "folder_id") or not others:
            return False  # back where it was would be no change
        return self._edit(board, "folder_id", folder_id=self.random.choice(others))

    def _tiles(self, board: str) -> list[dict[str, Any]]:
        gone = self.told.get(("dashboards", board), Told()).paths
        found = self.world.parts("dashboard_elements", board)
        return [
            one
            for one in found
            if one.get("query_id") and not one.get("look_id") and f"dashboard_elements[{one['id']}]" not in gone
        ]

    def _tile(self) -> tuple[str, dict[str, Any]]:
        board = self.random.choice([row["id"] for row in self._steady("dashboards") if self._tiles(row["id"])])
        return board, self.random.choice(self._tiles(board))

    def tile_title(self) -> bool:
        board, tile = self._tile()
        self.world["dashboard_elements"].change(tile["id"], title=self._word())
        return self._edit(board, f"dashboard_elements[{tile['id']}].title")

    def asked(self) -> bool:
        board, tile = self._tile()
        query = self.world["queries"].get(tile["query_id"])
        anew = self.world["queries"].add(query | {"id": None, "limit": str(self.random.randrange(6000, 10**6))})
        self.world["dashboard_elements"].change(tile["id"], query_id=anew["id"])
        return self._edit(board, f"dashboard_elements[{tile['id']}].query.limit")

    def placed(self) -> bool:
        board, tile = self._tile()
        place = self.world["dashboard_layout_components"].where("dashboard_element_id", tile["id"])[0]
        layout = place["dashboard_layout_id"]
        self.world["dashboard_layout_components"].change(place["id"], row=self.random.randrange(100, 10**6))
        return self._edit(board, f"dashboard_layouts[{layout}].dashboard_layout_components[{place['id']}]")

    def tile_gone(self) -> bool:
        board, tile = self._tile()
        path = f"dashboard_elements[{tile['id']}]"
        watched = any(row.get("dashboard_element_id") == tile["id"] for row in self.world["alerts"])
        paths = self.told.get(("dashboards", board), Told()).paths
        if watched or any(tile["id"] in one for one in paths) or len(self._tiles(board)) < 2:
            return False
        for place in self.world["dashboard_layout_components"].where("dashboard_element_id", tile["id"]):
            self.world["dashboard_layout_components"].remove(place["id"])
        self.world["dashboard_elements"].remove(tile["id"])
        return self._edit(board, path)

    def filtered(self) -> bool:
        boards = [row["id"] for row in self._steady("dashboards") if self.world.parts("dashboard_filters", row["id"])]
        if not boards:
            return False
        board = self.random.choice(boards)
        one = self.random.choice(self.world.parts("dashboard_filters", board))
        self.world["dashboard_filters"].change(one["id"], default_value=self._word())
        return self._edit(board, f"dashboard_filters[{one['id']}].default_value")

    def _look(self, **values: Any) -> bool:
        look, user = self.random.choice(self._steady("looks"))["id"], self.random.choice(self.users)
        self._note("looks", look, next(iter(values)), user)
        mutate(self.world, "update", "looks", look, {**values, "last_updater_id": user})
        return True

    def look(self) -> bool:
        return self._look(description=self._word())

    def look_called(self) -> bool:
        return self._look(title=self._word())

    def group(self) -> bool:
        return self._plain("groups", name=self._word())

    def folder(self) -> bool:
        tops = [row for row in self._steady("folders") if row["parent_id"] == "1"]
        return self._plain("folders", tops, name=self._word())

    def plan(self) -> bool:
        return self._plain("scheduled_plans", name=self._word())

    def _plain(self, kind: str, among: list[dict[str, Any]] | None = None, **values: Any) -> bool:
        rows = self._steady(kind) if among is None else among
        if not rows:
            return False
        one = self.random.choice(rows)["id"]
        self._note(kind, one, next(iter(values)))
        mutate(self.world, "update", kind, one, values)
        return True

    def member(self) -> bool:
        group, user = self.random.choice(self._steady("groups"))["id"], self.random.choice(self.users)
        if self._noted("group_users", group, f"members[{user}]"):
            return False  # in and out again would be no change
        self._note("group_users", group, f"members[{user}]")
        held = [row for row in self.world["group_users"] if (row["group_id"], row["user_id"]) == (group, user)]
        if held:
            self.world["group_users"].remove(held[0]["id"])
        else:
            self.world["group_users"].add({"id": None, "group_id": group, "user_id": user})
        return True

    def created(self) -> bool:
        user = self.random.choice(self.users)
        made = mutate(
            self.world, "create", "dashboards", self._board(), {"last_updater_id": user, "title": self._word()}
        )
        self.told["dashboards", made] = Told(CREATED, author=user)
        return True

    def thrown_away(self) -> bool:
        kind = self.random.choice(("dashboards", "looks"))
        rows = [
            row
            for row in self._steady(kind)
            if (kind, row["id"]) not in self.told and not self._is_sent(kind, row["id"])
        ]
        if len(rows) < 4:
            return False
        one = self.random.choice(rows)["id"]
        mutate(self.world, "trash", kind, one)
        self.told[kind, one] = Told(DELETED, author=self.world.admin_user_id)
        return True

    def _is_sent(self, kind: str, item_id: str) -> bool:
        """Return whether plans or alerts would be changed with it."""
        tiles = {row["id"] for row in self.world.parts("dashboard_elements", item_id)} if kind == "dashboards" else ()
        sent = any(row.get(f"{kind.removesuffix('s')}_id") == item_id for row in self.world["scheduled_plans"])
        shown = (
            any(row.get("look_id") == item_id for row in self.world["dashboard_elements"]) if kind == "looks" else False
        )
        shown |= any(row.get(f"{kind.removesuffix('s')}_id") == item_id for row in self.world["board_items"])
        return sent or shown or any(row.get("dashboard_element_id") in tiles for row in self.world["alerts"])


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


def take_back(vault: Vault, looker: Looker, world: Any, change: Change, into: Counted) -> None:
    """Take one change back; see that its places are as they were, and that nothing else is another than before."""
    before, rows = _doc(vault, looker, change.key), _rows(world)
    found = reverting(vault, looker, [change.change_id])
    report = restore(found.run)
    into.reverted += 1
    lost = any(one.lost for one in report.proof.items if one.key == change.key)
    into.conflicts += bool(found.conflicts or lost)
    others = [one for one in _changed(rows, _rows(world)) if not _belongs(world, change, *one)]
    into.touched_others += bool(others)
    into.wrong += [f"{change.change_id} {change.text[:80]}: touched {others[:3]}"] if others else []
    wrong = "" if report.status == "completed" else f"is {report.status}: {report.proof}"
    if change.kind in (CHANGED, MOVED) and not lost:
        wrong = wrong or _misplaced(
            vault, change, before, _doc(vault, looker, change.key), {one.path for one in found.conflicts}
        )
    elif not found.conflicts and not lost:
        row = world.find(change.content_type, change.id)
        wrong = wrong or (
            "" if bool(row and not row.get("deleted")) == (change.kind == DELETED) else "is not as before"
        )
    into.wrong += [f"{change.change_id} {change.text[:80]}: {wrong}"] if wrong else []


def _misplaced(vault: Vault, change: Change, before: Any, after: Any, clashing: set[str]) -> str:
    """Return what a revert changed that it was not to, or left; "" if nothing. A part that it made anew has another id."""
    with vault.read() as db:
        documents = Documents(db)
        was, became = (documents.version(one or 0) for one in (change.before_version, change.after_version))
    done, wanted = (list(edits(change.content_type, *pair)) for pair in ((before, after), (was, became)))
    gone = Counter((one.kind, one.parts) for one in wanted if not one.keys and one.new is None)
    anew = Counter((one.kind, one.parts) for one in done if not one.keys and one.old is None)
    new_parts = {one.path for one in done if gone and not one.keys and one.old is None}  # with the places of those
    places, mine = {one.path for one in done} - new_parts, {one.path for one in change.fields}
    if not all(any(path.startswith(one) for one in mine) for path in places) or places & clashing:
        return f"changed {sorted(places)}, not only {sorted(mine)}"
    left = {one.path for one in edits(change.content_type, was, after)}
    remade = {one.path for one in wanted if anew and not one.keys and one.new is None}
    wrong = [one.path for one in wanted if one.path not in remade and (one.path in left) != (one.path in clashing)]
    return f"left {wrong}" if wrong else ""


def _doc(vault: Vault, looker: Looker, key: ContentKey) -> Any:
    body = payload_now(looker, key)
    with vault.read() as db:
        return Documents(db).of(key, decode(body or b"{}")) if body else None


def _rows(world: Any) -> dict[tuple[str, str], int]:
    return {(name, str(row.get("id"))): hash(repr(row)) for name, table in world.tables.items() for row in table}


def _changed(before: dict[tuple[str, str], int], after: dict[tuple[str, str], int]) -> list[tuple[str, str]]:
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
        count_night(people, [one for one in log(vault, LogRequest()) if one.to_snapshot == newest], into)
    return into


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--edits", type=int, default=1000)
    asked.add_argument("--nights", type=int, default=30)
    asked.add_argument("--scale", default="small")
    asked.add_argument("--reverts", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=1)
    given, began = asked.parse_args(), time.monotonic()
    with Simulator(SimulatorOptions(scale=given.scale)) as simulator, TemporaryDirectory() as directory:
        settings = load_settings(
            None, base_url=simulator.base_url, client_id="simulator", client_secret="simulator-secret"
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
            changes = log(vault, LogRequest())
            for change in people.random.sample(changes, min(given.reverts, len(changes))):
                take_back(vault, looker, simulator.world, change, counted)
            print(f"taken back one by one: {counted.reverted:,}; with a conflict or a loss named: {counted.conflicts:,}; "
                  f"that touched anything else: {counted.touched_others}")  # fmt: skip
            print(*(f"  {one}" for one in counted.wrong[:30]), f"{len(counted.wrong)} wrong", sep="\n")
    print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
