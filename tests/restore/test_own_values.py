"""The source of a user's attribute value is a word for people: what nobody else gives is the user's own; a new word is named."""

from __future__ import annotations

import pytest

from lookervault_core.diff.document import document
from lookervault_core.restore.request import Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture

WORDS = ["User", "user", "Set by an admin", "Custom", "Explicit"]


def own(simulator):
    """A value that is a user's own and can be read."""
    world = simulator.world
    shown = {one["id"] for one in world["user_attributes"] if not one["value_is_hidden"] and not one["is_system"]}
    return next(row for row in world["user_attribute_user_values"] if row["user_attribute_id"] in shown)


def run(vault, looker) -> RestoreRun:
    return RestoreRun(vault, looker, Selection.everything(), sleep=lambda _: None)


@pytest.mark.parametrize("word", WORDS)
def test_a_users_own_value_comes_back_whatever_looker_calls_its_source(word, vault, looker, simulator):
    simulator.bends.on("source_words", word)
    capture(vault, looker)
    table, row = simulator.world["user_attribute_user_values"], own(simulator)
    table.remove(row["id"])
    report = restore(run(vault, looker))
    mine = [
        one["value"]
        for one in table
        if (one["user_id"], one["user_attribute_id"]) == (row["user_id"], row["user_attribute_id"])
    ]
    assert (report.status, mine) == ("completed", [row["value"]])
    named = [line for line in report.warnings if repr(word) in line]
    assert bool(named) == (not word.lower().startswith("user")), report.warnings
    assert run(vault, looker).plan().changes_anything is False


def test_what_comes_from_a_group_is_never_made_a_users_own(backed_up, looker, simulator):
    world = simulator.world
    before = {(row["user_id"], row["user_attribute_id"]) for row in world["user_attribute_user_values"]}
    for row in list(world["user_attribute_group_values"]):
        world["user_attribute_group_values"].change(row["id"], value="other")
    for row in list(world["user_attributes"]):
        if not row["is_system"]:
            world["user_attributes"].change(row["id"], default_value="other")
    assert restore(run(backed_up, looker)).status == "completed"
    assert {(row["user_id"], row["user_attribute_id"]) for row in world["user_attribute_user_values"]} == before


def test_a_source_that_is_the_name_of_a_group_is_that_group():
    rows = [{"user_attribute_id": "5", "value": "x", "source": "Analysts", "value_is_hidden": False}]
    assert document("user_attribute_values", rows, groups=frozenset({"analysts"})).fields["values"] == []
    assert document("user_attribute_values", rows).fields["values"] == [{"user_attribute_id": "5", "value": "x"}]


@pytest.mark.parametrize("word", ["Default", "No Value", "System", "Group", "group: Analysts", "NO VALUE", None])
def test_inherited_values_are_nobodys_own(word):
    rows = [
        {"user_attribute_id": "5", "value": None if word is None else "x", "source": word, "value_is_hidden": False}
    ]
    assert document("user_attribute_values", rows).fields["values"] == []
