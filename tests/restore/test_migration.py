"""Restoring onto another instance: what is there is matched by what it is, never by its number; the rest is made."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, SimulatorOptions
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore

ONTO = RestoreOptions(target="other", workers=4)


def test_an_equal_instance_with_other_ids_needs_next_to_nothing(backed_up, connect):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=5000)) as other, connect(other) as looker:
        plan = RestoreRun(backed_up, looker, Selection.everything(), ONTO).plan()
    assert [(s.content_type, s.id) for s in plan.steps if s.action == "create"] == []


@pytest.mark.parametrize("id_offset", [0, 5000])
def test_a_different_instance_ends_with_everything_of_the_backup(backed_up, connect, id_offset):
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=id_offset)) as other, connect(other) as looker:
        theirs = {row["id"]: dict(row) for row in other.world["dashboards"]}
        report = restore(RestoreRun(backed_up, looker, Selection.everything(), ONTO), 4)
        bad = [(str(one.key), one.verdict) for one in report.proof.items if one.verdict in ("different", "failed")]
        assert (bad, report.status) == ([], "completed")
        again = RestoreRun(backed_up, looker, Selection.everything(), ONTO).plan()
        assert [(s.content_type, s.id, s.action) for s in again.steps if s.writes] == []
        for one, before in theirs.items():  # the same number is another dashboard here, and is left alone
            assert other.world["dashboards"].rows[one]["title"] == before["title"]


def test_what_cannot_be_read_through_the_api_is_a_named_loss(backed_up, connect):
    with Simulator(SimulatorOptions(scale="tiny", seed=2, id_offset=5000)) as other, connect(other) as looker:
        report = restore(RestoreRun(backed_up, looker, Selection.everything(), ONTO), 4)
    lost = {
        (one.key.content_type, reason)
        for one in report.proof.items
        if one.verdict == "accepted_losses"
        for _, reason in one.lost
    }
    causes = {
        ("dashboards", "SQL"),
        ("dashboards", "not in Looker's description"),
        ("looks", "not in Looker's description"),
        ("scheduled_plans", "secret"),
        ("users", "API keys"),
        ("users", "no call that writes it of a service account"),
        ("users", "next sign-in"),
        ("folders", "a personal folder"),
        ("users", "login by e-mail has none"),
        ("looks", "public link"),
        ("scheduled_plans", "--deliveries off"),
        ("alerts", "--deliveries off"),
        ("instance_settings", "its secret is in no backup"),
    }
    assert [
        (kind, reason) for kind, reason in lost if not any(kind == name and cause in reason for name, cause in causes)
    ] == []
    missing = {cause for cause in causes if not any(cause[0] == kind and cause[1] in reason for kind, reason in lost)}
    assert [one for one in missing if one[0] != "users"] == []


@pytest.mark.parametrize("id_offset", [0, 5000])
@pytest.mark.parametrize("label", ["theirs", None])
@pytest.mark.parametrize("holds", ["nothing", "a tile"])
def test_a_tab_is_known_by_its_tiles_where_somebody_made_another_one_active(
    holds, label, id_offset, backed_up, connect
):
    """The tiles do not leave their tab, and the new one stays what it is."""
    with Simulator(SimulatorOptions(scale="tiny", id_offset=id_offset)) as other, connect(other) as looker:
        tabs = other.world["dashboard_layouts"]
        living = {row["id"] for row in other.world["dashboards"] if not row["deleted"]}
        old = next(dict(tab) for tab in tabs if tab["active"] and not tab["label"] and tab["dashboard_id"] in living)
        body = {"dashboard_id": old["dashboard_id"], "type": "newspaper", "active": True, "label": label}
        new = json.loads(looker.post("x", "/dashboard_layouts", json.dumps(body).encode()).body)["id"]
        if holds == "a tile":
            tile = {"dashboard_id": old["dashboard_id"], "dashboard_layout_id": new, "type": "text", "body_text": "new"}
            looker.post("x", "/dashboard_elements", json.dumps(tile).encode())
        report = restore(RestoreRun(backed_up, looker, Selection.everything(), ONTO), 4)
        bad = [(one.verdict, one.fields) for one in report.proof.items if one.verdict in ("different", "failed")]
        assert (bad, report.status) == ([], "completed")
        assert (tabs.rows[old["id"]]["active"], tabs.rows[new]["label"]) == (True, label)
        assert restore(RestoreRun(backed_up, looker, Selection.everything(), ONTO), 4).writes == 0


@pytest.mark.parametrize("calls", [1, 2, 3])
@pytest.mark.parametrize("field", ["name", "label"])
@pytest.mark.parametrize("id_offset", [0, 3])
def test_user_attributes_whose_names_people_have_begun_to_exchange_are_known_by_what_they_kept(
    id_offset, field, calls, backed_up, connect
):
    with Simulator(SimulatorOptions(scale="tiny", id_offset=id_offset)) as other, connect(other) as looker:
        attributes = other.world["user_attributes"]
        own = [dict(row) for row in attributes if not row["is_system"] and not row["value_is_hidden"]]
        called = {row["name"]: row["label"] for row in attributes}
        one, two = own[:2]
        for row, text in ((one, "between"), (two, one[field]), (one, two[field]))[:calls]:
            looker.patch("people", f"/user_attributes/{row['id']}", json.dumps({field: text}).encode())
        report = restore(RestoreRun(backed_up, looker, Selection.everything(), ONTO), 4)
        assert (report.status, report.not_tried) == ("completed", ())
        assert {row["name"]: row["label"] for row in attributes} == called
        assert not RestoreRun(backed_up, looker, Selection.everything(), ONTO).plan().changes_anything
