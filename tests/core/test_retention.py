"""Which snapshots a policy keeps."""

from datetime import UTC, datetime, timedelta

import pytest

from lookervault_core.errors import UsageError
from lookervault_core.model import Snapshot
from lookervault_core.retention import Policy, expendable

START = datetime(2026, 11, 1, 2, tzinfo=UTC)


def taken(*statuses: str) -> list[Snapshot]:
    """Return one snapshot a day, oldest first."""
    return [
        Snapshot(n, f"s{n}", status, START + timedelta(days=n), None, ("dashboards",))  # ty: ignore[invalid-argument-type]
        for n, status in enumerate(statuses, 1)
    ]


def ids(found: list[Snapshot]) -> list[int]:
    return [one.snapshot_id for one in found]


def test_the_last_ones_are_kept():
    assert ids(expendable(taken(*["complete"] * 5), Policy(last=2))) == [1, 2, 3]


def test_a_partial_snapshot_never_stands_in_for_a_complete_one():
    assert ids(expendable(taken("complete", "complete", "partial"), Policy(last=1))) == [1]


def test_what_is_newer_than_the_newest_complete_one_is_kept():
    assert ids(expendable(taken("complete", "failed", "running"), Policy(last=1))) == []


def test_the_newest_of_each_week_is_kept():
    kept = {1, *range(1, 22)} - set(ids(expendable(taken(*["complete"] * 21), Policy(weekly=3))))
    assert kept == {7, 14, 21}


def test_a_policy_that_keeps_nothing_is_refused():
    with pytest.raises(UsageError, match="say what to keep"):
        expendable(taken("complete"), Policy())


def test_without_a_complete_snapshot_nothing_goes():
    assert expendable(taken("partial", "failed", "partial"), Policy(last=1)) == []
