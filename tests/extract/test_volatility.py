"""A field that changes by itself is found and told, and goes on being compared."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lookervault_core.catalog import CATALOG
from lookervault_core.codec import same_payload
from tests.extract.backup import Backup

Start = Callable[..., Backup]


def test_a_field_that_flips_on_most_objects_is_told_and_not_applied(backup: Start) -> None:
    one = backup(scale="small", bends=("flipping_read_only=true",))
    one.run("users")
    one.looker.bends.on("flipping_read_only", "false")
    report = one.run("users")
    assert report.types["users"]["changed"] == report.types["users"]["captured"]
    (note,) = report.notes
    assert (note["kind"], note["content_type"]) == ("volatile", "users")
    assert note["detail"].startswith("verified_looker_employee changed on most")


def test_what_moves_its_timestamp_was_changed_by_somebody(backup: Start) -> None:
    one = backup(scale="small")
    one.run("looks")
    for row in list(one.looker.world["looks"]):
        one.change("update", "looks", row["id"], description="Edited by a script")
    assert one.run("looks").notes == []


def test_a_few_changes_are_no_sign(backup: Start) -> None:
    one = backup(scale="small")
    one.run("users")
    for item in ("3", "4", "5", "6", "7"):
        one.looker.world["users"].change(item, first_name="Renamed")
    assert one.run("users").notes == []


@pytest.mark.parametrize("field", ["last_run_status", "content_title", "last_run_at", "next_run_at"])
def test_a_plan_that_has_run_is_no_new_version(field: str) -> None:
    plan = CATALOG["scheduled_plans"]
    before, now = (b'{"id":"1","name":"Daily","%s":"%s"}' % (field.encode(), value) for value in (b"a", b"b"))
    assert same_payload(before, now, plan.volatile)
    assert not same_payload(before, now.replace(b"Daily", b"Weekly"), plan.volatile)
