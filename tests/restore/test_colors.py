"""A colour collection that is made again has a new id; everything that is drawn in its colours follows it."""

from __future__ import annotations

from pathlib import Path

from lookervault_core.restore.drivers import restore
from lookervault_core.restore.run import RestoreOptions, RestoreRun
from lookervault_core.restore.selection import Selection
from lookervault_core.simulator import Simulator, SimulatorOptions, mutate, oracle
from lookervault_core.vault import Vault
from tests.restore.conftest import capture, client


def test_the_queries_behind_a_merge_tile_follow_a_collection_that_is_made_again(tmp_path: Path):
    with (
        Simulator(SimulatorOptions(scale="small", seed=5)) as simulator,
        client(simulator) as looker,
        Vault.create_or_open(tmp_path / "v.db") as vault,
    ):
        capture(vault, looker)
        before = oracle.dump(simulator.world)
        custom = [row["id"] for row in simulator.world["color_collections"] if len(row["id"]) > 20]
        for one in custom:
            mutate(simulator.world, "delete", "color_collections", one)
        report = restore(RestoreRun(vault, looker, Selection.everything(), RestoreOptions(workers=4)), 4)
        assert custom
        assert report.status == "completed"
        left = [
            line for line in oracle.differences(before, oracle.dump(simulator.world)) if "color_application" in line
        ]
        assert [line for line in left if "(trash)" not in line] == []
