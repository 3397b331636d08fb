"""Pictures on dashboards (26.18): kept as the bytes that they are, and named where a restore cannot bring them back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, cascades, mutate
from lookervault_core.exchange import export_directory, import_directory
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from lookervault_core.scanning import holding
from lookervault_core.vault import Vault
from lookervault_core.verify import verify
from tests.extract.backup import Backup
from tests.simulated import client

NEWEST: dict[str, Any] = {"scale": "tiny", "release": "26.22", "dashboard_kb": 2}
CALL, KIND = "get_dashboard_image", "dashboard_images"
Start = Callable[..., Backup]


def pictures(simulator: Simulator) -> dict[str, bytes]:
    rows = simulator.world[KIND]
    return {f"{row['dashboard_id']}::{row['slug']}": row["data"] for row in rows}


def test_each_picture_is_kept_with_its_own_bytes_and_searched_and_proven_around(backup: Start) -> None:
    one = backup(**NEWEST)
    report = one.run()
    wanted = pictures(one.looker)
    assert (report.status, len(wanted)) == ("complete", 2)
    assert {item_id: one.payload(KIND, item_id) for item_id in one.ids(KIND)} == wanted
    with one.vault() as vault:
        assert verify(vault, vault.snapshots()[-1]).whole
        assert list(holding(vault, [KIND, "themes"], None, "no such text")) == []


def test_an_incremental_run_reads_a_picture_again_when_its_dashboard_changed_or_after_the_audit(backup: Start) -> None:
    one = backup(**NEWEST)
    one.run(incremental=True, audit_days=7)
    one.looker.calls.reset()
    one.run(incremental=True, audit_days=7)
    assert one.asked(CALL) == 0
    mutate(one.looker.world, "update", "dashboards", next(iter(pictures(one.looker))).partition("::")[0])
    for row in one.looker.world[KIND]:
        one.looker.world[KIND].change(row["id"], data=b"\x89PNG other")
    one.run(incremental=True, audit_days=7)
    assert one.asked(CALL) == 2
    assert {one.payload(KIND, item_id) for item_id in one.ids(KIND)} == {b"\x89PNG other"}
    one.looker.calls.reset()
    one.run(incremental=True, audit_days=0)
    assert one.asked(CALL) == 2


def test_pictures_that_an_older_lookervault_did_not_keep_are_fetched_once(backup: Start) -> None:
    one = backup(**NEWEST)
    one.run()
    with Vault.open(one.path) as vault, vault.write() as db:
        db.execute("DELETE FROM version_links WHERE content_type = ?", (KIND,))
        db.execute(
            "DELETE FROM item_spans WHERE item_id IN (SELECT item_id FROM content_items WHERE content_type = ?)",
            (KIND,),
        )
        db.execute("DELETE FROM snapshot_types WHERE content_type = ?", (KIND,))
    for calls in (2, 0):
        one.looker.calls.reset()
        assert one.run(incremental=True, audit_days=7).status == "complete"
        assert one.asked(CALL) == calls
    assert {item_id: one.payload(KIND, item_id) for item_id in one.ids(KIND)} == pictures(one.looker)


@pytest.mark.parametrize("body", [b"<html>sign in</html>", b""], ids=["a page", "nothing"])
def test_what_is_no_picture_is_a_hole(backup: Start, body: bytes) -> None:
    one = backup(**NEWEST)
    for row in one.looker.world[KIND]:
        one.looker.world[KIND].change(row["id"], data=body, kind=b"text/html" if body else b"image/png")
    report = one.run("dashboards", max_attempts=1)
    assert (report.status, {hole["content_type"] for hole in report.holes}) == ("partial", {KIND})


@pytest.mark.parametrize("answer", ["400", "403", "404", "422"])
def test_a_looker_that_wants_pictures_asked_for_otherwise_leaves_the_snapshot_complete(
    backup: Start, answer: str
) -> None:
    one = backup(**NEWEST)
    one.looker.faults.add(answer, operation=CALL)
    report = one.run("dashboards")
    told = [note for note in report.notes if note["content_type"] == KIND]
    assert (report.status, report.holes, {note["kind"] for note in told}) == ("complete", [], {"unreadable"})
    assert all("no page says" in note["detail"] or not note["id"] for note in told)
    with one.vault() as vault:
        assert verify(vault, vault.snapshots()[-1]).whole


def test_a_picture_that_was_read_last_night_is_a_hole_for_one_night(backup: Start) -> None:
    one = backup(**NEWEST)
    one.run("dashboards")
    one.looker.faults.add("422", operation=CALL)
    assert one.run("dashboards").status == "partial"


def test_an_export_has_the_pictures_and_an_import_takes_them(backup: Start, tmp_path: Path) -> None:
    one = backup(**NEWEST)
    one.run("dashboards")
    with one.vault() as vault:
        export_directory(vault, tmp_path / "export")
    files = {path.read_bytes() for path in (tmp_path / "export" / KIND).glob("*.bin")}
    assert files == set(pictures(one.looker).values())
    edited = next((tmp_path / "export" / KIND).glob("*.bin"))
    edited.write_bytes(b"\x89PNG mine")
    assert import_directory(tmp_path / "export", tmp_path / "new.db", accept_edits=True).done.items
    with Vault.open(tmp_path / "new.db", read_only=True) as copy:
        kept = {item.payload for item in copy.iter_payloads(KIND)}
        assert b"\x89PNG mine" in kept
        assert len(kept & files) == 1


def restored(vault: Vault, simulator: Simulator, dashboard: str, **options: Any) -> tuple[str, dict[str, str]]:
    with client(simulator) as looker:
        selection = Selection.single("dashboards", dashboard)
        report = restore(RestoreRun(vault, looker, selection, RestoreOptions(**options), sleep=lambda _: None))
    return report.status, {path: why for item in report.proof.items for path, why in item.lost}


def test_a_tile_gets_its_picture_back_while_that_is_there_and_the_loss_says_where_it_is_kept(backup: Start) -> None:
    one = backup(**NEWEST)
    one.run()
    world = one.looker.world
    image = next(iter(world[KIND]))
    tile = next(row for row in world["dashboard_elements"] if row["image_id"] == image["id"])
    dashboard = tile["dashboard_id"]
    cascades.remove_tile(world, tile["id"])
    with Vault.open(one.path) as vault:
        assert restored(vault, one.looker, dashboard) == ("completed", {})
        assert image["id"] in {row["image_id"] for row in world.parts("dashboard_elements", dashboard)}
        mutate(world, "delete", "dashboards", dashboard)
        status, lost = restored(vault, one.looker, dashboard)
        named = [why for path, why in lost.items() if path.endswith("image_id")]
        assert (status, len(named)) == ("completed", 2)
        assert all("lookervault show dashboard_images" in why for why in named)
        with Simulator(SimulatorOptions(**NEWEST, id_offset=5000)) as theirs:
            mutate(theirs.world, "delete", "dashboards", str(int(dashboard) + 5000))
            status, lost = restored(vault, theirs, dashboard, target="other")
        named = [why for path, why in lost.items() if path.endswith("image_id")]
        assert (status, len(named)) == ("completed", 2)
        assert all("lookervault show dashboard_images" in why for why in named)
        assert ContentKey(KIND, f"{dashboard}::{image['slug']}") in {item.key for item in vault.items(KIND)}
