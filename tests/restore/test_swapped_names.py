"""Names that were swapped are swapped back, also where the restore is killed on the way."""

from __future__ import annotations

import json

import pytest

from looker_simulator import Simulator, mutate, oracle
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import Selection
from lookervault_core.restore.runs import restore, resumed, undo
from lookervault_core.vault.restoring import dead_letters
from tests.restore.test_interruptions import Killed, Scythe
from tests.restore.test_names import two
from tests.restore.test_taken_names import name_of, step_of, temporary, usurped, written


def swapped(simulator: Simulator, table: str, field: str) -> tuple[dict, dict]:
    a, b = two(simulator, table)
    simulator.world[table].change(a["id"], **{field: b[field]})
    simulator.world[table].change(b["id"], **{field: a[field]})
    return a, b


@pytest.mark.parametrize(("table", "field"), [("groups", "name"), ("looks", "title"), ("user_attributes", "label")])
def test_the_plan_counts_the_names_for_the_time_being(table, field, run_of, simulator):
    swapped(simulator, table, field)
    run = run_of(Selection.bulk(table))
    plan = run.plan()
    simulator.calls.reset()
    report = restore(run)
    assert (report.status, plan.calls, report.writes) == ("completed", 4, 4)
    assert written(simulator) == 4


def email_of(simulator: Simulator, user_id: str) -> str:
    return simulator.world["credentials_email"].rows[user_id]["email"]


@pytest.fixture
def swapped_logins(simulator, backed_up) -> list[dict]:
    me = simulator.world.admin_user_id
    logins = [dict(row) for row in simulator.world["credentials_email"] if row["user_id"] != me][:2]
    for one, other in (logins, reversed(logins)):
        simulator.world["credentials_email"].change(one["user_id"], email=other["email"])
    simulator.world.rendered.clear()
    return logins


def test_two_users_who_swapped_logins_get_their_own_back(swapped_logins, run_of, simulator, backed_up, looker):
    run = run_of(Selection.bulk("users"))
    plan = run.plan()
    report = restore(run)
    assert (report.status, report.dead_letters, report.writes) == ("completed", 0, plan.calls)
    assert [email_of(simulator, one["user_id"]) for one in swapped_logins] == [one["email"] for one in swapped_logins]
    assert undo(backed_up, looker, report.session_id).status == "completed"
    swapped = [one["email"] for one in reversed(swapped_logins)]
    assert [email_of(simulator, one["user_id"]) for one in swapped_logins] == swapped


def test_swapped_logins_come_home_although_the_restore_is_killed_at_every_write(
    swapped_logins, run_of, simulator, backed_up, looker, monkeypatch
):
    scythe, run = Scythe(monkeypatch, "intend", "after"), run_of(Selection.bulk("users"), workers=1)
    report = until_done(lambda: restore(run, 1), lambda: restore(resumed(backed_up, looker, sleep=lambda _: None), 1))
    assert (report.status, bool(scythe.fallen)) == ("completed", True)
    assert [email_of(simulator, one["user_id"]) for one in swapped_logins] == [one["email"] for one in swapped_logins]


def test_a_login_that_is_new_since_the_backup_stays_with_who_has_it(run_of, simulator, backed_up, looker, back_up):
    """Without --exact it is not taken away, so it is no name that its holder lets go of."""
    me, logins = simulator.world.admin_user_id, simulator.world["credentials_email"]
    a, b = [dict(row) for row in logins if row["user_id"] != me][:2]
    looker.delete("people", f"/users/{b['user_id']}/credentials_email")
    back_up(backed_up, looker)
    looker.patch("people", f"/users/{a['user_id']}/credentials_email", b'{"email": "moved@example.com"}')
    looker.post("people", f"/users/{b['user_id']}/credentials_email", json.dumps({"email": a["email"]}).encode())
    looker.patch("people", f"/users/{b['user_id']}", b'{"first_name": "Wrecked"}')
    run = run_of(Selection.bulk("users"))
    assert step_of(run.plan(), "users", a["user_id"]).action == "blocked"
    assert restore(run).dead_letters == 0
    assert email_of(simulator, b["user_id"]) == a["email"]
    assert restore(run_of(Selection.bulk("users"), exact=True)).status == "completed"
    assert email_of(simulator, a["user_id"]) == a["email"]


