"""The same command again, after a restore that was killed and is not resumed: it finishes the job and makes nothing twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from looker_simulator import Simulator, mutate, oracle
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, resumed, undo, undoing
from lookervault_core.vault.restoring import journal, restorations
from lookervault_core.vault.sqlite.file import utc_now
from tests.restore.test_interruptions import Killed
from tests.restore.test_random_days import death
from tests.restore.test_taking_back import living, post
from tests.simulated import capture


def killed_once_made(run, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill *run* when Looker has made its first object of a kind, right before the answer enters the journal."""
    conclude = journal.conclude

    def falling(vault, entry_id, outcome, *more, **target):
        entries = {one.entry_id: one for one in journal.entries(vault, run.session_id)}
        if target and entries[entry_id].key.content_type == kind:
            raise Killed
        conclude(vault, entry_id, outcome, *more, **target)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "conclude", falling)
        with pytest.raises(Killed):
            restore(run, 1)


def delete_one(simulator: Simulator, kind: str) -> str:
    gone = living(simulator, kind)[-1]["id"]
    mutate(simulator.world, "delete", kind, gone)
    return gone


KINDS = ("scheduled_plans", "boards", "alerts", "looks", "dashboards", "themes", "color_collections")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_command_again_finishes_what_was_cut_off(kind, run_of, simulator, monkeypatch):
    count = len(living(simulator, kind))
    delete_one(simulator, kind)
    killed_once_made(run_of(Selection.bulk(kind), workers=1), kind, monkeypatch)
    assert len(living(simulator, kind)) == count
    report = restore(run_of(Selection.bulk(kind)))
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert len(living(simulator, kind)) == count
    assert restore(run_of(Selection.bulk(kind))).writes == 0


@pytest.mark.parametrize("kind", ["boards", "looks"])
def test_an_undo_takes_back_what_was_cut_off(kind, run_of, simulator, backed_up, looker, monkeypatch):
    count = len(living(simulator, kind))
    delete_one(simulator, kind)
    run = run_of(Selection.bulk(kind), workers=1)
    killed_once_made(run, kind, monkeypatch)
    assert len(living(simulator, kind)) == count
    assert undo(backed_up, looker, run.session_id).status == "completed"
    assert len(living(simulator, kind)) == count - 1


def test_an_undo_is_sure_that_nothing_was_made_once_looker_would_show_it(
    run_of, simulator, backed_up, looker, monkeypatch
):
    gone = delete_one(simulator, "boards")
    run = run_of(Selection.bulk("boards"), workers=1)
    journal.intend(backed_up, run.begin().session_id, ContentKey("boards", gone), "create_board", "POST", "{}")
    report = undo(backed_up, looker, run.session_id)
    assert report.status == "partial"
    assert [one for one in report.warnings if f"boards {gone}: the restore was interrupted while it made this" in one]
    later = utc_now() + timedelta(minutes=2)
    backed_up.clock = lambda: later
    report = undo(backed_up, looker, run.session_id)
    assert (report.status, report.warnings) == ("completed", ())


def test_an_undo_needs_no_snapshot_that_the_restore_came_from(run_of, simulator, backed_up, looker):
    gone = delete_one(simulator, "boards")
    theme = living(simulator, "themes")[-1]
    mutate(simulator.world, "update", "themes", theme["id"], {"begin_at": None, "name": "Wrecked"})
    run = run_of(Selection.bulk("boards", "themes"), workers=1)
    execution = run.begin()
    for span in [span for wave in execution.waves("themes") for span in wave]:
        execution.apply("themes", span.start, span.stop)
    journal.intend(backed_up, execution.session_id, ContentKey("boards", gone), "create_board", "POST", "{}")
    capture(backed_up, looker)
    backed_up.delete_snapshot(1)
    report = undo(backed_up, looker, execution.session_id)
    assert (report.status, len(report.warnings)) == ("partial", 1)
    assert simulator.world["themes"].get(theme["id"])["name"] == "Wrecked"


def test_a_tile_that_was_cut_off_is_not_made_twice(run_of, simulator, monkeypatch):
    dashboard = living(simulator, "dashboards")[0]["id"]
    tiles = simulator.world.parts("dashboard_elements", dashboard)
    mutate(simulator.world, "delete", "dashboard_elements", tiles[0]["id"])
    killed_once_made(run_of(Selection.bulk("dashboards"), workers=1), "dashboard_elements", monkeypatch)
    assert restore(run_of(Selection.bulk("dashboards"))).status == "completed"
    assert len(simulator.world.parts("dashboard_elements", dashboard)) == len(tiles)


