"""A certification is written by a call of its own, also for what had to be made anew."""

from __future__ import annotations

import pytest

from looker_simulator import Simulator, mutate
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture


def certified(simulator: Simulator, table: str) -> dict:
    return next(
        row
        for row in simulator.world[table]
        if (row.get("certification_metadata") or {}).get("certification_status") == "certified" and not row["deleted"]
    )


@pytest.mark.parametrize("table", ["dashboards", "looks"])
@pytest.mark.parametrize("damage", ["delete", "revoke"])
def test_certified_content_is_certified_again(run_of, simulator, looker, table, damage):
    row = certified(simulator, table)
    title, notes = row["title"], row["certification_metadata"]["notes"]
    if damage == "delete":
        mutate(simulator.world, "delete", table, row["id"])
    else:
        looker.patch("revoke", f"/{table}/{row['id']}/certification", b'{"certification_status":"revoked"}')
    report = restore(run_of(Selection.bulk(table)), 4)
    again = next(one for one in simulator.world[table] if one["title"] == title and not one["deleted"])
    seal = again["certification_metadata"]
    assert (seal["certification_status"], seal["notes"]) == ("certified", notes)
    assert report.status == "completed"
    assert all(step.action == "skip" for step in run_of(Selection.bulk(table)).plan().steps)


@pytest.mark.parametrize("damage", ["delete", "revoke"])
def test_a_certification_of_a_tile_that_does_not_come_back_is_named(damage, vault, looker, simulator):
    tiles, dashboard = simulator.world["dashboard_elements"], next(iter(simulator.world["dashboards"]))["id"]
    simulator.world.unpack(dashboard)
    tile = next(row["id"] for row in tiles if row["dashboard_id"] == dashboard)
    tiles.change(tile, certification_metadata={"certification_status": "certified", "notes": "checked"})
    capture(vault, looker)
    if damage == "delete":
        mutate(simulator.world, "delete", "dashboards", dashboard)
    else:
        tiles.change(tile, certification_metadata=None)
    selection = Selection.single("dashboards", dashboard)
    report = restore(RestoreRun(vault, looker, selection))
    assert report.status == "completed"
    lost = [
        reason for one in report.proof.items for path, reason in one.lost if path.endswith("certification_metadata")
    ]
    assert [reason for reason in lost if "certifies a tile" in reason]
    assert restore(RestoreRun(vault, looker, selection)).writes == 0


def test_a_tile_that_is_as_certified_as_it_was_is_equal(vault, looker, simulator):
    tiles, dashboard = simulator.world["dashboard_elements"], next(iter(simulator.world["dashboards"]))["id"]
    simulator.world.unpack(dashboard)
    tile = next(row["id"] for row in tiles if row["dashboard_id"] == dashboard)
    seal = {"certification_status": "certified", "notes": "checked", "user_name": "Ann"}
    tiles.change(tile, certification_metadata=seal)
    capture(vault, looker)
    tiles.change(tile, title="renamed", certification_metadata=seal | {"user_name": "Bea"})
    report = restore(RestoreRun(vault, looker, Selection.single("dashboards", dashboard)))
    assert [one.verdict for one in report.proof.items] == ["identical"]
