"""`monthly_calls` spreads extractions over the month; what one cannot finish the next one goes on with."""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from lookervault_core.accounts import earned
from lookervault_core.errors import BudgetSpent
from lookervault_core.extract.alone import extract_alone
from lookervault_core.extract.options import ExtractOptions
from tests.extract.backup import Backup

Start = Callable[..., Backup]


def monthly(calls_by_now: int) -> int:
    """Return what must be allowed a month so that *calls_by_now* have come together today."""
    today = datetime.now(UTC).date()
    return -(-calls_by_now * monthrange(today.year, today.month)[1] // today.day)


def calls_of_month(one: Backup) -> int:
    with closing(sqlite3.connect(one.path)) as db:
        return db.execute("SELECT sum(calls) FROM calls_by_day WHERE activity <> 'none'").fetchone()[0]


def test_each_day_brings_its_part_of_a_month() -> None:
    days = {"2026-11-03": {"non_query": 30, "db_query": 10, "none": 7}}
    assert earned({}, 3_000, date(2026, 11, 1)) == 100
    assert earned(days, 3_000, date(2026, 11, 3)) == 260
    assert earned(days, 3_000, date(2026, 11, 30)) == 2_960
    assert earned(days, 30, date(2026, 11, 30)) == 0


def test_a_first_backup_goes_on_where_the_calls_of_the_month_ended(backup: Start) -> None:
    one = backup(scale="small")
    first = one.run(monthly_calls=monthly(200))
    assert first.status == "partial"
    assert calls_of_month(one) <= 200
    second = one.run(monthly_calls=monthly(10_000))
    assert (second.status, second.session_id) == ("complete", first.session_id)
    assert {name: len(one.ids(name)) for name in ("dashboards", "looks", "users")} == {
        name: one.counts()[name] for name in ("dashboards", "looks", "users")
    }


def test_nothing_is_asked_before_the_calls_have_come_together(backup: Start) -> None:
    one = backup(scale="small")
    report = one.run()
    one.looker.calls.reset()
    with pytest.raises(BudgetSpent, match="nothing was asked"):
        one.run(monthly_calls=monthly(report.requests * 2 - 50))
    assert sum(one.looker.calls.by_operation.values()) == 0
    assert one.run(monthly_calls=monthly(report.requests * 2 + 50)).status == "complete"


def test_a_run_that_stops_says_which_budget_did_it(backup: Start) -> None:
    one = backup(scale="small")
    options = ExtractOptions(workers=4, audit_days=7)
    report = extract_alone(one.settings(monthly_calls=monthly(200)), options)
    assert report.status == "partial"
    assert "--monthly-calls" in report.stopped
    assert "--max-calls" not in report.stopped
    report = extract_alone(one.settings(monthly_calls=monthly(10_000), max_calls=30), options)
    assert "--max-calls" in report.stopped


def test_a_snapshot_that_a_run_has_completed_is_not_gone_on_with(backup: Start) -> None:
    one = backup(scale="tiny")
    assert one.run(monthly_calls=monthly(10_000)).session_id != one.run(monthly_calls=monthly(10_000)).session_id
