"""Whatever people edit between snapshots is in the log, and any one change can be taken back without touching another.

LOOKERVAULT_RANDOM_EDITS=50 tries so many seeds.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.diff.document import decode
from lookervault_core.history import Change, Documents, LogRequest, log
from lookervault_core.history.edits import edits
from lookervault_core.history.live import payload_now
from lookervault_core.history.reverting import reverting
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.history.test_log import stamp, visible
from tests.restore.conftest import capture, capture_all, client

NIGHTS, EDITS, REVERTED = 3, 8, 4
Told = dict[tuple[str, str], set[str]]


class People:
    """Edits objects at random, each place once a night, and remembers what the log is to tell."""

    def __init__(self, world: Any, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.told: Told = {}
        self.authors: dict[tuple[str, str], str] = {}
        self.users = [row["id"] for row in world["users"]]
        for row in visible(world, "dashboards"):
            world.unpack(row["id"])

    def night(self) -> None:
        self.told, self.authors = {}, {}
        ways: list[Callable[[], None]] = [
            self.title, self.described, self.moved, self.tile_title, self.asked, self.placed, self.look, self.group, self.member
        ]  # fmt: skip
        for way in self.random.choices(ways, k=EDITS):
            way()

    def _note(self, kind: str, item_id: str, path: str) -> bool:
        """Remember an edit; False where the place was edited this night already."""
        paths = self.told.setdefault((kind, item_id), set())
        fresh = path not in paths
        paths.add(path)
        return fresh

    def _board(self) -> str:
        return self.random.choice(visible(self.world, "dashboards"))["id"]

    def _stamp(self, board: str, **values: Any) -> None:
        user = self.random.choice(self.users)
        stamp(self.world, board, user, **values)
        self.authors["dashboards", board] = user
        self.world.show_anew(board)

    def _word(self) -> str:
        return f"{self.random.choice('abcdef')} {self.random.randrange(10**9)} \u202e {self.random.randrange(10**9)}"

    def title(self) -> None:
        board = self._board()
        self._note("dashboards", board, "title")
        self._stamp(board, title=self._word())

    def described(self) -> None:
        board = self._board()
        self._note("dashboards", board, "description")
        self._stamp(board, description=self._word())

    def moved(self) -> None:
        board, folders = self._board(), ["1", *(row["id"] for row in self.world["folders"] if row["parent_id"] == "1")]
        now = (self.world["dashboards"].get(board) or {})["folder_id"]
        if self._note("dashboards", board, "folder_id"):
            self._stamp(board, folder_id=self.random.choice([one for one in folders if one != now]))

    def _tile(self) -> tuple[str, dict[str, Any]]:
        boards = [one for one in visible(self.world, "dashboards") if self._asking(one["id"])]
        board = self.random.choice(boards)["id"]
        return board, self.random.choice(self._asking(board))

    def _asking(self, board: str) -> list[dict[str, Any]]:
        return [tile for tile in self.world.parts("dashboard_elements", board) if tile.get("query_id")]

    def tile_title(self) -> None:
        board, tile = self._tile()
        self._note("dashboards", board, f"dashboard_elements[{tile['id']}].title")
        self.world["dashboard_elements"].change(tile["id"], title=self._word())
        self._stamp(board)

    def asked(self) -> None:
        board, tile = self._tile()
        query = self.world["queries"].get(tile["query_id"])
        self._note("dashboards", board, f"dashboard_elements[{tile['id']}].query.limit")
        anew = self.world["queries"].add(query | {"id": None, "limit": str(self.random.randrange(6000, 10**6))})
        self.world["dashboard_elements"].change(tile["id"], query_id=anew["id"])
        self._stamp(board)

    def placed(self) -> None:
        board, tile = self._tile()
        place = self.world["dashboard_layout_components"].where("dashboard_element_id", tile["id"])[0]
        layout = place["dashboard_layout_id"]
        self._note("dashboards", board, f"dashboard_layouts[{layout}].dashboard_layout_components[{place['id']}]")
        self.world["dashboard_layout_components"].change(place["id"], row=self.random.randrange(100, 10**4))
        self._stamp(board)

    def look(self) -> None:
        look = self.random.choice(visible(self.world, "looks"))["id"]
        self._note("looks", look, "description")
        user = self.random.choice(self.users)
        mutate(self.world, "update", "looks", look, {"description": self._word(), "last_updater_id": user})
        self.authors["looks", look] = user

    def group(self) -> None:
        group = self.random.choice([row for row in self.world["groups"] if row["id"] != "1"])["id"]
        self._note("groups", group, "name")
        mutate(self.world, "update", "groups", group, {"name": self._word()})

    def member(self) -> None:
        group = self.random.choice([row for row in self.world["groups"] if row["id"] != "1"])["id"]
        user = self.random.choice(self.users)
        if not self._note("group_users", group, f"members[{user}]"):
            return
        held = [row for row in self.world["group_users"] if (row["group_id"], row["user_id"]) == (group, user)]
        if held:
            self.world["group_users"].remove(held[0]["id"])
        else:
            self.world["group_users"].add({"id": None, "group_id": group, "user_id": user})


@pytest.mark.parametrize("seed", range(int(os.environ.get("LOOKERVAULT_RANDOM_EDITS", "2"))))
def test_every_edit_is_told_and_any_one_is_taken_back_alone(seed: int, tmp_path: Path) -> None:
    with (
        Simulator(SimulatorOptions(scale="tiny")) as simulator,
        client(simulator) as looker,
        Vault.create_or_open(tmp_path / "looker.db") as vault,
    ):
        capture_all(vault, looker, simulator)
        people = People(simulator.world, seed)
        for _ in range(NIGHTS):
            people.night()
            newest = capture(vault, looker)
            told = [one for one in log(vault, LogRequest()) if one.to_snapshot == newest]
            assert {(one.content_type, one.id): {f.path for f in one.fields} for one in told} == people.told
            for one in told:
                assert one.kind == ("moved" if {f.path for f in one.fields} == {"folder_id"} else "changed")
                assert one.author.id == people.authors.get((one.content_type, one.id))
                assert all(f.text for f in one.fields)
        people.night()  # and go on while one change is taken back
        changes = log(vault, LogRequest())
        for change in people.random.sample(changes, REVERTED):
            _take_back(vault, looker, change)


def _take_back(vault: Vault, looker: Looker, change: Change) -> None:
    """Take one change back, and see that its places are as they were, and nothing else is another than before."""
    before = _doc(vault, looker, change.key)
    found = reverting(vault, looker, [change.change_id])
    report = restore(found.run)
    assert report.status == "completed", (change, report.proof)
    after = _doc(vault, looker, change.key)
    places = {one.path for one in edits(change.content_type, before, after)}
    clashing = {one.path for one in found.conflicts}
    mine = {one.path for one in change.fields}
    assert all(any(path.startswith(one) for one in mine) for path in places), (places, mine)
    assert not places & clashing
    with vault.read() as db:
        documents = Documents(db)
        was, became = (documents.version(one or 0) for one in (change.before_version, change.after_version))
    for edit in edits(change.content_type, was, became):
        left = {one.path for one in edits(change.content_type, was, after)}
        assert (edit.path in left) == (edit.path in clashing), (edit.path, clashing)


def _doc(vault: Vault, looker: Looker, key: ContentKey) -> Any:
    body = payload_now(looker, key)
    with vault.read() as db:
        return Documents(db).of(key, decode(body or b"{}"))
