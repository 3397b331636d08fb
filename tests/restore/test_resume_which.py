"""A resume goes on with the newest restore. What was left undone long ago is never resumed without being named."""

from __future__ import annotations

import pytest

from looker_simulator import mutate
from lookervault_core.errors import NotFound
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, resumed, undo
from tests.restore.test_taking_back import living


@pytest.fixture
def left_partial(run_of, simulator) -> str:
    """A restore of looks that ended with a dead letter. Return its session."""
    mutate(simulator.world, "update", "looks", living(simulator, "looks")[0]["id"], {"title": "Wrecked"})
    simulator.faults.add("422", operation="update_look", first=1)
    report = restore(run_of(Selection.bulk("looks")))
    assert report.status == "partial"
    return report.session_id


def test_the_newest_restore_is_resumed_if_it_is_not_complete(left_partial, backed_up, looker):
    assert resumed(backed_up, looker).session_id == left_partial


def test_an_older_restore_is_not_resumed_once_a_newer_one_is_complete(
    left_partial, run_of, simulator, backed_up, looker, back_up
):
    one, other = living(simulator, "looks")[:2]
    mutate(simulator.world, "update", "looks", one["id"], {"title": "right, by hand"})
    mutate(simulator.world, "update", "looks", other["id"], {"title": "a month later"})
    back_up(backed_up, looker)
    mutate(simulator.world, "update", "looks", other["id"], {"title": "Wrecked"})
    assert restore(run_of(Selection.bulk("looks"))).status == "completed"
    with pytest.raises(
        NotFound, match=f"newest restore is complete; `--session-id {left_partial}` goes on.*, of snapshot 1"
    ):
        resumed(backed_up, looker)
    assert simulator.world["looks"].get(other["id"])["title"] == "a month later"
    assert resumed(backed_up, looker, left_partial).session_id == left_partial


def test_a_restore_that_completed_leaves_nothing_to_resume(run_of, simulator, backed_up, looker):
    mutate(simulator.world, "update", "looks", living(simulator, "looks")[0]["id"], {"title": "Wrecked"})
    restore(run_of(Selection.bulk("looks")))
    with pytest.raises(NotFound, match="every restore of this vault is complete"):
        resumed(backed_up, looker)


@pytest.mark.parametrize("undone", [False, True], ids=["restore", "undo"])
def test_a_resume_leaves_out_the_types_that_it_is_told_to(undone, run_of, simulator, backed_up, looker):
    one, other = living(simulator, "looks")[0], living(simulator, "dashboards")[0]
    for name, row in (("looks", one), ("dashboards", other)):
        mutate(simulator.world, "update", name, row["id"], {"title": "Wrecked"})
    run = run_of(Selection.bulk("looks", "dashboards"))
    if undone:
        first = restore(run)
        simulator.faults.add("422", operation="update_dashboard")
        simulator.faults.add("422", operation="update_look")
        assert undo(backed_up, looker, first.session_id).status == "partial"
        simulator.faults.clear()
    else:
        run.begin()
    assert resumed(backed_up, looker, exclude=("dashboards",)).plan().types() == ("looks",)
