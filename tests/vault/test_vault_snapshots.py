"""Completeness is computed, visibility follows it, deletion spares what others need."""

from __future__ import annotations

import random
import re

import pytest

from lookervault_core.errors import NotFound, UsageError, WrongInstance
from lookervault_core.model import ContentKey, Hole, Range
from lookervault_core.vault import RequestCount
from tests.vault.conftest import count

SALES = ContentKey("dashboards", "1")


def test_a_session_id_sorts_by_time_and_is_short(instance):
    session = instance.begin("dashboards", "looks", "dashboards")
    assert re.fullmatch(r"20261121T2110-[0-9a-f]{8}", session.session_id)
    assert (session.status, session.options) == ("running", {"workers": 8})


def test_a_snapshot_says_its_scope_in_order(vault, instance):
    session = instance.begin("users", "looks", "dashboards")
    snapshot = vault.snapshot(session.snapshot_id)
    assert (snapshot.types, snapshot.release, snapshot.status) == (("users", "looks", "dashboards"), "26.20", "running")


def test_every_id_of_the_census_captured_and_every_range_done_is_complete(vault, instance):
    snapshot = instance.capture([instance.item("1"), instance.item("2")])
    found = vault.counts(snapshot.snapshot_id)["dashboards"]
    assert snapshot.status == vault.session(snapshot.session_id).status == "complete"
    assert (found.listed, found.captured, found.new, found.holes, found.deleted) == (2, 2, 2, 0, 0)


def test_an_id_that_the_census_names_and_nobody_captured_makes_it_partial(vault, instance):
    snapshot = instance.capture([instance.item("1")], missing=("7", "10", "9"))
    assert snapshot.status == "partial"
    assert vault.missing(snapshot.snapshot_id, "dashboards") == ["7", "9", "10"]


def test_an_open_hole_makes_it_partial_even_of_a_type_beside_the_scope(vault, instance):
    for hole in (Hole("dashboards", "1", "x"), Hole("dashboards", None, "403"), Hole("looks", None, "403")):
        session = instance.begin()
        instance.keep(session, [instance.item("1")])
        vault.set_census(session.snapshot_id, "dashboards", ["1"])
        vault.open_hole(session.snapshot_id, hole)
        assert vault.close_snapshot(session.session_id).status == "partial"


def test_a_type_that_was_not_surveyed_makes_it_partial(vault, instance):
    session = instance.begin("dashboards", "looks")
    instance.keep(session, [instance.item("1")])
    vault.set_census(session.snapshot_id, "dashboards", ["1"])
    assert vault.close_snapshot(session.session_id).status == "partial"
    vault.resume_session(session.session_id)
    vault.set_census(session.snapshot_id, "looks", [])
    assert vault.close_snapshot(session.session_id).status == "complete"


def test_a_range_that_is_not_done_makes_it_partial(vault, instance):
    session = instance.begin()
    vault.plan_ranges(session.session_id, [Range("dashboards", 0, 100)])
    vault.set_census(session.snapshot_id, "dashboards", [])
    assert vault.close_snapshot(session.session_id).status == "partial"


def test_a_hole_accounts_for_a_missing_id_but_not_for_completeness(vault, instance):
    session = instance.begin()
    vault.set_census(session.snapshot_id, "dashboards", ["1", "2"])
    vault.open_hole(session.snapshot_id, Hole("dashboards", "1", "404", 404))
    assert vault.missing(session.snapshot_id, "dashboards") == ["2"]
    assert vault.close_snapshot(session.session_id).status == "partial"


def test_a_census_replaces_the_one_before_and_names_what_it_does_not_know(vault, instance):
    session = instance.begin()
    instance.keep(session, [instance.item("1"), instance.item("2")])
    for ids in (["1", "2", "3"], ["1"]):
        vault.set_census(session.snapshot_id, "dashboards", ids)
    assert vault.missing(session.snapshot_id, "dashboards") == []
    assert vault.uncensused(session.snapshot_id, "dashboards") == ["2"]


def test_a_census_of_a_type_outside_the_scope_is_refused(vault, instance):
    session = instance.begin()
    with pytest.raises(UsageError):
        vault.set_census(session.snapshot_id, "looks", ["1"])


def test_a_running_partial_or_failed_snapshot_never_hides_the_complete_one_before_it(vault, instance):
    complete = instance.capture([instance.item("1")])
    instance.capture([instance.item("1", title="half")], missing=("2",))
    failed = instance.begin()
    instance.keep(failed, [instance.item("1", title="failed")])
    vault.fail_snapshot(failed.session_id)
    instance.keep(instance.begin(), [instance.item("1", title="running")])
    assert vault.visible_snapshot("dashboards") == complete
    assert vault.payload(SALES) == instance.item("1").payload


