"""What a page leaves behind: bytes, versions, blobs and the ledger's row, once each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lookervault_core.errors import NotFound, UsageError, VaultReadOnly
from lookervault_core.model import ContentKey, Hole, Item, Range
from lookervault_core.vault import PageCount
from lookervault_core.vault.extracting import worklist
from tests.vault.conftest import VOLATILE, count

SALES = ContentKey("dashboards", "1")


def test_what_was_kept_comes_back_byte_for_byte(vault, instance):
    item = instance.item("1")
    assert b"1.10" in item.payload
    instance.capture([item])
    assert vault.payload(SALES) == item.payload


@given(payload=st.binary(min_size=1))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_of_any_kind_come_back(vault, instance, payload):
    instance.capture([Item("dashboards", "1", payload)])
    assert vault.payload(SALES) == payload


def test_an_unchanged_item_costs_no_blob_and_no_version(vault, instance, path):
    instance.capture([instance.item("1")])
    before = count(path, "blobs"), count(path, "content_versions")
    second = instance.capture([instance.item("1")])
    assert (count(path, "blobs"), count(path, "content_versions")) == before
    assert vault.counts(second.snapshot_id)["dashboards"].unchanged == 1


def test_where_only_volatile_fields_differ_the_earlier_blob_serves_on(vault, instance, path):
    instance.capture([instance.item("1", views=1)])
    second = instance.capture([instance.item("1", views=2)])
    assert vault.counts(second.snapshot_id)["dashboards"].unchanged == 1
    assert vault.payload(SALES, second.snapshot_id) == instance.item("1", views=1).payload
    assert count(path, "blobs") == 1


def test_a_change_to_anything_else_is_a_new_version(vault, instance):
    first = instance.capture([instance.item("1")])
    second = instance.capture([instance.item("1", title="Orders")])
    assert vault.counts(second.snapshot_id)["dashboards"].changed == 1
    assert vault.payload(SALES, first.snapshot_id) == instance.item("1").payload
    assert vault.payload(SALES) == instance.item("1", title="Orders").payload


def test_an_item_that_changes_back_shares_its_first_blob(vault, instance, path):
    for title in ("Sales", "Orders", "Sales"):
        instance.capture([instance.item("1", title=title)])
    assert count(path, "blobs") == 2
    assert len(vault.history(SALES)) == 3
    assert vault.payload(SALES) == instance.item("1").payload


def test_the_same_id_in_two_types_is_two_items(vault, instance):
    session = instance.begin("dashboards", "looks")
    instance.keep(session, [instance.item("1")])
    instance.keep(session, [instance.item("1", title="A look", content_type="looks")])
    assert vault.payload(ContentKey("looks", "1"), session.snapshot_id) != vault.payload(SALES, session.snapshot_id)


def test_the_same_page_kept_twice_is_kept_once(vault, instance, path):
    session = instance.begin()
    items = [instance.item(str(number)) for number in range(10)]
    assert instance.keep(session, items) == instance.keep(session, items) == PageCount(new=10)
    assert (count(path, "snapshot_items"), count(path, "content_versions"), count(path, "blobs")) == (10, 10, 10)
    assert vault.receipt(session.session_id, Range("dashboards", 0, 100)).items == 10


def test_an_item_that_a_shifted_listing_names_twice_in_one_page_is_kept_once(vault, instance):
    session = instance.begin()
    page = [instance.item("1", title="old"), instance.item("2"), instance.item("1", title="new")]
    assert instance.keep(session, page) == PageCount(new=2)
    assert vault.payload(SALES, session.snapshot_id) == page[2].payload


def test_two_items_with_the_same_payload_share_a_blob_and_change_apart(vault, instance, path):
    instance.capture([Item("dashboards", id, b'{"a":1,"view_count":1}') for id in "12"])
    assert count(path, "blobs") == 1
    second = instance.capture(
        [Item("dashboards", "1", b'{"a":1,"view_count":2}'), Item("dashboards", "2", b'{"a":2,"view_count":1}')]
    )
    found = vault.counts(second.snapshot_id)["dashboards"]
    assert (found.unchanged, found.changed) == (1, 1)


def test_new_and_changed_are_measured_against_the_visible_snapshot_not_against_a_run_that_failed(vault, instance):
    failed = instance.begin()
    instance.keep(failed, [instance.item("1")])
    vault.fail_snapshot(failed.session_id, "bad login")
    session = instance.begin()
    assert instance.keep(session, [instance.item("1")]) == PageCount(new=1)


def test_the_ledger_moves_with_the_items_or_not_at_all(vault, instance, path):
    session = instance.begin()
    broken = [instance.item("1"), msgspec.structs.replace(instance.item("2"), name=None)]
    with pytest.raises(Exception, match="NOT NULL"):
        instance.keep(session, broken)
    assert count(path, "snapshot_items") == count(path, "blobs") == count(path, "content_items") == 0
    assert vault.ranges(session.session_id) == []


def test_a_page_moves_its_range_on_and_the_last_one_ends_it(vault, instance):
    session = instance.begin()
    span = Range("dashboards", 0, 200)
    vault.plan_ranges(session.session_id, [span, Range("dashboards", 200, 400)])
    ids = [str(number) for number in range(150)]
    sid = (session.session_id, session.snapshot_id)
    vault.keep_page(*sid, span, [instance.item(id) for id in ids[:100]], [], 100, False, VOLATILE)
    assert vault.receipt(session.session_id, span) is None
    assert [(r.start, r.next_offset, r.done) for r in vault.ranges(session.session_id)] == [
        (0, 100, False),
        (200, 200, False),
    ]
    vault.keep_page(*sid, span, [instance.item(id) for id in ids[100:]], [], 150, True, VOLATILE)
    receipt = vault.receipt(session.session_id, span)
    assert (receipt.items, receipt.first_id, receipt.last_id, receipt.exhausted) == (150, "0", "149", True)


def test_the_ledger_knows_no_receipt_of_a_span_that_it_did_not_plan(vault, instance):
    session = instance.begin()
    instance.keep(session, [instance.item("1")], stop=100)
    assert vault.receipt(session.session_id, Range("dashboards", 0, 500)) is None
    assert vault.receipt("another", Range("dashboards", 0, 100)) is None


def test_planning_a_range_again_leaves_it_where_it_stands(vault, instance):
    session = instance.begin()
    instance.keep(session, [instance.item("1")], stop=100)
    vault.plan_ranges(session.session_id, [Range("dashboards", 0, 100)])
    assert vault.ranges(session.session_id, "dashboards")[0].done


def test_targets_come_back_by_position(vault, instance):
    session = instance.begin("explores")
    names = [f"model::{number}" for number in range(30)]
    for some in (names[:10], names[10:]):
        with vault.write() as db:
            worklist.plan(db, session, "explores", vault.now(), targets=some, ranges=lambda _: [])
    assert vault.targets(session.session_id, "explores", 9, 12) == ["model::9", "model::10", "model::11"]


def test_an_item_that_is_kept_heals_its_hole(vault, instance):
    session = instance.begin()
    hole = Hole("dashboards", "1", "500 from Looker", 500)
    vault.open_hole(session.snapshot_id, hole)
    assert [one.hole for one in vault.holes(session.snapshot_id)] == [hole]
    instance.keep(session, [instance.item("1")])
    assert vault.holes(session.snapshot_id) == []
    assert vault.holes(session.snapshot_id, open_only=False)[0].healed_at is not None


def test_a_hole_opened_twice_is_one_hole_with_the_latest_reason(vault, instance):
    session = instance.begin()
    for id in ("1", None):
        for reason in ("first", "second"):
            vault.open_hole(session.snapshot_id, Hole("dashboards", id, reason))
    assert [(one.hole.id, one.hole.reason) for one in vault.holes(session.snapshot_id)] == [
        (None, "second"),
        ("1", "second"),
    ]


def test_the_hole_of_a_type_and_those_of_its_items_heal_apart(vault, instance):
    session = instance.begin()
    for id in ("1", None):
        vault.open_hole(session.snapshot_id, Hole("dashboards", id, "403", 403))
    vault.heal_holes(session.snapshot_id, "dashboards")
    assert [one.hole.id for one in vault.holes(session.snapshot_id)] == ["1"]
    vault.heal_holes(session.snapshot_id, "dashboards", ["1"])
    assert vault.holes(session.snapshot_id) == []


def carried(vault, session, *ids, proven=True):
    return vault.carry_forward(session.session_id, session.snapshot_id, "dashboards", ids, proven=proven)


def test_carrying_forward_takes_what_the_base_holds_and_names_what_it_lacks(vault, instance, path):
    instance.capture([instance.item("1"), instance.item("2")])
    session = instance.begin()
    vault.open_hole(session.snapshot_id, Hole("dashboards", "1", "500"))
    assert carried(vault, session, "1", "9") == ["9"]
    assert vault.counts(session.snapshot_id)["dashboards"].unchanged == 1
    assert vault.holes(session.snapshot_id) == []
    assert count(path, "content_versions") == 2


def test_a_version_of_a_narrowed_snapshot_is_never_carried_forward(vault, instance):
    """The state before a restore is such a snapshot, and newer than the backup that the restore took from."""
    instance.capture([instance.item("1", title="As backed up")])
    instance.capture([instance.item("1", title="Damaged")], folders=("state before a restore",))
    session = instance.begin()
    assert carried(vault, session, "1") == []
    vault.set_census(session.snapshot_id, "dashboards", ["1"])
    closed = vault.close_snapshot(session.session_id)
    assert vault.item(ContentKey("dashboards", "1"), closed.snapshot_id).name == "As backed up"


def test_what_is_as_the_base_has_it_is_unchanged_whatever_lay_between(vault, instance, path):
    instance.capture([instance.item("1", title="As backed up")])
    instance.capture([instance.item("1", title="Damaged")], folders=("state before a restore",))
    versions = count(path, "content_versions")
    again = instance.capture([instance.item("1", title="As backed up", views=7)])
    assert vault.counts(again.snapshot_id)["dashboards"].unchanged == 1
    assert count(path, "content_versions") == versions
    assert [one.name for one in vault.history(ContentKey("dashboards", "1"))] == ["As backed up", "Damaged"]


def test_what_is_taken_over_unproven_is_of_the_time_at_which_it_was_read(vault, instance):
    first = instance.capture([instance.item("1")])
    for _ in range(2):
        session = instance.begin()
        carried(vault, session, "1", proven=False)
        vault.set_census(session.snapshot_id, "dashboards", ["1"])
        count = vault.counts(vault.close_snapshot(session.session_id).snapshot_id)["dashboards"]
        assert (count.carried, count.oldest_read_at) == (1, first.started_at.isoformat())
    again = instance.capture([instance.item("1")])
    count = vault.counts(again.snapshot_id)["dashboards"]
    assert (count.carried, count.oldest_read_at) == (0, again.started_at.isoformat())


def test_a_straggler_cannot_alter_a_closed_snapshot(vault, instance):
    session = instance.begin()
    instance.keep(session, [instance.item("1")])
    vault.close_snapshot(session.session_id)
    with pytest.raises(UsageError):
        instance.keep(session, [instance.item("2")])
    with pytest.raises(NotFound):
        vault.payload(ContentKey("dashboards", "2"), session.snapshot_id)


def test_eight_threads_that_keep_overlapping_pages_lose_and_double_nothing(vault, instance, path):
    instance.capture([instance.item(str(number)) for number in range(0, 400, 7)])
    session = instance.begin()
    titles = {number: "new" if number % 3 else "Sales" for number in range(400)}

    def keep(start: int) -> None:
        page = [instance.item(str(number % 400), title=titles[number % 400]) for number in range(start, start + 15)]
        vault.payload(SALES if start < 0 else ContentKey("dashboards", "7"))
        instance.keep(session, page, start=start, stop=start + 15)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(0, 400, 10)))
    rows = vault.items("dashboards", session.snapshot_id)
    assert [row.id for row in rows] == [str(number) for number in range(400)]
    assert [row.name for row in rows] == list(titles.values())
    found = vault.counts(session.snapshot_id)["dashboards"]
    assert (found.new, found.changed + found.unchanged) == (400 - 58, 58)
    assert count(path, "content_versions") == 58 + 342 + found.changed
    assert vault.check_structure() == []


def test_readers_see_the_vault_as_it_was_while_one_writes(vault, instance):
    instance.capture([instance.item("1")])
    with vault.write() as db:
        db.execute("DELETE FROM item_spans")
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(vault.payload, SALES).result(timeout=60) == instance.item("1").payload
        db.execute("ROLLBACK")
        db.execute("BEGIN")


def test_a_readers_connection_refuses_to_write(vault):
    with pytest.raises(VaultReadOnly), vault.read() as db:
        db.execute("DELETE FROM blobs")


def test_the_links_of_a_version_stay_with_it(vault, instance, path):
    linked = msgspec.structs.replace(instance.item("1"), links=(ContentKey("queries", "5"),))
    instance.capture([linked])
    instance.capture([linked])
    assert count(path, "version_links") == 1
