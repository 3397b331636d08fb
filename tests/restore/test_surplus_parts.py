"""What is nested in a dashboard or a board and is not in the backup goes with an exact restore, whoever takes it away first."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, mutate, oracle
from lookervault_core.looker.client import Looker
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.restore.test_wreckage import is_known_loss
from tests.simulated import capture


def one_more(looker: Looker, simulator: Simulator, table: str) -> tuple[str, str, str]:
    """Add a part to a dashboard or a board; return the type and id of what it is in, and its own id."""
    world = simulator.world
    dashboard = next(row for row in world["dashboards"] if not row["deleted"])["id"]
    section = next(iter(world["board_sections"]))
    body = {
        "dashboard_elements": {"dashboard_id": dashboard, "type": "text", "body_text": "new"},
        "dashboard_filters": {"dashboard_id": dashboard, "name": "New", "title": "New", "type": "string_filter"},
        "dashboard_layouts": {"dashboard_id": dashboard, "label": "New", "type": "newspaper"},
        "board_sections": {"board_id": section["board_id"], "title": "New"},
        "board_items": {"board_section_id": section["id"], "dashboard_id": dashboard},
    }[table]
    made = json.loads(looker.post("one_more", f"/{table}", json.dumps(body).encode()).body)
    of_board = table.startswith("board_")
    return ("boards", section["board_id"], str(made["id"])) if of_board else ("dashboards", dashboard, str(made["id"]))


@pytest.mark.parametrize(
    "table", ["dashboard_elements", "dashboard_filters", "dashboard_layouts", "board_sections", "board_items"]
)
def test_a_surplus_part_that_somebody_has_just_removed_is_done(table, run_of, simulator, looker):
    before = oracle.dump(simulator.world)
    owner_type, owner, part = one_more(looker, simulator, table)
    run = run_of(Selection.single(owner_type, owner), exact=True)
    run.plan()
    looker.delete("somebody", f"/{table}/{part}")
    report = restore(run)
    assert (report.status, report.dead_letters) == ("completed", 0)
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if not is_known_loss(line)] == []


def test_a_part_that_an_earlier_restore_made_goes_where_the_backup_does_not_have_it(backed_up, looker, simulator):
    before = oracle.dump(simulator.world)
    first = backed_up.snapshots()[0].snapshot_id
    _, dashboard, tile = one_more(looker, simulator, "dashboard_elements")
    capture(backed_up, looker)
    looker.delete("somebody", f"/dashboard_elements/{tile}")
    selection = Selection.single("dashboards", dashboard)
    assert restore(RestoreRun(backed_up, looker, selection)).status == "completed"
    back = RestoreRun(backed_up, looker, selection, RestoreOptions(exact=True), snapshot_id=first)
    assert restore(back).status == "completed"
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if not is_known_loss(line)] == []


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize(
    ("table", "called"),
    [
        ("dashboard_elements", "tiles"),
        ("dashboard_filters", "filters"),
        ("dashboard_layouts", "tabs"),
        ("board_sections", "sections"),
        ("board_items", "items"),
    ],
)
def test_what_stays_beyond_the_backup_is_named_and_nothing_is_called_identical(
    table, called, edited, run_of, simulator, looker
):
    kind, whole, made = one_more(looker, simulator, table)
    if edited:
        mutate(simulator.world, "update", kind, whole, {"title": "edited since"})
    run = run_of(Selection.single(kind, whole))
    (lost,) = [why for step in run.plan().steps for path, why in step.lost if path.rpartition(".")[2] == called]
    assert lost.startswith("1 more than in the backup stays")
    assert made in lost
    report = restore(run)
    (item,) = [one for one in report.proof.items if one.key == ContentKey(kind, whole)]
    assert (report.status, item.verdict) == ("completed", "accepted_losses")
    exact = run_of(Selection.single(kind, whole), exact=True)
    assert [path for step in exact.plan().steps for path, why in step.lost if "more than" in why] == []
    assert restore(exact).proof.count("accepted_losses") == 0