def test_what_was_cut_off_and_finished_later_is_nobody_elses_board(run_of, simulator, looker, monkeypatch):
    before = {row["id"] for row in living(simulator, "boards")}
    title = living(simulator, "boards")[-1]["title"]
    delete_one(simulator, "boards")
    killed_once_made(run_of(Selection.bulk("boards"), workers=1), "boards", monkeypatch)
    restore(run_of(Selection.bulk("boards")))
    (made,) = {row["id"] for row in living(simulator, "boards")} - before
    mutate(simulator.world, "delete", "boards", made)
    theirs = str(post(looker, "/boards", title=title, description="by Ann")["id"])
    restore(run_of(Selection.bulk("boards")))
    assert simulator.world["boards"].get(theirs)["description"] == "by Ann"
    assert len(living(simulator, "boards")) == len(before) + 1


@pytest.mark.parametrize(("kind", "status"), [("boards", "completed"), ("dashboards", "partial")])
def test_what_somebody_made_long_after_is_not_what_was_cut_off(
    kind, status, run_of, simulator, backed_up, looker, monkeypatch
):
    wanted = living(simulator, kind)[-1]
    delete_one(simulator, kind)
    killed_once_made(run_of(Selection.bulk(kind), workers=1), kind, monkeypatch)
    delete_one(simulator, kind)
    with backed_up.write() as db:
        db.execute("UPDATE restoration_journal SET started_at = '2026-01-01T02:00:00+00:00'")
    place = {"folder_id": wanted["folder_id"]} if kind == "dashboards" else {}
    theirs = str(post(looker, f"/{kind}", title=wanted["title"], description="by Ann", **place)["id"])
    report = restore(run_of(Selection.bulk(kind)))
    assert (report.status, report.dead_letters) == (status, 0)  # no second dashboard of one title: the plan says so
    assert simulator.world[kind].get(theirs)["description"] == "by Ann"


def test_the_undo_of_a_restore_that_was_cut_off_removes_what_another_one_finished(
    run_of, simulator, backed_up, looker, monkeypatch
):
    delete_one(simulator, "boards")
    wrecked = oracle.dump(simulator.world)
    killed_once_made(run_of(Selection.bulk("boards"), workers=1), "boards", monkeypatch)
    restore(run_of(Selection.bulk("boards")))
    for session in restorations.newest_first(backed_up):
        undo(backed_up, looker, session.session_id)
    assert oracle.differences(wrecked, oracle.dump(simulator.world)) == []


# An undo ---------------------------------------------------------------------------------------------------------------------

MORE = {
    "themes": {"name": "more"},
    "scheduled_plans": {"name": "more"},
    "alerts": {"custom_title": "more", "threshold": 77},
    "color_collections": {"label": "more"},
}
NAMELESS = (*MORE, "boards")


@pytest.fixture
def exactly(run_of, simulator, looker) -> str:
    """An exact restore that removed one object of each kind that has no name of its own. Return its session."""
    post(looker, "/boards", title="more")
    for kind, values in MORE.items():
        mutate(simulator.world, "create", kind, living(simulator, kind)[-1]["id"], values)
    simulator.before = {kind: len(living(simulator, kind)) for kind in NAMELESS}
    report = restore(run_of(exact=True))
    assert {kind: len(living(simulator, kind)) + 1 for kind in NAMELESS} == simulator.before
    return report.session_id


def test_an_undo_again_makes_nothing_a_second_time(exactly, simulator, backed_up, looker):
    for _ in range(2):
        undo(backed_up, looker, exactly)
        assert {kind: len(living(simulator, kind)) for kind in NAMELESS} == simulator.before
    assert undo(backed_up, looker, exactly).writes == 0


@pytest.mark.parametrize("again", ["resume", "undo"])
def test_an_undo_that_was_cut_off_makes_nothing_a_second_time(
    again, exactly, simulator, backed_up, looker, monkeypatch
):
    with undoing(backed_up, looker, exactly) as run:
        killed_once_made(run, "boards", monkeypatch)
    assert 0 < sum(simulator.before.values()) - sum(len(living(simulator, kind)) for kind in NAMELESS) < len(NAMELESS)
    report = undo(backed_up, looker, exactly) if again == "undo" else restore(resumed(backed_up, looker))
    assert report.status == "completed"
    assert {kind: len(living(simulator, kind)) for kind in NAMELESS} == simulator.before


@pytest.mark.parametrize(
    ("kind", "field", "step", "resume"),
    [("dashboards", "dashboard_id", 2, False), ("looks", "look_id", 4, True)],  # a look's query is made before
)
def test_what_names_an_object_whose_create_was_killed_without_an_answer_follows_it(
    kind, field, step, resume, run_of, simulator, backed_up, looker
):
    world = simulator.world
    item = next(row for row in world["board_items"] if row[field] and not world[kind].rows[row[field]]["deleted"])
    gone, there = item[field], set(world[kind].rows)
    mutate(world, "delete", kind, gone)
    run = run_of(Selection.single(kind, gone))
    with pytest.raises(Killed), death(step, after=False):
        restore(run, 1)
    (made,) = set(world[kind].rows) - there
    run = resumed(backed_up, looker) if resume else run_of(Selection.single(kind, gone))
    assert restore(run).status == "completed"
    assert world["board_items"].rows[item["id"]][field] == made
