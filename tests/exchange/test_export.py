"""An export is the snapshot's own bytes, and nothing that is not there is said to be."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lookervault_core.errors import BlobDamaged, ExportError, NotFound, UsageError
from lookervault_core.exchange import export_directory, import_directory, read_manifest
from lookervault_core.exchange.manifest import UNFINISHED
from lookervault_core.model import ContentKey, Hole
from lookervault_core.vault import Vault
from tests.exchange.conftest import URL, capture, contents, item

ODD = ["model::a", "../../outside", "A", "a", "é", "x" * 400, "con", "."]


def test_each_file_is_the_payload_byte_for_byte_and_the_manifest_maps_it(vault: Vault, there: Path) -> None:
    capture(vault, *(item(id) for id in ODD), item("1", content_type="looks"))
    report = export_directory(vault, there)
    assert (report.status, report.items, report.written, report.holes) == ("complete", len(ODD) + 1, len(ODD) + 1, [])
    for entry in read_manifest(there).items:
        payload = vault.payload(entry.key)
        assert (there / entry.file).read_bytes() == payload
        assert vault.item(entry.key).sha256 == entry.sha256
        assert (entry.size, entry.name) == (len(payload), "Sales")
    assert {path.name for path in there.parent.iterdir() if not path.name.startswith("looker.db")} == {"export"}


def test_the_manifest_says_of_what_it_is(vault: Vault, there: Path) -> None:
    taken = capture(vault, item("1"))
    export_directory(vault, there)
    document = json.loads((there / "manifest.json").read_text())
    assert (document["format"], document["instance_url"]) == (1, URL)
    assert [(one["snapshot_id"], one["status"]) for one in document["snapshots"]] == [(taken.snapshot_id, "complete")]
    assert document["items"][0].keys() >= {"content_type", "id", "name", "sha256", "size", "file"}
    lines = (there / "manifest.json").read_text().splitlines()
    assert sum('"file":' in line for line in lines) == 1


def test_exporting_again_touches_only_what_changed(vault: Vault, there: Path) -> None:
    capture(vault, item("1"), item("2"), item("3"), item("9", content_type="looks"))
    export_directory(vault, there)
    before = {path: path.stat().st_ino for path in there.rglob("*") if path.is_file()}
    assert export_directory(vault, there).written == 0
    assert {path: path.stat().st_ino for path in there.rglob("*") if path.is_file()} == before
    capture(vault, item("1", views=9), item("2", "Orders"), item("4"), types=("dashboards", "looks"))
    report = export_directory(vault, there)
    assert (report.written, report.unchanged, report.removed) == (2, 1, 2)
    touched = {path.name for path in there.rglob("*") if path.is_file() and before.get(path) != path.stat().st_ino}
    assert touched == {"2.json", "4.json", "manifest.json"}
    assert not (there / "looks").exists()
    assert sorted(one.id for one in read_manifest(there).items) == ["1", "2", "4"]


def test_what_an_export_did_not_make_stays(vault: Vault, there: Path) -> None:
    capture(vault, item("1"), item("2"))
    (there / ".git").mkdir(parents=True)
    export_directory(vault, there)
    mine = {"README.md": b"ours", "dashboards/notes.txt": b"mine", "dashboards/77.json": b"{}", ".git/config": b"x"}
    for name, text in mine.items():
        (there / name).write_bytes(text)
    capture(vault, item("3", content_type="looks"), types=("dashboards", "looks"))
    assert export_directory(vault, there).removed == 2
    assert contents(there).items() >= mine.items()


@pytest.mark.parametrize("name", ["thesis.txt", "dashboards/1.json", "manifest.json"])
def test_a_directory_of_others_is_refused_and_left_alone(vault: Vault, there: Path, name: str) -> None:
    capture(vault, item("1"))
    (there / name).parent.mkdir(parents=True)
    (there / name).write_text("{}")
    with pytest.raises((UsageError, ExportError)) as refused:
        export_directory(vault, there)
    assert len(str(refused.value).splitlines()) == 1
    assert contents(there) == {name: b"{}"}


def test_the_export_of_another_instance_is_refused(make_vault: Callable[[str], Vault], there: Path) -> None:
    capture(make_vault("looker.db"), item("1"))
    export_directory(make_vault("looker.db"), there)
    with Vault.create_or_open(there.parent / "other.db") as other:
        other.claim_instance("https://other.looker.com")
        capture(other, item("1"))
        with pytest.raises(UsageError, match=r"acme\.looker\.com, not of https://other"):
            export_directory(other, there)


def test_a_type_is_of_its_visible_snapshot_or_of_the_one_asked_for(vault: Vault, there: Path) -> None:
    first = capture(vault, item("1", "old"), item("1", content_type="looks"))
    second = capture(vault, item("1", "new"))
    capture(vault, item("1", "half"), missing=("2",))
    assert export_directory(vault, there).snapshots == [first.snapshot_id, second.snapshot_id]
    assert json.loads((there / "dashboards/1.json").read_text())["title"] == "new"
    assert export_directory(vault, there, snapshot_id=first.snapshot_id).snapshots == [first.snapshot_id]
    assert json.loads((there / "dashboards/1.json").read_text())["title"] == "old"
    assert export_directory(vault, there, ["look"]).types.keys() == {"looks"}
    assert "dashboards/1.json" not in contents(there)


def test_what_is_not_there_is_not_found(vault: Vault, there: Path) -> None:
    with pytest.raises(NotFound):
        export_directory(vault, there)
    only = capture(vault, item("1"))
    for types, snapshot_id in ((["looks"], None), (["looks"], only.snapshot_id), ([], 99)):
        with pytest.raises(NotFound):
            export_directory(vault, there, types, snapshot_id)
    running = vault.begin_session(["dashboards"])
    with pytest.raises(UsageError, match="still running"):
        export_directory(vault, there, snapshot_id=running.snapshot_id)
    assert not there.exists()


def damage(path: Path, sha256: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE blobs SET data = zeroblob(9) WHERE sha256 = ?", (bytes.fromhex(sha256),))


def test_a_damaged_payload_is_named_and_the_rest_is_exported(vault: Vault, there: Path, tmp_path: Path) -> None:
    capture(vault, item("1"), item("2"))
    damage(vault.path, vault.item(ContentKey("dashboards", "1")).sha256)
    report = export_directory(vault, there)
    assert (report.status, report.items) == ("partial", 1)
    assert [(one["content_type"], one["id"]) for one in report.damaged] == [("dashboards", "1")]
    assert [one["id"] for one in report.holes] == ["1"]
    assert (there / "dashboards/2.json").exists()
    assert not (there / "dashboards/1.json").exists()
    assert import_directory(there, tmp_path / "new.db").done.status == "partial"


def test_the_file_of_a_damaged_payload_stays_if_it_is_the_right_one(vault: Vault, there: Path, tmp_path: Path) -> None:
    capture(vault, item("1"))
    export_directory(vault, there)
    damage(vault.path, vault.item(ContentKey("dashboards", "1")).sha256)
    report = export_directory(vault, there)
    assert (report.status, len(report.damaged)) == ("complete", 1)
    with pytest.raises(BlobDamaged):
        vault.payload(ContentKey("dashboards", "1"))
    assert (there / "dashboards/1.json").read_bytes() == item("1").payload
    assert import_directory(there, tmp_path / "new.db").done.status == "complete"


class Killed(BaseException):
    """The process ends here."""


def test_a_killed_export_is_refused_by_import_and_finished_by_the_next_one(
    vault: Vault, there: Path, tmp_path: Path
) -> None:
    seen: list[str] = []

    def kill_at_second(name: str, _total: int) -> None:
        seen.append(name)
        if len(seen) == 2:
            raise Killed

    capture(vault, *(item(str(n)) for n in range(5)))
    with pytest.raises(Killed):
        export_directory(vault, there, watch=kill_at_second)
    assert "manifest.json" not in contents(there)
    with pytest.raises(NotFound):
        import_directory(there, tmp_path / "new.db")
    capture(vault, item("4", "changed"))
    assert export_directory(vault, there).removed == 2
    assert contents(there).keys() == {".gitattributes", "manifest.json", "dashboards/4.json"}
    seen.clear()
    capture(vault, item("4", "again"), item("5"))
    with pytest.raises(Killed):
        export_directory(vault, there, watch=kill_at_second)
    with pytest.raises(ExportError, match="not finished"):
        import_directory(there, tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()
    assert export_directory(vault, there).unchanged == 2
    assert UNFINISHED not in contents(there)
    assert import_directory(there, tmp_path / "new.db").done.status == "complete"


def test_a_link_leads_no_export_elsewhere(vault: Vault, there: Path, tmp_path: Path) -> None:
    capture(vault, item("1"))
    export_directory(vault, there)
    elsewhere = tmp_path / "elsewhere"
    (there / "dashboards").rename(elsewhere)
    (there / "dashboards").symlink_to(elsewhere)
    capture(vault, item("1", "changed"))
    with pytest.raises(ExportError, match="link"):
        export_directory(vault, there)
    assert (elsewhere / "1.json").read_bytes() == item("1").payload
    (there / "dashboards").unlink()
    (there / "dashboards").mkdir()
    (there / "dashboards/1.json").symlink_to(elsewhere / "1.json")
    export_directory(vault, there)
    assert (elsewhere / "1.json").read_bytes() == item("1").payload
    assert (there / "dashboards/1.json").read_bytes() == item("1", "changed").payload


def test_what_the_file_system_refuses_is_one_line(vault: Vault, there: Path) -> None:
    capture(vault, item("1"))
    there.write_text("a file")
    with pytest.raises(ExportError, match="cannot be written"):
        export_directory(vault, there)
    there.unlink()
    (there / "dashboards/1.json").mkdir(parents=True)
    (there / "dashboards/1.json/kept").write_text("x")
    (there / "dashboards").rename(there / ".hidden")
    export_directory(vault, there)
    (there / "dashboards/1.json").unlink()
    os.rename(there / ".hidden/1.json", there / "dashboards/1.json")
    with pytest.raises(ExportError, match=r"dashboards/1\.json: it cannot be written"):
        export_directory(vault, there)


def test_only_one_export_writes_at_a_time(vault: Vault, there: Path) -> None:
    capture(vault, item("1"))

    def another(_name: str, _total: int) -> None:
        with pytest.raises(ExportError, match="another export"):
            export_directory(vault, there)

    assert export_directory(vault, there, watch=another).status == "complete"


def test_a_partial_snapshot_says_what_it_lacks(vault: Vault, there: Path) -> None:
    capture(vault, item("1"), missing=("7",), holes=(Hole("dashboards", "8", "Looker answered 500", 500),))
    report = export_directory(vault, there)
    assert report.status == "partial"
    assert [(one["id"], one["status"]) for one in report.holes] == [("8", 500)]
    assert read_manifest(there).types[0].missing == ("7",)
