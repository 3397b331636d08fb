"""What is there already, just like in the backup and under another id, is not made a second time, and stays whose it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from looker_simulator import mutate, oracle
from lookervault_core.exchange.reading import import_directory
from lookervault_core.exchange.writing import export_directory
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from lookervault_core.vault import Vault
from tests.restore.test_taking_back import living

KINDS = ("scheduled_plans", "boards", "alerts", "themes", "color_collections", "looks", "dashboards")


@pytest.fixture
def again(backed_up, looker, tmp_path: Path) -> Iterator[Callable[[Selection], RestoreRun]]:
    """Restore from another vault with the same backup: it knows nothing of what the first one has made."""
    export_directory(backed_up, tmp_path / "out")
    import_directory(tmp_path / "out", tmp_path / "other.db")

    def make(selection: Selection) -> RestoreRun:
        return RestoreRun(other, looker, selection, RestoreOptions(), sleep=lambda _: None)

    with Vault.open(tmp_path / "other.db") as other:
        yield make


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_vault_makes_nothing_again_that_the_first_one_has_restored(kind, again, run_of, simulator):
    count = len(living(simulator, kind))
    mutate(simulator.world, "delete", kind, living(simulator, kind)[-1]["id"])
    assert restore(run_of()).status == "completed"
    report = restore(again(Selection.everything()))
    assert (report.status, report.writes, len(living(simulator, kind))) == ("completed", 0, count)


@pytest.fixture
def twin(simulator, backed_up) -> str:
    """Somebody's plan that is like one of the backup, which is gone. Return its id."""
    plan = living(simulator, "scheduled_plans")[-1]
    twin = mutate(simulator.world, "create", "scheduled_plans", plan["id"], {"name": plan["name"]})
    mutate(simulator.world, "delete", "scheduled_plans", plan["id"])
    return twin


def test_a_twin_is_not_taken_over(twin, run_of, simulator):
    plans, count = simulator.world["scheduled_plans"], len(living(simulator, "scheduled_plans"))
    assert restore(run_of(Selection.bulk("scheduled_plans"))).writes == 0
    mutate(simulator.world, "update", "scheduled_plans", twin, {"crontab": "0 5 * * *"})
    assert restore(run_of(Selection.bulk("scheduled_plans"))).status == "completed"
    assert (plans.get(twin)["crontab"], len(living(simulator, "scheduled_plans"))) == ("0 5 * * *", count + 1)


def test_an_exact_restore_and_its_undo_leave_a_twin_alone(twin, run_of, simulator, backed_up, looker):
    before = oracle.dump(simulator.world)
    mutate(simulator.world, "create", "scheduled_plans", twin, {"name": "more"})
    wrecked = oracle.dump(simulator.world)
    report = restore(run_of(Selection.bulk("scheduled_plans"), exact=True))
    assert (report.writes, oracle.differences(before, oracle.dump(simulator.world))) == (1, [])
    undo(backed_up, looker, report.session_id)
    assert oracle.differences(wrecked, oracle.dump(simulator.world)) == []


def test_an_undo_does_not_take_what_it_removes_for_what_it_brings_back(run_of, simulator, backed_up, looker):
    plan = living(simulator, "scheduled_plans")[-1]
    theirs = mutate(simulator.world, "create", "scheduled_plans", plan["id"], {"name": plan["name"], "enabled": False})
    mutate(simulator.world, "update", "scheduled_plans", theirs, {"crontab": "0 5 * * *"})
    mutate(simulator.world, "delete", "scheduled_plans", plan["id"])
    wrecked = oracle.dump(simulator.world)
    report = restore(run_of(Selection.bulk("scheduled_plans"), exact=True))
    made = living(simulator, "scheduled_plans")[-1]["id"]
    mutate(simulator.world, "update", "scheduled_plans", made, {"enabled": False, "crontab": "0 5 * * *"})
    undo(backed_up, looker, report.session_id)
    assert made in simulator.world["scheduled_plans"], "people have edited it since: it stays beside what comes back"
    (more,) = oracle.differences(wrecked, oracle.dump(simulator.world))
    assert more.endswith(": new")


def test_a_board_that_others_may_see_is_no_twin(run_of, simulator, looker):
    world, board = simulator.world, living(simulator, "boards")[-1]
    restored = run_of(Selection.bulk("boards"))
    mutate(world, "delete", "boards", board["id"])
    restore(restored)
    theirs = living(simulator, "boards")[-1]
    metadata = theirs["content_metadata_id"]
    there = {row["group_id"] for row in world["content_metadata_access"] if row["content_metadata_id"] == metadata}
    group = next(row["id"] for row in world["groups"] if row["id"] not in there)
    row = {"content_metadata_id": metadata, "group_id": group, "permission_type": "view"}
    looker.post("people", "/content_metadata_access", json.dumps(row).encode())
    count = len(living(simulator, "boards"))
    restore(run_of(Selection.bulk("boards"), skip_id_mapping=True))
    assert len(living(simulator, "boards")) == count + 1
    assert group in {
        row["group_id"] for row in world["content_metadata_access"] if row["content_metadata_id"] == metadata
    }