def test_content_of_one_title_that_swapped_folders_goes_home(run_of, simulator, backed_up, looker, back_up):
    table = simulator.world["looks"]
    rows = [dict(row) for row in table if not row["deleted"]]
    a, b = next((a, b) for a in rows for b in rows if a["folder_id"] != b["folder_id"])
    table.change(b["id"], title=a["title"])
    back_up(backed_up, looker)
    for one, other in ((a, b), (b, a)):
        table.change(one["id"], folder_id=other["folder_id"])
    run = run_of(Selection.bulk("looks"))
    assert (restore(run).status, temporary(simulator)) == ("completed", [])
    for one in (a, b):
        assert (name_of(simulator, "looks", one["id"], "title"), table.get(one["id"])["folder_id"]) == (
            a["title"],
            one["folder_id"],
        )


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("exact", [False, True])
def test_a_swap_killed_at_every_write_leaves_no_name_for_the_time_being(
    moment, exact, run_of, simulator, backed_up, looker, monkeypatch
):
    before = oracle.dump(simulator.world)
    for table, field in (("groups", "name"), ("looks", "title")):
        swapped(simulator, table, field)
    if exact:
        usurped(simulator, looker, "dashboards", "title")
        usurped(simulator, looker, "roles", "name")
    wrecked = oracle.dump(simulator.world)
    scythe, run = Scythe(monkeypatch, "intend", moment), run_of(workers=1, exact=exact)
    report = until_done(lambda: restore(run, 1), lambda: restore(resumed(backed_up, looker, sleep=lambda _: None), 1))
    assert {key.content_type for key, _ in scythe.fallen} >= {"groups", "looks"}
    assert (report.status, report.dead_letters, temporary(simulator)) == ("completed", 0, [])
    assert [line for line in oracle.differences(before, oracle.dump(simulator.world)) if "(trash)" not in line] == []
    scythe.fallen.clear()
    back = until_done(*2 * [lambda: undo(backed_up, looker, report.session_id, 1)])
    assert (back.status, temporary(simulator)) == ("completed", [])
    assert [line for line in oracle.differences(wrecked, oracle.dump(simulator.world)) if "(trash)" not in line] == []


def until_done(first, again):
    """Return what comes of a run that is killed, and gone on with, as often as it takes."""
    attempt = first
    while True:
        try:
            return attempt()
        except Killed:
            attempt = again


@pytest.mark.parametrize(("entry", "moment"), [("intend", "before"), ("intend", "after"), ("conclude", "before")])
def test_what_takes_the_place_of_another_one_is_made_once_although_the_restore_is_killed(
    entry, moment, run_of, simulator, backed_up, looker, monkeypatch
):
    one, taker = usurped(simulator, looker, "dashboards", "title", "delete")
    scythe, run = Scythe(monkeypatch, entry, moment), run_of(Selection.bulk("dashboards"), workers=1, exact=True)
    report = until_done(lambda: restore(run, 1), lambda: restore(resumed(backed_up, looker, sleep=lambda _: None), 1))
    assert (report.status, bool(scythe.fallen)) == ("completed", True)
    rows = [
        row
        for row in simulator.world["dashboards"]
        if (row["title"], row["folder_id"]) == (one["title"], one["folder_id"])
    ]
    assert [row["id"] for row in rows if row["deleted"]] == [taker]
    assert len(rows) == 2


def test_what_lay_in_the_trash_under_another_title_gives_the_one_it_got_back_to_who_had_it(
    run_of, simulator, backed_up, looker
):
    one, taker = usurped(simulator, looker, "looks", "title")
    mutate(simulator.world, "trash", "looks", one["id"])
    wrecked = oracle.dump(simulator.world)
    report = restore(run_of(Selection.bulk("looks"), exact=True))
    assert (report.status, name_of(simulator, "looks", one["id"], "title")) == ("completed", one["title"])
    assert undo(backed_up, looker, report.session_id).status == "completed"
    row = simulator.world["looks"].get(one["id"])
    assert (row["deleted"], row["title"]) == (True, "moved_away")
    assert name_of(simulator, "looks", taker, "title") == one["title"]
    assert oracle.differences(wrecked, oracle.dump(simulator.world)) == []