def test_a_snapshot_of_some_folders_never_speaks_for_the_type(vault, instance):
    instance.capture([instance.item("1")], folders=("5",))
    assert vault.visible_snapshot("dashboards") is None
    whole = instance.capture([instance.item("1"), instance.item("2")])
    narrow = instance.capture([instance.item("1")], folders=("5",))
    assert vault.visible_snapshot("dashboards") == whole
    assert vault.counts(narrow.snapshot_id)["dashboards"].deleted == 0


def test_a_partial_snapshot_is_visible_while_there_is_no_complete_one(vault, instance):
    partial = instance.capture([instance.item("1")], missing=("2",))
    assert vault.visible_snapshot("dashboards") == partial
    assert vault.visible_snapshot("looks") is None
    complete = instance.capture([instance.item("1")])
    assert vault.visible_snapshot("dashboards") == complete


def test_what_went_away_since_the_last_snapshot_is_recorded_once(vault, instance, path):
    first = instance.capture([instance.item("1"), instance.item("2")])
    second = instance.capture([instance.item("1")])
    vault.close_snapshot(second.session_id)
    assert vault.counts(second.snapshot_id)["dashboards"].deleted == count(path, "deletions") == 1
    with pytest.raises(NotFound, match=f"--snapshot {first.snapshot_id}"):
        vault.payload(ContentKey("dashboards", "2"))
    third = instance.capture([instance.item("1")])
    assert vault.counts(third.snapshot_id)["dashboards"].deleted == 0


def test_an_item_with_a_hole_or_a_type_that_could_not_be_read_is_not_taken_for_deleted(vault, instance):
    instance.capture([instance.item("1"), instance.item("2")])
    holed = instance.capture([instance.item("1")], missing=("2",))
    assert vault.counts(holed.snapshot_id)["dashboards"].deleted == 0
    session = instance.begin()
    vault.set_census(session.snapshot_id, "dashboards", [])
    vault.open_hole(session.snapshot_id, Hole("dashboards", None, "403", 403))
    vault.close_snapshot(session.session_id)
    assert vault.counts(session.snapshot_id)["dashboards"].deleted == 0


def test_the_newest_unfinished_session_is_the_one_to_resume(vault, instance):
    older, newer = instance.begin(), instance.begin()
    vault.fail_snapshot(newer.session_id, "no network")
    assert vault.resume_session().session_id == newer.session_id
    assert vault.resume_session(older.session_id).status == "running"
    assert [one.session_id for one in vault.sessions()] == [newer.session_id, older.session_id]


def test_there_is_nothing_to_resume_in_a_complete_or_an_unknown_session(vault, instance):
    done = instance.capture([instance.item("1")])
    with pytest.raises(NotFound):
        vault.resume_session()
    with pytest.raises(NotFound):
        vault.resume_session("20000101T0000-ffff")
    with pytest.raises(UsageError):
        vault.resume_session(done.session_id)


def test_requests_add_up_over_the_parts_of_a_run(vault, instance):
    session = instance.begin()
    for _ in range(2):
        vault.record_requests(session.session_id, [RequestCount("search_dashboards", "list", 3, 1, 0, 100, 0.5)])
    assert vault.requests(session.session_id) == [RequestCount("search_dashboards", "list", 6, 2, 0, 200, 1.0)]


def test_deleting_a_snapshot_leaves_every_other_one_whole(vault, instance, path):
    first = instance.capture([instance.item("1"), instance.item("2")])
    second = instance.capture([instance.item("1"), instance.item("2", title="Orders")])
    vault.delete_snapshot(first.snapshot_id)
    garbage = vault.collect_garbage()
    assert (garbage.versions, garbage.blobs) == (1, 1)
    assert all(check.damage is None for check in vault.check_blobs())
    assert vault.payload(SALES) == instance.item("1").payload
    assert [one.snapshot_id for one in vault.snapshots()] == [second.snapshot_id]
    assert count(path, "blobs") == 2
    assert vault.check_structure() == []


def test_garbage_spares_the_blob_of_a_dead_letter(vault, instance, path):
    only = instance.capture([instance.item("1")])
    with vault.write() as db:
        db.execute(
            "INSERT INTO dead_letter_queue SELECT 1, 's', 'dashboards', '1', '', 'update', blob_id, 'Invalid', 422, '',"
            " '', '', 0, '', NULL FROM blobs"
        )
    vault.delete_snapshot(only.snapshot_id)
    assert vault.collect_garbage().blobs == 0
    assert count(path, "blobs") == 1


