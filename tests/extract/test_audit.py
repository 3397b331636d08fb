"""What no listing proves unchanged is read in turn, or at once where something shows that it changed; its age is told."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lookervault_core.catalog import CATALOG
from lookervault_core.exchange import export_directory, import_directory
from lookervault_core.extract.report import ExtractReport
from tests.extract.backup import Backup

Start = Callable[..., Backup]
Change = Callable[[Backup], object]
# This release has no pictures, and nothing of what came after it.
AUDITED = tuple(row.name for row in CATALOG.values() if row.audited and not row.list.media and row.since <= "26.12")
UNPROVEN = tuple(name for name in AUDITED if not CATALOG[name].shown)
CALLS = tuple({CATALOG[name].list.operation for name in AUDITED} | {"content_metadata"})


@pytest.fixture
def one(backup: Start) -> Backup:
    made = backup(scale="small")
    made.run()
    made.looker.calls.reset()
    return made


def nightly(one: Backup, days: int = 7) -> ExtractReport:
    return one.run(incremental=True, audit_days=days)


def asked(one: Backup) -> dict[str, int]:
    return {name: one.asked(name) for name in CALLS if one.asked(name)}


def contents(one: Backup, snapshot_id: int) -> dict[tuple[str, str], Any]:
    with one.vault() as vault:
        return {
            (name, item.id): sorted(map(str, json.loads(item.payload)))
            for name in AUDITED
            for item in vault.iter_payloads(name, snapshot_id)
        }


def grow_old(one: Backup, days: int) -> None:
    """Let everything in the vault have happened *days* earlier."""
    with closing(sqlite3.connect(one.path)) as db, db:
        db.create_function("earlier", 1, lambda text: (datetime.fromisoformat(text) - timedelta(days=days)).isoformat())
        db.execute("UPDATE snapshots SET started_at = earlier(started_at)")
        db.execute("UPDATE extraction_sessions SET started_at = earlier(started_at)")
        db.execute("UPDATE read_times SET at = earlier(at)")


def test_where_nothing_changed_nothing_of_it_is_asked_for(one: Backup) -> None:
    report = nightly(one)
    assert (report.status, asked(one)) == ("complete", {})
    assert contents(one, 2) == contents(one, 1)
    assert all(report.types[name]["carried"] == report.types[name]["captured"] > 0 for name in AUDITED)


def test_it_is_of_the_time_at_which_it_was_read_however_often_it_is_taken_over(one: Backup) -> None:
    with one.vault() as vault:
        began = vault.snapshot(1).started_at
    nightly(one)
    report = nightly(one)
    assert {datetime.fromisoformat(report.types[name]["oldest_read_at"]) for name in UNPROVEN} == {began}


def test_after_so_many_days_it_is_read_again(one: Backup) -> None:
    nightly(one)
    grow_old(one, 3)
    report = one.run(incremental=True, audit_days=3, full_every_days=30)
    assert report.status == "complete"
    assert [report.types[name]["carried"] for name in UNPROVEN] == [0] * len(UNPROVEN)


def test_none_is_taken_over_where_everything_is_asked_for(one: Backup) -> None:
    report = nightly(one, days=0)
    assert [report.types[name]["carried"] for name in UNPROVEN] == [0] * len(UNPROVEN)


def test_nothing_of_an_import_is_taken_over(one: Backup, tmp_path: Path) -> None:
    with one.vault() as vault:
        export_directory(vault, tmp_path / "files")
    again = Backup(one.looker, tmp_path / "other.db")
    import_directory(tmp_path / "files", again.path)
    report = again.run(incremental=True, audit_days=7, full_every_days=0)
    assert report.status == "complete"
    assert all(report.types[name]["carried"] == 0 for name in UNPROVEN)


def _group(one: Backup) -> str:
    return max(one.ids("groups"), key=int)


def _folder(one: Backup) -> str:
    return max((id for id in one.ids("folders") if id.isdigit()), key=int)


def _a_user(one: Backup) -> str:
    return max(one.ids("users"), key=int)


CHANGES: dict[str, Change] = {
    "a user joins a group": lambda one: one.write("POST", f"/groups/{_group(one)}/users", user_id=_a_user(one)),
    "a group is made": lambda one: one.write("POST", "/groups", name="Brand new"),
    "a group is deleted": lambda one: one.write("DELETE", f"/groups/{_group(one)}"),
    "a user is made": lambda one: one.write("POST", "/users", first_name="New", last_name="Person"),
    "a user is deleted": lambda one: one.write("DELETE", f"/users/{_a_user(one)}"),
    "a user attribute is made": lambda one: one.write(
        "POST", "/user_attributes", name="brand_new", label="Brand new", type="string", default_value="x"
    ),
    "a role is made": lambda one: one.write(
        "POST", "/roles", name="Brand new", permission_set_id=min(one.ids("permission_sets"), key=int),
        model_set_id=min(one.ids("model_sets"), key=int),
    ),
    "a folder is made": lambda one: one.write("POST", "/folders", name="Brand new", parent_id="1"),
    "a folder is deleted": lambda one: one.write("DELETE", f"/folders/{_folder(one)}"),
    "a dashboard is made": lambda one: one.write("POST", "/dashboards", title="Brand new", folder_id="1"),
    "a dashboard is renamed": lambda one: one.write("PATCH", "/dashboards/1", title="Another name"),
    "a dashboard is moved": lambda one: one.write("PATCH", "/dashboards/1", folder_id="1"),
    "a dashboard is deleted": lambda one: one.write("DELETE", "/dashboards/1"),
    "a board is made": lambda one: one.write("POST", "/boards", title="Brand new"),
    "a model is deleted": lambda one: one.write("DELETE", f"/lookml_models/{max(one.ids('lookml_models'))}"),
}  # fmt: skip


def test_a_list_that_names_what_is_gone_is_read_at_once(one: Backup) -> None:
    """No role shows the groups that have it, so nothing else tells."""
    lists = {id: json.loads(one.payload("role_groups", id)) for id in one.ids("role_groups")}
    role, group = next((id, rows[0]["id"]) for id, rows in lists.items() if rows)
    one.write("DELETE", f"/groups/{group}")
    nightly(one)
    assert group not in {row["id"] for row in json.loads(one.payload("role_groups", role))}


@pytest.mark.parametrize("what", CHANGES)
def test_what_hangs_on_a_change_is_read_at_once(one: Backup, what: str) -> None:
    CHANGES[what](one)
    one.looker.calls.reset()
    report = nightly(one)
    calls = sum(asked(one).values())
    assert report.status == "complete", report.holes
    full = one.run()
    assert contents(one, report.snapshot_id) == contents(one, full.snapshot_id)
    assert calls * 4 < sum(asked(one).values()), "nearly nothing is read for it"
