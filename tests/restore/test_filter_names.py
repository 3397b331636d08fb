"""Looker gives out the name and the title of a filter once in a dashboard."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate, oracle
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, resumed, undo
from tests.restore.test_interruptions import Killed, Scythe


@pytest.fixture
def unpacked(simulator, backed_up):
    """The simulator with the parts of every dashboard as rows of their own."""
    for row in list(simulator.world["dashboards"]):
        simulator.world.unpack(row["id"])
    return simulator


def filters_of(simulator, dashboard_id: str) -> list[dict]:
    return [dict(row) for row in simulator.world.parts("dashboard_filters", dashboard_id)]


def dashboard_with(simulator, filters: int) -> str:
    rows = (row["id"] for row in simulator.world["dashboards"] if not row["deleted"])
    return next(one for one in rows if len(filters_of(simulator, one)) >= filters)


def called(row: dict) -> dict:
    return {"name": row["name"], "title": row["title"]}


def swap(simulator, one: dict, other: dict) -> None:
    simulator.world["dashboard_filters"].change(one["id"], **called(other))
    simulator.world["dashboard_filters"].change(other["id"], **called(one))
    simulator.world.rendered.clear()


def usurp(simulator, looker, one: dict) -> str:
    """Rename a filter, and make another one of its name; return the id of that."""
    renamed = {"name": f"{one['name']} old", "title": f"{one['title']} old"}
    looker.patch("people", f"/dashboard_filters/{one['id']}", json.dumps(renamed).encode())
    body = {"dashboard_id": one["dashboard_id"], "type": one["type"], **called(one)}
    return str(json.loads(looker.post("people", "/dashboard_filters", json.dumps(body).encode()).body)["id"])


def test_filters_that_swapped_names_get_their_own_back(run_of, unpacked, backed_up, looker):
    dashboard = dashboard_with(unpacked, 2)
    before = oracle.dump(unpacked.world)
    swap(unpacked, *filters_of(unpacked, dashboard)[:2])
    wrecked = oracle.dump(unpacked.world)
    run = run_of(Selection.single("dashboards", dashboard))
    plan = run.plan()
    report = restore(run)
    assert (report.status, report.dead_letters, report.writes) == ("completed", 0, plan.calls)
    assert oracle.differences(before, oracle.dump(unpacked.world)) == []
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(wrecked, oracle.dump(unpacked.world)) == []


def test_filters_that_swapped_names_come_home_although_the_restore_is_killed(
    run_of, unpacked, backed_up, looker, monkeypatch
):
    dashboard = dashboard_with(unpacked, 2)
    before = oracle.dump(unpacked.world)
    swap(unpacked, *filters_of(unpacked, dashboard)[:2])
    Scythe(monkeypatch, "intend", "after")
    attempt = lambda: restore(run_of(Selection.single("dashboards", dashboard), workers=1), 1)  # noqa: E731
    while True:
        try:
            report = attempt()
            break
        except Killed:
            attempt = lambda: restore(resumed(backed_up, looker, sleep=lambda _: None), 1)  # noqa: E731
    assert report.status == "completed"
    assert oracle.differences(before, oracle.dump(unpacked.world)) == []


def test_a_new_filter_keeps_the_name_that_it_has_and_everything_else_comes_back(run_of, unpacked, looker):
    dashboard = dashboard_with(unpacked, 1)
    one = filters_of(unpacked, dashboard)[0]
    taker = usurp(unpacked, looker, one)
    title = unpacked.world["dashboards"].rows[dashboard]["title"]
    tile = unpacked.world.parts("dashboard_elements", dashboard)[0]["id"]
    mutate(unpacked.world, "update", "dashboards", dashboard, {"title": "Wrecked"})
    looker.delete("people", f"/dashboard_elements/{tile}")
    tiles = len(unpacked.world.parts("dashboard_elements", dashboard))
    run = run_of(Selection.single("dashboards", dashboard))
    (step,) = (step for step in run.plan().steps if step.content_type == "dashboards")
    assert len([reason for _, reason in step.lost if f"filter {taker} " in reason]) == 2
    report = restore(run)
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert unpacked.world["dashboards"].rows[dashboard]["title"] == title
    assert len(unpacked.world.parts("dashboard_elements", dashboard)) == tiles + 1
    assert called(unpacked.world["dashboard_filters"].rows[taker]) == called(one)


def test_an_exact_restore_removes_a_new_filter_before_it_gives_its_name_back(run_of, unpacked, looker):
    dashboard = dashboard_with(unpacked, 1)
    before = oracle.dump(unpacked.world)
    usurp(unpacked, looker, filters_of(unpacked, dashboard)[0])
    report = restore(run_of(Selection.single("dashboards", dashboard), exact=True))
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert oracle.differences(before, oracle.dump(unpacked.world)) == []


def test_a_filter_that_is_made_anew_beside_one_of_its_title_gets_another_title(run_of, unpacked, looker):
    dashboard = dashboard_with(unpacked, 1)
    one = filters_of(unpacked, dashboard)[0]
    taker = usurp(unpacked, looker, one)
    looker.patch("people", f"/dashboard_filters/{taker}", b'{"name": "other"}')
    looker.delete("people", f"/dashboard_filters/{one['id']}")
    report = restore(run_of(Selection.single("dashboards", dashboard)))
    assert (report.status, report.dead_letters) == ("completed", 0)
    (new,) = (row for row in filters_of(unpacked, dashboard) if row["name"] == one["name"])
    assert new["title"] == f"{one['title']} ({one['id']})"
