"""A night unlike those before it is told in plain sentences, with the commands that look and revert; ordinary days are not."""

from __future__ import annotations

import importlib
import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from looker_simulator import Simulator, SimulatorOptions
from looker_simulator.ordinary import ordinary_day
from looker_simulator.vandal import Vandal
from lookervault_core.looker.client import Looker
from lookervault_core.vault import Vault
from lookervault_core.watching import Unusual, lately, unusual
from lookervault_core.watching.judging import judged, usual
from lookervault_core.watching.signs import Sign
from tests.restore import nights
from tests.simulated import capture, capture_all, client
from tests.watching.commands import run_in

# One object edited is an edit like any other: nothing tells it from a day's work.
LIKE_ANY_EDIT = {"_rewrite_dashboard", "_regroup", "_rewrite_looks"}
DAMAGES = {one.__name__: one for one in importlib.import_module("looker_simulator.wreck")._DAMAGES}
NIGHTS = [name for name in nights.KINDS if name != "edits"]


@pytest.fixture
def looker() -> Iterator[Simulator]:
    with Simulator(SimulatorOptions(scale="tiny", seed=2)) as simulator:
        yield simulator


@pytest.fixture
def api(looker: Simulator) -> Iterator[Looker]:
    with client(looker) as one:
        yield one


@pytest.fixture
def vault(tmp_path: Path, looker: Simulator, api: Looker) -> Iterator[Vault]:
    with Vault.create_or_open(tmp_path / "looker.db") as one:
        capture_all(one, api, looker)
        yield one


def after(vault: Vault, api: Looker) -> list[Unusual]:
    snapshot_id = capture(vault, api)
    found = unusual(vault, snapshot_id)
    shown = lately(vault, 1).get(snapshot_id, [])
    assert shown == [one.text for one in found], "the first page of `lookervault ui` tells it by the same rule"
    return found


@pytest.mark.parametrize("name", [name for name in DAMAGES if name not in LIKE_ANY_EDIT])
def test_each_damage_raises_its_alert_in_the_next_run(name: str, looker: Simulator, api: Looker, vault: Vault) -> None:
    vandal = Vandal(looker.world, 1)
    DAMAGES[name](vandal)
    if not vandal.did:
        pytest.skip("so small an instance has nothing to damage so")
    assert after(vault, api), vandal.did


@pytest.mark.parametrize("name", NIGHTS)
def test_each_bad_night_raises_its_alert_in_the_next_run(
    name: str, looker: Simulator, api: Looker, vault: Vault
) -> None:
    record = nights.spend(looker.world, api, 1, [name])
    assert after(vault, api), record


def test_ordinary_days_raise_none_and_what_they_count_says_what_is_usual(
    looker: Simulator, api: Looker, vault: Vault
) -> None:
    alarms = []
    for day in range(6):
        ordinary_day(looker.world, day)
        alarms += after(vault, api)
    assert alarms == []
    vandal = Vandal(looker.world, 1)
    DAMAGES["_deliveries"](vandal)
    (told,) = [one for one in after(vault, api) if one.sign == Sign.STOPPED]
    assert told.nights == 6
    assert "in the 6 nights before" in told.text


def test_access_for_all_admins_new_domains_and_one_busy_author_are_told(
    looker: Simulator, api: Looker, vault: Vault
) -> None:
    world = looker.world
    author = "2"
    for row in [*world["dashboards"], *world["looks"]] * 3:
        values = {"description": f"{row['description']}!", "last_updater_id": author, "updated_at": world.now()}
        world[row_table(row)].change(row["id"], **values)
    for number in range(25):
        copy = {"id": None, "title": f"More {number}", "last_updater_id": author, "slug": f"more{number}"}
        world["looks"].add(next(iter(world["looks"])) | copy)
    meta = next(
        row for row in world["content_metadata"] if row["folder_id"] and not row["inherits"] and row["parent_id"]
    )
    for row in world["content_metadata_access"].where("content_metadata_id", meta["id"]):
        world["content_metadata_access"].change(row["id"], group_id=world.all_users_group_id, user_id=None)
    user = next(row for row in world["users"] if row["id"] not in (world.admin_user_id, author))
    world["role_users"].add({"role_id": world.admin_role_id, "user_id": user["id"]})
    plan = next(iter(world["scheduled_plans"]))
    sent = plan["scheduled_plan_destination"][0] | {"type": "email", "address": "x@elsewhere.example"}
    world["scheduled_plans"].change(plan["id"], scheduled_plan_destination=[sent])

    found = {one.sign: one for one in after(vault, api)}
    assert {Sign.OPENED, Sign.ADMIN, Sign.RECIPIENTS, Sign.AUTHOR} <= found.keys()
    assert found[Sign.AUTHOR].look.startswith(f"lookervault log --by {author} --since ")
    assert all("elsewhere" not in one.text + one.look + one.revert for one in found.values())


def row_table(row: dict) -> str:
    return "dashboards" if "dashboard_elements" in row or "preferred_viewer" in row else "looks"


def test_the_first_snapshot_is_usual_and_history_outlives_pruning(looker: Simulator, api: Looker, vault: Vault) -> None:
    (first,) = [one.snapshot_id for one in vault.snapshots()]
    assert unusual(vault, first) == []
    for day in range(3):
        ordinary_day(looker.world, day)
        after(vault, api)
    vault.delete_snapshot(2)
    vault.delete_snapshot(3)
    DAMAGES["_settings"](Vandal(looker.world, 1))
    assert next(iter(after(vault, api))).nights == 3


def test_what_is_usual_is_what_all_but_a_tenth_of_the_nights_had() -> None:
    assert usual([]) == 0
    assert usual([1, 2, 3]) == 3
    assert usual([1] * 9 + [500]) == 1
    night = {Sign.DELETED: 9}
    assert judged(night, [{Sign.DELETED: 5}] * 10, {}) == []
    assert [one.usual for one in judged(night, [{Sign.DELETED: 4}] * 10, {})] == [4]
    lost = {f"{Sign.SHRUNK}:looks": 9}
    assert judged(lost, [], {"looks": 90}) == []
    assert judged(lost, [], {"looks": 89})


def test_the_report_and_the_command_tell_of_it(looker: Simulator, api: Looker, vault: Vault, tmp_path: Path) -> None:
    told = run_in(looker, tmp_path)
    DAMAGES["_settings"](Vandal(looker.world, 1))
    report = told("extract", "--no-prefect", "--json")
    assert json.loads(report.stdout)["unusual"][0]["sign"] == "settings_changed"
    shown = told("unusual")
    assert shown.returncode == 0
    assert "unusual: 6 settings of the whole instance were changed; there is no earlier night" in shown.stdout
    again = json.loads(told("unusual", "--snapshot", "1", "--json").stdout)
    assert again["unusual"] == []
    look = next(line for line in shown.stdout.splitlines() if "look:" in line).split("lookervault ")[1]
    assert "instance setting" in told(*shlex.split(look)).stdout
