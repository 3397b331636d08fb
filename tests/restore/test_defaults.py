"""Which theme and which colour collection is the default comes back too."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo


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


def test_each_type_of_theme_has_its_own_default_again(run_of, simulator, backed_up, looker):
    world = simulator.world
    before = world.default_theme_id
    other = next(row["id"] for row in world["themes"] if row["id"] != before and row["end_at"] is None)
    world.default_themes["embed"] = other
    (step,) = [step for step in run_of(Selection.bulk("default_themes")).plan().steps if step.writes]
    assert (step.id, step.action) == ("embed", "update")
    report = restore(run_of())
    assert (report.status, world.theme_of("embed"), world.theme_of("internal")) == ("completed", before, before)
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert world.theme_of("embed") == other


def test_a_release_without_defaults_by_type_is_backed_up_and_restored_whole(vault, simulator, looker, back_up):
    simulator.world.bends.on("features_off", "default_theme_by_type")
    snapshot = back_up(vault, looker)
    assert vault.snapshot(snapshot).status == "complete"
    before, _ = choose_others(simulator)
    report = restore(RestoreRun(vault, looker, Selection.bulk("themes"), RestoreOptions()))
    assert (report.status, simulator.world.default_theme_id) == ("completed", before)
