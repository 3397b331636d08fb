"""What is damaged in the vault is named, and stands in nobody's way but its own."""

from __future__ import annotations

import pytest

from lookervault_core.restore.drivers import restore
from lookervault_core.restore.selection import Selection
from lookervault_core.simulator import mutate
from tests.restore.test_taking_back import living


def damage(vault, content_type: str, item_id: str) -> None:
    row = next(row for row in vault.items(content_type) if row.id == item_id)
    with vault.write() as db:
        db.execute("UPDATE blobs SET data = zeroblob(9) WHERE sha256 = ?", (bytes.fromhex(row.sha256),))


@pytest.mark.parametrize("content_type", ["scheduled_plans", "alerts", "dashboards"])
def test_a_folder_is_restored_although_something_of_it_or_of_another_one_is_damaged(
    content_type, run_of, simulator, backed_up
):
    with_dashboards = {row["folder_id"] for row in living(simulator, "dashboards")}
    look = next(row for row in living(simulator, "looks") if row["folder_id"] in with_dashboards)
    mutate(simulator.world, "update", "looks", look["id"], {"title": "Wrecked"})
    one = next(row.id for row in backed_up.items(content_type) if row.folder_id in (None, look["folder_id"]))
    damage(backed_up, content_type, one)
    report = restore(run_of(Selection.folder(look["folder_id"])))
    assert simulator.world["looks"].get(look["id"])["title"] == look["title"]
    (blocked,) = [step for step in report.not_tried if step.action == "blocked"]
    assert (blocked.content_type, blocked.id, report.status) == (content_type, one, "partial")
