"""What can never be read is listed, and makes no snapshot partial for ever; what could be read last night does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

from lookervault_core import verify
from lookervault_core.catalog import CATALOG
from tests.extract.backup import Backup

Start = Callable[..., Backup]


def broken_explore(one: Backup, status: str = "404") -> str:
    model = json.loads(one.ask("/lookml_models"))[0]
    name = model["explores"][0]["name"]
    one.looker.faults.add(status, path=f"*/lookml_models/{model['name']}/explores/{name}")
    return f"{model['name']}::{name}"


def told(report: Any) -> list[tuple[str, str, str]]:
    """What is noted, but for what a release need not have."""
    notes = (note for note in report.notes if not CATALOG[note["content_type"]].optional)
    return [(note["kind"], note["content_type"], note["id"]) for note in notes]


def test_an_explore_that_could_never_be_read_is_listed_and_no_hole(backup: Start) -> None:
    one = backup()
    explore = broken_explore(one)
    for _ in range(2):
        report = one.run()
        assert (report.status, report.holes) == ("complete", [])
        assert told(report) == [("unreadable", "explores", explore)]
        assert report.types["explores"]["listed"] == report.types["explores"]["captured"] + 1
    with one.vault() as vault:
        found = verify.verify(vault, vault.snapshot(report.snapshot_id))
    assert found.whole
    assert [(f.kind, f.id) for f in found.findings if f.content_type == "explores"] == [("unreadable", explore)]


def test_an_explore_that_could_be_read_last_night_is_a_hole_for_one_night(backup: Start) -> None:
    one = backup()
    one.run()
    explore = broken_explore(one)
    report = one.run()
    assert (report.status, [hole["id"] for hole in report.holes]) == ("partial", [explore])
    again = one.run()
    assert (again.status, told(again)) == ("complete", [("unreadable", "explores", explore)])
    assert again.types["explores"]["deleted"] == 0, "it is listed, so it is not gone"


def test_an_explore_that_fails_otherwise_is_a_hole(backup: Start) -> None:
    one = backup()
    broken_explore(one, "500")
    assert one.run("explores").status == "partial"


def test_what_can_be_restored_is_a_hole_whether_it_could_be_read_or_not(backup: Start) -> None:
    one = backup()
    one.looker.faults.add("404", path="*/dashboards/1")
    one.looker.bends.on("list_hides", "search_dashboards:1")
    for _ in range(2):
        report = one.run("dashboards")
        assert (report.status, [hole["id"] for hole in report.holes]) == ("partial", ["1"])


def test_the_access_list_of_a_folder_that_is_gone_is_no_hole(backup: Start) -> None:
    """Looker goes on listing the metadata of some folders that were deleted."""
    one = backup(scale="small", bends=("deleted_folders_leave_metadata",))
    folders = one.looker.world["folders"]
    parents = Counter(row["parent_id"] for row in folders)
    leaf = next(row for row in folders if parents[row["parent_id"]] > 1 and row["parent_id"] and not parents[row["id"]])
    metadata = leaf["content_metadata_id"]
    one.looker.world["content_metadata"].change(metadata, inherits=False)
    folders.remove(leaf["id"])
    report = one.run("folders")
    assert (report.status, report.holes) == ("complete", [])
    assert told(report) == [("unreadable", "content_metadata_accesses", metadata)]


def test_an_archive_that_this_looker_does_not_have_is_no_hole(backup: Start) -> None:
    one = backup()
    one.looker.faults.add("404", operation="all_integration_hubs")
    report = one.run()
    assert (report.status, told(report)) == ("complete", [("unreadable", "integration_hubs", "")])
