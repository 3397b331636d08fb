"""An incremental run: what a listing proves unchanged is not read, and what nothing proves is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.extract.backup import Backup

Start = Callable[..., Backup]
Edit = Callable[[Backup, dict[str, Any]], object]

BEND = ("parts_leave_updated_at",)


def grown_old(backup: Backup) -> None:
    old = (datetime.now(UTC) - timedelta(days=8)).isoformat()
    with closing(sqlite3.connect(backup.path)) as db, db:
        db.execute("UPDATE extraction_sessions SET started_at = ?", (old,))


def was_incremental(backup: Backup) -> bool:
    with backup.vault() as vault:
        asked: Any = vault.sessions()[0].options["extract"]
    return asked["incremental"]


def test_an_incremental_run_reads_only_the_looks_that_changed(backup: Start) -> None:
    one = backup(scale="small")
    one.run()
    one.change("update", "looks", "7", title="Another title")
    one.change("delete", "looks", "9")
    created = one.change("create", "looks", title="Brand new")
    one.looker.calls.reset()
    report = one.run("looks", incremental=True)
    assert report.status == "complete"
    counts = report.types["looks"]
    assert (counts["new"], counts["changed"], counts["deleted"]) == (1, 1, 1)
    assert one.asked("look") + one.asked("folder_looks") == 2
    assert counts["carried"] == counts["captured"] - 2
    assert created in one.ids("looks")
    assert one.payload("looks", "7") == one.ask("/looks/7")


def test_an_incremental_run_reads_whole_pages_of_dashboards_and_none_by_id(backup: Start) -> None:
    one = backup(scale="small", dashboards=300)
    one.run()
    one.change("update", "dashboards", "7", title="Another title")
    one.looker.calls.reset()
    report = one.run("dashboards", incremental=True)
    assert report.types["dashboards"]["changed"] == 1
    assert one.asked("dashboard") == 0
    assert one.asked("search_dashboards") <= 3 + 1, "three pages and an empty one behind them"


def test_an_incremental_run_into_an_empty_vault_is_a_full_one(backup: Start) -> None:
    one = backup()
    report = one.run(incremental=True)
    assert report.status == "complete"
    assert report.types["dashboards"]["new"] == one.counts()["dashboards"]


def test_a_report_says_how_many_were_taken_over_and_since_when_all_is_known(backup: Start) -> None:
    one = backup(scale="small")
    before = datetime.now(UTC)
    one.run()
    counts = one.run(incremental=True).types
    assert counts["looks"]["carried"] == counts["looks"]["captured"]
    assert counts["dashboards"]["carried"] == 0
    for name in ("looks", "dashboards"):
        assert datetime.fromisoformat(counts[name]["oldest_read_at"]) > before


def test_parts_that_a_narrower_run_takes_over_unread_say_how_old_they_are(backup: Start) -> None:
    one = backup(scale="small")
    first = one.run()
    with one.vault() as vault:
        began = vault.snapshot(first.snapshot_id).started_at
    counts = one.run("folders").types["content_metadata"]
    assert counts["carried"] > 0, "those of boards"
    assert datetime.fromisoformat(counts["oldest_read_at"]) == began


# What does not move updated_at ----------------------------------------------------------------------------------------


def tile(dashboard: dict[str, Any], **having: str) -> dict[str, Any]:
    return next(one for one in dashboard["dashboard_elements"] if all(one[name] for name in having))


def _retitled(one: Backup, dashboard: dict[str, Any]) -> object:
    return one.write("PATCH", f"/dashboard_elements/{dashboard['dashboard_elements'][0]['id']}", title="Other")


def _other_query(one: Backup, dashboard: dict[str, Any]) -> object:
    queried = next(each for each in dashboard["dashboard_elements"] if each["query"])
    body = {name: queried["query"][name] for name in ("model", "view", "fields")}
    made = one.write("POST", "/queries", **body, limit="77")
    return one.write("PATCH", f"/dashboard_elements/{queried['id']}", query_id=made["id"])


def _added(one: Backup, dashboard: dict[str, Any]) -> object:
    return one.write("POST", "/dashboard_elements", dashboard_id=dashboard["id"], type="text", body_text="new")


def _removed(one: Backup, dashboard: dict[str, Any]) -> object:
    return one.write("DELETE", f"/dashboard_elements/{dashboard['dashboard_elements'][0]['id']}")


def _filter_added(one: Backup, dashboard: dict[str, Any]) -> object:
    body = {"name": "New", "title": "New", "type": "string_filter"}
    return one.write("POST", "/dashboard_filters", dashboard_id=dashboard["id"], **body)


def _filter_changed(one: Backup, dashboard: dict[str, Any]) -> object:
    return one.write("PATCH", f"/dashboard_filters/{dashboard['dashboard_filters'][0]['id']}", default_value="7")


def _filter_removed(one: Backup, dashboard: dict[str, Any]) -> object:
    return one.write("DELETE", f"/dashboard_filters/{dashboard['dashboard_filters'][0]['id']}")


def _tab_added(one: Backup, dashboard: dict[str, Any]) -> object:
    body = {"dashboard_id": dashboard["id"], "type": "newspaper", "label": "New"}
    return one.write("POST", "/dashboard_layouts", **body)


def _tab_relabelled(one: Backup, dashboard: dict[str, Any]) -> object:
    return one.write("PATCH", f"/dashboard_layouts/{dashboard['dashboard_layouts'][0]['id']}", label="Other")


def _moved(one: Backup, dashboard: dict[str, Any]) -> object:
    component = dashboard["dashboard_layouts"][0]["dashboard_layout_components"][0]
    return one.write("PATCH", f"/dashboard_layout_components/{component['id']}", row=77)


def _tab_removed(one: Backup, dashboard: dict[str, Any]) -> object:
    world = one.looker.world
    spare = next(row["id"] for row in world.parts("dashboard_layouts", dashboard["id"]) if not row["active"])
    return one.write("DELETE", f"/dashboard_layouts/{spare}")


def _listening(one: Backup, dashboard: dict[str, Any]) -> object:
    makers = (
        (each["id"], (each["result_maker"] or {}).get("filterables", [])) for each in dashboard["dashboard_elements"]
    )
    tile_id, heard = next((tile_id, one) for tile_id, one in makers if any(each["listen"] for each in one))
    deaf = [each | {"listen": []} for each in heard]
    return one.write("PATCH", f"/dashboard_elements/{tile_id}", result_maker={"filterables": deaf})


def _other_merge(one: Backup, dashboard: dict[str, Any]) -> object:
    merged = next(each for each in dashboard["dashboard_elements"] if each["merge_result_id"])
    others = (row["id"] for row in one.looker.world["merge_queries"] if row["id"] != merged["merge_result_id"])
    return one.write("PATCH", f"/dashboard_elements/{merged['id']}", merge_result_id=next(others))


def _certified(one: Backup, dashboard: dict[str, Any]) -> object:
    path = f"/dashboards/{dashboard['id']}/certification"
    return one.write("PATCH", path, certification_status="certified", notes="checked")


EDITS: tuple[Edit, ...] = (
    _retitled, _other_query, _added, _removed, _filter_added, _filter_changed, _filter_removed, _tab_added,
    _tab_relabelled, _tab_removed, _moved, _certified, _listening, _other_merge,
)  # fmt: skip


# What a dashboard must have to be edited so.
SUITS: dict[Edit, Callable[[dict[str, Any]], bool]] = {
    _tab_removed: lambda row: len(row["dashboard_layouts"]) > 1,
    _other_merge: lambda row: any(each["merge_result_id"] for each in row["dashboard_elements"]),
    _listening: lambda row: any(
        each["listen"]
        for one in row["dashboard_elements"]
        for each in (one["result_maker"] or {}).get("filterables", [])
    ),
}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.strip("_"))
def test_an_edit_of_a_part_that_leaves_the_timestamp_is_seen_by_the_next_incremental_run(
    backup: Start, edit: Edit
) -> None:
    one = backup(scale="small", bends=BEND)
    one.run("dashboards")
    rows = [json.loads(row) for row in one.rows("/dashboards/search?deleted=false&sorts=id&limit=5000").values()]
    edited = [
        row for row in rows if row["dashboard_filters"] and any(each["query"] for each in row["dashboard_elements"])
    ]
    chosen = next(row for row in edited if SUITS.get(edit, lambda _: True)(row))
    edit(one, chosen)
    now = json.loads(one.ask(f"/dashboards/{chosen['id']}"))
    assert now["updated_at"] == chosen["updated_at"], "the edit shows by the timestamp"
    report = one.run("dashboards", incremental=True)
    assert report.status == "complete"
    assert report.types["dashboards"]["changed"] == 1
    assert one.payload("dashboards", chosen["id"]) == one.ask(f"/dashboards/{chosen['id']}")


@pytest.mark.parametrize(
    "values",
    [
        {"title": "Other"},
        {"description": "Other"},
        {"public": True},
        {"certification_metadata": {"certification_status": "certified"}},
        {"is_run_on_load": False},
        {"user_id": "3"},
        {"folder_id": "1"},
        {"query_id": "other"},
        {"deleted_at": "2026-11-01T00:00:00.000+00:00"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_change_of_any_field_of_a_look_that_leaves_the_timestamp_is_seen(
    backup: Start, values: dict[str, Any]
) -> None:
    one = backup(scale="small", bends=BEND)
    one.run("looks")
    before = json.loads(one.ask("/looks/7"))
    if "query_id" in values:
        body = {name: before["query"][name] for name in ("model", "view", "fields")}
        values = {"query_id": one.write("POST", "/queries", **body, limit="77")["id"]}
    if "public" in values or "is_run_on_load" in values:
        values = {name: not before[name] for name in values}
    one.looker.world["looks"].change("7", **values)
    assert json.loads(one.ask("/looks/7"))["updated_at"] == before["updated_at"]
    report = one.run("looks", incremental=True)
    assert report.status == "complete"
    assert report.types["looks"]["changed"] == 1
    assert one.payload("looks", "7") == one.ask("/looks/7")


def test_a_look_whose_listing_leaves_fields_out_is_read_again(backup: Start) -> None:
    """What a server does not list it does not prove, whatever the release."""
    one = backup(scale="small", bends=("search_looks_is_thin",))
    one.run()
    one.looker.calls.reset()
    counts = one.run("looks", incremental=True).types["looks"]
    assert counts["carried"] == 0
    assert one.asked("folder_looks") > 0


def test_a_look_shown_in_a_dashboard_is_as_new_there_as_by_itself(backup: Start) -> None:
    one = backup(scale="small")
    one.run()
    shown = next(row for row in one.looker.world["dashboard_elements"] if row["look_id"])
    one.change("update", "looks", shown["look_id"], title="Renamed")
    one.run(incremental=True)
    payload = json.loads(one.payload("dashboards", shown["dashboard_id"]))
    titles = {t["look"]["title"] for t in payload["dashboard_elements"] if t["look_id"] == shown["look_id"]}
    assert titles == {"Renamed"}


# When everything is read ----------------------------------------------------------------------------------------------


def test_an_incremental_run_falls_back_to_a_full_one_when_the_last_is_old(backup: Start) -> None:
    one = backup(scale="small")
    one.run()
    one.run(incremental=True)
    assert was_incremental(one)
    grown_old(one)
    one.run(incremental=True)
    assert not was_incremental(one)


def test_a_full_pass_counts_only_for_what_it_read(backup: Start) -> None:
    """A pass over one folder, or of another type, says nothing of the rest."""
    one = backup(scale="small")
    one.run()
    folder = next(row["folder_id"] for row in one.looker.world["looks"] if not row["deleted"])
    grown_old(one)
    one.run(folders=(folder,))
    one.run("dashboards")
    one.run("looks", incremental=True)
    assert not was_incremental(one)


def test_a_full_pass_of_one_type_lets_the_next_one_of_it_be_incremental(backup: Start) -> None:
    one = backup(scale="small")
    one.run("looks")
    one.looker.calls.reset()
    one.run("looks", incremental=True)
    assert one.asked("search_looks") <= 6, "proven once, listed twice"
    assert one.asked("folder_looks") == 0
