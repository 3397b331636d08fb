"""A backup holds everything, byte for byte, and says so only when it does."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from looker_simulator import Simulator
from lookervault_core.catalog import CATALOG
from tests.extract.backup import DASHBOARD, Backup

Start = Callable[..., Backup]

# How many of each type there must be, counted from the tables behind the API.
SAME_NAME = (
    *("users", "groups", "permission_sets", "model_sets", "roles", "user_attributes", "folders", "lookml_models"),
    *("explores", "looks", "dashboards", "alerts", "boards", "scheduled_plans", "themes", "color_collections"),
    *("connections", "integration_hubs", "lookml_dashboards", "content_favorites"),
)


def expected(backup: Backup) -> dict[str, int]:
    counts = backup.counts()
    found = {name: counts[name] for name in SAME_NAME}
    found |= {"trashed_dashboards": counts["dashboards_deleted"], "trashed_looks": counts["looks_deleted"]}
    found |= {"user_attribute_values": counts["users"], "group_users": counts["groups"]}
    found |= {"role_groups": counts["roles"], "role_users": counts["roles"]}
    found |= {"user_attribute_group_values": counts["user_attributes"]}
    return found


@pytest.mark.parametrize("scale", ["tiny", "small"])
def test_a_complete_snapshot_holds_as_many_of_each_type_as_the_instance(backup: Start, scale: str) -> None:
    one = backup(scale=scale)
    report = one.run()
    assert report.status == "complete"
    assert not report.holes
    captured = {name: counts["captured"] for name, counts in report.types.items()}
    wanted = expected(one)
    assert {name: captured[name] for name in wanted} == wanted
    assert captured.keys() == CATALOG.keys()
    assert all(counts["captured"] == counts["listed"] for counts in report.types.values())


def test_the_folders_and_boards_have_their_access_with_them(backup: Start) -> None:
    one = backup(scale="small")
    one.run("folders", "boards")
    wanted = {str(json.loads(row)["content_metadata_id"]) for row in one.rows("/folders").values()}
    assert one.ids("content_metadata") >= wanted
    for metadata_id in sorted(one.ids("content_metadata_accesses"))[:5]:
        sent = json.loads(one.ask(f"/content_metadata_access?content_metadata_id={metadata_id}"))
        kept = json.loads(one.payload("content_metadata_accesses", metadata_id))
        assert sorted(row["id"] for row in kept) == sorted(row["id"] for row in sent)


def test_merge_queries_of_tiles_and_the_queries_they_need_are_kept(backup: Start) -> None:
    one = backup(scale="small")
    one.run("dashboards")
    tiles = [tile for row in one.rows(DASHBOARD).values() for tile in json.loads(row)["dashboard_elements"]]
    merged = {str(tile["merge_result_id"]) for tile in tiles if tile.get("merge_result_id")}
    assert merged
    assert one.ids("merge_queries") == merged
    needed = {
        str(source["query_id"])
        for merge_id in merged
        for source in json.loads(one.ask(f"/merge_queries/{merge_id}"))["source_queries"]
    }
    assert one.ids("queries") >= needed


def test_every_dashboard_is_kept_byte_for_byte(backup: Start) -> None:
    one = backup(scale="small")
    one.run("dashboards")
    sent = one.rows(DASHBOARD)
    assert one.ids("dashboards") == sent.keys()
    for id, payload in sent.items():
        assert one.payload("dashboards", id) == payload


def test_the_nasty_payloads_are_among_those_compared(backup: Start) -> None:
    text = b"".join(backup(scale="small").rows(DASHBOARD).values()).decode()
    assert "x_unknown_to_the_spec" in text
    assert "1.10" in text
    assert any(ord(letter) > 0xFFFF for letter in text), "no emoji"
    assert any(len(word) > 19 and word.isdigit() for word in text.replace(",", " ").replace(":", " ").split())


@pytest.mark.parametrize(
    ("content_type", "path"),
    [
        ("users", "/users?sorts=id&limit=5000"),
        ("folders", "/folders"),
        ("roles", "/roles"),
        ("boards", "/boards"),
        ("alerts", "/alerts/search?all_owners=true"),
        ("scheduled_plans", "/scheduled_plans?all_users=true"),
        ("themes", "/themes"),
    ],
)
def test_each_listing_is_kept_byte_for_byte(backup: Start, content_type: str, path: str) -> None:
    one = backup()
    one.run(content_type)
    sent = one.rows(path)
    assert sent
    assert {id: one.payload(content_type, id) for id in one.ids(content_type)} == sent


def test_looks_are_kept_with_the_query_that_they_show(backup: Start) -> None:
    one = backup(scale="small")
    one.run("looks")
    for id in one.ids("looks"):
        kept = json.loads(one.payload("looks", id))
        assert kept["query"], f"look {id} came thin and was kept so"
        assert str(kept["query"]["id"]) == str(kept["query_id"])


def test_what_comes_thin_is_read_by_id_and_never_kept_as_whole(backup: Start) -> None:
    one = backup()
    one.run("trash")
    for id in one.ids("trashed_looks"):
        assert json.loads(one.payload("trashed_looks", id))["query"]
    assert one.payload("trashed_looks", next(iter(one.ids("trashed_looks")))) == one.ask(
        f"/looks/{next(iter(one.ids('trashed_looks')))}"
    )


def test_the_trash_is_kept_apart_from_what_is_live(backup: Start) -> None:
    one = backup()
    gone = one.change("trash", "dashboards")
    one.run("dashboards", "trash")
    assert gone in one.ids("trashed_dashboards")
    assert gone not in one.ids("dashboards")


def test_a_dashboard_given_without_its_tiles_is_read_by_id(backup: Start) -> None:
    """Servers of other releases send shells; here one is made by asking for few fields."""
    from lookervault_core.columns import columns
    from lookervault_core.errors import CodecError

    one = backup()
    shell = one.rows(DASHBOARD + "&fields=id,title,folder_id")
    assert all(columns(CATALOG["dashboards"], payload).thin for payload in shell.values())
    whole = one.rows(DASHBOARD)
    assert not any(columns(CATALOG["dashboards"], payload).thin for payload in whole.values())
    with pytest.raises(CodecError):
        columns(CATALOG["dashboards"], b'{"title": "no id"}')


def test_a_server_that_caps_pages_hides_nothing(backup: Start) -> None:
    one = backup(scale="small", page_cap=37)
    report = one.run()
    assert report.status == "complete"
    wanted = expected(one)
    assert {name: report.types[name]["captured"] for name in wanted} == wanted


def test_one_worker_captures_what_eight_do(looker: Callable[..., Simulator], backup: Start) -> None:
    simulator = looker()
    one = backup(simulator)
    alone = one.run(workers=1)
    many = one.run(workers=8)
    assert alone.status == many.status == "complete"
    assert {n: c["captured"] for n, c in alone.types.items()} == {n: c["captured"] for n, c in many.types.items()}
    assert simulator.calls.max_concurrent <= 8


def test_one_worker_has_one_request_under_way_at_a_time(backup: Start) -> None:
    one = backup()
    assert one.run(workers=1).status == "complete"
    assert one.looker.calls.max_concurrent == 1


def test_a_run_costs_as_many_requests_as_pages_and_a_constant(backup: Start) -> None:
    one = backup(dashboards=250)
    report = one.run("dashboards", page_size=25)
    assert report.calls_by_operation["search_dashboards"] <= 250 / 25 + 4 * 3
    assert report.requests == one.looker.calls.total - one.asked("login") - one.asked("logout")


def more_alerts(looker: Simulator, count: int) -> None:
    alerts = looker.world["alerts"]
    pattern = next(iter(alerts))
    while len(alerts) < count:
        alerts.add({**pattern, "id": None, "custom_title": f"alert {len(alerts)}"})


def test_a_listing_that_cannot_be_sorted_and_is_cut_short_is_never_complete(backup: Start) -> None:
    one = backup(scale="small", page_cap=100)
    more_alerts(one.looker, 320)
    report = one.run("alerts")
    assert report.status == "partial"
    assert any("cuts this listing short" in hole["reason"] for hole in report.holes)


def test_a_long_listing_that_cannot_be_sorted_is_whole_where_it_is_not_cut_short(backup: Start) -> None:
    one = backup(scale="small")
    more_alerts(one.looker, 320)
    report = one.run("alerts")
    assert (report.status, report.types["alerts"]["captured"]) == ("complete", 320)


def test_a_short_listing_is_not_asked_for_what_is_beyond(backup: Start) -> None:
    one = backup(scale="small")
    one.run("alerts")
    assert one.looker.calls.by_operation["search_alerts"] == 4, "enabled and disabled ones, and the ids of both"
