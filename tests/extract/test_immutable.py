"""What nothing can change under its id is read once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from lookervault_core.catalog import CATALOG
from lookervault_core.exchange import export_directory, import_directory
from tests.extract.backup import Backup

Start = Callable[..., Backup]
IMMUTABLE = ("merge_queries", "queries")


@pytest.fixture
def one(backup: Start) -> Backup:
    made = backup(scale="small")
    made.run()
    assert all(made.ids(name) for name in IMMUTABLE), "the instance must have merge queries"
    made.looker.calls.reset()
    return made


def asked(one: Backup) -> int:
    return one.asked("merge_query") + one.asked("query")


def test_a_second_full_run_reads_no_query_again(one: Backup) -> None:
    before = {(name, id): one.payload(name, id) for name in IMMUTABLE for id in one.ids(name)}
    report = one.run()
    assert (report.status, asked(one)) == ("complete", 0)
    assert {(name, id): one.payload(name, id) for name in IMMUTABLE for id in one.ids(name)} == before
    assert all(report.types[name]["carried"] == report.types[name]["listed"] > 0 for name in IMMUTABLE)


def test_a_new_merge_query_is_read_with_its_sources(one: Backup) -> None:
    known = json.loads(one.payload("merge_queries", min(one.ids("merge_queries"))))
    body = {"source_queries": known["source_queries"], "column_limit": "7"}
    made = one.write("POST", "/merge_queries", **body)["id"]
    one.write("POST", "/dashboard_elements", dashboard_id="1", type="vis", title="New", merge_result_id=made)
    assert one.run().status == "complete"
    assert made in one.ids("merge_queries")
    assert one.asked("merge_query") == 1


def test_a_damaged_copy_is_read_again(one: Backup) -> None:
    id = min(one.ids("merge_queries"))
    payload = one.payload("merge_queries", id)
    with closing(sqlite3.connect(one.path)) as db, db:
        db.execute(
            """UPDATE blobs SET data = x'00' WHERE blob_id IN (SELECT v.blob_id FROM content_versions v
            JOIN content_items i USING (item_id) WHERE i.content_type = 'merge_queries' AND i.id = ?)""",
            (id,),
        )
    assert one.run().status == "complete"
    assert one.asked("merge_query") == 1
    assert one.payload("merge_queries", id) == payload


def test_what_an_export_brought_is_read_again(one: Backup, tmp_path: Path) -> None:
    """Somebody may have edited it."""
    with one.vault() as vault:
        export_directory(vault, tmp_path / "files")
    again = Backup(one.looker, tmp_path / "other.db")
    import_directory(tmp_path / "files", again.path)
    assert again.run().status == "complete"
    assert one.asked("merge_query") == len(one.ids("merge_queries"))


def test_nothing_that_looker_can_change_is_called_immutable() -> None:
    """Its API has no call that writes one that is there."""
    changing = {row.name for row in CATALOG.values() if row.writes and row.writes.update}
    assert {row.name for row in CATALOG.values() if row.immutable} == set(IMMUTABLE)
    assert not changing & set(IMMUTABLE)
