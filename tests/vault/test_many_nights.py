"""What many nights cost a vault: work that follows what changed, not what there is."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tests.vault.conftest import count

MANY, STEPS_EACH, STEPS_OF_A_NIGHT = 2_000, 60, 800


def test_a_complete_snapshot_keeps_no_second_list_of_what_it_holds(vault, instance, path):
    snapshot = instance.capture([instance.item("1"), instance.item("2")])
    assert (snapshot.status, count(path, "snapshot_census")) == ("complete", 0)
    assert vault.counts(snapshot.snapshot_id)["dashboards"].listed == 2
    assert (
        vault.missing(snapshot.snapshot_id, "dashboards") == vault.uncensused(snapshot.snapshot_id, "dashboards") == []
    )
    partial = instance.capture([instance.item("1")], missing=("2",))
    assert (partial.status, count(path, "snapshot_census")) == ("partial", 2)


def test_a_difference_of_two_snapshots_looks_at_each_object_once(vault, instance):
    """Counted in steps of SQLite's machine, which are the same on any of ours."""
    many = [instance.item(str(n)) for n in range(1, MANY + 1)]
    first = instance.capture(many)
    second = instance.capture([*many[:-1], instance.item(str(MANY), title="Other")])
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1_000
        return 0

    with vault.read() as db:
        db.set_progress_handler(step, 1_000)
    found = vault.diff(first.snapshot_id, second.snapshot_id)
    assert [(one.change, one.id) for one in found] == [("changed", str(MANY))]
    assert 0 < steps < MANY * STEPS_EACH


def test_a_night_looks_at_each_object_some_times(vault, instance):
    many = [instance.item(str(n)) for n in range(1, MANY + 1)]
    instance.capture(many)
    steps = 0

    def step() -> int:
        nonlocal steps
        steps += 1_000
        return 0

    with vault.write() as db:
        db.set_progress_handler(step, 1_000)
    instance.capture(many)
    assert 0 < steps < MANY * STEPS_OF_A_NIGHT


def test_the_room_of_a_pruned_night_goes_back_to_the_disk(vault, instance, path):
    for title in "abcd":
        instance.capture([instance.item(str(n), title=title) for n in range(1, 200)])
    vault.shrink()
    before = path.stat().st_size
    vault.delete_snapshot(1)
    vault.delete_snapshot(2)
    assert vault.collect_garbage().blob_bytes > 0
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA freelist_count").fetchone() == (0,)
    assert path.stat().st_size < before
