"""Which snapshots a policy keeps."""

from datetime import UTC, datetime, timedelta

import msgspec
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


def narrowed(
    one: Snapshot, *, types: tuple[str, ...] = ("dashboards", "users"), folders: tuple[str, ...] = ()
) -> Snapshot:
    return msgspec.structs.replace(one, types=types, folders=folders)


def test_a_run_of_one_type_never_stands_in_for_a_whole_one():
    whole, dashboards = (narrowed(one) for one in taken("complete", "complete"))
    dashboards = narrowed(dashboards, types=("dashboards",))
    assert ids(expendable([whole, dashboards], Policy(last=1))) == []


def test_a_whole_one_stands_in_for_those_of_one_type():
    first, second, third = taken("complete", "complete", "complete")
    found = expendable([first, second, narrowed(third)], Policy(last=1))
    assert ids(found) == [1, 2]


def test_the_state_before_a_restore_goes_with_the_whole_ones_of_its_time():
    first, undo, second, late = taken(*["complete"] * 4)
    undo, late = (narrowed(one, types=("dashboards",), folders=("state before a restore",)) for one in (undo, late))
    assert ids(expendable([first, undo, second, late], Policy(last=1))) == [1, 2]
    assert ids(expendable([first, undo, second, late], Policy(last=2))) == []


def test_the_newest_restores_can_be_taken_back_whatever_else_is_kept():
    snapshots = taken(*["complete"] * 6)
    states = {2: "first", 3: "second", 4: "second"}
    scope = ("state before a restore",)
    snapshots = [narrowed(one, folders=scope if one.snapshot_id in states else ()) for one in snapshots]
    assert ids(expendable(snapshots, Policy(last=1, restores=2), states)) == [1, 5]
    assert ids(expendable(snapshots, Policy(last=1, restores=1), states)) == [1, 2, 5]
    assert ids(expendable(snapshots, Policy(last=1, restores=0), states)) == [1, 2, 3, 4, 5]


def test_the_states_of_one_restore_go_together():
    snapshots = taken(*["complete"] * 4)
    states = {1: "resumed later", 3: "resumed later"}
    snapshots = [narrowed(one, folders=("state",) if one.snapshot_id in states else ()) for one in snapshots]
    assert ids(expendable(snapshots, Policy(last=2, restores=0), states)) == []
