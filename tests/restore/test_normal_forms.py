"""What Looker makes of a value without changing what it says is named as its form: no difference, and not written again."""

from __future__ import annotations

import pytest

from looker_simulator.mutations import mutate
from lookervault_core.forms import form_of
from lookervault_core.restore.report import losses
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_edits_since import patch
from tests.restore.test_interruptions import full_dashboard
from tests.simulated import capture


@pytest.mark.parametrize(
    ("sent", "kept", "how"),
    [
        (" A ", "A", "without the white space around it"),
        ("a\r\nb", "a\nb", "with line ends of its own"),
        ("a\r\nb ", "a\nb", "with line ends of its own and without the white space around it"),
        ("Ann@Example.com", "ann@example.com", "in lower case"),
        ("e\u0301", "\u00e9", "with composed letters"),
        ("500.0", "500", "as the same number written otherwise"),
        ("500", 500, "as a number"),
        (500, "500", "as a text"),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00", "as the same time written otherwise"),
        ("A", " A ", ""),
        ("Total", "total", ""),
        ("500", "501", ""),
        ("1", True, ""),
        ("A", "B", ""),
        ("A", "", ""),
        ("ab", "a b", ""),
    ],
)
def test_a_form_says_the_same(sent, kept, how):
    assert form_of(sent, kept) == how


def test_a_text_and_an_address_that_looker_writes_in_its_own_form_are_named_and_not_written_again(
    vault, looker, simulator
):
    world, dashboard = simulator.world, full_dashboard(simulator)
    tile = world.parts("dashboard_elements", dashboard)[0]["id"]
    login = next(row for row in world["credentials_email"] if row["user_id"] != world.admin_user_id)
    mutate(world, "update", "dashboards", dashboard, {"description": " Ours "})
    mutate(world, "update", "dashboard_elements", tile, {"note_text": "Ours\n"})
    world["credentials_email"].change(login[world["credentials_email"].key], email="Ann@Example.com")
    capture(vault, looker)
    for bend in ("texts_are_trimmed", "addresses_in_lower_case"):
        simulator.bends.on(bend)
    patch(looker, f"/dashboards/{dashboard}", description="Wrecked")
    patch(looker, f"/dashboard_elements/{tile}", note_text="Wrecked")
    patch(looker, f"/users/{login['user_id']}/credentials_email", email="wrecked@example.com")

    def run() -> RestoreRun:
        return RestoreRun(vault, looker, Selection.everything(), sleep=lambda _: None)

    report = restore(run())
    told = {one["field"].rpartition(".")[2]: one["reason"] for one in losses(report.proof)}
    assert report.status == "completed"
    assert told["description"] == 'Looker keeps it without the white space around it: "Ours" where it was sent " Ours "'
    assert "without the white space around it" in told["note_text"]
    assert told["email"] == 'Looker keeps it in lower case: "ann@example.com" where it was sent "Ann@Example.com"'
    again = run()
    assert not any(step.writes for step in again.plan().steps)
    assert {reason for step in again.plan().steps for _, reason in step.lost} >= set(told.values())
    undone = undo(vault, looker, report.session_id)
    assert undone.status == "completed"
    assert world["dashboards"].get(dashboard)["description"] == "Wrecked"
    assert world["dashboard_elements"].get(tile)["note_text"] == "Wrecked"
    assert login["email"] == "wrecked@example.com"


def test_what_somebody_else_has_made_of_a_value_is_a_difference(vault, looker, simulator):
    world, dashboard = simulator.world, full_dashboard(simulator)
    mutate(world, "update", "dashboards", dashboard, {"description": " Ours "})
    capture(vault, looker)
    mutate(world, "update", "dashboards", dashboard, {"description": "Ours"})
    (step,) = [step for step in RestoreRun(vault, looker, Selection.everything()).plan().steps if step.writes]
    assert [field.path for field in step.fields] == ["description"]
    assert restore(RestoreRun(vault, looker, Selection.everything())).status == "completed"
    assert world["dashboards"].get(dashboard)["description"] == " Ours "
