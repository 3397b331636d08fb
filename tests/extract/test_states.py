"""What is switched off is in the backup, whatever a release lists; and what no call can show is named."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from lookervault_core import verify
from tests.extract.backup import Backup

Start = Callable[..., Backup]
HIDES = ("plans_list_hides_disabled",)


def disabled(one: Backup) -> set[str]:
    return {row["id"] for row in one.looker.world["scheduled_plans"] if not row["enabled"]}


def everything(one: Backup) -> set[str]:
    return {row["id"] for row in one.looker.world["scheduled_plans"]}


def noted(report: Any) -> list[str]:
    return [note["kind"] for note in report.notes if note["content_type"] == "scheduled_plans"]


def test_plans_of_every_state_are_listed_where_the_release_has_a_call_for_it(backup: Start) -> None:
    one = backup(scale="small", release="26.18", bends=HIDES)
    assert disabled(one)
    report = one.run("scheduled_plans")
    assert (report.status, one.ids("scheduled_plans"), noted(report)) == ("complete", everything(one), [])
    assert one.asked("search_scheduled_plans") >= 2
    assert one.asked("all_scheduled_plans") == 0


def test_disabled_plans_are_found_by_their_content_where_nothing_lists_them(backup: Start) -> None:
    one = backup(scale="small", bends=HIDES)
    plans = one.looker.world["scheduled_plans"]
    bare = {row["id"] for row in plans if row["query_id"]} & disabled(one)
    report = one.run()
    assert report.status == "complete"
    assert one.ids("scheduled_plans") == everything(one) - bare
    assert report.types["scheduled_plans"]["listed"] == report.types["scheduled_plans"]["captured"]
    assert noted(report) == ["unlisted"]


def test_a_plan_that_was_switched_off_is_not_called_deleted(backup: Start) -> None:
    one = backup(scale="small", bends=HIDES)
    one.run()
    on = sorted(everything(one) - disabled(one))
    one.looker.world["scheduled_plans"].change(on[0], enabled=False)
    one.looker.world["scheduled_plans"].remove(on[1])
    one.looker.calls.reset()
    counts = one.run("scheduled_plans").types["scheduled_plans"]
    assert (counts["changed"], counts["deleted"]) == (1, 1)
    assert json.loads(one.payload("scheduled_plans", on[0]))["enabled"] is False
    assert one.asked("scheduled_plans_for_dashboard") == 0, "what the backup before had is asked for by id"


def test_a_plan_that_was_switched_off_is_changed_and_not_deleted_to_a_comparison_with_looker(backup: Start) -> None:
    one = backup(scale="small", bends=HIDES)
    one.run()
    plan = min(everything(one) - disabled(one))
    one.looker.world["scheduled_plans"].change(plan, enabled=False)
    with one.vault() as vault:
        _, found = verify.compare_with_live(vault, verify.chosen(vault, None), one.settings(), threading.Event())
    assert [(f.kind, f.id) for f in found if f.content_type == "scheduled_plans"] == [("changed", plan)]


def test_a_plan_that_does_not_answer_is_a_hole_and_not_deleted(backup: Start) -> None:
    one = backup(scale="small", bends=HIDES)
    one.run()
    off = min(everything(one) - disabled(one))
    one.looker.world["scheduled_plans"].change(off, enabled=False)
    one.looker.faults.add("500", path=f"*/scheduled_plans/{off}")
    report = one.run("scheduled_plans")
    assert (report.status, [hole["id"] for hole in report.holes]) == ("partial", [off])
    assert report.types["scheduled_plans"]["deleted"] == 0


def test_a_list_that_shows_disabled_plans_is_believed(backup: Start) -> None:
    one = backup(scale="small")
    report = one.run()
    assert (report.status, noted(report)) == ("complete", [])
    assert one.asked("scheduled_plans_for_dashboard") == 0


@pytest.mark.parametrize("bends", [(), ("alerts_search_hides_disabled",)])
def test_disabled_alerts_are_kept_whether_the_search_hides_them_or_not(backup: Start, bends: tuple[str, ...]) -> None:
    one = backup(scale="small", bends=bends)
    alerts = one.looker.world["alerts"]
    assert any(row["is_disabled"] for row in alerts)
    report = one.run("alerts")
    assert (report.status, one.ids("alerts")) == ("complete", {row["id"] for row in alerts})
