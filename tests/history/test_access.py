"""`access` says what the instance itself would say, of any time, from the vault alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.ravage import ravage
from looker_simulator.rights import may
from lookervault_core.families.rights.book import KINDS, book_of
from lookervault_core.families.rights.changes import differences
from lookervault_core.families.rights.rules import access, rights_of
from lookervault_core.forgetting import forget
from lookervault_core.vault import Vault
from lookervault_core.vault.sqlite.file import utc_now
from tests.extract.backup import Backup


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backup]:
    """An instance backed up twice; in between people lost and got groups, roles, rows of lists and their sign-in."""
    with Simulator(SimulatorOptions(scale="small", release="26.22")) as looker:
        backup = Backup(looker, tmp_path_factory.mktemp("access") / "looker.db")
        backup.run()
        _stir(looker, Random(7))
        backup.run()
        yield backup


def _stir(looker: Simulator, random: Random) -> None:
    world = looker.world
    ravage(world, 0.5, ("users", "groups", "roles", "permission_sets", "content_metadata_accesses"))
    groups, users = list(world["groups"].rows)[1:], list(world["users"].rows)
    for _ in range(12):
        user, group = random.choice(users), random.choice(groups)
        world["group_users"].add({"group_id": group, "user_id": user})
    below, above = groups[0], groups[-1]
    world["group_groups"].add({"parent_id": above, "group_id": below})
    for meta in random.sample([row for row in world["content_metadata"] if not row["inherits"]], 8):
        who = {"group_id": random.choice(groups), "user_id": None}
        row = {"content_metadata_id": meta["id"], "permission_type": random.choice(("view", "edit"))}
        world["content_metadata_access"].add(row | who)


@pytest.mark.parametrize("snapshot", [1, 2])
def test_access_is_what_the_instance_itself_says(twice: Backup, snapshot: int) -> None:
    with twice.vault() as vault:
        book = book_of(vault, snapshot, KINDS)
    first = SimulatorOptions(scale="small", release="26.22")
    world = twice.looker.world if snapshot == 2 else Simulator(first).world
    found, expected = {}, {}
    for user in book.people:
        rights = rights_of(book, user)
        for key, place in book.places.items():
            pair = (user, key)
            found[pair] = access(book, rights, place).may
            expected[pair] = may(world, user, key.content_type, key.id)
    assert len(found) > 5_000
    assert {pair: (found[pair], one) for pair, one in expected.items() if found[pair] != one} == {}
    assert set(found.values()) == {"", "view", "edit"}


def test_what_people_got_and_lost_is_the_difference_of_both(twice: Backup) -> None:
    with twice.vault() as vault:
        before, after = book_of(vault, 1), book_of(vault, 2)
    told = {(one.email or one.user, one.key): (one.before, one.after) for one in differences(before, after)}
    for user, person in after.people.items():
        old, new = rights_of(before, user), rights_of(after, user)
        for key, place in after.places.items():
            pair = (access(before, old, before.places[key]).may, access(after, new, place).may)
            assert told.get((person.email or person.name, key), (pair[0], pair[0])) == pair
    assert told


def test_the_command_says_by_which_group_and_role(twice: Backup, capsys: pytest.CaptureFixture[str]) -> None:
    from flows.cli.app import app
    from flows.cli.boundary import run

    def asked(*words: str) -> str:
        assert run(app, ["access", *words, "--db-path", str(twice.path)]) == 0
        return capsys.readouterr().out

    calls = twice.looker.calls.snapshot()
    assert "named themselves" in asked("user3@example.com", "--snapshot", "1")
    assert "disabled: cannot sign in" in asked("user3@example.com")
    everybody = json.loads(asked("--json"))
    assert len(everybody) == len(twice.ids("users"))
    admin = next(one for one in everybody if one["admin"])
    assert admin["edit"]
    one = json.loads(asked(admin["user"], "--type", "dashboards,looks", "--snapshot", "1", "--json"))
    assert {row["by"] for row in one["objects"]} == {"role Admin"}
    place = json.loads(asked("--on", "folder", "1", "--json"))
    assert {row["may"] for row in place["people"]} <= {"view", "edit"}
    assert json.loads(asked("--snapshot", "2", "--diff", "now", "--json")) == []
    assert twice.looker.calls.snapshot() == calls
    assert run(app, ["access", "nobody@nowhere", "--db-path", str(twice.path)]) == 2
    assert run(app, ["access", "--diff", "now", "--on", "folder", "1", "--db-path", str(twice.path)]) == 2
    assert run(app, ["access", "--type", "themes", "--db-path", str(twice.path)]) == 2


def test_who_is_taken_out_of_a_group_lost_it_its_roles_and_what_they_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from flows.cli.app import app
    from flows.cli.boundary import run

    def told(*words: str) -> list[dict[str, Any]]:
        asked = ["access", *words, "--diff", "a week ago", "--json", "--db-path", str(backup.path)]
        assert run(app, asked) == 0
        return json.loads(capsys.readouterr().out)

    with Simulator(SimulatorOptions(scale="tiny")) as looker:
        backup = Backup(looker, tmp_path / "looker.db")
        backup.run(clock=lambda: utc_now() - timedelta(days=8))
        backup.write("DELETE", "/groups/3/users/3")
        backup.write("PATCH", "/users/4", is_disabled=True)
        backup.write("DELETE", "/users/2")
        looker.world["role_users"].add({"role_id": "1", "user_id": "6"})
        backup.write("PATCH", "/roles/3", model_set_id="3")
        backup.run()
    with backup.vault() as vault:
        before = rights_of(book_of(vault, 1), "3")
    mine = told("user3@example.com")
    lost = {(one["content_type"], one["id"]) for one in mine if one["after"] == "nothing"}
    assert lost >= {("groups", "3"), *(("roles", one.role) for one in before.roles)}
    assert "dashboards" in {content_type for content_type, _ in lost}
    everybody = told()
    rights = [one for one in mine if one["content_type"] in ("roles", "groups", "folders", "boards")]
    assert [one for one in everybody if one["email"] == "user3@example.com"] == rights
    out = {one["user"] for one in everybody if (one["before"], one["after"]) == ("signs in", "nothing")}
    assert out == {"2", "4"}
    assert told("user2@example.com") != []
    assert {one["user"] for one in everybody if one["by"].startswith("- model ")} == {"1", "5", "6"}
    kinds = [one["content_type"] in KINDS for one in everybody if one["user"] == "6"]
    assert kinds == sorted(kinds), "roles and groups come first"
    with Vault.open(backup.path) as vault:
        forget(vault, "3")
    assert run(app, ["access", "--diff", "a week ago", "--db-path", str(backup.path)]) == 0
    assert "user 3  " in capsys.readouterr().out, "who has no name by now is called by id"


def test_rights_of_a_snapshot_without_people_are_not_told(tmp_path: Path) -> None:
    from flows.cli.app import app
    from flows.cli.boundary import run

    with Simulator(SimulatorOptions(scale="tiny")) as looker:
        backup = Backup(looker, tmp_path / "looker.db")
        backup.run("dashboards")
    assert run(app, ["access", "--db-path", str(backup.path)]) == 2
