"""Bad weather: what fails for a while costs time only, what fails for good is a hole with a name."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator
from lookervault_core.errors import Interrupted, LoginRefused, LookerError, PermissionRefused, VaultLocked, WrongHost
from lookervault_core.extract.report import ExtractReport
from tests.conftest import PATIENCE_S
from tests.extract.backup import DASHBOARD, Backup

Start = Callable[..., Backup]


def holes(report: ExtractReport) -> set[tuple[str, str | None]]:
    return {(one["content_type"], one["id"]) for one in report.holes}


def poison(backup: Backup, id: str) -> None:
    """Let every answer that shows the whole dashboard fail; its id alone can be listed."""
    for operation in ("search_dashboards", "dashboard"):
        backup.looker.faults.add("poison", type="dashboards", id=id, operation=operation)


# What passes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "429", "after": 40, "every": 12, "first": 6, "retry_after_s": 0.2},
        {"kind": "429", "after": 40, "every": 12, "first": 6, "retry_after_s": None},
        {"kind": "503", "after": 40, "every": 12, "first": 6, "retry_after_s": 0.2},
        {"kind": "500", "every": 7, "first": 10},
        {"kind": "500_html", "every": 7, "first": 10},
        {"kind": "502", "every": 9, "first": 8},
        {"kind": "reset_before", "every": 6, "first": 15},
        {"kind": "reset_after", "every": 6, "first": 15},
        {"kind": "truncate", "every": 6, "first": 12},
        {"kind": "html_200", "every": 6, "first": 12},
        {"kind": "revoke", "every": 25, "first": 5},
    ],
    ids=lambda fault: fault["kind"] + ("" if fault.get("retry_after_s", 1) else "_without_retry_after"),
)
def test_a_storm_costs_time_and_nothing_else(backup: Start, fault: dict[str, Any]) -> None:
    one = backup()
    counts = one.counts()
    one.looker.faults.add(**fault)
    report = one.run(max_attempts=6)
    assert one.looker.faults.rules[0].fired >= 5
    assert report.status == "complete", report.holes
    assert report.types["dashboards"]["captured"] == counts["dashboards"]
    assert report.types["looks"]["captured"] == counts["looks"]


def test_refusals_for_going_too_fast_slow_every_worker(backup: Start) -> None:
    """The rate that the server observes falls, which is what it asked for."""
    one = backup(rate_limit_rps=25)
    report = one.run(workers=8, max_attempts=10)
    assert report.status == "complete"
    refused = one.looker.calls.by_status["429"]
    assert 0 < refused < report.requests * 0.25, "it was refused on and on: the pace did not give way"


def test_the_limit_of_the_user_is_what_the_server_observes(backup: Start) -> None:
    one = backup()
    assert one.run("themes", "boards", "folders", rate_limit_per_second=10).status == "complete"
    times = one.looker.calls.arrivals
    assert len(times) - 10 <= 10 * (times[-1] - times[0])


def test_a_token_that_lives_two_seconds_is_renewed_on_the_way(backup: Start) -> None:
    one = backup(token_seconds=2, latency_ms=60)
    report = one.run(workers=2)
    assert report.status == "complete"
    assert one.asked("login") >= 2


def test_a_listing_without_an_order_hides_nothing(backup: Start) -> None:
    """Groups, favourites and models come in another order each time where Looker does not sort."""
    one = backup(scale="small")
    report = one.run("groups", "content_favorites", "lookml_models", page_size=2)
    assert report.status == "complete"
    for name in ("groups", "content_favorites", "lookml_models"):
        assert report.types[name]["captured"] == one.counts()[name]


@pytest.mark.parametrize("action", ["create", "delete", "alternate"])
def test_what_existed_throughout_is_kept_however_the_instance_changes(backup: Start, action: str) -> None:
    """An object that goes away shifts every later offset by one, between two pages of the same listing."""
    one = backup(scale="small")
    victims = iter([row["id"] for row in one.looker.world["dashboards"] if not row["deleted"]][:30:3])
    throughout = {row["id"] for row in one.looker.world["dashboards"] if not row["deleted"]}

    def change(world: Any) -> None:
        turn = rule.fired % 2
        if action == "create" or (action == "alternate" and turn):
            one.change("create", "dashboards", title=f"New {rule.fired}")
        elif (victim := next(victims, None)) is not None:
            one.change("delete", "dashboards", victim)
            throughout.discard(victim)

    rule = one.looker.faults.add("churn", operation="search_dashboards", hook=change)
    report = one.run("dashboards", page_size=7)
    assert rule.fired > 5
    assert throughout <= one.ids("dashboards"), throughout - one.ids("dashboards")
    assert report.status == "complete", report.holes


# What does not pass ---------------------------------------------------------------------------------------------------


def test_an_object_that_fails_for_good_is_the_only_hole(backup: Start) -> None:
    one = backup(scale="small")
    poison(one, "11")
    report = one.run("dashboards", max_attempts=2, page_size=10)
    assert report.status == "partial"
    assert holes(report) == {("dashboards", "11")}
    assert "500" in report.holes[0]["reason"]
    assert report.types["dashboards"]["captured"] == one.counts()["dashboards"] - 1


@pytest.mark.parametrize(
    ("name", "id", "operations"),
    [
        ("looks", "5", ("folder_looks", "look")),
        ("users", "3", ("all_users", "user")),
        ("boards", "1", ("all_boards", "board")),
        ("alerts", "2", ("get_alert", "search_alerts")),
    ],
)
def test_an_object_that_fails_for_good_is_the_only_hole_of_its_type(
    backup: Start, name: str, id: str, operations: tuple[str, ...]
) -> None:
    one = backup()
    for operation in operations:
        one.looker.faults.add("poison", type=name, id=id, operation=operation)
    report = one.run(name, max_attempts=1)
    assert report.status == "partial"
    assert report.types[name]["holes"] == 1
    if name != "alerts":  # there the one listing is the census too
        assert (name, id) in holes(report)
        assert report.types[name]["captured"] == one.counts()[name] - 1


def test_resuming_heals_the_hole_once_looker_is_well_again(backup: Start) -> None:
    one = backup(scale="small")
    poison(one, "11")
    partial = one.run("dashboards", max_attempts=2)
    one.looker.faults.clear()
    one.looker.calls.reset()
    healed = one.run(resume="newest")
    assert healed.status == "complete"
    assert (healed.session_id, healed.snapshot_id) == (partial.session_id, partial.snapshot_id)
    assert "11" in one.ids("dashboards")
    assert one.asked("dashboard") == 1, "only the object that was missing is read"


def test_the_next_run_heals_the_hole_too(backup: Start) -> None:
    one = backup(scale="small")
    poison(one, "11")
    one.run("dashboards", max_attempts=2)
    one.looker.faults.clear()
    report = one.run("dashboards")
    assert report.status == "complete"
    assert report.types["dashboards"]["captured"] == one.counts()["dashboards"]


def test_a_partial_run_does_not_hide_the_complete_one_before_it(backup: Start) -> None:
    one = backup()
    one.run("dashboards")
    poison(one, "1")
    assert one.run("dashboards", max_attempts=1).status == "partial"
    assert "1" in one.ids("dashboards")


@pytest.mark.parametrize("status", ["403", "404"])
@pytest.mark.parametrize(
    "path", ["/boards*", "/dashboards*", "/alerts*", "/users*", "/folders*", "/connections*", "/lookml_models*"]
)
def test_a_type_that_looker_refuses_is_a_hole_of_that_type(backup: Start, status: str, path: str) -> None:
    one = backup()
    one.looker.faults.add(status, path=path)
    name = path.strip("/*")
    report = one.run(max_attempts=2)
    assert report.status == "partial"
    assert (name, None) in holes(report), report.holes
    assert status in next(h["reason"] for h in report.holes if h["content_type"] == name)
    assert report.types["themes"]["captured"] == one.counts()["themes"]
    assert report.types["looks"]["captured"] == one.counts()["looks"]


@pytest.mark.parametrize(
    "operation", ["search_boards", "search_folders", "all_dashboards", "all_looks", "search_users"]
)
def test_without_the_independent_listing_nothing_is_called_complete(backup: Start, operation: str) -> None:
    one = backup()
    one.looker.faults.add("500", operation=operation)
    report = one.run(max_attempts=1)
    assert report.status == "partial"
    assert any(operation in one["reason"] or "500" in one["reason"] for one in report.holes), report.holes
    one.looker.faults.clear()
    assert one.run(resume="newest").status == "complete"


def test_an_outage_in_the_middle_leaves_holes_that_are_named_and_heal(backup: Start) -> None:
    one = backup(scale="small")
    one.looker.faults.add("reset_before", after=60)
    report = one.run(max_attempts=2, retry_deadline_s=1.0, outage_s=1.5)
    assert one.looker.faults.rules[0].fired < 300, "it went on asking a server that answers nobody"
    assert report.status == "partial"
    assert report.holes
    one.looker.faults.clear()
    healed = one.run(resume="newest")
    assert healed.status == "complete", healed.holes
    assert healed.types["dashboards"]["captured"] == one.counts()["dashboards"]


def test_a_range_that_was_given_up_and_then_read_by_id_is_whole(backup: Start) -> None:
    """Three pages in a row that fail are an outage; when it is over, the ids tell what is missing."""
    one = backup(scale="small")
    one.looker.faults.add("500", operation="search_dashboards", first=9)
    report = one.run("dashboards", max_attempts=1, page_size=5, workers=1)
    assert report.status == "complete", report.holes


def test_without_a_census_what_the_pages_hold_is_kept_all_the_same(backup: Start) -> None:
    one = backup(scale="small")
    one.looker.faults.add("500", operation="all_dashboards")
    report = one.run("dashboards", max_attempts=1)
    assert report.status == "partial"
    assert holes(report) == {("dashboards", None)}
    assert one.ids("dashboards") == one.rows(DASHBOARD).keys()
    one.looker.faults.clear()
    one.looker.calls.reset()
    assert one.run(resume="newest").status == "complete"
    assert one.asked("search_dashboards") == 0, "nothing is read twice"


def test_a_failed_survey_is_tried_again_before_the_end(backup: Start) -> None:
    one = backup()
    one.looker.faults.add("500", operation="search_users", first=1)
    report = one.run("users", max_attempts=1)
    assert report.status == "complete", report.holes
    assert report.types["user_attribute_values"]["captured"] == one.counts()["users"]


@pytest.mark.parametrize("body", ["html", "json", "empty"])
def test_a_host_that_stops_serving_looker_is_an_outage_and_nothing_counts_as_gone(backup: Start, body: str) -> None:
    one = backup(scale="small")
    one.run()
    before = one.ids("dashboards") | one.ids("looks")
    committed: list[Any] = []

    def leave(page: Any) -> None:
        committed.append(page)
        if len(committed) == 12:
            one.looker.bends.on("html_404", f"*,,{body}")

    report = one.run(on_page=leave, max_attempts=1)
    assert report.status == "partial"
    assert all(counts["deleted"] == 0 for counts in report.types.values())
    assert one.ids("dashboards") | one.ids("looks") == before
    assert {hole["status"] for hole in report.holes if "status" in hole} <= {0, 404}
    assert all("absent, or not visible" not in hole["reason"] for hole in report.holes)
    one.looker.bends.off("html_404")
    assert one.run(resume="newest").status == "complete"


def test_one_404_that_is_not_lookers_own_is_one_hole_and_a_row_of_them_is_no_whole_backup(backup: Start) -> None:
    one = backup(scale="small")
    one.looker.bends.on("html_404", "/users/3/attribute_values")
    report = one.run("users", max_attempts=1)
    assert holes(report) == {("user_attribute_values", "3")}
    one.looker.bends.on("html_404", "/users/*/attribute_values")
    report = one.run("users", max_attempts=1)
    assert (report.status, report.types["user_attribute_values"]["deleted"]) == ("partial", 0)


# What must not begin --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"client_secret": "wrong"}, LoginRefused),
        ({"client_id": "viewer", "client_secret": "viewer-secret"}, PermissionRefused),
        ({"base_url": "http://no-such-host.invalid"}, WrongHost),
        ({"base_url": "http://127.0.0.1:9", "max_attempts": 1}, LookerError),
    ],
    ids=["wrong secret", "not an admin", "wrong host", "wrong port"],
)
def test_a_run_that_may_not_begin_writes_nothing(
    backup: Start, tmp_path: Path, settings: dict[str, Any], error: type[Exception]
) -> None:
    one = backup()
    with pytest.raises(error) as raised:
        one.run(**settings)
    assert len(str(raised.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_who_stops_being_an_admin_during_the_run_has_no_whole_backup(backup: Start) -> None:
    """Looker lists less for anyone else; the rest of it must not count as deleted, nor as all there is."""
    one = backup(scale="small")
    one.run()
    before = one.ids("dashboards")
    admins = one.looker.world["role_users"]
    of_me = next(row for row in admins if row["user_id"] == one.looker.world.admin_user_id)

    def demote(_: Any) -> None:
        if of_me["id"] in admins:
            admins.remove(of_me["id"])

    report = one.run(on_page=demote)
    assert report.status == "partial"
    assert {("dashboards", None), ("users", None), ("folders", None)} <= holes(report)
    assert all(counts["deleted"] == 0 for counts in report.types.values())
    with one.vault() as vault:
        newest = vault.snapshots()[0].snapshot_id
        assert not any(vault.is_whole(newest, name) for name in report.types)
    with pytest.raises(PermissionRefused):
        one.run(resume="newest")
    admins.add(of_me)
    report = one.run(resume="newest")
    assert report.status == "complete", report.holes
    assert one.ids("dashboards") == before


def test_a_budget_of_calls_stops_exactly_and_resumes(backup: Start) -> None:
    one = backup()
    first = one.run(max_calls=60)
    sent = one.looker.calls.total - one.asked("login") - one.asked("logout")
    assert sent == 60
    assert first.status == "partial"
    report, rounds = first, 0
    while report.status != "complete" and rounds < 8:
        report, rounds = one.run(resume="newest", max_calls=100), rounds + 1
    assert report.status == "complete"
    assert rounds <= 4
    assert report.session_id == first.session_id


def test_no_budget_is_so_small_that_a_resumed_run_makes_no_headway(backup: Start) -> None:
    one = backup()
    captured = []
    for round in range(6):
        report = one.run(resume="newest" if round else None, max_calls=30, workers=8)
        captured.append(sum(c["captured"] for c in report.types.values()))
    assert captured[-1] > captured[1] > 0
    assert all(later >= earlier for earlier, later in itertools.pairwise(captured))


def test_the_second_run_on_a_vault_is_refused_in_one_line(backup: Start, looker: Callable[..., Simulator]) -> None:
    one = backup(looker(latency_ms=30))
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Any) -> None:
        begun.set()
        go_on.wait(PATIENCE_S)

    first = threading.Thread(target=lambda: one.run("themes", on_page=hold))
    first.start()
    try:
        assert begun.wait(PATIENCE_S)
        with pytest.raises(VaultLocked) as refused:
            one.run("themes")
        assert "another run holds it" in str(refused.value)
        assert len(str(refused.value).splitlines()) == 1
    finally:
        go_on.set()
        first.join()


def test_a_stop_ends_the_run_at_the_next_page_and_it_goes_on_later(backup: Start) -> None:
    one = backup(scale="small", latency_ms=20)
    stop, pages = threading.Event(), []

    def after_ten(page: Any) -> None:
        pages.append(page)
        if len(pages) == 10:
            stop.set()

    with pytest.raises(Interrupted):
        one.run(stop=stop, on_page=after_ten, workers=4)
    assert len(pages) <= 10 + 4, "each worker ends with the page that it is about"
    with one.vault() as vault:
        assert vault.snapshots()[0].status == "interrupted"
    report = one.run(resume="newest")
    assert report.status == "complete"
    assert report.types["dashboards"]["captured"] == one.counts()["dashboards"]
