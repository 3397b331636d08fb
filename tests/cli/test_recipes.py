"""Each recipe of docs/recipes.md, run as it is written, mends the disaster that it is for."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from looker_simulator import Simulator, cascades, mutate
from lookervault_core.vault import Vault
from tests.cli.conftest import Run
from tests.cli.restored import document, living
from tests.simulated import capture, client

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
_SECTION = re.compile(r"^## ([^\n]+)\n\n```\n(.+?)```", re.MULTILINE | re.DOTALL)
RECIPES = {title: commands.splitlines() for title, commands in _SECTION.findall(PAGE.read_text())}


class Place(NamedTuple):
    world: Any
    folder: str
    board: str
    filter: str
    metadata: str


@pytest.fixture
def place(looker: Simulator) -> Place:
    """The instance with a folder "Finance" in which a dashboard "Exec Overview" is, that has a filter."""
    world = looker.world
    boards = [row for row in living(looker, "dashboards") if world.parts("dashboard_elements", row["id"])]
    board = next(one["id"] for one in boards if world.parts("dashboard_filters", one["id"]))
    folder = next(row for row in world["folders"] if row["parent_id"] == "1" and not row["is_personal"])
    mutate(world, "update", "folders", folder["id"], {"name": "Finance"})
    mutate(world, "update", "dashboards", board, {"title": "Exec Overview", "folder_id": folder["id"]})
    return Place(
        world, folder["id"], board, world.parts("dashboard_filters", board)[0]["id"], folder["content_metadata_id"]
    )


def broken_filters(at: Place) -> Callable[[], bool]:
    before = at.world["dashboard_filters"].get(at.filter)["default_value"]
    at.world["dashboard_filters"].change(at.filter, default_value="everything")
    tile = at.world.parts("dashboard_elements", at.board)[0]
    for one in at.world["dashboard_layout_components"].where("dashboard_element_id", tile["id"]):
        at.world["dashboard_layout_components"].remove(one["id"])
    at.world["dashboard_elements"].remove(tile["id"])
    mutate(at.world, "update", "dashboards", at.board, {"last_updater_id": "2"})
    at.world.show_anew(at.board)
    return lambda: (
        at.world["dashboard_filters"].get(at.filter)["default_value"] == before
        and tile["title"] in {one["title"] for one in at.world.parts("dashboard_elements", at.board)}
    )


def folder_gone(at: Place) -> Callable[[], bool]:
    cascades.remove_folder(at.world, at.folder)
    return lambda: any(
        row["title"] == "Exec Overview" and at.world["folders"].get(row["folder_id"])["name"] == "Finance"
        for row in at.world["dashboards"]
    )


def board_gone(at: Place) -> Callable[[], bool]:
    mutate(at.world, "trash", "dashboards", at.board)
    return lambda: not at.world["dashboards"].get(at.board)["deleted"]


def user_gone(at: Place) -> Callable[[], bool]:
    row = dict(next(one for one in at.world["credentials_email"] if one["user_id"] != at.world.admin_user_id))
    mutate(at.world, "delete", "users", row["user_id"])
    return lambda: row["email"] in {one["email"] for one in at.world["credentials_email"]}


def nothing(at: Place) -> Callable[[], bool]:
    return lambda: True


def spamming_plan(at: Place) -> Callable[[], bool]:
    plan = dict(next(iter(at.world["scheduled_plans"])))
    to = [one | {"address": "everybody@example.com"} for one in plan["scheduled_plan_destination"]]
    at.world["scheduled_plans"].change(plan["id"], scheduled_plan_destination=to)
    sent = [one["address"] for one in plan["scheduled_plan_destination"]]
    return lambda: (
        [one["address"] for one in at.world["scheduled_plans"].get(plan["id"])["scheduled_plan_destination"]] == sent
    )


def opened_folder(at: Place) -> Callable[[], bool]:
    def rights() -> set[tuple[Any, ...]]:
        held = at.world["content_metadata_access"].where("content_metadata_id", at.metadata)
        return {(row["group_id"], row["permission_type"]) for row in held}

    before = at.world["content_metadata"].get(at.metadata)["inherits"], rights()
    at.world["content_metadata"].change(at.metadata, inherits=False)
    at.world["content_metadata_access"].add(
        {"id": None, "content_metadata_id": at.metadata, "group_id": "1", "user_id": None, "permission_type": "edit"}
    )
    return lambda: (at.world["content_metadata"].get(at.metadata)["inherits"], rights()) == before


def retitled(at: Place) -> Callable[[], bool]:
    mutate(at.world, "update", "dashboards", at.board, {"description": "What it is now"})
    return lambda: at.world["dashboards"].get(at.board)["description"] == "What it is now"


def described(at: Place) -> Callable[[], bool]:
    retitled(at)
    return lambda: at.world["dashboards"].get(at.board)["description"] != "What it is now"


DISASTERS: dict[str, Callable[[Place], Callable[[], bool]]] = {
    "The filters of a dashboard are broken, or a tile is gone": broken_filters,
    "Somebody deleted a folder with everything in it": folder_gone,
    "A dashboard was deleted": board_gone,
    "A user was deleted": user_gone,
    "A field was renamed in LookML, and tiles are broken": nothing,
    "Plans send to everybody": spamming_plan,
    "A folder was opened to All Users": opened_folder,
    "A restore was the wrong one": retitled,
    "Put back one dashboard as it was on a day": described,
}
_SLOW = {"Somebody deleted a folder with everything in it": pytest.mark.prefect}


def test_every_recipe_has_its_disaster() -> None:
    assert RECIPES.keys() == DISASTERS.keys()


@pytest.mark.parametrize("title", [pytest.param(one, marks=_SLOW.get(one, ())) for one in DISASTERS])
def test_a_recipe_mends_its_disaster(
    title: str, cli: Run, looker: Simulator, place: Place, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = request.getfixturevalue("on_server") if title in _SLOW else {}
    with Vault.create_or_open(tmp_path / "looker.db") as vault, client(looker) as one:
        capture(vault, one)
        mended = DISASTERS[title](place)
        if title not in _SLOW:
            capture(vault, one)
    if DISASTERS[title] is retitled:
        document(cli("restore", "single", "dashboard", "Exec Overview", "--snapshot", "1", "--yes", "--json"))
        assert not mended()
    found: dict[str, str] = {}
    for line in RECIPES[title]:
        words = shlex.split(re.sub(r"\b(CHANGE_IDS|SESSION)\b", lambda name: found[name[0]], line))
        done = cli(*words[1:], **server)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        if words[1] == "log":
            told = json.loads(cli(*words[1:], "--json").stdout)
            assert told or title in _SLOW, line
            found["CHANGE_IDS"] = " ".join(change["change_id"] for change in told)
        if words[1:3] == ["restore", "status"]:
            found["SESSION"] = json.loads(cli(*words[1:], "--json").stdout)[0]["session_id"]
    assert mended()
