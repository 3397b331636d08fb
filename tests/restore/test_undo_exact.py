"""After a night on which much is lost, a restore and its undo, the instance is what it was before the restore, field by field, but
for what the undo names."""

from __future__ import annotations

from pathlib import Path

import pytest

from looker_simulator import Simulator, SimulatorOptions, oracle
from lookervault_core.looker.client import Looker
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from lookervault_core.vault import Vault
from tests.restore import nights
from tests.restore.random_days import tidy
from tests.restore.trials import taken_for_theirs, unnamed
from tests.simulated import capture, client

# What a night does that the next undo takes back to the last field; the others make content anew, which then lies in the trash.
EXACT = ("folders", "users", "groups", "trash", "roles", "colors", "boards", "deliveries", "parts", "connected")
# Each kind on a plain Looker, and on one that is bent those that delete what it does otherwise with.
WORLDS = {
    (): EXACT,
    ("folders_trash_content",): ("folders", "trash", "users", "boards"),
    ("owner_takes_content", "alerts_survive_owner"): ("users", "groups", "deliveries", "folders"),
    ("alerts_go_with_tile",): ("deliveries", "parts", "trash", "folders"),
}
NIGHTS = [(kind, bends) for bends, kinds in WORLDS.items() for kind in kinds]


def taken_back(
    directory: Path,
    kinds: tuple[str, ...],
    seed: int,
    bends: tuple[str, ...] = (),
    *,
    scale: str = "tiny",
    exact: bool = True,
) -> tuple[Report, list[str]]:
    """Return the report of the undo after a night, and how the instance differs from what it was before the restore."""
    options = SimulatorOptions(scale=scale, seed=seed % 7 + 1, bends=bends)
    with (
        Simulator(options) as simulator,
        client(simulator) as looker,
        Vault.create_or_open(directory / "v.db") as vault,
    ):
        tidy(simulator.world)
        capture(vault, looker)
        nights.spend(simulator.world, looker, seed, kinds)
        before = oracle.dump(simulator.world)
        report = restore(
            RestoreRun(vault, looker, Selection.everything(), RestoreOptions(exact=exact), sleep=lambda _: None)
        )
        taken = undo(vault, looker, report.session_id)
        return taken, oracle.differences(before, oracle.dump(simulator.world))


def amiss(report: Report, left: list[str]) -> list[str]:
    """Return what is left and not named, and what the status of an undo does not fit."""
    whole = report.proof.holds and not (report.dead_letters or report.not_tried)
    says = [] if (report.status == "completed") == whole else [f"it is {report.status}"]
    return [*unnamed(report, left), *taken_for_theirs(report), *says]


@pytest.mark.parametrize(
    ("kind", "bends"), NIGHTS, ids=[f"{','.join(bends) or 'plain'}-{kind}" for kind, bends in NIGHTS]
)
def test_an_undo_brings_back_to_the_last_field_what_it_was_before(kind, bends, tmp_path):
    report, left = taken_back(tmp_path, (kind,), EXACT.index(kind), bends)
    assert ([*left, *taken_for_theirs(report)], report.status, list(report.warnings)) == ([], "completed", [])


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_an_undo_after_a_night_of_everything_names_each_thing_that_it_leaves(seed, exact, tmp_path):
    report, left = taken_back(tmp_path, nights.ALL_AT_ONCE[:-1], seed, exact=exact)
    assert amiss(report, left) == []


@pytest.mark.parametrize("kind", ["purge", "edits", "wreck"])
@pytest.mark.parametrize("seed", range(2))
def test_an_undo_that_cannot_bring_all_back_names_each_thing(kind, seed, tmp_path):
    report, left = taken_back(tmp_path, (kind,), seed)
    assert amiss(report, left) == []


def test_the_undo_of_a_larger_night_is_exact(tmp_path):
    report, left = taken_back(tmp_path, ("users", "folders", "groups"), 3, scale="small")
    assert amiss(report, left) == []


def test_an_alert_whose_tile_the_undo_removes_gets_its_old_threshold_back(run_of, simulator, backed_up, looker: Looker):
    world = simulator.world
    alert = next(row for row in world["alerts"] if row["dashboard_element_id"])
    looker.delete("wreck", f"/dashboard_elements/{alert['dashboard_element_id']}")
    world["alerts"].change(alert["id"], threshold=alert["threshold"] + 1000, is_disabled=not alert["is_disabled"])
    wrecked = dict(world["alerts"].rows[alert["id"]])
    report = restore(run_of())
    assert world["alerts"].rows[alert["id"]]["threshold"] == wrecked["threshold"] - 1000
    assert undo(backed_up, looker, report.session_id).dead_letters == 0
    now = world["alerts"].rows[alert["id"]]
    assert (now["threshold"], now["is_disabled"]) == (wrecked["threshold"], wrecked["is_disabled"])
