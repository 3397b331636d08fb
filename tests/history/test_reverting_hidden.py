"""A hidden value cannot be written back: what takes its loss back names that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.history import LogRequest, log
from lookervault_core.history.reverting import reverting
from lookervault_core.looker.client import Looker
from lookervault_core.restore.applying.outcome import Report
from lookervault_core.restore.runs import restore
from lookervault_core.vault import Vault
from tests.simulated import capture, capture_all, client


@pytest.fixture
def place(tmp_path) -> Iterator[tuple[Any, Looker, Vault]]:
    with (
        Simulator(SimulatorOptions(scale="tiny")) as simulator,
        client(simulator) as looker,
        Vault.create_or_open(tmp_path / "looker.db") as vault,
    ):
        capture_all(vault, looker, simulator)
        yield simulator.world, looker, vault


def hidden_row(world: Any, table: str) -> dict[str, Any]:
    hidden = {row["id"] for row in world["user_attributes"] if row["value_is_hidden"]}
    return next(row for row in world[table] if row["user_attribute_id"] in hidden)


def taken_back(vault: Vault, looker: Looker, kind: str, item_id: str) -> Report:
    (one,) = (found for found in log(vault, LogRequest(content_type=kind)) if found.id == item_id)
    return restore(reverting(vault, looker, [one.change_id]).run)


def losses(report: Report, kind: str) -> dict[str, str]:
    return {field: why for one in report.proof.items if one.key.content_type == kind for field, why in one.lost}


def test_the_loss_of_hidden_values_is_taken_back_by_name_only(place) -> None:
    world, looker, vault = place
    of_group = hidden_row(world, "user_attribute_group_values")
    of_user = world["user_attribute_user_values"].remove(hidden_row(world, "user_attribute_user_values")["id"])
    shown = next(row for row in world["user_attributes"] if not (row["value_is_hidden"] or row["is_system"]))
    given = {**of_user, "id": None, "user_attribute_id": shown["id"], "value": "given since"}
    added = world["user_attribute_user_values"].add(given)["id"]
    mutate(world, "delete", "groups", of_group["group_id"])
    capture(vault, looker)
    assert taken_back(vault, looker, "groups", of_group["group_id"]).status == "completed"
    lists = {
        "user_attribute_group_values": of_group["user_attribute_id"],
        "user_attribute_values": of_user["user_id"],
    }
    for kind, item_id in lists.items():
        report = taken_back(vault, looker, kind, item_id)
        assert report.status == "completed"
        assert "cannot be read" in losses(report, kind).get("hidden", ""), (kind, report.proof)
    assert world["user_attribute_user_values"].get(added) is None


def test_a_hidden_value_that_somebody_gave_is_not_taken_away_and_that_is_named(place) -> None:
    world, looker, vault = place
    row = world["user_attribute_group_values"].remove(hidden_row(world, "user_attribute_group_values")["id"])
    capture(vault, looker)
    back = world["user_attribute_group_values"].add(row)
    capture(vault, looker)
    newest = log(vault, LogRequest(content_type="user_attribute_group_values"))[0]
    found = reverting(vault, looker, [newest.change_id])
    assert (found.conflicts, found.takes_nothing_back) == ((), True)
    assert ["none is taken away" in one.reason for one in found.left_alone()] == [True]
    report = restore(found.run)
    assert (report.status, report.writes) == ("completed", 0)
    assert "none is taken away" in losses(report, "user_attribute_group_values").get("hidden", "")
    assert world["user_attribute_group_values"].get(back["id"])["value"] == row["value"]


def test_who_was_made_and_cannot_be_removed_is_left_alone_by_name_beside_what_is_taken_back(place) -> None:
    world, looker, vault = place
    made = mutate(world, "create", "users", "2", {"first_name": "New"})
    look = next(row for row in world["looks"] if not row["deleted"])
    mutate(world, "update", "looks", look["id"], {"title": "Wrecked"})
    capture(vault, looker)
    asked = {one.content_type: one for one in log(vault, LogRequest()) if one.id in (made, look["id"])}
    found = reverting(vault, looker, [asked["users"].change_id, asked["looks"].change_id])
    assert not found.takes_nothing_back
    assert [(one.content_type, "disable or delete it in Looker" in one.reason) for one in found.left_alone()] == [
        ("users", True)
    ]
