"""What the outcomes of several instances come to, and which vaults they would write."""

from __future__ import annotations

import pytest

from lookervault_core.errors import UsageError
from lookervault_core.fleet import (
    Backup,
    Member,
    check_vaults,
    duration,
    one_line,
    outcome_of,
    report,
    rows,
    vault_of,
    why_not_started,
)


def done(name: str, items: int = 7, instance: str = "") -> Backup:
    return Backup(name, "completed", items=items, holes=0, instance=instance or f"https://{name}.example.com")


def test_a_fleet_is_completed_only_if_every_instance_is():
    found = report([done("emea"), done("us")])
    assert (found.status, found.message) == ("completed", "2 of 2 instances are backed up, 14 items")


@pytest.mark.parametrize("outcome", ["partial", "failed", "crashed", "cancelled", "never started", "still running"])
def test_one_that_is_not_completed_makes_the_fleet_partial_and_is_named_with_its_reason(outcome):
    found = report([done("emea"), Backup("us", outcome, reason="why")])
    assert found.status == "partial"
    assert f"1 of 2 instances are backed up, 7 items; us: {outcome} (why)" in found.message


def test_a_fleet_of_which_nothing_was_kept_has_failed():
    assert report([Backup("emea", "failed"), Backup("us", "crashed")]).status == "failed"
    assert report([Backup("emea", "partial"), Backup("us", "crashed")]).status == "partial"


def test_what_is_paused_is_named_and_does_not_count():
    found = report([done("emea"), Backup("us", "paused")])
    assert found.status == "completed"
    assert found.message.endswith("1 of 1 instances are backed up, 7 items; paused: us")
    assert report([Backup("us", "paused")]).status == "failed", "nothing was backed up at all"


def test_two_that_backed_up_the_same_instance_are_no_success():
    found = report([done("emea", instance="https://one"), done("us", instance="https://one")])
    assert found.status == "partial"
    assert "emea and us backed up the same instance, https://one" in found.message


def test_a_long_list_of_faults_is_cut_and_counted():
    found = report([Backup(f"n{n}", "failed") for n in range(9)])
    assert "… and 4 more" in found.message


def test_rows_name_what_needs_a_person_first():
    found = rows(report([done("emea"), Backup("us", "failed", reason="why", url="http://ui/run")]))
    assert [row["deployment"] for row in found] == ["us", "emea"]
    assert found[0] == {
        "deployment": "us",
        "instance": "–",
        "state": "failed",
        "items": "–",
        "holes": "–",
        "duration": "–",
        "run": "[open](http://ui/run)",
        "reason": "why",
    }
    assert found[1]["holes"] == 0


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        (("COMPLETED", "Completed"), "completed"),
        (("FAILED", "Partial"), "partial"),
        (("FAILED", "Failed"), "failed"),
        (("FAILED", "TimedOut"), "failed"),
        (("CRASHED", "Crashed"), "crashed"),
        (("CANCELLED", "Cancelled"), "cancelled"),
    ],
)
def test_a_final_state_tells_the_outcome(state, outcome):
    assert outcome_of(*state) == outcome


def test_the_vault_is_the_parameters_then_the_environments_then_the_configuration_files():
    environment = {"LOOKERVAULT_DB_PATH": "env.db", "LOOKERVAULT_CONFIG": "env.toml"}
    assert vault_of({"db_path": "a/../us.db", "config": "us.toml"}, environment, "/srv") == "/srv/us.db"
    assert vault_of({"db_path": "/data/us.db"}, {}, "/srv") == "/data/us.db"
    assert vault_of({"config": "us.toml"}, environment, "/srv") == "/srv/env.db"
    assert vault_of({"config": "us.toml"}, {}, "/srv") == "the one that /srv/us.toml names"
    assert vault_of({}, {}, "/srv") == "the one that the worker's own settings name in /srv"


def test_two_members_with_one_vault_are_refused_by_name():
    members = [Member("emea", "pool", "/data/a.db"), Member("us", "pool", "/data/a.db"), Member("uk", "pool", "/b.db")]
    with pytest.raises(UsageError, match=r"emea and us \(/data/a.db\); nothing was started"):
        check_vaults(members)


def test_the_same_path_on_another_pool_is_another_machine():
    check_vaults([Member("emea", "east", "/data/a.db"), Member("us", "west", "/data/a.db")])


@pytest.mark.parametrize(
    ("pool", "state", "paused", "workers", "words"),
    [
        (None, "Scheduled", False, 0, "deploy it to one"),
        ("east", "AwaitingConcurrencySlot", False, 1, "holds its place"),
        ("east", "Pending", False, 1, "see that worker's log"),
        ("east", "Late", True, 1, "prefect work-pool resume east"),
        ("east", "Late", False, 0, "prefect worker start --pool east"),
        ("east", "Late", False, 2, "--limit"),
    ],
)
def test_a_run_that_nobody_took_says_what_to_do(pool, state, paused, workers, words):
    assert words in why_not_started(pool, state, is_paused=paused, workers=workers, waited_s=600)


def test_a_reason_is_one_line_and_no_longer_than_a_table_bears():
    assert one_line("one\ntwo") == "one"
    assert one_line(None) == ""
    assert len(one_line("x" * 1000)) == 301


@pytest.mark.parametrize(
    ("seconds", "text"), [(41.6, "42 s"), (59.7, "1 min 0 s"), (425, "7 min 5 s"), (12000, "3 h 20 min")]
)
def test_durations_read_as_people_say_them(seconds, text):
    assert duration(seconds) == text