def test_garbage_takes_nothing_from_a_run_in_flight(vault, instance):
    session = instance.begin()
    instance.keep(session, [instance.item("1")])
    vault.set_census(session.snapshot_id, "dashboards", ["1", "2"])
    assert (vault.collect_garbage().blobs, vault.collect_garbage().items) == (0, 0)
    with pytest.raises(UsageError):
        vault.delete_snapshot(session.snapshot_id)
    assert vault.missing(session.snapshot_id, "dashboards") == ["2"]


def test_pruning_gives_the_room_back(vault, instance, path):
    noise = [instance.item(str(n), title=random.Random(n).randbytes(8000).hex()) for n in range(100)]
    big = instance.capture(noise)
    vault.shrink()
    before = path.stat().st_size
    vault.delete_snapshot(big.snapshot_id)
    vault.collect_garbage()
    assert path.stat().st_size < before / 2


def test_ids_are_listed_as_numbers_where_they_are_numbers(vault, instance):
    huge = str(10**25)
    instance.capture([instance.item(id) for id in ("10", "9", huge, "model::b", "1", "model::a")])
    assert [row.id for row in vault.items("dashboards")] == ["1", "9", "10", huge, "model::a", "model::b"]
    assert [row.id for row in vault.items("dashboards", limit=2, offset=1)] == ["9", "10"]
    assert [item.id for item in vault.iter_payloads("dashboards")][:3] == ["1", "9", "10"]


def test_the_history_of_an_item_names_the_snapshots_of_each_version(vault, instance):
    for title in ("Sales", "Sales", "Orders"):
        instance.capture([instance.item("1", title=title)])
    newest, oldest = vault.history(SALES)
    assert (newest.name, newest.first_snapshot_id, newest.snapshots) == ("Orders", 3, 1)
    assert (oldest.name, oldest.first_snapshot_id, oldest.last_snapshot_id, oldest.snapshots) == ("Sales", 1, 2, 2)


def test_what_is_not_there_is_not_found(vault, instance):
    with pytest.raises(NotFound, match="no snapshot of this type"):
        vault.payload(SALES)
    instance.capture([instance.item("1")])
    for ask in (
        lambda: vault.payload(ContentKey("dashboards", "404")),
        lambda: vault.payload(SALES, 99),
        lambda: vault.history(ContentKey("dashboards", "404")),
        lambda: vault.session("none"),
        lambda: vault.diff(1, 99),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_vault_belongs_to_one_instance_however_its_address_is_spelled(vault):
    assert vault.instance_url is None
    vault.claim_instance("https://acme.looker.com")
    vault.claim_instance("HTTPS://Acme.looker.com:443/")
    for other in ("https://acme.looker.com:19999", "https://other.looker.com"):
        with pytest.raises(WrongInstance, match=r"acme\.looker\.com"):
            vault.claim_instance(other)


def test_stats_count_each_blob_once(vault, instance):
    instance.capture([instance.item("1"), instance.item("2")])
    instance.capture([instance.item("1"), instance.item("2", title="Orders")])
    stats = vault.stats()
    (dashboards,) = stats.types
    assert (dashboards.items, dashboards.versions, stats.blobs, stats.snapshots) == (2, 3, 3, 2)
    assert dashboards.stored_bytes == stats.blob_bytes < dashboards.raw_bytes
    assert dashboards.raw_bytes == sum(len(instance.item("1", title=t).payload) for t in ("Sales", "Sales", "Orders"))


def test_the_views_show_what_the_api_shows(vault, instance):
    instance.capture([instance.item("1"), instance.item("2")])
    partial = instance.capture([instance.item("1", title="half")], missing=("9",))
    vault.resume_session()
    vault.open_hole(partial.snapshot_id, Hole("dashboards", "9", "500", 500))
    vault.close_snapshot(partial.session_id)
    with vault.read() as db:
        current = db.execute("SELECT id, name FROM current_items ORDER BY id").fetchall()
        second = db.execute("SELECT id, change FROM snapshot_contents WHERE snapshot_id = 2").fetchall()
        assert (current, second) == ([("1", "Sales"), ("2", "Sales")], [("1", "changed")])
        assert db.execute("SELECT id, reason FROM open_holes").fetchall() == [("9", "500")]
        assert db.execute("SELECT status FROM latest_sessions").fetchall() == [("partial",), ("complete",)]
