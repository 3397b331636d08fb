"""Which snapshot speaks: for a restore one of the whole instance, and what two of them are compared in."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from lookervault_core import verify
from lookervault_core.model import ContentKey
from lookervault_core.restore.backup import Backup as Source
from lookervault_core.restore.backup import in_words, told_of_newer, told_of_some_types
from lookervault_core.vault import Vault
from tests.extract.backup import Backup

Start = Callable[..., Backup]


def test_a_snapshot_of_some_types_after_a_damage_is_not_the_backup(backup: Start) -> None:
    one = backup()
    full = one.run()
    good = one.payload("dashboards", "1")
    one.change("update", "dashboards", "1", title="Damaged")
    narrow = one.run("dashboards")
    with one.vault() as vault:
        source = Source(vault)
        assert source.payload("dashboards", "1") == good
        assert set(source.snapshots().values()) == {full.snapshot_id}
        assert Source(vault, narrow.snapshot_id).payload("dashboards", "1") != good
        assert vault.payload(ContentKey("dashboards", "1")) != good, "what was captured last is what is shown"
        assert f"snapshot {full.snapshot_id} (" in in_words(source, ["dashboards"])
        (warning,) = told_of_newer(source, ["dashboards", "looks"])
        assert f"--snapshot {narrow.snapshot_id}" in warning
        assert verify.chosen(vault, None).snapshot_id == full.snapshot_id


def test_a_snapshot_that_left_a_type_out_is_one_of_the_whole_instance(backup: Start) -> None:
    one = backup()
    one.run()
    newer = one.run(exclude=("themes",))
    with one.vault() as vault:
        assert Source(vault).snapshots()["dashboards"] == newer.snapshot_id
        found = verify.with_others(vault, verify.verify(vault, verify.chosen(vault, None)))
    assert (found.snapshot_id, found.also, found.whole) == (newer.snapshot_id, (1,), True)


def test_a_type_that_only_a_narrow_snapshot_has_is_taken_from_that(backup: Start) -> None:
    one = backup()
    one.run(exclude=("themes",))
    narrow = one.run("themes")
    with one.vault() as vault:
        assert Source(vault).snapshots()["themes"] == narrow.snapshot_id
        (warning,) = told_of_some_types(Source(vault), ["dashboards", "themes"])
        assert warning.startswith(f"snapshot {narrow.snapshot_id} ")
        assert warning.endswith(": themes")
        assert not list(told_of_some_types(Source(vault, narrow.snapshot_id), ["themes"]))


def test_a_whole_snapshot_with_a_hole_elsewhere_goes_before_a_narrow_one(backup: Start) -> None:
    one = backup()
    rule = one.looker.faults.add("403", operation="all_themes")
    full = one.run()
    assert full.status == "partial"
    one.looker.faults.clear()
    narrow = one.run("dashboards", "themes")
    assert rule.fired
    with one.vault() as vault:
        spoke = Source(vault).snapshots()
    assert (spoke["dashboards"], spoke["themes"]) == (full.snapshot_id, narrow.snapshot_id)


def test_snapshots_are_compared_in_what_both_hold(backup: Start) -> None:
    one = backup(scale="small")
    one.run()
    rows = [row for row in one.looker.world["dashboards"] if not row["deleted"]]
    one.change("update", "dashboards", rows[0]["id"], title="Another")
    narrow = one.run(folders=(rows[0]["folder_id"],))
    with one.vault() as vault:
        found = [(d.change, d.id) for d in vault.diff(1, narrow.snapshot_id) if d.content_type == "dashboards"]
    assert found == [("changed", rows[0]["id"])]


def test_what_could_not_be_read_is_not_called_deleted_by_a_comparison(backup: Start) -> None:
    one = backup()
    one.run("dashboards")
    one.looker.faults.add("403", path="*/dashboards/1")
    one.looker.bends.on("list_hides", "search_dashboards:1")
    assert one.run("dashboards").status == "partial"
    with one.vault() as vault:
        assert vault.diff(1, 2) == vault.diff(2, 1) == []


def test_nothing_that_nobody_changed_differs_right_after_an_incremental_run(backup: Start, tmp_path: Path) -> None:
    one = backup(scale="small")
    one.run()
    shown = next(row for row in one.looker.world["dashboard_elements"] if row["look_id"])
    one.change("update", "looks", shown["look_id"], title="Renamed")
    one.run(incremental=True)
    with Vault.open(one.path, read_only=True) as vault:
        snapshot = verify.chosen(vault, None)
        _, findings = verify.compare_with_live(vault, snapshot, one.settings(), threading.Event())
    assert findings == []
