"""On another instance content of the same title in the same folder is taken for the backup's: plan and report name it, and it keeps
its address."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.looker.client import Looker
from lookervault_core.restore.planning.item_steps import KEEPS_ADDRESS
from lookervault_core.restore.report import losses
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.restore.test_taking_back import living

TITLE, SLUG = "Exec Overview", "theirSlugTheirSlug0000"
WAS_THERE = "was there before"


@pytest.fixture
def target() -> Iterator[Simulator]:
    """An instance with the same folders under other ids."""
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as running:
        yield running


@pytest.fixture
def theirs(target: Simulator, connect) -> Iterator[Looker]:
    with connect(target) as looker:
        yield looker


@pytest.fixture
def pair(simulator: Simulator, target: Simulator) -> tuple[str, str]:
    """Two dashboards of one title in one folder, each with an address of its own. Return their ids."""
    (ours, *_), (one, *_) = living(simulator, "dashboards"), living(target, "dashboards")
    mutate(simulator.world, "update", "dashboards", ours["id"], {"title": TITLE})
    mutate(target.world, "update", "dashboards", one["id"], {"title": TITLE, "description": "their own", "slug": SLUG})
    return ours["id"], one["id"]


@pytest.fixture
def onto(pair, vault: Vault, looker: Looker, theirs: Looker, back_up) -> Callable[[], RestoreRun]:
    back_up(vault, looker)

    def make() -> RestoreRun:
        selection = Selection.single("dashboards", pair[0])
        return RestoreRun(vault, theirs, selection, RestoreOptions(target="o"), sleep=lambda _: None)

    return make


def named(warnings: tuple[str, ...]) -> list[str]:
    return [one for one in warnings if WAS_THERE in one]


def test_plan_and_report_name_what_is_taken_for_ours_by_its_title(onto, pair):
    run = onto()
    run.plan()
    (warning,) = named(run.planner.warnings)
    assert f"{TITLE} ({pair[1]})" in warning
    assert "folder and title" in warning
    assert named(restore(run).warnings) == [warning]


def test_it_keeps_its_address_also_when_it_is_restored_again(onto, pair, target):
    for _ in range(2):
        report = restore(onto())
        assert target.world["dashboards"].get(pair[1])["slug"] == SLUG
        assert report.status == "completed"
        assert (KEEPS_ADDRESS, "slug") in {(row["reason"], row["field"]) for row in losses(report.proof)}
    assert named(report.warnings) == []  # by now the vault knows it


def test_what_a_restore_has_made_there_gets_its_own_address_back(onto, pair, simulator, target):
    mutate(target.world, "update", "dashboards", pair[1], {"title": "another one"})
    report = restore(onto())
    assert (report.summary.created_count, named(report.warnings)) == (1, [])
    (made,) = (one.destination_id for one in report.new_ids)
    mutate(target.world, "update", "dashboards", made, {"slug": "changedChangedChanged0"})
    report = restore(onto())
    assert (report.status, report.proof.count("different")) == ("completed", 0)
    assert {field for item in report.proof.items for field, _ in item.lost} <= {"x_unknown_to_the_spec"}
    assert target.world["dashboards"].get(made)["slug"] == simulator.world["dashboards"].get(pair[0])["slug"]


def test_who_has_the_same_address_is_no_namesake(onto, pair, simulator, target):
    slug = simulator.world["dashboards"].get(pair[0])["slug"]
    mutate(target.world, "update", "dashboards", pair[1], {"slug": slug})
    run = onto()
    assert [step.destination_id for step in run.plan().of("dashboards")] == [pair[1]]
    assert named(run.planner.warnings) == []
