"""Which theme and which colour collection is the default comes back too."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore


def choose_others(simulator: Simulator) -> tuple[str, str]:
    """Make other objects the default, and return what was it."""
    world = simulator.world
    before = (world.default_theme_id, world.default_color_collection_id)
    world.default_theme_id = next(row["id"] for row in world["themes"] if row["id"] != before[0])
    world.default_color_collection_id = next(row["id"] for row in world["color_collections"] if row["id"] != before[1])
    return before


def test_what_was_the_default_is_it_again(run_of, simulator):
    before = choose_others(simulator)
    report = restore(run_of(), 4)
    assert report.status == "completed"
    assert (simulator.world.default_theme_id, simulator.world.default_color_collection_id) == before
    assert all(step.action == "skip" for step in run_of().plan().steps)


def test_a_default_that_is_gone_is_made_anew_and_chosen(run_of, simulator):
    gone, _ = choose_others(simulator)
    name = simulator.world["themes"].get(gone)["name"]
    mutate(simulator.world, "delete", "themes", gone)
    report = restore(run_of(Selection.bulk("themes")), 4)
    chosen = simulator.world["themes"].get(simulator.world.default_theme_id)
    assert (report.status, chosen["name"], chosen["id"] != gone) == ("completed", name, True)


def test_a_single_theme_leaves_the_default_alone(run_of, simulator):
    before, _ = choose_others(simulator)
    chosen = simulator.world.default_theme_id
    mutate(simulator.world, "update", "themes", before, {"name": "wrecked"})
    assert restore(run_of(Selection.single("themes", before)), 4).writes == 1
    assert simulator.world.default_theme_id == chosen


@pytest.mark.parametrize("id_offset", [0, 3, 5000])
def test_on_another_instance_the_default_theme_is_known_beside_another_one_of_its_name(id_offset, backed_up, connect):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=id_offset)) as other, connect(other) as looker:
        default = other.world.default_theme_id
        name = other.world["themes"].rows[default]["name"]
        looker.post("people", "/themes", json.dumps({"name": name}).encode())

        def run() -> RestoreRun:
            return RestoreRun(backed_up, looker, Selection.everything(), RestoreOptions(target="other"))

        report = restore(run(), 4)
        assert (report.status, other.world.default_theme_id) == ("completed", default)
        assert not run().plan().changes_anything
