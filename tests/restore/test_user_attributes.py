"""Attributes that Looker keeps are left alone with the reason, and where hidden values may go is sent as Looker takes it."""

from __future__ import annotations

import json

import pytest

from looker_simulator import mutate
from lookervault_core.model import ContentKey
from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore
from tests.simulated import capture


def restored(vault, looker, **options):
    return restore(RestoreRun(vault, looker, Selection.bulk("user_attributes"), RestoreOptions(**options)))


def made(looker, **values):
    body = {"name": "since", "label": "Since", "type": "string"} | values
    return str(json.loads(looker.post("setup", "/user_attributes", json.dumps(body).encode()).body)["id"])


def test_a_permanent_attribute_that_the_backup_does_not_have_stays_with_its_reason(vault, looker, simulator):
    capture(vault, looker)
    attribute = made(looker)
    mutate(simulator.world, "update", "user_attributes", attribute, {"is_permanent": True})
    run = RestoreRun(vault, looker, Selection.bulk("user_attributes"), RestoreOptions(exact=True))
    step = next(step for step in run.plan().steps if step.key == ContentKey("user_attributes", attribute))
    assert (step.action, "permanent" in step.reason) == ("skip", True)
    report = restore(run)
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert attribute in simulator.world["user_attributes"]


@pytest.mark.parametrize("deleted", [False, True])
def test_where_hidden_values_may_go_is_sent_together_with_that_they_are_hidden(deleted, vault, looker, simulator):
    attribute = made(looker, value_is_hidden=True, hidden_value_domain_whitelist="example.com")
    capture(vault, looker)
    if deleted:
        looker.delete("wreck", f"/user_attributes/{attribute}")
    else:
        mutate(simulator.world, "update", "user_attributes", attribute, {"hidden_value_domain_whitelist": None})
    simulator.bends.on("whitelist_with_hidden")
    report = restored(vault, looker)
    row = next(row for row in simulator.world["user_attributes"] if row["name"] == "since")
    assert (report.status, row["hidden_value_domain_whitelist"]) == ("completed", "example.com")


def test_of_an_attribute_that_is_not_hidden_it_is_not_sent_and_named(vault, looker, simulator):
    attribute = made(looker)
    mutate(simulator.world, "update", "user_attributes", attribute, {"hidden_value_domain_whitelist": "example.com"})
    capture(vault, looker)
    looker.delete("wreck", f"/user_attributes/{attribute}")
    simulator.bends.on("whitelist_with_hidden")
    report = restored(vault, looker)
    assert (report.status, report.dead_letters) == ("completed", 0)
    reasons = [reason for one in report.proof.items for _, reason in one.lost]
    assert any("hidden values only" in reason for reason in reasons)
