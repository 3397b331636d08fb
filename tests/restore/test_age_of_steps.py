"""What is written from a copy that was taken over unread says so, item by item."""

from __future__ import annotations

from lookervault_core.extract.options import ExtractOptions
from lookervault_core.restore.report import planned_document
from lookervault_core.restore.request import Selection
from tests.simulated import capture


def test_a_step_says_since_when_its_item_was_taken_over_unread(vault, looker, simulator, run_of) -> None:
    first = capture(vault, looker)
    capture(vault, looker, ExtractOptions(workers=4, incremental=True, audit_days=7))
    began = vault.snapshot(first).started_at
    rows = simulator.world["content_metadata_access"]
    row = next(row for row in rows if row["group_id"] and row["permission_type"] == "view")
    rows.change(row["id"], permission_type="edit")
    dashboard = next(one for one in simulator.world["dashboards"] if not one["deleted"])
    simulator.world["dashboards"].change(dashboard["id"], title="Other")
    run = run_of(Selection.everything())
    document = planned_document(run, run.plan())
    told = {(one["content_type"], one["id"]): one["read_at"] for one in document["plan"] if one["action"] == "update"}
    key = ("content_metadata_accesses", row["content_metadata_id"])
    assert told == {key: began.isoformat(), ("dashboards", dashboard["id"]): None}
    (warning,) = [one for one in document["warnings"] if one.startswith(f"{key[0]} {key[1]}:")]
    assert f"as of {began:%Y-%m-%d %H:%M} UTC" in warning
