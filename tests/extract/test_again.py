"""The second run: what changed is noticed, what did not costs nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from lookervault_core.errors import NotFound, UsageError
from lookervault_core.extract.report import ExtractReport
from tests.extract.backup import Backup

Start = Callable[..., Backup]


def rows(backup: Backup, table: str) -> int:
    with closing(sqlite3.connect(backup.path)) as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def differing(report: ExtractReport) -> dict[str, tuple[int, int, int]]:
    counts = {name: (c["new"], c["changed"], c["deleted"]) for name, c in report.types.items()}
    return {name: numbers for name, numbers in counts.items() if any(numbers)}


def test_an_unchanged_instance_adds_no_blob_and_hardly_any_room(backup: Start) -> None:
    one = backup(scale="small", dashboards=400, dashboard_kb=40)
    one.run("dashboards")
    blobs, versions, size = rows(one, "blobs"), rows(one, "content_versions"), one.path.stat().st_size
    report = one.run("dashboards")
    assert differing(report) == {}
    assert rows(one, "blobs") == blobs
    assert rows(one, "content_versions") == versions
    assert one.path.stat().st_size <= size * 1.02


def test_a_change_of_volatile_fields_alone_is_no_change(backup: Start) -> None:
    one = backup()
    one.run("dashboards")
    before = one.payload("dashboards", "1")
    one.looker.world["dashboards"].change("1", view_count=100_000, last_viewed_at="2026-11-21T00:00:00.000+00:00")
    assert one.ask("/dashboards/1") != before
    report = one.run("dashboards")
    assert report.types["dashboards"]["unchanged"] == report.types["dashboards"]["captured"]
    assert one.payload("dashboards", "1") == before


def test_rows_that_only_changed_places_are_no_change(backup: Start) -> None:
    one = backup(scale="small")
    assert one.ask("/users/2/attribute_values") != one.ask("/users/2/attribute_values"), (
        "the server sorts: nothing is shown"
    )
    one.run("users", "roles", "folders", "user_attributes")
    assert differing(one.run("users", "roles", "folders", "user_attributes")) == {}


def test_what_was_created_changed_and_deleted_is_noticed(backup: Start) -> None:
    one = backup()
    one.run()
    created = one.change("create", "dashboards", title="Brand new")
    one.change("update", "dashboards", "1", title="Another title")
    one.change("delete", "looks", "3")
    report = one.run()
    assert report.status == "complete"
    assert report.types["dashboards"]["new"] == 1
    assert report.types["dashboards"]["changed"] == 1
    assert report.types["looks"]["deleted"] == 1
    with one.vault() as vault:
        told = {(d.change, d.content_type, d.id) for d in vault.diff(1, 2)}
    assert {("created", "dashboards", created), ("changed", "dashboards", "1"), ("deleted", "looks", "3")} <= told


def test_the_earlier_snapshot_still_shows_what_was_deleted_since(backup: Start) -> None:
    one = backup()
    one.run("looks")
    before = one.payload("looks", "3")
    one.change("delete", "looks", "3")
    one.run("looks")
    assert one.payload("looks", "3", snapshot_id=1) == before
    with pytest.raises(NotFound):
        one.payload("looks", "3")


def test_what_goes_to_the_trash_moves_from_one_type_to_the_other(backup: Start) -> None:
    one = backup()
    one.run()
    gone = one.change("trash", "dashboards", "2")
    report = one.run()
    assert report.types["dashboards"]["deleted"] == 1
    assert report.types["trashed_dashboards"]["new"] == 1
    assert gone in one.ids("trashed_dashboards")


# Scope ----------------------------------------------------------------------------------------------------------------


def test_a_run_of_one_type_does_not_hide_the_others(backup: Start) -> None:
    one = backup()
    one.run()
    looks = one.ids("looks")
    one.run("themes")
    assert one.ids("looks") == looks
    assert one.payload("looks", "1")


@pytest.mark.parametrize("narrow", [("dashboards",), ("folders",)])
def test_a_run_of_one_type_keeps_the_parts_that_other_types_need(backup: Start, narrow: tuple[str, ...]) -> None:
    """Trashed dashboards need merge queries too, and boards content metadata: who reads less must not lose them."""
    one = backup(scale="small")
    one.run()
    parts = ("merge_queries", "queries", "content_metadata", "content_metadata_accesses")
    before = {name: one.ids(name) for name in parts}
    report = one.run(*narrow)
    assert report.status == "complete"
    assert {name: one.ids(name) for name in parts} == before
    assert not any(count["deleted"] for count in report.types.values())


def test_parts_of_what_could_not_be_read_are_not_called_deleted(backup: Start) -> None:
    one = backup(scale="small")
    one.run()
    for operation in ("search_dashboards", "dashboard"):
        one.looker.faults.add("403", operation=operation)
    report = one.run()
    assert report.status == "partial"
    assert not any(count["deleted"] for count in report.types.values())


def test_a_part_that_nothing_needs_any_more_goes_with_the_next_whole_run(backup: Start) -> None:
    one = backup(scale="small")
    one.run()
    trashed = one.ids("trashed_dashboards")
    for item in trashed:
        one.looker.world["dashboards"].remove(item)
    assert one.run().types["merge_queries"]["deleted"] > 0


def test_an_excluded_type_is_neither_read_nor_told(backup: Start) -> None:
    one = backup()
    report = one.run(exclude=("dashboards", "users"))
    assert report.status == "complete"
    assert not {"dashboards", "merge_queries", "queries", "users", "user_attribute_values"} & report.types.keys()
    assert one.asked("search_dashboards") <= 7  # the trash is searched with the same call
    assert one.asked("all_dashboards") <= 2  # LookML dashboards


def test_to_exclude_everything_is_a_mistake_in_the_command(backup: Start) -> None:
    one = backup()
    with pytest.raises(UsageError, match="excluded"):
        one.run("themes", exclude=("themes",))
    assert not one.path.exists()


def test_a_folder_narrows_the_run_to_what_is_in_it_and_below(backup: Start) -> None:
    one = backup(scale="small")
    one.run()
    everything = {name: one.ids(name) for name in ("dashboards", "looks")}
    folder = max(
        (row["id"] for row in one.looker.world["folders"]),
        key=lambda id: sum(row["folder_id"] == id for row in one.looker.world["dashboards"]),
    )
    inside, waiting = set(), [folder]
    while waiting:
        at = waiting.pop()
        inside.add(at)
        waiting += [row["id"] for row in one.looker.world["folders"] if row["parent_id"] == at]
    report = one.run(folders=(folder,))
    assert report.status == "complete"
    for name in ("dashboards", "looks"):
        wanted = {row["id"] for row in one.looker.world[name] if row["folder_id"] in inside and not row["deleted"]}
        assert one.ids(name, report.snapshot_id) == wanted
        assert report.types[name]["deleted"] == 0, "what is outside the folder is not gone"
        assert one.ids(name) == everything[name], "a narrowed snapshot must not hide the whole one"


def test_an_unknown_folder_is_said_to_be_unknown(backup: Start) -> None:
    one = backup()
    one.run("folders")
    with pytest.raises(UsageError, match="999999"):
        one.run(folders=("999999",))
