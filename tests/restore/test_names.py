"""Names that are taken: swapped ones are swapped back, and content of somebody else is never written to."""

from __future__ import annotations

import pytest

from looker_simulator import mutate
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore


def two(simulator, table):
    flags = ("deleted", "built_in", "is_system", "include_by_default", "externally_managed", "is_personal")
    flags += (
        "is_shared_root",
        "is_users_root",
        "is_embed_shared_root",
        "is_embed_users_root",
        "all_access",
        "internal",
    )
    rows = [
        row for row in simulator.world[table] if not any(row.get(flag) for flag in flags) and row.get("name") != "Admin"
    ]
    home = {"dashboards": "folder_id", "looks": "folder_id", "folders": "parent_id"}.get(table)
    pairs = ((a, b) for a in rows for b in rows if a["id"] < b["id"])
    return next((dict(a), dict(b)) for a, b in pairs if home is None or a[home] == b[home])


@pytest.mark.parametrize(
    ("table", "field"),
    [("groups", "name"), ("roles", "name"), ("user_attributes", "label"), ("folders", "name"), ("looks", "title")],
)
def test_two_that_swapped_names_get_their_own_back(run_of, simulator, table, field):
    try:
        a, b = two(simulator, table)
    except StopIteration:
        pytest.skip("this instance has no two of them side by side")
    simulator.world[table].change(a["id"], **{field: b[field]})
    simulator.world[table].change(b["id"], **{field: a[field]})
    report = restore(run_of(Selection.bulk(table)), 4)
    assert report.status == "completed"
    assert [simulator.world[table].get(one["id"])[field] for one in (a, b)] == [a[field], b[field]]


@pytest.mark.parametrize("exact", [False, True])
def test_a_new_dashboard_of_the_same_title_is_somebody_elses(run_of, simulator, exact):
    row = next(row for row in simulator.world["dashboards"] if not row["deleted"])
    title, folder, gone = row["title"], row["folder_id"], row["id"]
    other = next(one["id"] for one in simulator.world["dashboards"] if not one["deleted"] and one["id"] != gone)
    mutate(simulator.world, "delete", "dashboards", gone)
    new = mutate(
        simulator.world, "create", "dashboards", other, {"title": title, "folder_id": folder, "description": "new"}
    )
    run = run_of(Selection.single("dashboards", gone), exact=exact)
    step = next(step for step in run.plan().steps if step.content_type == "dashboards")
    assert (step.action, f"dashboard {new}" in step.reason) == ("blocked", True)
    assert restore(run).status == "partial"
    assert simulator.world["dashboards"].get(new)["description"] == "new"
