"""Somebody leaves: all that is theirs goes over, nothing is lost or sent, and it can be taken back exactly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, differences
from looker_simulator.people import is_admin
from lookervault_core.errors import UsageError
from lookervault_core.history.offboarding import offboarding
from lookervault_core.restore.runs import opened, restore, undoing
from lookervault_core.vault import Vault
from lookervault_core.vault.restoring import journal, restorations
from tests.conftest import PATIENCE_S, until
from tests.extract.backup import Backup

DRAWN = int(os.environ.get("LOOKERVAULT_DRAWN_PEOPLE", "4"))
OWNED = ("dashboards", "looks", "boards", "scheduled_plans", "alerts")


@pytest.fixture(scope="module")
def backup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backup]:
    options = SimulatorOptions(scale="small", release="26.22", bends=("enabling_sends",))
    with Simulator(options) as looker:
        one = Backup(looker, tmp_path_factory.mktemp("leaving") / "looker.db")
        one.run()
        yield one


def owned(world: Any, user: str) -> list[tuple[str, str]]:
    """Return what is of a user and does not lie in the trash."""
    rows = ((name, row) for name in OWNED for row in world[name] if not row.get("deleted"))
    return [(name, row["id"]) for name, row in rows if row.get("user_id", row.get("owner_id")) == user]


def inside(world: Any, user: str) -> list[str]:
    home = world["users"].rows[user]["personal_folder_id"]
    content = [row["id"] for name in ("dashboards", "looks") for row in world[name] if row["folder_id"] == home]
    return content + [row["id"] for row in world["folders"] if home and row["parent_id"] == home]


def drawn(world: Any, count: int) -> list[tuple[str, str]]:
    """Return who leaves and who takes over; some of whom have much, and something in their personal folder."""
    random = Random(count)
    people = [row["id"] for row in world["users"] if row["id"] != world.admin_user_id]
    heirs = [one for one in people if not world["users"].rows[one]["is_disabled"] and not is_admin(world, one)]
    heirs = [one for one in heirs if world["users"].rows[one]["personal_folder_id"]]
    rich = sorted(people, key=lambda one: -len(owned(world, one)) - 9 * len(inside(world, one)))
    leaving = [*rich[:2], *(random.choice(people) for _ in range(count - 2))]
    return [(one, random.choice([other for other in heirs if other != one])) for one in leaving]


def test_nothing_of_drawn_people_is_lost_or_sent_and_all_of_it_is_taken_back(backup: Backup) -> None:
    world = backup.looker.world
    for user, to in drawn(world, DRAWN):
        before, rows = backup.looker.oracle(), {name: len(table) for name, table in world.tables.items()}
        mine, home, gone = owned(world, user), inside(world, user), world["users"].rows[user]["is_disabled"]
        with opened(backup.settings()) as (vault, looker):
            found = offboarding(vault, looker, user, to)
            report = restore(found.run)
            written = journal.entries(vault, report.session_id)
        assert report.status == "completed", (user, to)
        assert {one.verdict for one in report.proof.items} == {"identical"}
        assert not owned(world, user)
        assert not inside(world, user)
        assert set(mine) <= set(owned(world, to))
        assert set(home) <= set(inside(world, to))
        assert world["users"].rows[user]["is_disabled"]
        assert {name: len(table) for name, table in world.tables.items()} == rows
        assert gone or max(written, key=lambda one: one.started_at).key.content_type == "users", "disabled last of all"
        with opened(backup.settings()) as (vault, looker), undoing(vault, looker, report.session_id) as run:
            assert restore(run).status == "completed"
        assert differences(before, backup.looker.oracle()) == []
    assert (world.fired, world.enabled) == ([], [])


def test_one_that_is_killed_in_the_middle_goes_on_and_all_of_it_is_taken_back(backup: Backup) -> None:
    world = backup.looker.world
    user, to = drawn(world, 2)[0]
    before, mine, home = backup.looker.oracle(), owned(world, user), inside(world, user)
    known = {"BASE_URL": backup.looker.base_url, "CLIENT_ID": "simulator", "CLIENT_SECRET": "simulator-secret"}
    pace = {"RATE_LIMIT_PER_SECOND": "50", "RATE_LIMIT_PER_MINUTE": "0", "DB_PATH": str(backup.path)}
    environment = os.environ | {f"LOOKERVAULT_{name}": value for name, value in (known | pace).items()}

    def started(*words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "flows.cli", *words, "--yes"], env=environment)

    leaving = started("offboard", user, "--to", to, "--workers", "1")
    until(lambda: len(owned(world, user)) + len(inside(world, user)) < len(mine) + len(home), leaving)
    leaving.kill()
    assert leaving.wait() == -signal.SIGKILL
    left = owned(world, user) + [("", one) for one in inside(world, user)]
    assert (left != [], world["users"].rows[user]["is_disabled"]) == (True, False), "it was in the middle"
    assert started("restore", "resume").wait(PATIENCE_S) == 0
    assert (owned(world, user), inside(world, user)) == ([], [])
    assert (set(mine) <= set(owned(world, to)), set(home) <= set(inside(world, to))) == (True, True)
    assert world["users"].rows[user]["is_disabled"]
    with Vault.open(backup.path, read_only=True) as vault:
        session = restorations.newest_first(vault)[0].session_id
    with opened(backup.settings()) as (vault, looker), undoing(vault, looker, session) as run:
        assert restore(run).status == "completed"
    assert differences(before, backup.looker.oracle()) == []
    assert (world.fired, world.enabled) == ([], [])


def test_a_title_that_is_taken_says_whose_it_was(backup: Backup) -> None:
    world = backup.looker.world
    user, to = drawn(world, 2)[0]
    homes = [world["users"].rows[one]["personal_folder_id"] for one in (user, to)]
    for home in homes:
        like = next(row for row in world["looks"] if not row["deleted"])
        world["looks"].add(like | {"id": None, "title": "Mine", "folder_id": home, "user_id": user})
    backup.run()
    with opened(backup.settings()) as (vault, looker):
        assert restore(offboarding(vault, looker, user, to).run).status == "completed"
    titles = [row["title"] for row in world["looks"] if row["folder_id"] == homes[1]]
    name = world["users"].rows[user]["first_name"] or ""
    assert "Mine" in titles
    assert any(title.startswith("Mine (of") and name in title for title in titles)


def test_nobody_is_handed_over_to_who_cannot_take_it(backup: Backup) -> None:
    world = backup.looker.world
    user, to = drawn(world, 2)[1]
    world["users"].change(to, is_disabled=True)
    with opened(backup.settings()) as (vault, looker):
        for one, other in ((user, to), (user, user), (world.admin_user_id, user)):
            with pytest.raises(UsageError):
                offboarding(vault, looker, one, other)


def test_the_command_backs_up_first_and_asks(
    backup: Backup, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.cli.app import app
    from flows.cli.boundary import run

    world = backup.looker.world
    known = {"BASE_URL": backup.looker.base_url, "CLIENT_ID": "simulator", "CLIENT_SECRET": "simulator-secret"}
    for name, value in {**known, "DB_PATH": str(backup.path), "RATE_LIMIT_PER_SECOND": "0"}.items():
        monkeypatch.setenv(f"LOOKERVAULT_{name}", value)
    monkeypatch.setenv("LOOKERVAULT_RATE_LIMIT_PER_MINUTE", "0")
    user = next(u["id"] for u in world["users"] if owned(world, u["id"]) and u["id"] != world.admin_user_id)
    asked = ["offboard", user, "--to", "user1@example.com"]
    before = backup.looker.oracle()
    assert run(app, [*asked, "--dry-run", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert {step["action"] for step in plan["plan"]} == {"update"}
    assert run(app, asked) == 2, "without a terminal it takes --yes"
    assert differences(before, backup.looker.oracle()) == []
    latest = next(row for row in world["looks"] if not row["deleted"])
    fresh = world["looks"].add(latest | {"id": None, "title": "Of just now", "user_id": user})
    capsys.readouterr()
    assert run(app, [*asked, "--yes", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["status"] == "completed"
    assert fresh["user_id"] == world.admin_user_id
    assert run(app, ["restore", "status", "--json"]) == 0
    assert "offboarding of user" in capsys.readouterr().out
    assert run(app, ["offboard", "nobody", "--to", "1", "--yes"]) == 2
