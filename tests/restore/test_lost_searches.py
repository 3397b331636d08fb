"""A create without an answer whose search has none either stays unknown: whoever goes on searches before it makes anything."""

from __future__ import annotations

from contextlib import suppress

import pytest

from lookervault_core.errors import ServerFault
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.runs import restore, resumed, retry
from lookervault_core.vault.restoring import dead_letters, journal
from tests.restore.test_again import delete_one
from tests.restore.test_taking_back import living

KINDS = {
    "scheduled_plans": ("create_scheduled_plan", "all_scheduled_plans"),
    "boards": ("create_board", "all_boards"),
    "alerts": ("create_alert", "search_alerts"),
    "themes": ("create_theme", "all_themes"),
    "color_collections": ("create_color_collection", "all_color_collections"),
    "dashboards": ("create_dashboard", "search_dashboards"),
    "looks": ("create_look", "*looks*"),
}


@pytest.mark.parametrize("way", ["dlq retry", "resume", "same command"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_create_whose_search_fails_too_is_made_once(kind, way, run_of, simulator, backed_up, looker):
    create, listing = KINDS[kind]
    count = len(living(simulator, kind))
    gone = delete_one(simulator, kind)
    run = run_of(Selection.single(kind, gone), max_retries=0)
    run.plan()
    simulator.faults.add("reset_after", operation=create, first=1)

    def cut_off(_) -> None:  # from the create on nobody can list
        simulator.faults.add("502", operation=listing, retry_after_s=0)

    simulator.faults.add("churn", operation=create, hook=cut_off, first=1)
    with suppress(ServerFault):  # the proof of boards needs their listing too
        assert restore(run, 1).status == "partial"
    simulator.faults.clear()
    assert [one.key.content_type for one in journal.unknown_creates(backed_up, simulator.base_url)] == [kind]
    if way == "dlq retry":
        reports = retry(backed_up, looker, dead_letters.listing(backed_up), RestoreOptions())
        assert [one.status for one in reports] == ["completed"]
    elif way == "resume":
        assert restore(resumed(backed_up, looker, sleep=lambda _: None), 1).status == "completed"
    else:
        assert restore(run_of(Selection.single(kind, gone)), 1).status == "completed"
    assert len(living(simulator, kind)) == count
    assert journal.unknown_creates(backed_up, simulator.base_url) == []
