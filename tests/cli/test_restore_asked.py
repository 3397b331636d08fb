"""On a terminal a restore shows its plan, asks, and writes nothing but what was agreed to."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from looker_simulator import Simulator, mutate
from tests.cli.conftest import Run
from tests.cli.restored import document, is_wrecked, living, on_terminal, wreck_looks, writes

pytestmark = pytest.mark.usefixtures("vault_path")


def test_on_a_terminal_the_plan_is_shown_and_asked_for(
    environment: dict[str, str], looker: Simulator, tmp_path: Path
) -> None:
    one = wreck_looks(looker, 1)[0]
    code, shown = on_terminal(environment, tmp_path, "n", "restore", "single", "look", one)
    assert code == 130
    assert "1 update; about" in shown
    assert is_wrecked(looker, "looks", one)
    code, shown = on_terminal(environment, tmp_path, "y", "restore", "single", "look", one)
    assert code == 0, shown
    assert "1 identical" in shown
    assert not is_wrecked(looker, "looks", one)


@pytest.mark.parametrize("command", ["single", "undo"])
def test_nothing_is_written_if_looker_has_changed_while_the_question_waited(
    command: str, cli: Run, environment: dict[str, str], looker: Simulator, tmp_path: Path
) -> None:
    one = wreck_looks(looker, 1)[0]
    arguments = ["look", one]
    if command == "undo":
        session = document(cli("restore", "single", "look", one, "--yes", "--json"))["session_id"]
        arguments = ["--session-id", session]
    changed_meanwhile(looker, one, environment, tmp_path, command, *arguments)


def changed_meanwhile(looker: Simulator, look: str, environment: dict[str, str], tmp_path: Path, *command: str) -> None:
    """Run a restore, give *look* another title while it waits for the answer, and see that it keeps that."""
    change = partial(mutate, looker.world, "update", "looks", look, {"title": "hers"})
    code, shown = on_terminal(environment, tmp_path, "y", "restore", *command, meanwhile=change)
    assert (code, "Looker has changed since the plan was shown" in shown) == (1, True), shown
    assert (look, "hers") in {(row["id"], row["title"]) for row in living(looker, "looks")}


def test_sets_that_looker_lists_in_another_order_are_no_change_of_the_plan(
    environment: dict[str, str], looker: Simulator, tmp_path: Path
) -> None:
    looker.bends.on("unordered_lists")
    one = next(row for row in looker.world["permission_sets"] if not row["built_in"] and len(row["permissions"]) > 5)
    before = set(one["permissions"])
    mutate(looker.world, "update", "permission_sets", one["id"], {"permissions": [*one["permissions"][2:], "deploy"]})
    code, shown = on_terminal(environment, tmp_path, "y", "restore", "single", "permission_set", one["id"])
    assert (code, before <= set(one["permissions"])) == (0, True), shown


def test_what_also_removes_is_confirmed_by_the_name_of_the_instance(
    environment: dict[str, str], looker: Simulator, tmp_path: Path
) -> None:
    dashboard = living(looker, "dashboards")[0]["id"]
    tile = looker.world.parts("dashboard_elements", dashboard)[0]["id"]
    extra = mutate(looker.world, "create", "dashboard_elements", tile, {"title": "made since"})
    command = ("restore", "single", "dashboard", dashboard, "--exact")
    code, _ = on_terminal(environment, tmp_path, "y", *command)
    assert code == 130
    assert writes(looker) == []
    code, shown = on_terminal(environment, tmp_path, "127.0.0.1", *command)
    assert code == 0, shown
    left = looker.world["dashboard_elements"].get(extra)
    assert left is None or left["_deleted"]


@pytest.mark.prefect
def test_a_flow_writes_nothing_if_looker_has_changed_while_the_question_waited(
    environment: dict[str, str], looker: Simulator, on_server: dict[str, str], tmp_path: Path
) -> None:
    one = wreck_looks(looker, 1)[0]
    changed_meanwhile(looker, one, environment | on_server, tmp_path, "bulk", "look")
