"""A certification is written by a call of its own, also for what had to be made anew."""

from __future__ import annotations

import pytest

from lookervault_core.restore.drivers import restore
from lookervault_core.restore.selection import Selection
from lookervault_core.simulator import Simulator, mutate


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
