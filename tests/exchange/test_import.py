"""An import is the exported snapshot again: as whole as it was, and no more than that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lookervault_core.errors import ExportChanged, ExportError, NotFound, UsageError, VaultLocked, WrongInstance
from lookervault_core.exchange import export_directory, import_directory
from lookervault_core.extract.session import check_resumable
from lookervault_core.model import ContentKey, Hole
from lookervault_core.vault import Vault
from lookervault_core.verify import verify
from tests.exchange.conftest import URL, capture, item

ONE, TWO = ContentKey("dashboards", "1"), ContentKey("dashboards", "2")
Make = Callable[[str], Vault]


@pytest.fixture
def exported(vault: Vault, there: Path) -> Path:
    """An export of dashboards 1 and 2 and look 1, and of no board, as there is none."""
    capture(vault, item("1"), item("2"), item("1", content_type="looks"), types=("dashboards", "looks", "boards"))
    export_directory(vault, there)
    return there


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new.db"


def edit(file: Path, **values: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


# The same again -------------------------------------------------------------------------------------------------------


def test_a_new_vault_has_the_snapshot_as_it_was(vault: Vault, exported: Path, new: Path) -> None:
    done = import_directory(exported, new).done
    assert (done.status, done.items) == ("complete", 3)
    with Vault.open(new, read_only=True) as copy:
        assert copy.instance_url == URL
        for name in ("dashboards", "looks", "boards"):
            here, before = copy.items(name), vault.items(name)
            facts = [(o.id, o.name, o.sha256, o.updated_at, o.captured_at) for o in here]
            assert facts == [(o.id, o.name, o.sha256, o.updated_at, o.captured_at) for o in before]
            assert [o.payload for o in copy.iter_payloads(name)] == [o.payload for o in vault.iter_payloads(name)]
        one = copy.snapshot(done.snapshot_id)
        assert (one.started_at, one.release) == (vault.snapshot(1).started_at, "26.20")
        assert verify(copy, one).whole
        assert copy.counts(one.snapshot_id).keys() == {"dashboards", "looks", "boards"}


def test_an_export_of_the_import_is_the_same_files(exported: Path, new: Path, tmp_path: Path) -> None:
    import_directory(exported, new)
    with Vault.open(new, read_only=True) as copy:
        report = export_directory(copy, exported)
    assert (report.written, report.removed, report.status) == (0, 0, "complete")


def test_what_is_unchanged_costs_no_blob_and_no_version(vault: Vault, exported: Path) -> None:
    before = vault.stats()
    done = import_directory(exported, vault.path).done
    assert {name: one["unchanged"] for name, one in done.types.items()} == {"dashboards": 2, "looks": 1, "boards": 0}
    after = vault.stats()
    assert (after.blobs, [t.versions for t in after.types]) == (before.blobs, [t.versions for t in before.types])
    assert vault.diff(1, done.snapshot_id) == []


@pytest.mark.parametrize(
    "gap",
    [
        {"missing": ("7",)},
        {"holes": (Hole("dashboards", "8", "500", 500),)},
        {"holes": (Hole("dashboards", None, "403", 403),)},
        {"holes": (Hole("looks", None, "403", 403),)},
    ],
    ids=["an id that was listed", "a hole", "a type", "a type beside the scope"],
)
def test_a_partial_snapshot_stays_partial_for_the_same_reason(vault: Vault, there: Path, new: Path, gap: dict) -> None:
    source = capture(vault, item("1"), **gap)
    assert source.status == export_directory(vault, there).status == "partial"
    done = import_directory(there, new).done
    assert done.status == "partial"
    with Vault.open(new, read_only=True) as copy:
        assert copy.missing(done.snapshot_id, "dashboards") == vault.missing(1, "dashboards")
        assert [o.hole for o in copy.holes(done.snapshot_id)] == [o.hole for o in vault.holes(1)]


def test_the_whole_types_of_a_partial_or_failed_snapshot_do_not_become_complete(
    vault: Vault, there: Path, new: Path
) -> None:
    capture(vault, item("1"), item("1", content_type="looks"), missing=("2",))
    failed = vault.begin_session(["looks"])
    vault.set_census(failed.snapshot_id, "looks", [])
    vault.fail_snapshot(failed.session_id)
    for snapshot_id in (1, failed.snapshot_id):
        export_directory(vault, there, ["looks"], snapshot_id)
        assert import_directory(there, new).done.status == "partial"


def test_what_was_never_listed_stays_unproven(vault: Vault, there: Path, new: Path) -> None:
    session = vault.begin_session(["dashboards"])
    vault.close_snapshot(session.session_id)
    export_directory(vault, there)
    assert import_directory(there, new).done.status == "partial"


def test_a_snapshot_of_some_folders_never_speaks_for_the_type(vault: Vault, there: Path, new: Path) -> None:
    narrow = capture(vault, item("1"), folders=("5",))
    export_directory(vault, there, snapshot_id=narrow.snapshot_id)
    done = import_directory(there, new).done
    with Vault.open(new, read_only=True) as copy:
        assert copy.snapshot(done.snapshot_id).folders == ("5",)
        assert copy.visible_snapshot("dashboards") is None
        assert copy.payload(ONE, done.snapshot_id) == item("1").payload


# What was changed -----------------------------------------------------------------------------------------------------


def test_every_file_that_differs_is_named_and_nothing_is_imported(exported: Path, new: Path) -> None:
    edit(exported / "dashboards/1.json", title="Wrecked")
    (exported / "dashboards/2.json").unlink()
    (exported / "looks/77.json").write_text('{"id":"77"}')
    (exported / "README.md").write_text("no concern of ours")
    with pytest.raises(ExportChanged) as refused:
        import_directory(exported, new)
    assert dict(refused.value.problems) == {
        "dashboards/1.json": "the file was edited",
        "dashboards/2.json": "the file is missing",
        "looks/77.json": "the file is not of the export",
    }
    assert "--accept-edits" in str(refused.value)
    assert not new.exists()


def test_a_flipped_byte_of_the_same_size_is_seen(exported: Path, new: Path) -> None:
    file = exported / "dashboards/1.json"
    file.write_bytes(file.read_bytes().replace(b"Sales", b"Salez"))
    with pytest.raises(ExportChanged):
        import_directory(exported, new)


def test_accepted_edits_are_in_the_snapshot_and_a_missing_file_is_a_hole(exported: Path, new: Path) -> None:
    edit(exported / "dashboards/1.json", title="By hand")
    (exported / "dashboards/2.json").unlink()
    (exported / "looks/77.json").write_text('{"id":"77","title":"Added","query":{}}')
    report = import_directory(exported, new, accept_edits=True)
    assert (report.edited, report.added, report.missing) == (
        ("dashboards/1.json",),
        ("looks/77.json",),
        ("dashboards/2.json",),
    )
    assert report.done.status == "partial"
    assert [one["id"] for one in report.done.holes] == ["2"]
    with Vault.open(new, read_only=True) as copy:
        assert copy.payload(ONE) == (exported / "dashboards/1.json").read_bytes()
        assert (copy.item(ONE).name, copy.item(ONE).updated_at) == ("By hand", None)
        assert [one.name for one in copy.items("looks")] == ["Sales", "Added"]


def test_an_accepted_edit_alone_leaves_it_complete(exported: Path, new: Path) -> None:
    edit(exported / "dashboards/1.json", title="By hand")
    assert import_directory(exported, new, accept_edits=True).done.status == "complete"


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("dashboards/1.json", b"{not json", "JSON"),
        ("dashboards/1.json", b'{"id":"1","title":"\xe9"}', "JSON"),
        ("dashboards/1.json", b'{"id":"5"}', "belongs into dashboards/5.json"),
        ("dashboards/Five.json", b'{"id":"Five"}', "its name is not one"),
        ("package.json", b"{}", "its name is not one"),
    ],
    ids=["no JSON", "no UTF-8", "another id", "a name of its own", "no type"],
)
def test_an_edit_that_cannot_be_used_is_refused_all_the_same(
    exported: Path, new: Path, file: str, text: bytes, words: str
) -> None:
    (exported / file).write_bytes(text)
    with pytest.raises(ExportChanged) as refused:
        import_directory(exported, new, accept_edits=True)
    ((named, detail),) = refused.value.problems
    assert named == file
    assert words in detail


def test_a_link_is_no_file_of_an_export(exported: Path, new: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text('{"id":"77"}')
    (exported / "looks/77.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(ExportChanged):
        import_directory(exported, new, accept_edits=True)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('"file":"dashboards/1.json"', '"file":"../../etc/passwd"', "belongs into"),
        ('"file":"dashboards/1.json"', '"file":"dashboards/2.json"', "belongs into"),
        ('{"content_type":"dashboards","id":"2"', '{"content_type":"dashboards","id":"1"', "twice"),
        ('"content_type":"looks","snapshot_id"', '"content_type":"../x","snapshot_id"', "no content type"),
        ('"snapshot_id":1,"items":2', '"snapshot_id":1,"items":3', "it says 3 dashboards and names 2"),
        ('"format": 1', '"format": 99', "upgrade"),
        ('"types"', '<<<<<<< HEAD', "not the manifest"),
        ('"instance_url"', '"other"', "not the manifest"),
    ],
)  # fmt: skip
def test_a_manifest_that_no_export_wrote_is_refused_in_one_line(
    exported: Path, new: Path, before: str, after: str, words: str
) -> None:
    manifest = exported / "manifest.json"
    assert before in manifest.read_text()
    manifest.write_text(manifest.read_text().replace(before, after))
    with pytest.raises(ExportError) as refused:
        import_directory(exported, new)
    assert words in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert not new.exists()


def test_a_directory_without_a_manifest_is_no_export(tmp_path: Path, new: Path) -> None:
    for where in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NotFound):
            import_directory(where, new)


# Into a vault that is in use ------------------------------------------------------------------------------------------


def test_the_vault_of_another_instance_is_refused(vault: Vault, exported: Path, new: Path, there: Path) -> None:
    with Vault.create_or_open(new) as other:
        other.claim_instance("https://other.looker.com")
        with pytest.raises(WrongInstance, match=r"other\.looker\.com"):
            import_directory(exported, new)
        assert other.snapshots() == []


def test_it_waits_for_no_other_run(vault: Vault, exported: Path) -> None:
    with vault.run_lock(), pytest.raises(VaultLocked):
        import_directory(exported, vault.path)


def test_what_went_away_is_recorded_as_deleted(vault: Vault, there: Path, make_vault: Make) -> None:
    copy = make_vault("copy.db")
    capture(copy, item("1"), item("2"))
    capture(vault, item("1"))
    export_directory(vault, there)
    assert import_directory(there, copy.path).done.types["dashboards"]["deleted"] == 1


def test_a_newer_export_is_what_is_shown_then(vault: Vault, there: Path, make_vault: Make) -> None:
    copy = make_vault("copy.db")
    capture(copy, item("1"))
    capture(vault, item("1", "Later"))
    export_directory(vault, there)
    report = import_directory(there, copy.path)
    assert report.older_than is None
    assert copy.item(ONE).name == "Later"


def test_an_older_export_stands_beside_what_the_vault_has(vault: Vault, there: Path, make_vault: Make) -> None:
    """Its versions are no news: neither for what is shown, nor for what the next extraction compares with."""
    copy = make_vault("copy.db")
    capture(vault, item("1", "Before"), item("2"), item("3"))
    export_directory(vault, there)
    now = capture(copy, item("1", "Now"), item("2", views=5))
    report = import_directory(there, copy.path)
    assert (report.older_than, report.done.status) == (now.snapshot_id, "complete")
    beside = report.done.snapshot_id
    assert copy.visible_snapshot("dashboards") == now
    assert copy.payload(ONE, beside) == item("1", "Before").payload
    assert copy.item(ONE, beside).updated_at is not None
    assert copy.item(ONE).name == "Now"
    blobs = copy.stats().blobs
    again = capture(copy, item("1", "Now", views=7), item("2", views=8))
    assert (copy.counts(again.snapshot_id)["dashboards"].unchanged, copy.stats().blobs) == (2, blobs)
    assert [one.name for one in copy.history(ONE)] == ["Now", "Before"]
    assert copy.check_structure() == []


def test_the_export_of_an_older_snapshot_of_the_same_vault_costs_nothing(vault: Vault, there: Path) -> None:
    old = capture(vault, item("1", "Before"))
    export_directory(vault, there)
    new = capture(vault, item("1", "Now"))
    before = vault.stats()
    done = import_directory(there, vault.path).done
    after = vault.stats()
    assert (after.blobs, after.types[0].versions) == (before.blobs, before.types[0].versions)
    assert vault.diff(old.snapshot_id, done.snapshot_id) == []
    assert vault.visible_snapshot("dashboards") == new


def test_an_extraction_never_goes_on_with_an_import(vault: Vault, there: Path, make_vault: Make) -> None:
    capture(vault, item("1"), missing=("2",))
    export_directory(vault, there)
    copy = make_vault("copy.db")
    done = import_directory(there, copy.path).done
    assert done.status == "partial"
    for go_on in (lambda: check_resumable(copy, None), copy.resume_session):
        with pytest.raises(NotFound):
            go_on()
    with pytest.raises(UsageError, match="lookervault import"):
        copy.resume_session(done.session_id)


def test_an_import_that_fails_half_way_leaves_nothing(exported: Path, new: Path) -> None:
    def edit_meanwhile(name: str, _total: int) -> None:
        if name == "looks":
            edit(exported / "dashboards/1.json", title="Meanwhile")

    with pytest.raises(ExportChanged, match="while"):
        import_directory(exported, new, watch=edit_meanwhile)
    with Vault.open(new, read_only=True) as copy:
        assert copy.snapshots() == []


def test_what_a_killed_import_left_is_cleared_by_the_next(exported: Path, new: Path) -> None:
    with Vault.create_or_open(new) as copy:
        copy.begin_session(["dashboards"], options={"import": {}})
    done = import_directory(exported, new).done
    with Vault.open(new, read_only=True) as copy:
        assert [(one.snapshot_id, one.status) for one in copy.snapshots()] == [(done.snapshot_id, "complete")]


def test_readers_see_the_import_only_when_it_is_closed(vault: Vault, exported: Path) -> None:
    seen: list[int] = []

    def look(_name: str, _total: int) -> None:
        shown = vault.visible_snapshot("dashboards")
        seen.append(shown.snapshot_id if shown else 0)

    import_directory(exported, vault.path, watch=look)
    assert set(seen) == {1}
