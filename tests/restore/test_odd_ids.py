"""An id that names nothing is asked for nowhere, and keeps nothing else from coming back."""

from __future__ import annotations

import pytest

from lookervault_core.extract.options import ExtractOptions
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreOptions, RestoreRun
from lookervault_core.restore.runs import restore
from tests.restore.test_taking_back import living
from tests.simulated import capture

# Fields that hold an id, in groups of such as no other one of the group stands in the way of.
FIELDS = {
    "what holds it": [
        ("board_sections", "board_id"),
        ("dashboards", "folder_id"),
        ("alerts", "owner_id"),
        ("users", "home_folder_id"),
        ("themes", "name"),
    ],
    "what owns or shows it": [
        ("board_items", "board_section_id"),
        ("dashboards", "user_id"),
        ("dashboard_elements", "look_id"),
        ("scheduled_plans", "user_id"),
        ("folders", "content_metadata_id"),
    ],
    "what it shows": [
        ("board_items", "dashboard_id"),
        ("dashboards", "content_metadata_id"),
        ("looks", "user_id"),
        ("alerts", "dashboard_element_id"),
        ("content_metadata", "parent_id"),
    ],
    "where it stands": [
        ("boards", "content_metadata_id"),
        ("boards", "user_id"),
        ("dashboard_elements", "dashboard_layout_id"),
        ("scheduled_plans", "dashboard_id"),
    ],
}


def make_odd(simulator, group: str, value: str) -> None:
    for table, field in FIELDS[group]:
        odd(simulator, table, field, value)


def odd(simulator, table: str, field: str, value: str) -> None:
    rows = [row for row in simulator.world[table] if row.get(field) and not row.get("deleted")]
    row = next(row for row in reversed(rows) if row["id"] != simulator.world.admin_user_id)
    simulator.world[table].change(row["id"], **{field: value})


def unasked(simulator) -> int:
    """Return how many requests went to no operation of the API."""
    return simulator.calls.by_operation["unknown"]


@pytest.mark.parametrize("exact", [False, True], ids=["plain", "exact"])
@pytest.mark.parametrize("value", ["", ".."], ids=["nothing", "dots"])
@pytest.mark.parametrize("group", FIELDS)
def test_an_id_that_names_nothing_since_the_backup_ends_no_restore(group, value, exact, run_of, simulator):
    run = run_of(exact=exact)
    make_odd(simulator, group, value)
    gone = living(simulator, "themes")[-1]["id"]
    simulator.world["themes"].remove(gone)
    report = restore(run)
    assert unasked(simulator) == 0
    assert [one.verdict for one in report.proof.items if one.key.content_type == "themes"] != []


@pytest.mark.parametrize("value", ["", ".."], ids=["nothing", "dots"])
@pytest.mark.parametrize("group", FIELDS)
def test_an_id_that_names_nothing_in_the_backup_ends_no_restore(group, value, vault, looker, simulator):
    make_odd(simulator, group, value)
    capture(vault, looker, ExtractOptions(workers=4))
    for name in ("themes", "boards", "alerts"):
        simulator.world[name].remove(living(simulator, name)[-1]["id"])
    restore(RestoreRun(vault, looker, Selection.everything(), RestoreOptions(), sleep=lambda _: None))
    assert unasked(simulator) == 0
