"""What cannot be known or told apart is left alone and named: unlisted permissions, hidden values, logins added since."""

from __future__ import annotations

import pytest

from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture


def verdicts(report):
    return {str(one.key): one.verdict for one in report.proof.items}


def reasons(report):
    return [reason for one in report.proof.items for _, reason in one.lost]


@pytest.mark.parametrize("exact", [False, True])
def test_a_login_that_the_backup_does_not_have_goes_only_with_exact(exact, run_of, simulator, looker):
    world = simulator.world
    user = next(row["id"] for row in world["users"] if row["id"] not in world["credentials_email"])
    looker.post("setup", f"/users/{user}/credentials_email", b'{"email": "added@example.com"}')
    report = restore(run_of(Selection.single("users", user), exact=exact))
    assert report.status == "completed"
    assert (user in world["credentials_email"]) is not exact
    assert any("login" in reason for reason in reasons(report)) is not exact


def unknown_permission(world):
    rows = (row for row in world["permission_sets"] if not row["built_in"] and not row["all_access"])
    row = next(rows)
    world["permission_sets"].change(row["id"], permissions=sorted([*row["permissions"], "of_old"]))
    return row["id"]


def test_a_permission_that_the_release_does_not_know_is_a_named_loss_that_is_written_once(vault, looker, simulator):
    table, one = simulator.world["permission_sets"], unknown_permission(simulator.world)
    capture(vault, looker)
    table.change(one, permissions=table.get(one)["permissions"][:1])
    runs = [RestoreRun(vault, looker, Selection.bulk("permission_sets")) for _ in range(2)]
    first, second = (restore(run) for run in runs)
    assert (first.status, first.writes, second.status, second.writes) == ("completed", 1, "completed", 0)
    assert all(any("of_old" in reason for reason in reasons(report)) for report in (first, second))


def test_a_permission_that_looker_has_but_does_not_list_is_not_taken_away(vault, looker, simulator):
    one = unknown_permission(simulator.world)
    table = simulator.world["permission_sets"]
    capture(vault, looker)
    before = dict(table.get(one))
    table.change(one, name="renamed", permissions=["of_old"])
    report = restore(RestoreRun(vault, looker, Selection.bulk("permission_sets")))
    assert (report.status, reasons(report)) == ("completed", [])
    assert {field: table.get(one)[field] for field in ("name", "permissions")} == {
        field: before[field] for field in ("name", "permissions")
    }


def values_of(world, attribute):
    rows = [row for row in world["user_attribute_group_values"] if row["user_attribute_id"] == attribute]
    return {row["group_id"]: row["value"] for row in rows}


def attribute_with_values(world, looker, *, hidden):
    """Return an attribute that has a value for two groups at least."""
    fits = (row["id"] for row in world["user_attributes"] if row["value_is_hidden"] is hidden and not row["is_system"])
    attribute = next(fits)
    groups = [row["id"] for row in world["groups"] if row["id"] not in values_of(world, attribute)]
    for group in groups[:2]:
        looker.patch("setup", f"/groups/{group}/attribute_values/{attribute}", b'{"value": "set"}')
    return attribute


@pytest.mark.parametrize("exact", [False, True])
def test_values_that_were_hidden_in_the_backup_and_can_be_read_now_stay(exact, vault, looker, simulator):
    world = simulator.world
    attribute = attribute_with_values(world, looker, hidden=True)
    capture(vault, looker)
    world["user_attributes"].change(attribute, value_is_hidden=False)
    before = values_of(world, attribute)
    selection = Selection.single("user_attributes", attribute)
    report = restore(RestoreRun(vault, looker, selection, RestoreOptions(exact=exact)))
    assert values_of(world, attribute) == before
    key = ContentKey("user_attribute_group_values", attribute)
    assert verdicts(report)[str(key)] == "accepted_losses"


def test_values_that_are_hidden_by_now_are_written_one_by_one_and_cannot_be_proven(vault, looker, simulator):
    world = simulator.world
    attribute = attribute_with_values(world, looker, hidden=False)
    capture(vault, looker)
    before = values_of(world, attribute)
    gone = min(before)
    looker.delete("setup", f"/groups/{gone}/attribute_values/{attribute}")
    world["user_attributes"].change(attribute, value_is_hidden=True)
    selection = Selection.single("user_attributes", attribute)
    report = restore(RestoreRun(vault, looker, selection, RestoreOptions(exact=True)))
    assert values_of(world, attribute) == before
    key = ContentKey("user_attribute_group_values", attribute)
    assert verdicts(report)[str(key)] == "accepted_losses"