def test_an_undo_swaps_addresses_back_although_one_of_the_two_goes_into_the_trash(run_of, simulator, backed_up, looker):
    a, b = two(simulator, "dashboards")
    for one, body in (
        (a, {"slug": "between"}),
        (b, {"slug": a["slug"]}),
        (a, {"slug": b["slug"]}),
        (a, {"deleted": True}),
    ):
        looker.patch("people", f"/dashboards/{one['id']}", json.dumps(body).encode())
    before = oracle.dump(simulator.world)
    report = restore(run_of(Selection.bulk("dashboards")), 1)
    assert [simulator.world["dashboards"].rows[one["id"]]["slug"] for one in (a, b)] == [a["slug"], b["slug"]]
    assert undo(backed_up, looker, report.session_id, 1).status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_an_undo_swaps_addresses_back_although_one_of_the_two_was_made_anew(run_of, simulator, backed_up, looker):
    a, b = swapped(simulator, "dashboards", "slug")
    mutate(simulator.world, "delete", "dashboards", a["id"])
    before = oracle.dump(simulator.world)
    report = restore(run_of(Selection.bulk("dashboards")), 1)
    (made,) = [row for row in simulator.world["dashboards"] if row["slug"] == a["slug"]]
    assert (made["title"], name_of(simulator, "dashboards", b["id"], "slug")) == (a["title"], b["slug"])
    back = undo(backed_up, looker, report.session_id, 1)
    lost = {reason for one in back.proof.items for _, reason in one.lost}
    assert (back.status, back.proof.holds) == ("completed", True)
    assert all(reason.endswith("is not there") for reason in lost), lost
    assert name_of(simulator, "dashboards", b["id"], "slug") == a["slug"]
    left = oracle.differences(before, oracle.dump(simulator.world))
    assert [line for line in left if "(trash)" not in line and "(gone)" not in line] == []


def test_what_an_exact_restore_removes_gives_its_address_up_and_has_it_again_after_an_undo(
    run_of, simulator, backed_up, looker
):
    one, taker = usurped(simulator, looker, "dashboards", "slug")
    before = oracle.dump(simulator.world)
    plan = run_of(Selection.bulk("dashboards"), exact=True).plan()
    assert "its slug is to be another one's" in step_of(plan, "dashboards", taker).reason
    run = run_of(Selection.bulk("dashboards"), exact=True)
    report = restore(run)
    assert (report.status, report.writes) == ("completed", plan.calls)
    assert name_of(simulator, "dashboards", one["id"], "slug") == one["slug"]
    assert simulator.world["dashboards"].get(taker)["deleted"]
    assert undo(backed_up, looker, report.session_id).status == "completed"
    assert oracle.differences(before, oracle.dump(simulator.world)) == []


def test_a_removal_that_fails_early_is_a_dead_letter_beside_what_it_was_in_the_way_of(
    run_of, simulator, backed_up, looker
):
    one, taker = usurped(simulator, looker, "dashboards", "title")
    simulator.faults.add("422", method="PATCH", path=f"/dashboards/{taker}", first=1)
    assert restore(run_of(Selection.bulk("dashboards"), exact=True)).status == "partial"
    keys = {letter.key for letter in dead_letters.listing(backed_up)}
    assert keys == {ContentKey("dashboards", one["id"]), ContentKey("dashboards", taker)}
    assert restore(run_of(Selection.bulk("dashboards"), exact=True)).status == "completed"


def test_who_holds_the_name_of_a_dependency_is_told_where_only_the_types_of_others_were_asked_for(
    run_of, simulator, backed_up, looker
):
    """An exact restore of these types would not remove it: the advice is not given."""
    one = next(row["dashboard_id"] for row in simulator.world["scheduled_plans"] if row["dashboard_id"])
    gone = dict(simulator.world["dashboards"].get(one))
    mutate(simulator.world, "delete", "dashboards", one)
    looker.post("people", "/dashboards", json.dumps({"title": gone["title"], "folder_id": gone["folder_id"]}).encode())
    plans = Selection.bulk("scheduled_plans", only=("scheduled_plans",))
    (blocked,) = run_of(plans, with_dependencies=True).plan().of("dashboards", writing=False)
    assert (blocked.action, blocked.id) == ("blocked", one)
    assert "has this title; rename or remove it, then try again" in blocked.reason
